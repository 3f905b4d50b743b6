"""What the command loads before it knows what was delivered: no library that only other kinds of labels need."""

from __future__ import annotations

import subprocess
import sys

_HEAVY = (
    "shapely",
    "PIL",
    "pycocotools",
    "rapidfuzz",
    "scipy",
    "assay.judge.located",
    "assay.formats.located",
)


def test_libraries_of_shapes_pictures_and_texts_wait_until_they_are_needed() -> None:
    told = f"import sys, assay.cli.judging; print([name for name in {_HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
