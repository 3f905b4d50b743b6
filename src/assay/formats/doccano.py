"""Records of doccano: a text with ``[start, end, label]`` triples, or with entities and relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assay.annotation.errors import InputError

from .json_spans import ITEM_KEYS, PEOPLE_KEYS, Record, add_relations, id_of, offset, plain_text
from .located_rows import ContentRow, LocatedRows, Notes, ObjectRow, Work, work_state
from .records import record_place
from .span_checks import SpanChecker

_LABEL_KEYS = ("label", "labels", "entities", "spans", "annotations")
_TEXT_KEYS = ("text", "data", "sentence", "document", "content")
_ENDS = (("start_offset", "end_offset"), ("start", "end"), ("begin", "end"))
_CLASSES = ("label", "type", "class", "category", "tag", "entity")


@dataclass(frozen=True)
class DoccanoKeys:
    """The keys under which the parts of a record stand."""

    text: str | None
    label: str
    item: tuple[str, ...]
    annotator: tuple[str, ...]


@dataclass(frozen=True)
class _Entity:
    label: str
    start: int
    end: int
    id: str | None = None
    covered: str | None = None
    confidence: float | None = None


def doccano_keys(records: Sequence[Record], declared: Mapping[str, str]) -> DoccanoKeys | None:
    """Which keys hold text and spans; None when no key holds any span."""
    texts = [key for key in _keys(records) if any(isinstance(one.get(key), str) for one in records)]
    spans = [key for key in _keys(records) if _holds_spans(records, key)]
    label = declared.get("label") or next((key for key in _LABEL_KEYS if key in spans), None)
    label = label or (spans[0] if len(spans) == 1 else None)
    if label is None or (label not in spans and "label" not in declared):
        return None
    text = declared.get("text") or next((key for key in _TEXT_KEYS if key in texts), None)
    text = text or (texts[0] if len(texts) == 1 else None)
    item = (declared["item"],) if "item" in declared else ITEM_KEYS
    people = (declared["annotator"],) if "annotator" in declared else PEOPLE_KEYS
    return DoccanoKeys(text, label, item, people)


@dataclass
class DoccanoReader:
    """Turns records into rows; a second record of the same id with another text is an item of its own."""

    keys: DoccanoKeys
    annotator: str | None
    notes: Notes
    checker: SpanChecker
    _texts: dict[str, int] = field(default_factory=dict)

    def rows(self, number: int, record: Record) -> LocatedRows:
        """The text and the spans of one record."""
        found = record.get(self.keys.text) if self.keys.text is not None else None
        text = found if isinstance(found, str) else None
        item = self._item(number, record, text)
        if text is not None:
            yield ContentRow(item, text, None)
        who = self.annotator or next(
            (name for key in self.keys.annotator if (name := plain_text(record.get(key))) is not None), None
        )
        objects = self._objects(number, item, text, record)
        yield Work(item, who, None, work_state(objects), objects, number)

    def _objects(self, number: int, item: str, text: str | None, record: Record) -> list[ObjectRow]:
        entities = [self._entity(one, number) for one in _listed(record.get(self.keys.label), record, number)]
        attributes: list[dict[str, str]] = [{} for _ in entities]
        lost = add_relations(attributes, [one.id for one in entities], _relations(record, self.keys.label))
        for _ in range(lost):
            self.notes.count(
                "relation_lost",
                item,
                "minor",
                "{n} relations lead to a span that is not there; they are not read.",
            )
        if record.get("cats"):
            self.notes.count(
                "classes_of_texts", item, "minor",
                f"{{n}} records of {self.notes.file} also carry classes of the whole text; they are not "
                "read with spans.",
            )  # fmt: skip
        return [
            self.checker.span(
                item, text, one.label, ((one.start, one.end),), covered=one.covered, attributes=own,
                confidence=one.confidence,
            )
            for one, own in zip(entities, attributes, strict=True)
        ]  # fmt: skip

    def _item(self, number: int, record: Record, text: str | None) -> str:
        item = id_of(record, self.keys.item, number)
        mark = hash(text)
        if self._texts.setdefault(item, mark) == mark:
            return item
        again = 2
        while self._texts.setdefault(f"{item}#{again}", mark) != mark:
            again += 1
        self.notes.count(
            "id_repeated", item, "major",
            f"{{n}} records of {self.notes.file} have the id of another record with another text; they were "
            "read as items of their own, the second as id#2.",
        )  # fmt: skip
        return f"{item}#{again}"

    def _entity(self, value: object, number: int) -> _Entity:
        if isinstance(value, list) and len(value) == 3:
            label = plain_text(value[2])
            if label is not None:
                start, end = (offset(one, self.notes.file, number) for one in value[:2])
                return _Entity(label, start, end)
        if isinstance(value, dict):
            names = next((pair for pair in _ENDS if pair[0] in value and pair[1] in value), None)
            label = next((name for key in _CLASSES if (name := plain_text(value.get(key))) is not None), None)
            if names is not None and label is not None:
                start, end = (offset(value[name], self.notes.file, number) for name in names)
                covered, score = value.get("text"), value.get("score")
                return _Entity(
                    label, start, end, plain_text(value.get("id")), covered if isinstance(covered, str) else None,
                    float(score) if isinstance(score, (int, float)) else None,
                )  # fmt: skip
        raise InputError(
            "this is no span", file=self.notes.file, place=record_place(number), found=str(value)[:80],
            expected="[start, end, label], or an object with start_offset, end_offset and label",
        )  # fmt: skip


def _keys(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(key for one in records for key in one))


def _holds_spans(records: Sequence[Record], key: str) -> bool:
    """Whether the lists under a key hold triples or entities, and nothing else."""
    lists = [_entities(one.get(key)) for one in records if one.get(key) is not None]
    return any(lists) and all(one is not None and all(map(_is_span, one)) for one in lists)


def _entities(value: object) -> list[object] | None:
    if isinstance(value, dict) and isinstance(value.get("entities"), list):
        value = value["entities"]
    return value if isinstance(value, list) else None


def _is_span(value: object) -> bool:
    if isinstance(value, list):
        return len(value) == 3 and all(type(one) is int for one in value[:2]) and isinstance(value[2], str)
    return isinstance(value, dict) and any(start in value and end in value for start, end in _ENDS)


def _listed(value: object, record: Record, number: int) -> list[object]:
    found = _entities(value)
    if found is None and value is not None:
        raise InputError(
            "the spans are no list", place=record_place(number), found=str(value)[:80],
            expected="a list of spans, empty where there is none",
        )  # fmt: skip
    return found or []


def _relations(record: Record, label: str) -> list[tuple[str, str, str]]:
    inner = record.get(label)
    found = inner.get("relations") if isinstance(inner, dict) else record.get("relations")
    relations = []
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict):
            begin, end, kind = (plain_text(one.get(key)) or "" for key in ("from_id", "to_id", "type"))
            relations.append((begin, end, kind))
    return relations
