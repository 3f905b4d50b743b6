"""Where the repository stands, and where the public data sets that some tests read are expected."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="the public data sets are not in the folder `shared` beside the repository",
)
