"""Programmes that several tests read. Nobody writes into them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .commands import assay


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated delivery of choices with gold, a spammer in it."""
    folder = tmp_path_factory.mktemp("programmes")
    assay(
        "simulate",
        "choices",
        "--items",
        "300",
        "--gold",
        "120",
        "--plant",
        "spammer",
        folder=folder,
        expected=0,
    )
    return folder / "choices"


@pytest.fixture(scope="session")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated delivery of sets of labels."""
    folder = tmp_path_factory.mktemp("programmes")
    assay("simulate", "sets", "--kind", "multi", "--items", "200", "--gold", "60", folder=folder, expected=0)
    return folder / "sets"
