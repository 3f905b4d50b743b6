from __future__ import annotations

from pathlib import Path

from .commands import assay, refused


def test_three_deliveries_stand_side_by_side_with_links_that_lead_somewhere(tmp_path: Path) -> None:
    text = assay("demo", "--items", "500", folder=tmp_path, expected=0).out
    links = [word for word in text.split() if word.startswith("file://")]
    assert len(links) == 4
    for link in links:
        assert Path(link.removeprefix("file://")).is_file()
    assert text.rstrip().splitlines()[-1].endswith("assay judge labels.csv --gold gold.csv")
    assert assay("demo", "--items", "500", folder=tmp_path).code == 0  # an earlier demonstration is replaced


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "assay-demo").mkdir()
    (tmp_path / "assay-demo/letter.txt").write_text("dear", encoding="utf-8")
    refused(assay("demo", folder=tmp_path), "assay-demo", "letter.txt", "a new folder")
