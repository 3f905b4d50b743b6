"""Run lengths of brush strokes as Label Studio writes them: @thi.ng/rle-pack over the RGBA bytes, row by row.

A bit stream: 32 bits of how many words there are, 5 bits of the size of a word less one, four times 4 bits of the
size of a length less one; then blocks of one bit (repeated or listed), 2 bits that choose the size of the length, the
length less one, and the word once or each of the words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assay.annotation.errors import InputError, LimitError

from .shapes import MOST_PIXELS

CHANNELS = 4
_ALPHA = 3
_WORD = 8
#: How many bits the length of a block may take, as everybody writes it.
SIZES = (3, 4, 8, 16)
_EXPECTED = "the bytes of Label Studio's brush (format rle)"


#: The bits before the first block.
HEAD_BITS = 32 + 5 + 4 * len(SIZES)


def head_of(words: int) -> int:
    """The first ``HEAD_BITS`` bits of a stream of so many words, as a number."""
    head = words << 5 | (_WORD - 1)
    for size in SIZES:
        head = head << 4 | (size - 1)
    return head


def decode_brush(data: Sequence[int], width: int, height: int) -> npt.NDArray[np.bool_]:
    """The painted pixels, ``height`` by ``width``: where the fourth channel is not zero.

    Raises :class:`InputError` for a stream that ends early or holds another number of pixels.
    """
    if width * height > MOST_PIXELS:
        raise LimitError(
            "a mask is too large", found=f"{width} by {height} pixels", expected=f"{MOST_PIXELS} pixels"
        )
    words = _Bits(data).words(width * height * CHANNELS)
    painted: npt.NDArray[np.bool_] = words.reshape(height, width, CHANNELS)[:, :, _ALPHA] > 0
    return painted


def encode_brush(pixels: npt.NDArray[np.bool_]) -> list[int]:
    """The bytes for painted pixels; all four channels of a painted pixel are 255."""
    flat = np.repeat(pixels.reshape(-1), CHANNELS)
    edges = np.flatnonzero(np.diff(flat)) + 1
    begins = np.concatenate((np.zeros(1, np.int64), edges))
    ends = np.append(edges, flat.size)
    bits = [f"{flat.size:032b}", f"{_WORD - 1:05b}", *(f"{size - 1:04b}" for size in SIZES)]
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        word = "11111111" if flat.size and flat[begin] else "00000000"
        for length in _parts(end - begin):
            choice = next(at for at, size in enumerate(SIZES) if length <= 1 << size)
            bits.append(f"1{choice:02b}{length - 1:0{SIZES[choice]}b}{word}")
    joined = "".join(bits)
    joined += "0" * (-len(joined) % 8)
    return list(int(joined, 2).to_bytes(len(joined) // 8, "big"))


def _parts(length: int) -> list[int]:
    longest = 1 << SIZES[-1]
    return [longest] * (length // longest) + ([length % longest] if length % longest else [])


class _Bits:
    """A stream of bits, most significant first."""

    def __init__(self, data: Sequence[int]) -> None:
        try:
            self._data = bytes(data)
        except (ValueError, TypeError):
            raise InputError("the brush strokes are no bytes", expected=_EXPECTED) from None
        self._at = 0

    def read(self, size: int) -> int:
        """The next ``size`` bits as a number, at most 32 of them."""
        begin, skip = self._at >> 3, self._at & 7
        end = (self._at + size + 7) >> 3
        if end > len(self._data):
            raise InputError(
                "the brush strokes end early", found=f"{len(self._data)} bytes", expected=_EXPECTED
            )
        self._at += size
        number = int.from_bytes(self._data[begin:end], "big")
        return (number >> ((end - begin) * 8 - skip - size)) & ((1 << size) - 1)

    def words(self, expected: int) -> npt.NDArray[np.uint8]:
        """All words of the stream, which must be as many as expected."""
        count, word = self.read(32), self.read(5) + 1
        sizes = [self.read(4) + 1 for _ in range(4)]
        if count != expected or word != _WORD:
            raise InputError(
                "the brush strokes are of another size than the image", found=f"{count} words of {word} bits",
                expected=f"{expected} words of {_WORD} bits: four for each pixel",
            )  # fmt: skip
        out = np.zeros(count, np.uint8)
        at = 0
        while at < count:
            repeated = self.read(1)
            length = self.read(sizes[self.read(2)]) + 1
            end = min(at + length, count)
            out[at:end] = self.read(word) if repeated else self._listed(length)[: end - at]
            at = end
        return out

    def _listed(self, length: int) -> npt.NDArray[np.uint8]:
        begin, skip = self._at >> 3, self._at & 7
        end = (self._at + length * _WORD + 7) >> 3
        if end > len(self._data):
            raise InputError(
                "the brush strokes end early", found=f"{len(self._data)} bytes", expected=_EXPECTED
            )
        self._at += length * _WORD
        bits = np.unpackbits(np.frombuffer(self._data, np.uint8, end - begin, begin))
        return np.packbits(bits[skip : skip + length * _WORD])
