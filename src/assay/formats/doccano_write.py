"""Writing spans as doccano imports them: one record on each line with its entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import orjson

from .located_rows import ObjectRow
from .small_table import write_whole

#: An item, its text and the spans of one person on it.
TextItem = tuple[str, str | None, Sequence[ObjectRow]]


def write_doccano(target: Path, items: Iterable[TextItem]) -> Counter[str]:
    """Write texts with their spans; how much was lost, by kind.

    Not carried: objects that are no spans (``no_spans``), spans of several parts (``discontinuous_spans``),
    ``attributes``, ``confidence``, and that an item has no text (``no_text``).
    """
    losses: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        for item, text, objects in items:
            losses["no_text"] += text is None
            entities = [
                entity for at, one in enumerate(objects) if (entity := _entity(at, one, losses)) is not None
            ]
            record = {"id": item, "text": text or "", "entities": entities, "relations": []}
            yield orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)

    write_whole(target, lines())
    return losses


def has_parts(one: ObjectRow) -> bool:
    """Whether a span has several parts."""
    return one.shape is not None and one.shape.count("[") > 2


def _entity(at: int, one: ObjectRow, losses: Counter[str]) -> dict[str, object] | None:
    if one.kind != "span":
        losses["no_spans"] += 1
        return None
    if has_parts(one):
        losses["discontinuous_spans"] += 1
        return None
    losses["attributes"] += one.attributes is not None
    losses["confidence"] += one.confidence is not None
    return {"id": at, "start_offset": int(one.x), "end_offset": int(one.x + one.w), "label": one.label}
