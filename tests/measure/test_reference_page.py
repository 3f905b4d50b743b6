"""The reference page of measures: complete, and its examples run."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module

import pytest

from tests.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "measures.md"
MODULES = (
    "binary chance coincidence drift exact kappa sets spans speakers standard_errors text truth unitizing weights "
    "overlap_boxes overlap_shapes overlap_masks panoptic keypoints spans_located matching located located_errors "
    "located_figures located_units means boundaries rasters crowds"
)
PARTS = {"beyond_chance", "weights_of", "require_order", "shares_by_person", "chance_between"}


@pytest.mark.parametrize("name", MODULES.split())
def test_every_measure_stands_on_the_reference_page(name: str) -> None:
    module = import_module(f"assay.measure.{name}")
    functions = {
        public
        for public, found in vars(module).items()
        if inspect.isfunction(found) and found.__module__ == module.__name__ and not public.startswith("_")
    }
    page = PAGE.read_text(encoding="utf-8")
    assert {public for public in functions - PARTS if public not in page} == set()


def test_the_examples_of_the_reference_page_run() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert tried >= 3
    assert failed == 0
