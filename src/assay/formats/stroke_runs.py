"""Brush strokes of many regions at once, from the stream of bits to run lengths, without painting a pixel.

All streams are read in step: the first block of each, then the second of each, and so on, so that the cost of a step is
shared by all of them. Painted runs go row by row and become runs that go column by column through the places where one
row differs from the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from .brush_rle import CHANNELS, HEAD_BITS, SIZES, head_of
from .shapes import MOST_PIXELS

_Ints = npt.NDArray[np.int64]
_WINDOW = 40
_HEAD_BYTES = (HEAD_BITS + 7) // 8
_ALL = (1 << _WINDOW) - 1


class Stroke(NamedTuple):
    """The box around the painted pixels, and the shape of a mask as JSON."""

    box: tuple[float, float, float, float]
    shape: str


class Encoded(NamedTuple):
    """The bytes of one region and the size of its image."""

    data: list[int]
    width: int
    height: int


def strokes_of(regions: Sequence[Encoded]) -> list[Stroke | None]:
    """The strokes of some regions; None for streams that are broken, list their words, or paint nothing."""
    found: list[Stroke | None] = [None] * len(regions)
    kept, streams = [], []
    for at, one in enumerate(regions):
        if 0 < one.width * one.height <= MOST_PIXELS and (data := _plain(one)) is not None:
            kept.append(at)
            streams.append(data)
    if not kept:
        return found
    chosen = [regions[at] for at in kept]
    stream, begin, end = _painted(streams, np.array([one.width * one.height for one in chosen], np.int64))
    widths, heights = (np.array([one[side] for one in chosen], np.int64) for side in (1, 2))
    for at, stroke in _columns(stream, begin, end, widths, heights):
        found[kept[at]] = stroke
    return found


def _plain(one: Encoded) -> bytes | None:
    """The bytes of a stream with the usual head for this image."""
    try:
        data = bytes(one.data)
    except (TypeError, ValueError):
        return None
    head = int.from_bytes(data[:_HEAD_BYTES], "big") >> (8 * _HEAD_BYTES - HEAD_BITS)
    return data if len(data) > _HEAD_BYTES and head == head_of(one.width * one.height * CHANNELS) else None


def _painted(streams: Sequence[bytes], pixels: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    """Stream, first pixel and the one behind the last of every painted run, in order; broken streams have none."""
    lengths = np.array([len(one) for one in streams], np.int64)
    joined = np.frombuffer(b"".join(one + bytes(8) for one in streams), np.uint8).astype(np.int64)
    base = np.cumsum(lengths + 8) - lengths - 8
    window = np.zeros(len(joined) - 4, np.int64)
    for at in range(5):
        window |= joined[at : len(joined) - 4 + at] << (32 - 8 * at)
    place, last = base * 8 + HEAD_BITS, (base + lengths) * 8
    left = pixels * CHANNELS
    which = np.arange(len(streams))
    sizes = np.array(SIZES, np.int64)
    seen: list[tuple[_Ints, _Ints, _Ints]] = []
    broken = np.zeros(len(streams), bool)
    while which.size:
        bits = (window[place >> 3] << (place & 7)) & _ALL
        size = sizes[(bits >> (_WINDOW - 3)) & 3]
        length = np.minimum(((bits >> (_WINDOW - 3 - size)) & ((1 << size) - 1)) + 1, left)
        word = (bits >> (_WINDOW - 11 - size)) & 255
        place = place + size + 11
        bad = (bits >> (_WINDOW - 1) == 0) | (place > last)
        broken[which[bad]] = True
        seen.append((which, length, word))
        left = left - length
        going = (left > 0) & ~bad
        if not going.all():
            which, place, last, left = which[going], place[going], last[going], left[going]
    stream, length, word = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    order = np.argsort(stream, kind="stable")
    stream, length, word = stream[order], length[order], word[order]
    end = np.cumsum(length)
    first = np.searchsorted(stream, np.arange(len(streams)))
    end -= np.concatenate(([0], end))[first][stream]
    # The fourth word of a pixel says whether it is painted.
    begin, end = (end - length) // CHANNELS, end // CHANNELS
    painted = (word > 0) & (end > begin) & ~broken[stream]
    return stream[painted], begin[painted], end[painted]


def _columns(
    stream: _Ints, begin: _Ints, end: _Ints, widths: _Ints, heights: _Ints
) -> list[tuple[int, Stroke]]:
    """The strokes of all streams with a painted pixel, from their runs row by row."""
    if not stream.size:
        return []
    width = widths[stream]
    row, below = begin // width, (end - 1) // width
    count = below - row + 1
    index = np.repeat(np.arange(len(stream)), count)
    step = np.arange(len(index)) - np.repeat(np.cumsum(count) - count, count)
    stream, row, width = stream[index], row[index] + step, width[index]
    left = np.maximum(begin[index] - row * width, 0)
    right = np.minimum(end[index] - row * width, width)
    changed = _changes(stream, row, left, right, widths, heights)
    base = np.cumsum(widths * heights + 1) - (widths * heights + 1)
    strokes = []
    present, first = np.unique(stream, return_index=True)
    sides = zip(
        np.minimum.reduceat(left, first).tolist(), np.minimum.reduceat(row, first).tolist(),
        np.maximum.reduceat(right, first).tolist(), (np.maximum.reduceat(row, first) + 1).tolist(), strict=True,
    )  # fmt: skip
    starts = np.searchsorted(changed, base[present])
    stops = np.append(starts[1:], len(changed))
    for at, (x0, y0, x1, y1), start, stop in zip(
        present.tolist(), sides, starts.tolist(), stops.tolist(), strict=True
    ):
        across, down = int(widths[at]), int(heights[at])
        runs = np.diff(changed[start:stop] - base[at], prepend=0, append=across * down)
        listed = orjson.dumps(
            runs if runs[-1] else runs[:-1].copy(), option=orjson.OPT_SERIALIZE_NUMPY
        ).decode()
        box = float(x0), float(y0), float(x1 - x0), float(y1 - y0)
        strokes.append((at, Stroke(box, f'{{"size":[{down},{across}],"counts":{listed}}}')))
    return strokes


def _changes(stream: _Ints, row: _Ints, left: _Ints, right: _Ints, widths: _Ints, heights: _Ints) -> _Ints:
    """Where painted and unpainted change going down column after column, streams behind each other."""
    wide, high = int(widths.max()) + 1, int(heights.max()) + 1
    line = stream * high + row
    # Above and below a run, between this row and its neighbours, every column of it changes; what two rows share
    # changes twice, which is not at all.
    edges = np.concatenate(
        (line * wide + left, line * wide + right, (line + 1) * wide + left, (line + 1) * wide + right)
    )
    edges.sort()
    begin, length = edges[0::2], edges[1::2] - edges[0::2]
    begin, length = begin[length > 0], length[length > 0]
    step = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    place = np.repeat(begin, length) + step
    column, line = place % wide, place // wide
    owner = line // high
    base = np.cumsum(widths * heights + 1) - (widths * heights + 1)
    changed = base[owner] + column * heights[owner] + line % high
    changed.sort()
    # The foot of a column and the head of the next are one place: two changes there are none.
    same = changed[1:] == changed[:-1]
    twice = np.concatenate(([False], same)) | np.concatenate((same, [False]))
    kept: _Ints = changed[~twice]
    return kept
