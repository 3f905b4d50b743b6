"""The items that a report draws, with what is drawn on each: gold, the people to look at, and what differs.

An item with gold is compared with gold, any other between two people. Nothing depends on the order of files or objects.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.formats.objects import OBJECT_KINDS
from assay.measure.located_errors import ErrorKind
from assay.measure.units import Ints

from .document import Json
from .drawn_choice import chosen_items
from .drawn_shapes import MOST_POINTS, drawn_shape, span_parts
from .drawn_words import error_sentence, item_sentence, kind_name, with_attributes
from .located_batch import LocatedBatch, Marks, Outcomes
from .located_fields import value_of

MOST_OBJECTS = 200
MOST_ERRORS = 40
_MOST_COORDINATES = 3_000
_THIRD_PERSON = 18
_MOST_TEXT = 300
_NOBODYS = "final label"
_ONE_TO_MANY = (ErrorKind.SPLIT, ErrorKind.MERGED)


def drawn_items(
    batch: LocatedBatch,
    against: Outcomes | None,
    between: Outcomes | None,
    named: Sequence[str],
    most: int = 24,
) -> list[Json]:
    """The section ``drawn`` of a report: at most ``most`` items with their objects and errors.

    Items with gold are compared with gold (``against``), all others between people (``between``). Content and links
    are added by :func:`assay.judge.drawn_sources.add_content`.
    """
    against = None if against is None else with_attributes(batch, against)
    golden = np.zeros(len(batch.items), bool)
    golden[batch.gold_items] = against is not None
    chosen = chosen_items(batch, (against, between), golden, named, most)
    sides = (_some(against, chosen), _some(between, chosen))
    scenes = [_Scene(batch, item, bool(golden[item]), sides[0 if golden[item] else 1]) for item in chosen]
    return [scene.as_json() for scene in scenes]


def _some(side: Outcomes | None, chosen: Sequence[int]) -> Outcomes | None:
    return None if side is None else side.take(np.isin(side.item, np.array(chosen, np.int64)))


@dataclass(frozen=True)
class _Layer:
    """One person's objects on an item, or gold's: rows of ``marks`` in the order they are numbered from 1."""

    who: str
    gold: bool
    marks: Marks
    rows: Ints

    def number(self, row: int) -> int | None:
        """The number of an object by its row, None if it is not shown."""
        place = np.flatnonzero(self.rows == row)
        return int(place[0]) + 1 if len(place) else None


@dataclass(frozen=True)
class _Scene:
    """One item with the comparison that is drawn: against gold, or of two people."""

    batch: LocatedBatch
    item: int
    of_gold: bool
    side: Outcomes | None

    def as_json(self) -> Json:
        """The entry of the item in ``drawn``."""
        facts = self.batch.facts
        outcomes = self._outcomes()
        layers = self._layers(outcomes)
        errors, said = self._errors(layers, outcomes)
        width, height = int(facts.width[self.item]), int(facts.height[self.item])
        frame = (float(max(width, 0)), float(max(height, 0)))
        room = max(1, sum(len(layer.rows) for layer in layers))
        points = min(MOST_POINTS, _MOST_COORDINATES // room)
        sized = width > 0 and height > 0
        return {
            "item": self.batch.items[self.item],
            "width": width if sized else None,
            "height": height if sized else None,
            "link": None,
            "content": None,
            "of_gold": self.of_gold,
            "layers": [self._layer(layer, at, said, frame, points) for at, layer in enumerate(layers)],
            "errors": errors,
            "text": item_sentence(errors, [layer.who for layer in layers], of_gold=self.of_gold),
        }

    def _outcomes(self) -> Outcomes | None:
        """The rows of this item that are drawn: of the people with most errors, or of the two who differ most."""
        if self.side is None:
            return None
        mine = self.side.take(self.side.item == self.item)
        wrong = mine.take(mine.kind != ErrorKind.RIGHT)
        if not len(mine):
            return None
        tally: dict[tuple[int, int], int] = defaultdict(int)
        for pair in zip(mine.first.tolist(), mine.second.tolist(), strict=True):
            tally[pair] += 0
        for pair in zip(wrong.first.tolist(), wrong.second.tolist(), strict=True):
            tally[pair] += 1
        ranked = sorted(tally, key=lambda pair: (-tally[pair], self._name(pair[0]), self._name(pair[1])))
        kept = ranked[:1]
        several = self.of_gold and self.batch.kind != "spans" and len(ranked) > 1
        if several and tally[ranked[1]] and self._is_small():
            kept = ranked[:2]
        rows = np.zeros(len(mine), bool)
        for first, second in kept:
            rows |= (mine.first == first) & (mine.second == second)
        return mine.take(rows)

    def _is_small(self) -> bool:
        objects = int((self.batch.gold.objects.item == self.item).sum())
        return objects + int((self.batch.final.objects.item == self.item).sum()) <= _THIRD_PERSON

    def _name(self, person: int) -> str:
        """A person's pseudonym; what a later layer settled is nobody's."""
        known = 0 <= person < len(self.batch.annotators)
        return self.batch.annotators[person] if known else _NOBODYS

    def _layers(self, outcomes: Outcomes | None) -> list[_Layer]:
        batch = self.batch
        if not self.of_gold:
            people = self._pair(outcomes)
            return [self._person(batch.marks, batch.by, person, outcomes, True) for person in people]
        found = [] if outcomes is None else list(dict.fromkeys(outcomes.second.tolist()))
        people = found or self._workers(batch.final_work.item, batch.final_work.annotator)[:1]
        rows = np.flatnonzero(batch.gold.objects.item == self.item)
        shown = None if outcomes is None else outcomes.left[outcomes.kind != ErrorKind.RIGHT]
        gold = _Layer("gold", True, batch.gold, _ordered(batch.gold, rows, shown))
        return [gold, *(self._person(batch.final, batch.final_by, one, outcomes, False) for one in people)]

    def _pair(self, outcomes: Outcomes | None) -> list[int]:
        if outcomes is not None and len(outcomes):
            return [int(outcomes.first[0]), int(outcomes.second[0])]
        return self._workers(self.batch.work.item, self.batch.work.annotator)[:2]

    def _workers(self, item: Ints, annotator: Ints) -> list[int]:
        return sorted(set(annotator[item == self.item].tolist()), key=self._name)

    def _person(
        self, marks: Marks, by: Ints, person: int, outcomes: Outcomes | None, both_sides: bool
    ) -> _Layer:
        rows = np.flatnonzero((marks.objects.item == self.item) & (by == person))
        shown = None
        if outcomes is not None:
            wrong = outcomes.take(outcomes.kind != ErrorKind.RIGHT)
            shown = np.concatenate([wrong.left, wrong.right]) if both_sides else wrong.right
        return _Layer(self._name(person), False, marks, _ordered(marks, rows, shown))

    def _errors(
        self, layers: Sequence[_Layer], outcomes: Outcomes | None
    ) -> tuple[list[Json], dict[tuple[int, int], str]]:
        """The errors that are shown, and the error of each object by (layer, number)."""
        if outcomes is None:
            return [], {}
        errors: list[tuple[tuple[int, int], Json]] = []
        kinds: list[tuple[int, int, int]] = []
        rows_shown = np.concatenate([layer.rows for layer in layers])
        shown = np.isin(outcomes.left, rows_shown) | np.isin(outcomes.right, rows_shown)
        for rows in _grouped(outcomes.take(shown & (outcomes.kind != ErrorKind.RIGHT))):
            kind = int(rows.kind[0])
            who = self._sides(layers, rows)
            objects = [
                (layer, number, row)
                for layer, index in zip(who, (rows.left, rows.right), strict=True)
                for row in dict.fromkeys(index[index >= 0].tolist())
                if layer is not None and (number := layers[layer].number(row)) is not None
            ]
            if not objects:
                continue
            kinds += [(layer, number, kind) for layer, number, _ in objects]
            errors.append((objects[0][:2], self._error(layers, rows, kind, objects)))
        errors.sort(key=lambda error: (error[0], str(error[1]["text"])))
        said = {
            (layer, number): kind_name(kind, self.batch)
            for layer, number, kind in sorted(kinds, reverse=True)
        }
        return [error for _, error in errors[:MOST_ERRORS]], said

    def _error(
        self,
        layers: Sequence[_Layer],
        rows: Outcomes,
        kind: int,
        objects: Sequence[tuple[int, int, int]],
    ) -> Json:
        told = [(layers[at].who, layers[at].gold, layers[at].marks, row) for at, _, row in objects]
        people = [
            layers[at].who for at in self._sides(layers, rows) if at is not None and not layers[at].gold
        ]
        sentence = error_sentence(
            self.batch, kind, told, people=people, overlap=float(rows.overlap.max()), of_gold=self.of_gold
        )
        return {
            "kind": kind_name(kind, self.batch),
            "text": sentence,
            "objects": [[layer, number] for layer, number, _ in objects],
        }

    def _sides(self, layers: Sequence[_Layer], rows: Outcomes) -> tuple[int | None, int | None]:
        names = [layer.who for layer in layers]
        second = self._place(names, int(rows.second[0]))
        return (0, second) if self.of_gold else (self._place(names, int(rows.first[0])), second)

    def _place(self, names: Sequence[str], person: int) -> int | None:
        name = self._name(person)
        start = 1 if self.of_gold else 0
        return next((at for at in range(start, len(names)) if names[at] == name), None)

    def _layer(
        self,
        layer: _Layer,
        at: int,
        said: dict[tuple[int, int], str],
        frame: tuple[float, float],
        points: int,
    ) -> Json:
        objects = [
            self._object(layer.marks, int(row), number, said.get((at, number)), frame, points)
            for number, row in enumerate(layer.rows.tolist(), 1)
        ]
        return {"who": layer.who, "gold": layer.gold, "objects": objects}

    def _object(
        self, marks: Marks, row: int, number: int, error: str | None, frame: tuple[float, float], points: int
    ) -> Json:
        kind = OBJECT_KINDS[int(marks.kind[row])]
        box = marks.objects.box[row].tolist()
        angle = float(marks.angle[row])
        text = value_of(marks.shape[row], marks.text[row], is_field=kind == "field")
        return {
            "kind": kind,
            "class": self.batch.classes[int(marks.objects.label[row])],
            "box": [round(one, 2) for one in box],
            "angle": None if np.isnan(angle) else round(angle, 2),
            "shape": drawn_shape(kind, marks.shape[row], box, frame, points),
            "parts": span_parts(marks.shape[row], box) if kind == "span" else [],
            "text": text[:_MOST_TEXT] if text is not None else None,
            "error": error,
            "number": number,
        }


def _ordered(marks: Marks, rows: Ints, wrong: Ints | None) -> Ints:
    """The objects that are shown, top to bottom and left to right; where there are too many, errors stay."""
    box = marks.objects.box[rows]
    keys = (marks.objects.label[rows], box[:, 3], box[:, 2], box[:, 0], box[:, 1])
    rows = rows[np.lexsort(keys)]
    if len(rows) <= MOST_OBJECTS:
        return rows
    is_wrong = np.isin(rows, wrong) if wrong is not None else np.zeros(len(rows), bool)
    kept = np.argsort(~is_wrong, kind="stable")[:MOST_OBJECTS]
    return rows[np.sort(kept)]


def _grouped(wrong: Outcomes) -> list[Outcomes]:
    """The rows of one error together: the parts of a split or merged object, else one row."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for n in range(len(wrong)):
        kind = int(wrong.kind[n])
        whole = int(wrong.left[n] if kind == ErrorKind.SPLIT else wrong.right[n])
        alone = 0 if kind in _ONE_TO_MANY else n + 1
        people = (int(wrong.first[n]), int(wrong.second[n]))
        groups.setdefault((kind, *people, whole if not alone else 0, alone), []).append(n)
    return [wrong.take(np.array(rows)) for rows in groups.values()]
