"""Evaluates published cases through the public measures: ``python -m tests.reference CASES.json``.

Prints one JSON line per case: ``id``, ``ok`` (true, false or "unsupported"), ``got``, ``expected``. The exit code is
1 if a case is not ok, 2 if the file cannot be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .cases import UnsupportedError, agrees, as_json
from .metrics import answer


def evaluate(document: Any) -> Iterator[dict[str, Any]]:
    """One row per case of a document in the format ``agreement-cases/1`` (or a bare list of cases)."""
    for case in document["cases"] if isinstance(document, Mapping) else document:
        expected = case["expected"]
        row = {"id": case["id"], "ok": False, "got": None, "expected": expected}
        try:
            got = answer(case)
            row |= {"ok": agrees(got, expected, case.get("tolerance", 1e-6)), "got": as_json(got)}
        except UnsupportedError:
            row["ok"] = "unsupported"
        except (ValueError, KeyError, TypeError, IndexError) as error:
            row["got"] = {"error": f"{type(error).__name__}: {error}"}
        yield row


def main(arguments: list[str]) -> int:
    """Reads the file named and prints its rows."""
    if len(arguments) != 1:
        print("usage: python -m tests.reference CASES.json", file=sys.stderr)
        return 2
    try:
        document = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    rows = list(evaluate(document))
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    return int(any(row["ok"] is False for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
