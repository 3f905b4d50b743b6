"""``assay agree`` of located labels: pairwise F1 by hand, its thresholds, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.located_files import box, coco

from .commands import assay, refused, table
from .test_documents import faults


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two people on ten images with two cars and a bus each: one moves a car in every image and misses the bus of two."""
    first = [
        one
        for image in range(1, 11)
        for one in (
            box(0, 0, 20, 20, image=image), box(40, 0, 20, 20, image=image), box(0, 40, 20, 20, image=image, category=90)
        )
    ]  # fmt: skip
    second = [
        one
        for image in range(1, 11)
        for one in (
            box(0, 0, 20, 20, image=image), box(46, 0, 20, 20, image=image),
            *([box(0, 40, 20, 20, image=image, category=90)] if image > 2 else []),
        )
    ]  # fmt: skip
    coco(tmp_path / "d" / "ann.json", first, images=10)
    coco(tmp_path / "d" / "bob.json", second, images=10)
    return tmp_path


def test_the_figures_are_those_of_the_report(two: Path) -> None:
    found = assay("agree", "d", "--json", folder=two).document
    report = assay("judge", "d", "--json", folder=two).document["agreement"]
    assert faults("agreement", found) == []
    assert found["agreement"]["by_class"] == report["by_class"]
    assert found["agreement"]["pairs"] == report["pairs"]
    for name, figure in report["overall"].items():
        assert found["agreement"]["overall"][name] == figure


def test_pairwise_f1_is_twice_the_matches_over_the_objects_of_both(two: Path) -> None:
    overall = assay("agree", "d", "--json", folder=two).document["agreement"]["overall"]
    assert overall["pairwise_f1"]["value"] == pytest.approx(2 * 28 / 58)
    assert overall["pairwise_f1_at_0.75"]["value"] == pytest.approx(2 * 18 / 58)
    assert overall["label_alpha"]["value"] == 1
    assert "instance_alpha" not in overall
    strict = assay("agree", "d", "--json", "--threshold", "0.75", folder=two).document
    assert strict["agreement"]["overall"]["pairwise_f1"]["value"] == pytest.approx(2 * 18 / 58)
    assert strict["located"]["threshold"] == 0.75


def test_instance_alpha_comes_with_its_sentence(two: Path) -> None:
    shown = assay("agree", "d", "--metric", "instance_alpha", folder=two).out
    assert "instance_alpha" in shown
    assert "No contract takes it" in shown
    document = assay("agree", "d", "--metric", "instance_alpha", "--json", folder=two).document
    assert list(document["agreement"]["overall"]) == ["instance_alpha"]
    assert document["agreement"]["pairs"] == []


def test_what_objects_do_not_have_is_refused(two: Path) -> None:
    refused(assay("agree", "d", "--metric", "cohen_kappa", folder=two), "objects that nobody drew")
    refused(assay("agree", "d", "--metric", "token_alpha", folder=two), "do not have this measure")
    refused(assay("agree", "d", "--threshold", "0", folder=two), "above 0")
    coco(two / "one" / "ann.json", [box(0, 0, 20, 20)])
    refused(assay("agree", "one", folder=two), "no two people")


def test_labels_of_whole_items_have_no_threshold(tmp_path: Path) -> None:
    table(
        tmp_path / "labels.csv",
        [("i0", "ann", "a"), ("i0", "bob", "b"), ("i1", "ann", "a"), ("i1", "bob", "a")],
    )
    refused(assay("agree", "labels.csv", "--threshold", "0.5", folder=tmp_path), "whole items")
    refused(assay("agree", "labels.csv", "--metric", "pairwise_f1", folder=tmp_path), "whole items")
