"""From label texts to codes: classes of a choice, numbers of a rating, sets of tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from assay.analytics.batch import Kind, Level
from assay.annotation.errors import InputError
from assay.annotation.numbers import parse_decimal
from assay.annotation.schema import Schema
from assay.measure.units import Ints

SEPARATOR = "\x1f"
UNKNOWN = -1


@dataclass(frozen=True)
class Coding:
    """How label texts become codes. ``classes`` are names in code order (tags for multi-label).

    ``codes`` maps every label text met to its code, -1 for labels that the schema does not have. ``numbers`` are the
    values of a rating; ``sets`` (codes, tags) says which tags a set code holds; ``empty`` is the empty set's code.
    """

    classes: tuple[str, ...]
    codes: Mapping[str, int]
    numbers: NDArray[np.float64] | None = None
    sets: NDArray[np.bool_] | None = None
    empty: int | None = None

    def of_raw(self, labels: Sequence[str]) -> Ints:
        """The code of each raw label of the ``vote`` table, in its order."""
        return np.array([self.codes[label] for label in labels] or [UNKNOWN], np.int64)

    def unknown(self) -> list[str]:
        """Labels met that the schema does not have."""
        return sorted(label for label, code in self.codes.items() if code == UNKNOWN)

    def text(self, code: int) -> str:
        """How a vote's code reads: a class, a number, or tags joined by a comma.

        >>> code_labels("rating", "interval", ["4.50", "3"], None).text(1)
        '4.5'
        """
        if self.sets is None:
            return self.classes[code]
        return ", ".join(self.classes[tag] for tag in np.flatnonzero(self.sets[code])) or "(none)"


def code_labels(kind: Kind, level: Level, labels: Collection[str], schema: Schema | None) -> Coding:
    """Codes for all labels met in delivery and gold. Raises :class:`InputError` where an order or number is missing."""
    if kind == "rating":
        return _ratings(labels, schema)
    if kind == "multi":
        return _sets(labels, schema)
    return _choices(labels, level, schema)


def _choices(labels: Collection[str], level: Level, schema: Schema | None) -> Coding:
    if schema is not None and schema.classes:
        names = tuple(c.name for c in schema.classes)
        place = {c.id: n for n, c in enumerate(schema.classes)}
        codes = {label: place.get(schema.resolve(label) or "", UNKNOWN) for label in labels}
    else:
        names = tuple(_natural(labels, level))
        codes = {name: n for n, name in enumerate(names)}
    numbers = np.arange(len(names), dtype=np.float64)
    if level in ("interval", "ratio"):
        numbers = np.array([float(_number(name, "class")) for name in names])
    return Coding(names, codes, numbers if level != "nominal" else None)


def _natural(labels: Collection[str], level: Level) -> list[str]:
    """Classes without a schema: in order of their numbers where all are numbers, else by code point."""
    try:
        return sorted(labels, key=lambda label: (parse_decimal(label), label))
    except InputError as not_numbers:
        if level == "nominal":
            return sorted(labels)
        raise InputError(
            f"the order of the classes is not known, and {level} agreement needs it",
            found=", ".join(sorted(labels)[:8]),
            expected="a schema file (--schema) that lists the classes from low to high",
        ) from not_numbers


def _number(text: str, what: str) -> Decimal:
    try:
        return parse_decimal(text)
    except InputError as wrong:
        raise InputError(
            f"this {what} is not a number", found=text, expected="a number such as 4 or 3.5"
        ) from wrong


def _ratings(labels: Collection[str], schema: Schema | None) -> Coding:
    """Ratings are ordered by value; texts of one value share a code, what is no number or out of range has none."""
    values: dict[str, Decimal] = {}
    for label in labels:
        try:
            value = parse_decimal(label.strip())
        except InputError:
            continue
        if schema is None or _in_range(value, schema):
            values[label] = value
    scale = sorted(set(values.values()))
    place = {value: n for n, value in enumerate(scale)}
    codes = {label: place[values[label]] if label in values else UNKNOWN for label in labels}
    return Coding(tuple(_plain(value) for value in scale), codes, np.array([float(v) for v in scale]))


def _in_range(value: Decimal, schema: Schema) -> bool:
    return (schema.low is None or value >= schema.low) and (schema.high is None or value <= schema.high)


def _plain(value: Decimal) -> str:
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def _sets(labels: Collection[str], schema: Schema | None) -> Coding:
    """Every distinct set is a code; the tags are the classes."""
    chosen = {label: tuple(label.split(SEPARATOR)) if label else () for label in labels}
    if schema is not None and schema.classes:
        names = tuple(c.name for c in schema.classes)
        place = {c.id: n for n, c in enumerate(schema.classes)}
        tag_of = {
            tag: place.get(schema.resolve(tag) or "", UNKNOWN) for tags in chosen.values() for tag in tags
        }
    else:
        names = tuple(sorted({tag for tags in chosen.values() for tag in tags}))
        tag_of = {name: n for n, name in enumerate(names)}
    sets: dict[tuple[int, ...], int] = {(): 0}
    codes: dict[str, int] = {}
    for label in sorted(chosen):
        tags = tuple(sorted({tag_of[tag] for tag in chosen[label]}))
        codes[label] = UNKNOWN if UNKNOWN in tags else sets.setdefault(tags, len(sets))
    table = np.zeros((len(sets), len(names)), bool)
    for tags, code in sets.items():
        table[code, list(tags)] = True
    return Coding(names, codes, None, table, 0)
