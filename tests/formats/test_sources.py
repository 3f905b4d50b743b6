"""Folders and lists of files: what is read, in which order, and what is said about the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from tests.formats.deliveries import read_folder, read_sources, write
from tests.formats.located_files import read

A = "item,annotator,label\ni1,w1,a\n"
B = "item,annotator,label\ni1,w2,b\n"


def test_a_folder_stands_for_its_files_in_order_of_their_names(tmp_path: Path) -> None:
    out = read_folder(
        tmp_path / "d", {"b.csv": B, "a.csv": A, "more/c.jsonl": '{"item":1,"worker":"w","label":"c"}\n'}
    )
    assert [Path(one.path).name for one in out.delivery.inputs] == ["a.csv", "b.csv", "c.jsonl"]
    assert out.rows("annotator, file") == [("w", 2), ("w1", 0), ("w2", 1)]


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    files = {"a.csv": A, "notes.pdf": "x", ".hidden.csv": B, "schema.yaml": "assay: schema/1\n"}
    out = read_folder(tmp_path / "d", files)
    assert len(out.delivery.inputs) == 1
    text = out.finding("file_not_read")
    assert "notes.pdf" in text
    assert "schema.yaml" in text


def test_a_folder_with_a_description_is_read_as_it_says(tmp_path: Path) -> None:
    files = {
        "a.txt": "w1;i1;a\n",
        "gold.csv": "item,label\ni1,a\n",
        "delivery.yaml": "assay: delivery/1\nbatch: b1\nfiles: [{path: a.txt}]\ncolumns: [annotator, item, label]\n",
    }
    out = read_folder(tmp_path / "d", files)
    assert out.triples == [("i1", "w1", "a")]
    assert out.delivery.declared.batch == "b1"
    assert "gold.csv" in out.finding("file_not_read")


def test_gold_and_manifest_in_the_folder_are_no_labels(tmp_path: Path) -> None:
    files = {"a.csv": A, "gold.csv": "item,label\ni1,z\n", "items.csv": "item\ni1\n"}
    for name, content in files.items():
        write(tmp_path, name, content)
    out = read_sources([tmp_path], exclude=[tmp_path / "gold.csv", tmp_path / "items.csv"])
    assert out.triples == [("i1", "w1", "a")]


def test_a_named_file_and_a_listed_one_are_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", A)
    yaml = write(tmp_path, "delivery.yaml", "assay: delivery/1\nfiles: [{path: a.csv}]\n")
    assert len(read_sources([path], yaml=yaml).delivery.inputs) == 1


@pytest.mark.parametrize("path", ["../a.csv", "/etc/hostname", "sub/../../a.csv"])
def test_a_delivered_description_may_not_lead_out_of_its_folder(tmp_path: Path, path: str) -> None:
    write(tmp_path, "a.csv", A)
    with pytest.raises(InputError, match="outside of it"):
        read_folder(tmp_path / "d", {"delivery.yaml": f"assay: delivery/1\nfiles: [{{path: {path}}}]\n"})


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "elsewhere.csv", B)
    write(tmp_path, "d/a.csv", A)
    os.symlink(tmp_path / "elsewhere.csv", tmp_path / "d" / "b.csv")
    out = read_sources([tmp_path / "d"])
    assert out.triples == [("i1", "w1", "a")]
    assert "b.csv" in out.finding("file_not_read")


@pytest.mark.parametrize("files", [{}, {"readme.md": "x"}])
def test_a_folder_without_labels_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    (tmp_path / "d").mkdir()
    with pytest.raises(InputError, match="no file to read"):
        read_folder(tmp_path / "d", files)


def test_no_source_and_a_missing_source_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing was delivered"):
        read_sources([])
    with pytest.raises(InputError, match="no such file"):
        read_sources([tmp_path / "absent.csv"])


def test_a_name_that_promises_no_format_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ending of the name") as refusal:
        read_sources([write(tmp_path, "labels.dat", A)])
    assert "format:" in (refusal.value.expected or "")
    yaml = write(tmp_path, "delivery.yaml", "assay: delivery/1\nfiles: [{path: labels.dat, format: csv}]\n")
    assert read_sources([yaml], yaml=yaml).triples == [("i1", "w1", "a")]


def test_two_descriptions_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path, f"{name}/delivery.yaml", "assay: delivery/1\n")
        write(tmp_path, f"{name}/a.csv", A)
    with pytest.raises(InputError, match="more than one delivery"):
        read_sources([tmp_path / "one", tmp_path / "two"])


@pytest.mark.parametrize("limits", [Limits(folder_files=1), Limits(folder_depth=1)])
def test_limits_of_folders_hold(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(InputError):
        read_folder(tmp_path / "d", {"x/y/a.csv": A, "x/y/b.csv": B}, limits=limits)


def test_names_with_pattern_characters_mean_themselves(tmp_path: Path) -> None:
    write(tmp_path, "batch1.csv", B)
    assert read_sources([write(tmp_path, "batch[1]*?.csv", A)]).triples == [("i1", "w1", "a")]


def test_nothing_is_left_in_the_folder_for_copies(tmp_path: Path) -> None:
    out = read_sources([write(tmp_path, "a.csv", A.encode("utf-16"))])
    folder = out.connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    assert list(Path(folder).iterdir()) == []


def test_coco_whose_images_have_no_names_is_refused_as_coco(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '{"images": [{"id": 1}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}], '
        '"categories": [{"id": 1, "name": "car"}]}',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="an image has no name"), read(path):
        pass
