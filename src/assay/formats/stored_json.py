"""JSON that our own readers wrote into the tables: shapes and attributes of objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

# Whoever reads a shape knows from the object's kind which keys it has.
Stored = Mapping[str, Any]


def stored_json(text: str | None) -> Stored:
    """The document in a cell of a table; nothing for none.

    A cell was written by a reader that refuses what the strict reader refuses, so it is not checked again: that takes
    fifty times as long as reading it.

    >>> stored_json('{"parts":[[0,4]]}')["parts"], len(stored_json(None))
    ([[0, 4]], 0)
    """
    found = orjson.loads(text) if text else {}  # noqa: TID251  # our own bytes, see above
    return found if isinstance(found, dict) else {}
