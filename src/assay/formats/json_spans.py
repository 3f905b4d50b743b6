"""What the readers of spans in JSON share: ids, people, offsets and relations, taken from a record or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assay.annotation.errors import InputError
from assay.annotation.place import shown

from .records import record_place, scalar_text
from .typed import NESTED

ITEM_KEYS = ("item", "item_id", "doc_id", "docid", "document_id", "documentId", "id_str", "id", "uid")
PEOPLE_KEYS = ("annotator", "annotator_id", "user", "username", "annotated_by", "worker_id", "worker")

Record = Mapping[str, object]


def id_of(record: Record, keys: Sequence[str], number: int) -> str:
    """The id of a record: the first of ``keys`` it holds, else its number."""
    for key in keys:
        found = plain_text(record.get(key))
        if found is not None:
            return found
    return str(number)


def plain_text(value: object) -> str | None:
    """A text or number as text; None for everything else."""
    text = None if isinstance(value, (list, dict, bool)) else scalar_text(value)
    return None if text == NESTED else text


def offset(value: object, file: str, number: int) -> int:
    """A whole number. Raises :class:`InputError` for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise InputError(
        "an offset is no whole number", file=file, place=record_place(number), found=shown(str(value)),
        expected="the number of characters before the span begins or ends",
    )  # fmt: skip


def add_relations(
    attributes: Sequence[dict[str, str]],
    ids: Sequence[str | None],
    relations: Sequence[tuple[str, str, str]],
) -> int:
    """Keep relations ``(from, to, type)`` as attributes of the objects they join; how many lead nowhere.

    The object it comes from says ``relation: type → id``, several of them in the order of the source; both say their
    ``id``.
    """
    places = {one: at for at, one in enumerate(ids) if one is not None}
    lost = 0
    for begin, end, kind in relations:
        if begin not in places or end not in places:
            lost += 1
            continue
        for one in (begin, end):
            attributes[places[one]]["id"] = one
        said = f"{kind or 'relation'} → {end}"
        own = attributes[places[begin]]
        own["relation"] = f"{own['relation']}; {said}" if "relation" in own else said
    return lost
