"""Delivered texts with what they are measured against: which text of an item counts, who gave it, and its edits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assay.annotation.connection import sql_name
from assay.annotation.layers import ItemState, Layer
from assay.formats.pseudonyms import propose_pseudonyms
from assay.measure.text import NormalForm, character_edits, word_edits
from assay.terms.clauses import UNICODE_FORMS

from .prepare import MODEL_PREFIX, MOST_SLICE_VALUES, final_rule
from .request import Request
from .sources import Sources

_OWN = (Layer.FIRST_PASS, Layer.SELF_CHECK)
_LATER = (Layer.REVIEW, Layer.ADJUDICATION, Layer.FINAL)
_NOBODY = ""


@dataclass(frozen=True)
class Answer:
    """One delivered text. ``words`` and ``characters`` are its edits and its reference's length, None without gold."""

    item: str
    annotator: str
    text: str
    words: tuple[int, int] | None
    characters: tuple[int, int] | None


@dataclass(frozen=True)
class Texts:
    """The texts on which figures rest: those ``answers`` that count, and gold items without any (``missing``).

    ``gold`` maps items to reference texts. ``unexpected`` items are not in the manifest, ``gold_outside`` gold items
    not of this batch: neither is measured.
    """

    answers: tuple[Answer, ...]
    missing: tuple[Answer, ...]
    gold: Mapping[str, str]
    expected: int
    unexpected: int
    gold_outside: int
    people: tuple[str, ...]
    skipped: Mapping[str, int]
    slices: Mapping[str, Mapping[str, frozenset[str]]]
    form: NormalForm
    rule: str
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def items(self) -> frozenset[str]:
        """The items with a text."""
        return frozenset(answer.item for answer in self.answers)

    @cached_property
    def by_person(self) -> Mapping[str, tuple[Answer, ...]]:
        """The answers of each person."""
        own: dict[str, list[Answer]] = {name: [] for name in self.people}
        for answer in self.answers:
            own.setdefault(answer.annotator, []).append(answer)
        return {name: tuple(answers) for name, answers in own.items()}

    @property
    def judged(self) -> tuple[Answer, ...]:
        """Everything that counts against gold: what was delivered and what was not."""
        return self.answers + self.missing


def normal_form(steps: Sequence[str]) -> NormalForm:
    """The normal form that a contract or delivery names in words; NFC when it names none."""
    unicode = next((step for step in steps if step in UNICODE_FORMS), "NFC")
    return NormalForm(
        unicode,  # type: ignore[arg-type]  # one of the four forms, checked when the contract was read
        lower="lower case" in steps,
        strip_punctuation="without punctuation" in steps,
        squeeze="runs of white space as one space" in steps,
    )


@dataclass(frozen=True)
class _Row:
    """A row of the delivery: layer and round say how late it is."""

    item: str
    annotator: str
    text: str
    layer: Layer
    round: int


def read_texts(request: Request, sources: Sources) -> Texts:
    """The texts of a delivery. Of one person's several texts on an item the latest stands; a review, an adjudication
    or a final layer takes the place of all of them."""
    declared = sources.delivery.declared
    listed = _listed(sources)
    rows = _rows(sources, {*declared.copies})
    kept = [row for row in rows if listed is None or row.item in listed]
    names = _names(rows, request)
    form = normal_form(sources.contract.measurement.normal_form or declared.normal_form)
    final_rule(declared, names)
    standing = _standing(kept, declared.final_annotator if declared.final == "annotator" else None)
    items = {row.item for row in standing}
    gold, outside = _gold(sources, listed, items)
    answers = tuple(_answer(row.item, names[row.annotator], row.text, gold, form) for row in standing)
    missing = tuple(_answer(item, _NOBODY, "", gold, form) for item in gold if item not in items)
    rule = "each text is judged by itself" if len(answers) > len(items) else "the only text of each item"
    if missing:
        rule += "; a gold item without a text counts as an empty one"
    return Texts(
        answers, missing, gold, len(items) if listed is None else len(listed),
        len({row.item for row in rows} - listed) if listed is not None else 0, outside,
        tuple(sorted(names.values())), _skips(sources, names), _slices(sources), form, rule, names,
    )  # fmt: skip


def drawn_texts(
    given: Sequence[tuple[str, str]], gold: Mapping[str, str], form: NormalForm, expected: int
) -> Texts:
    """Texts in memory, one per item and by one person: for simulation."""
    name = "annotator-01"
    answers = tuple(_answer(item, name, text, gold, form) for item, text in given)
    return Texts(answers, (), gold, expected, 0, 0, (name,), {}, {}, form, "the only text of each item")


def _answer(item: str, person: str, text: str, gold: Mapping[str, str], form: NormalForm) -> Answer:
    reference = gold.get(item)
    if reference is None:
        return Answer(item, person, text, None, None)
    words, characters = word_edits(reference, text, form), character_edits(reference, text, form)
    return Answer(
        item, person, text, (words.edits, words.reference), (characters.edits, characters.reference)
    )


def _rows(sources: Sources, copies: set[str]) -> list[_Row]:
    """Texts of people in order of item, person, layer and round; models and declared copies are no people."""
    found = sources.connection.execute(
        "SELECT item, annotator, value, layer, round FROM annotation "
        f"WHERE state = {ItemState.ANNOTATED.value} AND layer NOT IN ({Layer.PRELABEL.value}, {Layer.GOLD.value}) "
        "ORDER BY item, annotator, layer, round, value"
    ).fetchall()
    rows = (_Row(str(i), str(a), str(text), Layer(layer), int(n)) for i, a, text, layer, n in found)
    return [
        row
        for row in rows
        if row.layer in _LATER or not (row.annotator.startswith(MODEL_PREFIX) or row.annotator in copies)
    ]


def _names(rows: Sequence[_Row], request: Request) -> dict[str, str]:
    """Pseudonyms of all whose texts count, most texts first."""
    written = Counter(row.annotator for row in rows)
    return propose_pseudonyms(sorted(written, key=lambda a: (-written[a], a)), request.pseudonyms)


def _standing(rows: Sequence[_Row], paid: str | None) -> list[_Row]:
    """The texts that count, in order of item and person; ``paid`` is the one whose texts are, if there is one."""
    latest = {row.item: _rank(row) for row in sorted(rows, key=_rank) if row.layer in _LATER}
    own = {
        (row.item, row.annotator): row
        for row in rows
        if row.layer in _OWN and row.item not in latest and paid in (None, row.annotator)
    }
    later = [row for row in rows if row.layer in _LATER and _rank(row) == latest[row.item]]
    return sorted([*own.values(), *later], key=lambda row: (row.item, row.annotator, row.text))


def _rank(row: _Row) -> int:
    return int(row.layer) * 256 + row.round


def _listed(sources: Sources) -> frozenset[str] | None:
    if sources.manifest is None:
        return None
    return frozenset(
        str(row[0]) for row in sources.connection.execute("SELECT item FROM manifest").fetchall()
    )


def _gold(sources: Sources, listed: frozenset[str] | None, items: set[str]) -> tuple[dict[str, str], int]:
    """Reference texts of this batch, and how many are of others, as for choices: see ``prepare``."""
    if sources.gold is None:
        return {}, 0
    found = sources.connection.execute(
        "SELECT item, value FROM gold WHERE coalesce(compartment, '') <> 'practice' ORDER BY item"
    ).fetchall()
    gold = {str(item): str(value or "") for item, value in found}
    of_batch = listed
    if listed is None and not sources.counts_missing_gold:
        of_batch = frozenset(items)
    kept = {item: text for item, text in gold.items() if of_batch is None or item in of_batch}
    return kept, len(gold) - len(kept)


def _skips(sources: Sources, names: Mapping[str, str]) -> dict[str, int]:
    found = sources.connection.execute(
        f"SELECT annotator, count(*) FROM annotation WHERE state = {ItemState.SKIPPED.value} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return {names[str(a)]: int(count) for a, count in found if str(a) in names}


def _slices(sources: Sources) -> dict[str, dict[str, frozenset[str]]]:
    if sources.manifest is None:
        return {}
    out: dict[str, dict[str, set[str]]] = {}
    for attribute in sources.manifest.slices:
        column = sql_name(attribute)
        for item, value in sources.connection.execute(
            f"SELECT item, {column} FROM manifest WHERE {column} IS NOT NULL"
        ).fetchall():
            out.setdefault(attribute, {}).setdefault(str(value), set()).add(str(item))
    return {
        attribute: {value: frozenset(values[value]) for value in sorted(values)}
        for attribute, values in out.items()
        if 2 <= len(values) <= MOST_SLICE_VALUES
    }
