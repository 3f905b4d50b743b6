"""Plain regions read as columns, and strokes of many regions at once, give what the long way gives."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from assay.formats import plain_regions
from assay.formats.brush_rle import decode_brush, encode_brush
from assay.formats.label_studio_regions import region_rows
from assay.formats.located_rows import ObjectRow
from assay.formats.object_columns import ObjectColumns, mark_of
from assay.formats.shapes import Told, mask
from assay.formats.stroke_runs import Encoded, strokes_of
from tests.formats.deliveries import write
from tests.formats.gathered_rows import Located, gather

BITMAPS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=20))
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
PERCENT = st.floats(0, 100) | st.integers(0, 100)
LABELS = st.sampled_from(["Car", "B"])
TEXT = "Ünder 12 trees"


@st.composite
def results(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Regions of several tools, with scores here and there."""
    found = []
    for number in range(draw(st.integers(0, 6))):
        tool = draw(st.sampled_from(["rectanglelabels", "polygonlabels", "brushlabels", "labels"]))
        if tool == "rectanglelabels":
            value = {key: draw(PERCENT) for key in ("x", "y", "width", "height")} | {"rotation": 0}
        elif tool == "polygonlabels":
            value = {"points": draw(st.lists(st.tuples(PERCENT, PERCENT).map(list), min_size=1, max_size=5))}
        elif tool == "brushlabels":
            painted = draw(arrays(np.bool_, (8, 16)))
            painted[3, 4] = True
            value = {"format": "rle", "rle": encode_brush(painted)}
        else:
            start = draw(st.integers(0, 12))
            end = draw(st.integers(start + 1, 14))
            value = {"start": start, "end": end, "text": TEXT[start:end]}
        more = {"score": draw(st.sampled_from([0.5, 1]))} if draw(st.booleans()) else {}
        entry = {"id": f"r{number}", "type": tool, "from_name": "l", "value": value | {tool: [draw(LABELS)]}}
        found.append(entry | {"original_width": 16, "original_height": 8} | more)
    return found


def read(folder: Path, result: list[dict[str, Any]]) -> Located:
    task = {"id": 1, "data": {"text": TEXT}, "annotations": [{"completed_by": 1, "result": result}]}
    return gather(write(folder, "a.json", orjson.dumps([task])), partial(region_rows))


@settings(phases=QUICK)
@given(result=results())
def test_columns_hold_what_the_long_way_reads(
    tmp_path_factory: pytest.TempPathFactory, result: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("plain")
    short = read(folder, result)
    (work,) = short.work
    assert isinstance(work.objects, ObjectColumns) or not result
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plain_regions, "_KEYS", {})
        long = read(folder, result)
    assert not isinstance(long.work[0].objects, ObjectColumns)
    assert list(work.objects) == list(long.work[0].objects)
    assert list(work.objects[1:]) == list(long.work[0].objects)[1:]
    assert short.findings.keys() == long.findings.keys()
    assert mark_of(work.objects) == mark_of(long.work[0].objects) == mark_of(list(work.objects))


@pytest.mark.parametrize(
    "change",
    [
        {"id": None}, {"image_rotation": 90}, {"parentID": "x"}, {"score": "high"}, {"value": None},
        {"value": {"x": 1, "y": 1, "width": -1, "height": 1, "rectanglelabels": ["A"]}},
        {"value": {"x": 1, "y": 1, "width": 1, "height": 1, "rotation": 5, "rectanglelabels": ["A"]}},
        {"value": {"x": 1, "y": 1, "width": 1, "height": 1, "rectanglelabels": ["A", "B"]}},
        {"value": {"x": 1, "y": 1, "width": 1, "height": 1, "choices": ["q"], "rectanglelabels": ["A"]}},
        {"value": {"x": True, "y": 1, "width": 1, "height": 1, "rectanglelabels": ["A"]}},
        {"value": {"points": [[1, 2], [3]], "polygonlabels": ["A"]}, "type": "polygonlabels"},
        {"value": {"points": [[1, 2]], "closed": False, "polygonlabels": ["A"]}, "type": "polygonlabels"},
        {"value": {"points": [], "polygonlabels": ["A"]}, "type": "polygonlabels"},
        {"value": {"start": 0, "end": 4, "text": "other", "labels": ["A"]}, "type": "labels"},
        {"value": {"start": "0", "end": "4", "text": "Ünde", "labels": ["A"]}, "type": "labels"},
        {"type": "choices"}, {"type": ["rectanglelabels"]},
    ],
)  # fmt: skip
def test_what_is_more_than_plain_is_left_to_the_long_way(change: dict[str, Any]) -> None:
    entry = {
        "id": "r",
        "type": "rectanglelabels",
        "value": {"x": 1, "y": 1, "width": 1, "height": 1, "rectanglelabels": ["A"]},
    }

    def plain(*results: list[dict[str, Any]]) -> object:
        frame = plain_regions.Frame(10, 10)
        return plain_regions.plain_results(
            [plain_regions.PlainResult(one, frame, TEXT) for one in results], {}
        )

    assert plain([entry], [entry, entry | {"id": "s"}]) is not None
    assert plain([entry | change]) is None
    assert plain([entry], [entry | change]) is None
    assert plain([entry, entry]) is None


def by_pixels(painted: npt.NDArray[np.bool_]) -> ObjectRow:
    height, width = painted.shape
    return mask(Told("A"), painted, 0, 0, width, height)


@settings(phases=QUICK)
@given(st.lists(BITMAPS, min_size=1, max_size=6))
def test_strokes_of_many_regions_are_their_pixels(bitmaps: list[npt.NDArray[np.bool_]]) -> None:
    found = strokes_of([Encoded(encode_brush(one), one.shape[1], one.shape[0]) for one in bitmaps])
    for painted, stroke in zip(bitmaps, found, strict=True):
        if not painted.any():
            assert stroke is None
            continue
        row = by_pixels(painted)
        assert stroke is not None
        assert (stroke.box, stroke.shape) == ((row.x, row.y, row.w, row.h), row.shape)


def test_long_runs_and_shades_of_paint_are_one_run() -> None:
    painted = np.zeros((300, 400), bool)
    painted[10:290] = True
    painted[100, 3:9] = False
    (stroke,) = strokes_of([Encoded(encode_brush(painted), 400, 300)])
    assert stroke is not None
    assert stroke.shape == by_pixels(painted).shape
    # two pixels of different opacity, then a clear one: 12 words in three blocks of four
    bits = f"{12:032b}{7:05b}{2:04b}{3:04b}{7:04b}{15:04b}" + "".join(
        f"100011{word:08b}" for word in (9, 255, 0)
    )
    data = list(int(bits + "0" * (-len(bits) % 8), 2).to_bytes((len(bits) + 7) // 8, "big"))
    (stroke,) = strokes_of([Encoded(data, 3, 1)])
    assert stroke is not None
    assert (stroke.shape, decode_brush(data, 3, 1).tolist()) == (
        '{"size":[1,3],"counts":[0,2,1]}',
        [[True, True, False]],
    )


@given(st.lists(st.lists(st.integers(0, 255), max_size=40), max_size=4), st.integers(1, 5), st.integers(1, 5))
def test_any_bytes_end(streams: list[list[int]], width: int, height: int) -> None:
    head = encode_brush(np.zeros((height, width), bool))[:7]
    assert len(strokes_of([Encoded(head + one, width, height) for one in streams])) == len(streams)


@given(BITMAPS, st.integers(1, 20))
def test_streams_that_are_cut_are_left_to_the_reader_that_refuses_them(
    painted: npt.NDArray[np.bool_], cut: int
) -> None:
    painted[0, 0] = True
    data = encode_brush(painted)[:-cut]
    assert strokes_of([Encoded(data, painted.shape[1], painted.shape[0])]) == [None]
