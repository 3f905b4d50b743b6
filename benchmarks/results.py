"""Result files: one JSON document per benchmark, with the command and the versions it was measured with."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import orjson

from assay.annotation.strict_json import load_json

RESULTS = Path(__file__).resolve().parent / "results"

Json = dict[str, object]


def machine() -> Json:
    """What a reader needs to compare figures: versions and cores, nothing that names a machine."""
    return {
        "assay": version("assay"),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "duckdb")},
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def read(path: Path) -> Json | None:
    """A result file, or None where it has not been measured."""
    if not path.exists():
        return None
    found = load_json(path)
    if not isinstance(found, dict):
        raise ValueError(f"{path} is not a result file")
    return found


def write(path: Path, document: Json) -> None:
    """Write a result file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    fresh.replace(path)
