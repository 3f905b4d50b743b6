"""What every reader of Label Studio takes from a task: its id, who answered, and what the item looks like."""

from __future__ import annotations

from collections.abc import Mapping

from .content import looks_like_link
from .delivery import Columns
from .records import scalar_text
from .typed import NESTED

#: The key of a task's data under which we write the id of the item; Label Studio gives tasks ids of its own.
OWN_KEY = "assay_item"
#: The key of an annotation under which we write its layer, where Label Studio has no place for it.
LAYER_KEY = "assay_layer"


def task_item(record: Mapping[str, object], data: Mapping[str, object], key: str | None) -> str | None:
    """The id of the item: a key of the data where one is declared or ours, else the id of the task."""
    key = OWN_KEY if key is None and OWN_KEY in data else key
    text = scalar_text(record.get("id") if key is None else data.get(key))
    return None if text == NESTED else text


def task_person(value: object, emails: dict[str, str]) -> str | None:
    """The name of a person, given as a number or as an object; numbers with a known address are noted in ``emails``."""
    if isinstance(value, dict):
        number, email = scalar_text(value.get("id")), value.get("email")
        if isinstance(email, str) and email:
            if number is not None:
                emails[number] = email
            return email
        return number
    text = scalar_text(value)
    return None if text == NESTED else text


def task_content(data: Mapping[str, object], columns: Columns) -> tuple[str | None, str | None]:
    """Text and link of the item: as declared, else the longest text and the first address."""
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value}
    if OWN_KEY in data:
        return texts.get("text"), texts.get("link")
    links = [key for key, value in texts.items() if looks_like_link(value)]
    plain = [key for key in texts if key not in links]
    longest = max(plain, key=lambda key: len(texts[key]), default="")
    text_key = columns.get("text") or ("text" if "text" in plain else longest)
    link_key = columns.get("link") or (links[0] if links else "")
    return texts.get(str(text_key)), texts.get(str(link_key))


def objects_in(record: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """The objects in a list of a record; other entries are left out."""
    found = record.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
