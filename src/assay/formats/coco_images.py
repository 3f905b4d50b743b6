"""The list of images of a COCO file column by column, where every entry is as plain as most are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from .item_names import are_plain_names

IDS = frozenset({int, str})
IMAGE_KEYS = frozenset({"id", "file_name", "width", "height"})
_LARGEST = 2**31


@dataclass(frozen=True)
class PlainImages:
    """Columns of images with an id, a name without folders, and a size or none; the ids are all different."""

    ids: Sequence[object]
    names: Sequence[str]
    widths: Sequence[int]
    heights: Sequence[int]


def plain_images(records: Sequence[object]) -> PlainImages | None:
    """The columns of some entries, None if one of them needs a second look."""
    if not records or set(map(type, records)) != {dict}:
        return None
    rows: Sequence[Mapping[str, object]] = records  # type: ignore[assignment]  # objects, just checked
    kinds = set(map(tuple, rows))
    if len(kinds) > 1 or not {"id", "file_name", "width", "height"} <= set(next(iter(kinds))) <= IMAGE_KEYS:
        return None
    ids, names, widths, heights = (
        list(map(itemgetter(key), rows)) for key in ("id", "file_name", "width", "height")
    )
    if not set(map(type, ids)) <= IDS or len(set(ids)) < len(ids) or set(map(type, names)) != {str}:
        return None
    if set(map(type, widths)) | set(map(type, heights)) != {int} or not are_plain_names(names):
        return None
    sizes: Sequence[int] = [*widths, *heights]  # whole numbers, just checked
    if min(sizes) < 1 or max(sizes) >= _LARGEST:
        return None
    return PlainImages(ids, names, widths, heights)


def columns_of_like(records: Sequence[Mapping[str, object]]) -> dict[str, list[object]] | None:
    """The values of records key by key; None where there are no records, or where they have different keys."""
    if not records or set(map(len, records)) != {len(records[0])}:
        return None
    try:
        return {key: list(map(itemgetter(key), records)) for key in records[0]}
    except KeyError:
        return None
