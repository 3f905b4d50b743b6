"""CVAT for images: every shape, attributes, people, and files that are broken or hostile."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS
from assay.formats.cvat_images import cvat_rows, decode_runs, encode_runs
from assay.formats.row_search import row_format
from assay.formats.shapes import Told, mask
from tests.formats.deliveries import write
from tests.formats.gathered_rows import Located, gather
from tests.paths import SHARED, needs_shared

SAMPLE = SHARED / "samples" / "cvat" / "datumaro_cvat_fork"
BITMAPS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


def read(folder: Path, inside: str, head: str = "", **declared: str) -> Located:
    text = f'<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>{head}{inside}</annotations>'
    return gather(write(folder, "a.xml", text), partial(cvat_rows, **declared))


def image(*shapes: str, name: str = "a.jpg") -> str:
    return f'<image id="0" name="{name}" width="40" height="30">{"".join(shapes)}</image>'


def test_boxes_carry_attributes_and_states(tmp_path: Path) -> None:
    box = (
        '<box label="car" source="auto" occluded="1" xtl="1.5" ytl="2" xbr="11.5" ybr="8" z_order="0">'
        '<attribute name="colour">red</attribute></box>'
    )
    got = read(tmp_path, image(box) + image(name="b.jpg"), annotator="ann-1")
    (found,) = got.objects
    assert (found.kind, found.label, found.x, found.y, found.w, found.h) == ("box", "car", 1.5, 2, 10, 6)
    assert orjson.loads(found.attributes or "") == {"colour": "red", "occluded": "1", "source": "auto"}
    assert [(one.item, one.annotator, one.state.label) for one in got.work] == [
        ("a.jpg", "ann-1", "annotated"), ("b.jpg", "ann-1", "annotated_empty"),
    ]  # fmt: skip
    assert [(one.width, one.height) for one in got.images] == [(40, 30), (40, 30)]


def test_a_box_turns_clockwise_about_its_centre(tmp_path: Path) -> None:
    got = read(tmp_path, image('<box label="a" xtl="10" ytl="10" xbr="20" ybr="14" rotation="90"/>'))
    (found,) = got.objects
    assert (found.kind, found.angle) == ("rotated_box", 90)
    assert (found.x, found.y, found.w, found.h) == pytest.approx((13, 7, 4, 10))
    assert orjson.loads(found.shape or "")["corners"] == pytest.approx([17, 7, 17, 17, 13, 17, 13, 7])


def test_lines_polygons_points_ellipses_and_tags(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        image(
            '<polygon label="p" points="1,2;3,4;6,5"/>',
            '<polyline label="l" points="1,2;3,4"/>',
            '<points label="q" points="1,2;3,4" occluded="1"/>',
            '<ellipse label="e" cx="10" cy="10" rx="4" ry="2" rotation="90"/>',
            '<tag label="night"/>',
        ),
    )
    assert [one.kind for one in got.objects] == ["polygon", "polyline", "keypoints", "polygon", "field"]
    assert orjson.loads(got.objects[2].shape or "") == {"points": [1, 2, 1, 3, 4, 1], "names": ["1", "2"]}
    ellipse = got.objects[3]
    assert (ellipse.w, ellipse.h) == pytest.approx((4, 8), abs=0.02)
    assert orjson.loads(got.objects[4].shape or "") == {"key": "night", "value": "night"}


def test_corners_the_other_way_round_and_outlines_of_two_points_are_found(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        image(
            '<box label="a" xtl="20" ytl="14" xbr="10" ybr="10"/>',
            '<polygon label="p" points="1,2;3,4"/>',
            '<polygon label="p" points="1,2;3,4;6,5"/>',
            '<polyline label="l" points="1,2"/>',
        ),
    )
    assert got.findings["box_turned_round"].evidence["count"] == 1
    assert got.findings["outline_of_few_points"].evidence["count"] == 2
    turned = got.objects[0]
    assert (turned.x, turned.y, turned.w, turned.h) == (10, 10, 10, 4)


def test_a_skeleton_is_keypoints_with_names(tmp_path: Path) -> None:
    joints = (
        '<points label="nose" outside="1" points="1,1"/><points label="ear" occluded="1" points="2,2"/>'
        '<points label="eye" points="3,4"/>'
    )
    got = read(tmp_path, image(f'<skeleton label="face" points="">{joints}</skeleton>'))
    (found,) = got.objects
    assert orjson.loads(found.shape or "") == {
        "points": [0, 0, 0, 2, 2, 1, 3, 4, 2],
        "names": ["nose", "ear", "eye"],
    }
    assert (found.x, found.y, found.w, found.h) == (2, 2, 1, 2)


def test_runs_of_a_mask_go_row_by_row_in_its_frame(tmp_path: Path) -> None:
    got = read(tmp_path, image('<mask label="m" rle="1, 2, 2, 1" left="5" top="10" width="3" height="2"/>'))
    (found,) = got.objects
    assert (found.x, found.y, found.w, found.h) == (6, 10, 2, 2)
    counts = orjson.loads(found.shape or "")["counts"]
    assert counts == [5 * 30 + 10 + 30, 1, 29, 2, 40 * 30 - 7 * 30 - 12]


@given(BITMAPS)
def test_runs_are_read_back(pixels: npt.NDArray[np.bool_]) -> None:
    height, width = pixels.shape
    assert (decode_runs(encode_runs(pixels), width, height, file="a.xml", place="") == pixels).all()


@given(BITMAPS, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))
def test_a_mask_in_a_frame_is_the_mask_of_the_image(
    pixels: npt.NDArray[np.bool_], left: int, top: int, right: int, bottom: int
) -> None:
    whole = np.pad(pixels, ((top, bottom), (left, right)))
    height, width = whole.shape
    row = mask(Told("m"), pixels, left, top, width, height)
    counts = orjson.loads(row.shape or "")["counts"]
    assert sum(counts) == width * height
    assert all(run > 0 for run in counts[1:])
    drawn = np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(width, height).T
    assert (drawn == whole).all()


def test_the_task_says_whom_it_was_assigned_to(tmp_path: Path) -> None:
    head = "<meta><task><owner><username>o</username></owner><assignee><username>ann</username></assignee></task></meta>"
    assert "assigned to 'ann'" in read(tmp_path, image(), head).findings["cvat_people"].text
    assert "cvat_people" not in read(tmp_path, image(), head, annotator="ann").findings


def test_shapes_of_other_types_are_counted(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        image('<cuboid label="c"/>', '<cuboid label="c"/>', '<box xtl="0" ytl="0" xbr="1" ybr="1"/>'),
    )
    assert got.findings["shape_not_read:cuboid"].evidence["count"] == 2
    assert got.findings["object_without_class"].evidence["items"] == ["a.jpg"]


@pytest.mark.parametrize(
    "inside",
    [
        image('<box label="a" xtl="nan" ytl="0" xbr="1" ybr="1"/>'),
        image('<box label="a" xtl="x" ytl="0" xbr="1" ybr="1"/>'),
        image('<box label="a" xtl="1e999" ytl="0" xbr="1" ybr="1"/>'),
        image('<box label="a" ytl="0" xbr="1" ybr="1"/>'),
        image('<polygon label="a" points="1,2;3"/>'),
        image('<mask label="a" rle="1, 1" left="0" top="0" width="3" height="2"/>'),
        image('<mask label="a" rle="-1, 7" left="0" top="0" width="3" height="2"/>'),
        image('<mask label="a" rle="6" left="38" top="0" width="3" height="2"/>'),
        image('<mask label="a" rle="6" left="0" top="0" width="3000000" height="3000000"/>'),
        image('<mask label="a" rle="99999999999999999999" left="0" top="0" width="3" height="2"/>'),
        '<image id="0" width="1" height="1"/>',
        '<track id="0" label="a"></track>',
        "",
        image("<a>" * 100 + "</a>" * 100),
        image("<box"),
    ],
)
def test_what_breaks_the_format_is_refused(tmp_path: Path, inside: str) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path, inside)
    assert "{" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x "y">]><annotations><image name="&x;" width="1" height="1"/></annotations>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotations/>',
        "<annotation/>",
        "not xml",
        "<annotations><image name='a' width='1' height='1'/>",
    ],
)
def test_entities_and_other_xml_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        gather(write(tmp_path, "a.xml", f'<?xml version="1.0"?>{text}'), cvat_rows)


def test_ten_thousand_shapes_on_one_image_are_read(tmp_path: Path) -> None:
    box = '<box label="a" xtl="0" ytl="0" xbr="1" ybr="1"/>'
    assert len(read(tmp_path, image(box * 10_000)).objects) == 10_000


@needs_shared
def test_the_sample_is_read_and_the_video_is_refused() -> None:
    got = gather(SAMPLE / "for_images" / "train.xml", cvat_rows)
    assert [one.kind for one in got.objects] == [
        "box",
        "polyline",
        "keypoints",
        "polygon",
        "keypoints",
        "keypoints",
    ]
    assert row_format(SAMPLE / "for_images" / "train.xml", "train.xml", DEFAULT_LIMITS) is not None
    with pytest.raises(InputError, match="found:    track 0"):
        gather(SAMPLE / "for_video" / "annotations.xml", cvat_rows)
