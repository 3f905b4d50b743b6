"""What is wrong with an object or an item, as a sentence beside its drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assay.formats.objects import KIND_CODES
from assay.formats.stored_json import stored_json
from assay.measure.located_errors import ErrorKind

from .document import Json
from .located_attributes import wrong_attributes
from .located_batch import LocatedBatch, Marks, Outcomes
from .located_evidence import error_name
from .located_fields import FIELD, value_of

Told = tuple[str, bool, Marks, int]

_WORDS = ("missed", "extra", "wrong_class", "loose", "wrong_value", "split", "merged", "attribute")
_BETWEEN = {"wrong_class": "in another class", "wrong_value": "with another value"}
_SPAN = KIND_CODES["span"]
_MOST_TEXT = 60
_MOST_NAMED = 3
#: Beside the kinds of ``ErrorKind``: matched, with a wrong attribute.
ATTRIBUTE = len(ErrorKind)


def kind_name(kind: int, batch: LocatedBatch) -> str:
    """The word of a kind of error in ``report.json``."""
    return "attribute" if kind == ATTRIBUTE else error_name(kind, batch)


def with_attributes(batch: LocatedBatch, against: Outcomes) -> Outcomes:
    """Outcomes against gold in which a matched object with a wrong attribute is an error of the kind ``ATTRIBUTE``."""
    wrong = wrong_attributes(batch, against)
    return against if wrong is None else replace(against, kind=np.where(wrong, ATTRIBUTE, against.kind))


def error_sentence(
    batch: LocatedBatch,
    kind: int,
    objects: Sequence[Told],
    *,
    people: Sequence[str],
    overlap: float,
    of_gold: bool,
) -> str:
    """One error: of which class, and whose. ``objects`` are (who, whether gold, marks, row), the left side first."""
    who, _, marks, row = objects[0]
    first = batch.classes[int(marks.objects.label[row])]
    other = batch.classes[int(objects[-1][2].objects.label[objects[-1][3]])]
    last = people[-1] if people else objects[-1][0]
    if kind == ErrorKind.MISSED:
        return f"{first}: {last} misses it" if of_gold else f"{first}: only {who} marks it"
    if kind == ErrorKind.EXTRA:
        return f"{first}: {who} marks it, gold does not" if of_gold else f"{first}: only {who} marks it"
    if kind == ErrorKind.WRONG_CLASS:
        return f"{first} in gold, {other} for {last}" if of_gold else f"{first} for {who}, {other} for {last}"
    if kind == ErrorKind.SPLIT:
        return f"{first}: {last} draws it in {len(objects) - 1} parts"
    if kind == ErrorKind.MERGED:
        return f"{first}: {last} draws {len(objects) - 1} as one"
    if kind == ATTRIBUTE:
        return f"{first}: {_attributes(objects, last)}"
    return f"{first}: {_apart(objects, last, overlap)}"


def _attributes(objects: Sequence[Told], who: str) -> str:
    """The attributes that two objects do not share."""
    one, other = (stored_json(marks.attributes[row]) for _, _, marks, row in (objects[0], objects[-1]))
    said = [
        f"{name} {_quoted(str(one[name]))} in gold, {_quoted(_plain(other.get(name)))} for {who}"
        for name in sorted(one)
        if _plain(one[name]) != _plain(other.get(name))
    ]
    return "; ".join(said[:_MOST_NAMED]) or f"{who} gives it other attributes"


def _plain(value: object) -> str | None:
    return None if value is None else str(value)


def _apart(objects: Sequence[Told], who: str, overlap: float) -> str:
    """How two objects that should be the same differ."""
    if len(objects) < 2:
        return f"{who} overlaps it by {overlap:.2f} only"
    one, other = (marks.objects.box[row].tolist() for _, _, marks, row in (objects[0], objects[-1]))
    kinds = {int(marks.kind[row]) for _, _, marks, row in objects}
    if kinds == {FIELD}:
        texts = [
            value_of(marks.shape[row], marks.text[row]) for _, _, marks, row in (objects[0], objects[-1])
        ]
        return f"{_quoted(texts[0])}, for {who} {_quoted(texts[1])}"
    if kinds != {_SPAN}:
        return f"{who} overlaps it by {overlap:.2f} only"
    ends = (
        _shift(int(other[0] - one[0]), "starts"),
        _shift(int(other[0] + other[2] - one[0] - one[2]), "ends"),
    )
    said = " and ".join(end for end in ends if end)
    return f"{who} {said}" if said else f"{who} overlaps it by {overlap:.2f} only"


def _shift(characters: int, verb: str) -> str:
    if not characters:
        return ""
    noun = "character" if abs(characters) == 1 else "characters"
    return f"{verb} {abs(characters):,} {noun} {'later' if characters > 0 else 'earlier'}"


def _quoted(text: str | None) -> str:
    if text is None:
        return "no value"
    return f"“{text}”" if len(text) <= _MOST_TEXT else f"“{text[: _MOST_TEXT - 1]}…”"


def item_sentence(errors: Sequence[Json], who: Sequence[str], *, of_gold: bool) -> str:
    """What a look at the item shows: who is compared with whom, and how many errors of each kind."""
    people = list(who[1:] if of_gold else who)
    named = " and ".join(people) or "nobody"
    if of_gold:
        named += " against gold"
    kinds = Counter(str(error["kind"]) for error in errors)
    if not kinds:
        return f"{named}: no difference."
    words = [f"{kinds[name]} {name.replace('_', ' ')}" for name in _WORDS if kinds[name]]
    if not of_gold:
        alone = kinds["missed"] + kinds["extra"]
        rest = [f"{kinds[n]} {_BETWEEN.get(n, n)}" for n in _WORDS[2:] if kinds[n]]
        words = [*([f"{alone} marked by one only"] if alone else []), *rest]
    return f"{named}: {', '.join(words)}."
