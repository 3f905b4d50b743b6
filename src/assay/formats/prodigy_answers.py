"""Records of Prodigy about whole texts or images: accepted or rejected labels, and choices of options.

A record asks one person about one item (``_input_hash``). ``answer: accept`` gives its ``label``, or the options in its
``accept``; ``reject`` says that the label does not apply, so that a person who rejected every label answered the empty
set; ``ignore`` says nothing. Several records of one person on one item are one answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import open_regular
from assay.annotation.strict_json import json_records

from .columns import ColumnPlan
from .content import looks_like_link
from .delivery import Columns
from .inputs import PlainFile
from .records import record_place, scalar_text, set_text
from .staging import Staging
from .table_source import TableSource
from .typed import NESTED

_ROLES = {"item": 0, "annotator": 1, "label": 2, "state": 3, "text": 4, "link": 5}
_ITEM = ("_input_hash", "_task_hash")
_PEOPLE = ("_annotator_id", "_session_id")


@dataclass
class _Answer:
    """What one person said about one item."""

    record: int
    text: str | None
    link: str | None
    labels: list[object] = field(default_factory=list)
    answered: bool = False


def prodigy_answers(
    connection: duckdb.DuckDBPyConnection, file: PlainFile, *, columns: Columns | None, limits: Limits
) -> tuple[TableSource, Staging]:
    """The answers of a file in a temporary table, which the caller drops.

    Labels are sets, because a person may accept several or none; they are single choices where every record offers
    options of which at most one was taken. Raises :class:`InputError` for records without a label or options.
    """
    answers: dict[tuple[str, str | None], _Answer] = {}
    are_sets = False
    with open_regular(file.path, limits=limits) as stream:
        for number, record in json_records(stream, file=file.name, limits=limits):
            asked = _Record(file.name, number, record, columns or {})
            held = answers.setdefault((asked.item(), asked.person()), _Answer(number, *asked.content()))
            labels = asked.labels()
            held.labels += labels
            held.answered = held.answered or asked.answer() != "ignore"
            are_sets = are_sets or "accept" not in asked.record or len(held.labels) > 1
    staging = Staging(connection, list(_ROLES))
    for (item, person), held in answers.items():
        value = set_text(held.labels)
        state = ItemState.ANNOTATED if value else ItemState.EMPTY if held.answered else ItemState.SKIPPED
        staging.append(held.record, (item, person, value, state.label, held.text, held.link))
    lists = frozenset({_ROLES["label"]}) if are_sets else frozenset[int]()
    relation = staging.relation(record_place, lists=lists)
    return TableSource(
        connection, file.name, relation, ColumnPlan(_ROLES, header=False, declared=True)
    ), staging


@dataclass(frozen=True)
class _Record:
    """One record, with where it stands."""

    file: str
    number: int
    source: object
    columns: Columns

    @property
    def record(self) -> Mapping[str, object]:
        """The object; what is none is refused."""
        if isinstance(self.source, dict):
            return self.source
        raise self._refuse("a record is no object", shown(str(self.source)), "an object with an answer")

    def item(self) -> str:
        """The id of the item."""
        declared = self.columns.get("item")
        text = self._first((str(declared),) if declared is not None else _ITEM)
        if text is None:
            found = ", ".join(sorted(self.record))[:80]
            raise self._refuse("a record names no item", f"the keys {found}", str(declared or "_input_hash"))
        return text

    def person(self) -> str | None:
        """Who answered."""
        declared = self.columns.get("annotator")
        return self._first((str(declared),) if declared is not None else _PEOPLE)

    def content(self) -> tuple[str | None, str | None]:
        """Text and link of the item."""
        text, image = self.record.get("text"), self.record.get("image")
        link = image if isinstance(image, str) and looks_like_link(image) else None
        return text if isinstance(text, str) else None, link

    def answer(self) -> object:
        """Accept, reject or ignore; accept where nothing is said, as Prodigy reads its own files."""
        answer = self.record.get("answer", "accept")
        if answer in ("accept", "reject", "ignore"):
            return answer
        raise self._refuse("this answer is not known", shown(str(answer)), "accept, reject or ignore")

    def labels(self) -> list[object]:
        """What was accepted."""
        key = str(self.columns.get("label", "accept" if "accept" in self.record else "label"))
        if key not in self.record:
            found = ", ".join(sorted(self.record))[:80]
            raise self._refuse(
                "a record of Prodigy asks about no label", f"the keys {found}", "label, accept, or spans"
            )
        value = self.record[key]
        if self.answer() != "accept":
            return []
        labels = value if isinstance(value, list) else [value]
        if set_text(labels) == NESTED:
            raise self._refuse("a label is no text", shown(str(value)), "a text, or a list of texts")
        return labels

    def _first(self, keys: tuple[str, ...]) -> str | None:
        texts = (scalar_text(self.record.get(key)) for key in keys)
        return next((text for text in texts if text is not None and text != NESTED), None)

    def _refuse(self, message: str, found: str, expected: str) -> InputError:
        return InputError(
            message, file=self.file, place=record_place(self.number), found=found, expected=expected
        )
