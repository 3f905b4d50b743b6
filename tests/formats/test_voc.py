from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from tests.formats.deliveries import write
from tests.formats.located_files import BOX, read


def voc(
    folder: Path, name: str, *boxes: tuple[float, ...], size: tuple[int, int] = (100, 80), extra: str = ""
) -> Path:
    objects = "".join(
        f"<object><name>car</name>{extra}<bndbox>"
        + "".join(
            f"<{tag}>{value:g}</{tag}>"
            for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), one, strict=True)
        )
        + "</bndbox></object>"
        for one in boxes
    )
    text = (
        f"<annotation><filename>{name}.jpg</filename><size><width>{size[0]}</width><height>{size[1]}</height></size>"
        f"{objects}</annotation>"
    )
    return write(folder, f"{name}.xml", text)


def declared(folder: Path, profile: str) -> Path:
    line = f"files: [{{path: xml, format: voc, profile: {profile}, annotator: anna}}]"
    return write(folder, "delivery.yaml", f"assay: delivery/1\n{line}\n")


@pytest.mark.parametrize(
    ("profile", "edges"),
    [
        ("voc-1-inclusive", (1, 1, 10, 20)),
        ("voc-0-exclusive", (0, 0, 10, 20)),
        ("voc-0-inclusive", (0, 0, 9, 19)),
        ("voc-1-exclusive", (1, 1, 11, 21)),
    ],
)
def test_one_box_in_four_dialects(tmp_path: Path, profile: str, edges: tuple[float, ...]) -> None:
    voc(tmp_path / "xml", "a", edges)
    with read(tmp_path, yaml=declared(tmp_path, profile)) as seen:
        assert seen.rows(BOX) == [("a.jpg", "anna", "car", 0.0, 0.0, 10.0, 20.0)]
        assert not seen.finding_kinds


@pytest.mark.parametrize(
    ("edges", "assumed", "against"),
    [
        ((1, 1, 100, 80), "voc-1-inclusive", "voc-0-inclusive: xmax or ymax beyond the image 1 times"),
        ((0, 1, 100, 80), "voc-0-exclusive", "voc-1-inclusive: xmin or ymin below 1 1 times"),
        ((10.5, 1, 20, 30), "voc-0-exclusive", "fractions of a pixel"),
    ],
)
def test_without_a_declaration_the_data_decide_and_the_evidence_is_said(
    tmp_path: Path, edges: tuple[float, ...], assumed: str, against: str
) -> None:
    voc(tmp_path, "a", edges)
    with read(tmp_path) as seen:
        text = seen.finding("voc_profile_assumed")
        assert f"read as {assumed}" in text
        assert against in text


def test_data_that_contradict_the_declared_dialect_are_said(tmp_path: Path) -> None:
    voc(tmp_path / "xml", "a", (0, 0, 10, 20))
    with read(tmp_path, yaml=declared(tmp_path, "voc-1-inclusive")) as seen:
        assert "voc-0-exclusive fits best" in seen.finding("voc_profile_contradicted")


def test_a_file_without_objects_was_looked_at(tmp_path: Path) -> None:
    voc(tmp_path, "a", (1, 1, 5, 5))
    voc(tmp_path, "b")
    with read(tmp_path) as seen:
        assert seen.rows("item, state", "annotation") == [("a.jpg", 2), ("b.jpg", 1)]


def test_marks_that_say_something_are_attributes(tmp_path: Path) -> None:
    more = "<pose>Unspecified</pose><truncated>0</truncated><difficult>1</difficult><attributes><attribute><name>color</name><value>red</value></attribute></attributes>"
    voc(tmp_path, "a", (1, 1, 5, 5), extra=more)
    with read(tmp_path) as seen:
        assert seen.rows("attributes") == [('{"difficult":"1","color":"red"}',)]


BOMB = '<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;&x;">]><annotation><filename>&y;</filename></annotation>'
OUTSIDE = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "entity is declared"),
        (OUTSIDE, "entity is declared"),
        ("<annotation><filename>a.jpg</filename>", "well-formed"),
        ("<annotation>" + "<a>" * 70 + "</a>" * 70 + "</annotation>", "too deep"),
        ("<annotation><object><name>car</name></object></annotation>", "no bndbox"),
        ("<annotation><object><bndbox/></object></annotation>", "no name"),
        (
            "<annotation><object><name>c</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>x</xmax><ymax>2</ymax></bndbox></object></annotation>",
            "no number",
        ),
        (
            "<annotation><object><name>c</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>inf</xmax><ymax>2</ymax></bndbox></object></annotation>",
            "finite number",
        ),
        ("<annotation><size><width>-4</width><height>5</height></size></annotation>", "size of the image"),
    ],
)
def test_hostile_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path, "a.xml", text)
    with pytest.raises(InputError, match=said), read(path):
        pass


def test_an_unknown_profile_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    voc(tmp_path / "xml", "a", (1, 1, 5, 5))
    with (
        pytest.raises(InputError, match="voc-0-exclusive"),
        read(tmp_path, yaml=declared(tmp_path, "devkit")),
    ):
        pass


def test_where_the_picture_lies_is_kept_without_paths_of_foreign_machines(tmp_path: Path) -> None:
    head = "<annotation><folder>day</folder><filename>a.jpg</filename><path>D:\\\\pictures\\\\a.jpg</path></annotation>"
    with read(write(tmp_path, "a.xml", head)) as seen:
        assert seen.rows("item, path", "image") == [("a.jpg", "day/a.jpg")]
