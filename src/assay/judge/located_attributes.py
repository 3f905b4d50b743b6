"""Attributes of matched objects, each on its own scale: accuracy against gold, agreement between people.

An attribute is a number where every value of it is one and there are at least three; then its alpha is that of
intervals and its mean error is told. All others are nominal. A value that gold gives and the delivery leaves out is
wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assay.annotation.errors import InputError
from assay.annotation.numbers import parse_decimal
from assay.formats.stored_json import stored_json
from assay.measure.candidates import Floats
from assay.measure.figure import Figure, undefined
from assay.measure.located_errors import ErrorKind
from assay.measure.located_units import unit_state, voted_runs
from assay.measure.ordered import metric_of, ordered_alpha, ordered_columns, ordered_state
from assay.measure.units import Ints

from .located_alphas import Drawn, alpha
from .located_batch import LocatedBatch, Marks, Outcomes, Texts
from .located_panel import Panel, Pending, Tree

_NONE = -1
_FEWEST_NUMBERS = 3
_MOST_VALUES = 200
_LARGEST = 1e9
_ACCURACY = (
    "share of matched objects with the value of gold, where gold has one; Wilson with effective trials"
)
_AGREEMENT = (
    "share of pairs of matched objects with one value, where both have one; Wilson with effective trials"
)
_ERROR = "mean absolute difference to gold of matched objects; replicates of items"
_ALPHA = "Krippendorff's alpha, nominal, of the values that people gave one object"
_REASON = "no matched object has a value of this attribute"


@dataclass(frozen=True)
class Attribute:
    """One attribute: how many values it has, and the code of the value of each object on both sides, -1 for none.

    ``numbers`` are the values behind the codes, ascending, where all of them are numbers.
    """

    name: str
    values: int
    numbers: Floats | None
    left: Ints
    right: Ints

    @property
    def level(self) -> str:
        """The scale its agreement is measured on."""
        return "nominal" if self.numbers is None else "interval"


def attributes_of(left: Marks, right: Marks) -> list[Attribute]:
    """The attributes of two sides, in order of their names; numbers are coded in their order."""
    given = _values(left.attributes), _values(right.attributes)
    found = []
    for name in sorted(given[0].keys() | given[1].keys()):
        sides = [side.get(name, {}) for side in given]
        distinct = sorted({value for side in sides for value in side.values()})
        numbers, place = _numbers(distinct)
        code = dict(zip(distinct, place, strict=True))
        columns = [np.full(len(marks), _NONE) for marks in (left, right)]
        for column, side in zip(columns, sides, strict=True):
            if side:
                column[list(side)] = [code[value] for value in side.values()]
        found.append(Attribute(name, len(set(place)), numbers, *columns))
    return found


def _values(texts: Texts) -> dict[str, dict[int, str]]:
    """Value by row of every attribute; equal documents are read once."""
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts.tolist()):
        if text:
            rows.setdefault(text, []).append(row)
    found: dict[str, dict[int, str]] = {}
    for text, held in rows.items():
        for name, value in stored_json(text).items():
            found.setdefault(name, {}).update(dict.fromkeys(held, str(value)))
    return found


def _numbers(values: list[str]) -> tuple[Floats | None, list[int]]:
    """The numbers behind values, if they are numbers, and the code of each value: equal numbers are one value."""
    each = list(range(len(values)))
    try:
        written = [float(parse_decimal(value)) for value in values]
    except InputError:
        return None, each
    numbers, code = np.unique(np.array(written, np.float64), return_inverse=True)
    if len(numbers) < _FEWEST_NUMBERS or np.abs(numbers).max() > _LARGEST:
        return None, each
    return numbers, code.tolist()


def gold_attributes(batch: LocatedBatch, against: Outcomes, panel: Panel) -> Tree:
    """Accuracy of every attribute that gold has, over objects matched within their class."""
    right = against.take(against.kind == ErrorKind.RIGHT)
    found: dict[str, Tree] = {}
    for one in attributes_of(batch.gold, batch.final):
        truth, given = one.left[right.left], one.right[right.right]
        scored = np.flatnonzero(truth != _NONE)
        if not len(scored):
            continue
        item = right.item[scored]
        entry: dict[str, Tree] = {
            "level": one.level,
            "accuracy": panel.share(item, truth[scored] == given[scored], _ACCURACY, _REASON),
            "left_out": int((given[scored] == _NONE).sum()),
        }
        if one.numbers is not None:
            both = scored[given[scored] != _NONE]
            apart = np.abs(one.numbers[truth[both]] - one.numbers[given[both]])
            entry["mean_absolute_error"] = panel.mean(
                right.item[both], apart, _ERROR, "no value was delivered", most=None
            )
        found[one.name] = entry
    return found


def wrong_attributes(batch: LocatedBatch, against: Outcomes) -> NDArray[np.bool_] | None:
    """Which outcomes are objects matched within their class with a value of an attribute that is not gold's.

    One object is one error, however many of its attributes are wrong. None where gold has no attributes.
    """
    if not batch.gold.attributes.astype(bool).any():
        return None
    right = np.flatnonzero(against.kind == ErrorKind.RIGHT)
    wrong = np.zeros(len(against), bool)
    for one in attributes_of(batch.gold, batch.final):
        truth, given = one.left[against.left[right]], one.right[against.right[right]]
        wrong[right] |= (truth != _NONE) & (truth != given)
    return wrong


def people_attributes(batch: LocatedBatch, between: Outcomes, drawn: Drawn, panel: Panel) -> Tree:
    """Agreement and alpha of every attribute: agreement over pairs of matched objects, alpha over units of people."""
    right = between.take(between.kind == ErrorKind.RIGHT)
    found: dict[str, Tree] = {}
    for one in attributes_of(batch.marks, batch.marks):
        first, second = one.left[right.left], one.left[right.right]
        both = np.flatnonzero((first != _NONE) & (second != _NONE))
        found[one.name] = {
            "level": one.level,
            "agreement": panel.share(right.item[both], first[both] == second[both], _AGREEMENT, _REASON),
            "alpha": _alpha(one, drawn, panel),
            "left_out": int(((first == _NONE) != (second == _NONE)).sum()),
        }
    return found


def _alpha(one: Attribute, drawn: Drawn, panel: Panel) -> Pending | Figure:
    code = one.left[drawn.index]
    voted = np.flatnonzero(code != _NONE)
    values = one.values
    if values > _MOST_VALUES:
        return undefined(f"it has {values:,} different values, which are no scale", method=_ALPHA)
    unit, label = drawn.units.of_object[voted], code[voted]
    if one.numbers is None:
        state = unit_state(drawn.units.item, unit, label, drawn.frame, classes=max(values, 1))
        return alpha(state, panel, _ALPHA, _REASON)
    runs, size, kept = voted_runs(unit, label, values)
    at, frame = drawn.units.item[kept], drawn.frame
    ordered = ordered_state(
        runs, size, frame.block[at], frame.row[at], values=values, blocks=frame.blocks, rows=frame.rows
    )
    metric = metric_of(ordered, one.numbers, "interval", panel.weight)
    items = len(np.unique(at[size >= 2]))

    def make(sums: Floats) -> Figure:
        units = int(ordered.units.sum())
        figure = ordered_alpha(ordered, metric, sums, panel.weight, design=panel.within(units))
        told = replace(figure, units=items, positives=units)
        return told if figure.exists or units else replace(told, reason=_REASON)

    return Pending(np.asarray(ordered_columns(ordered, metric)), make)
