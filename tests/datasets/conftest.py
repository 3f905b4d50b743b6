"""Each public data set is judged once, by the real command, for all tests that look at its report."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from assay.annotation.strict_json import load_json

from .public import SETS, judge

Document = dict[str, Any]  # report.json, whose parts the tests name


@pytest.fixture(scope="session")
def report_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Document]:
    """The report of a data set, judged without a contract: exit code 0 and nothing on stderr."""

    @cache
    def judged(name: str) -> Document:
        folder = tmp_path_factory.mktemp("dataset")
        done = judge(SETS[name].write(folder), folder)
        assert (done.returncode, done.stderr) == (0, "")
        document = load_json(folder / "report" / "report.json")
        assert isinstance(document, dict)
        return document

    return judged
