"""Batches of located labels from lists, and small worlds of known truth: what people do with scenes of boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from assay.analytics.batch import SliceAttribute
from assay.formats.located_kinds import LocatedKind
from assay.formats.objects import KIND_CODES
from assay.judge.figures import Method
from assay.judge.located_batch import Facts, LocatedBatch, Marks, Outcomes
from assay.judge.located_measure import measure_located
from assay.measure.candidates import Objects
from assay.measure.comparisons import Work
from assay.measure.replicates import hash_items

Box = tuple[float, float, float, float]
CELLS = [(20.0 + column * 160, 20.0 + row * 190) for column in range(6) for row in range(4)]
KINDS: Mapping[LocatedKind, str] = {"boxes": "box", "spans": "span"}


@dataclass(frozen=True)
class Mark:
    """One object: item, class, box (of a span: start, 0, length, 1), text and attributes."""

    item: int
    label: int
    box: Box
    text: str | None = None
    attributes: str | None = None


def span(item: int, start: int, text: str, label: int = 0) -> Mark:
    """A span of a text, by its start."""
    return Mark(item, label, (float(start), 0.0, float(len(text)), 1.0), text)


def marks_of(rows: Sequence[Mark], kind: LocatedKind = "boxes") -> Marks:
    """Objects in the order of a list."""
    size = len(rows)

    def texts(values: Sequence[str | None]) -> np.ndarray:
        out = np.empty(size, dtype=object)
        out[:] = values
        return out

    objects = Objects(
        np.array([row.item for row in rows], np.int64), np.array([row.label for row in rows], np.int64),
        np.array([row.box for row in rows], float).reshape(-1, 4),
    )  # fmt: skip
    return Marks(
        objects, np.full(size, KIND_CODES[KINDS[kind]], np.uint8), np.full(size, np.nan), texts([None] * size),
        texts([row.text for row in rows]), texts([row.attributes for row in rows]), np.zeros(size, bool),
    )  # fmt: skip


@dataclass(frozen=True)
class World:
    """Gold and people's objects as lists; everybody worked on the items of ``worked``, or else on all."""

    items: int
    gold: Sequence[Mark]
    people: Mapping[str, Sequence[Mark]]
    classes: tuple[str, ...] = ("car", "van")
    kind: LocatedKind = "boxes"
    worked: Mapping[str, Sequence[int]] = field(default_factory=dict)
    slices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    size: tuple[int, int] = (1000, 800)
    number: np.ndarray | None = None

    def batch(self) -> LocatedBatch:
        """The arrays of this world; ``gold`` stands on every item."""
        names = sorted(self.people)
        rows = [(n, mark) for n, name in enumerate(names) for mark in self.people[name]]
        marks = marks_of([mark for _, mark in rows], self.kind)
        by = np.array([n for n, _ in rows], np.int64)
        done = [
            (item, n) for n, name in enumerate(names) for item in self.worked.get(name, range(self.items))
        ]
        work = Work(*(np.array(column, np.int64) for column in zip(*done, strict=True)))
        attributes = tuple(SliceAttribute(name, tuple(sorted(set(v)))) for name, v in self.slices.items())
        codes = tuple(
            np.array([one.values.index(value) for value in self.slices[one.name]], np.int64)
            for one in attributes
        )
        none = np.zeros(self.items, np.int64)
        number = (
            hash_items(np.arange(self.items).astype(np.uint64), "items")
            if self.number is None
            else self.number
        )
        facts = Facts(
            number, codes, none, np.ones(self.items, bool), None, np.full(self.items, self.size[0]),
            np.full(self.items, self.size[1]),
        )  # fmt: skip
        return LocatedBatch(
            self.kind, tuple(f"item-{n}" for n in number.tolist()), self.classes, tuple(names), marks, by, work, marks,
            by, work, marks_of(self.gold, self.kind), np.arange(self.items), facts, attributes, (self.items,),
        )  # fmt: skip


def outcomes_of(batch: LocatedBatch, threshold: float = 0.5) -> tuple[Outcomes | None, Outcomes | None]:
    """What came of every object against gold and between people, as judging counts it."""
    measured = measure_located(batch, threshold, Method(10, "1"))
    return (
        measured.gold.outcomes if measured.gold else None,
        measured.agreement.outcomes if measured.agreement else None,
    )


def scenes(draw: np.random.Generator, items: int, objects: int = 6, classes: int = 2) -> list[Mark]:
    """Boxes that do not touch: a grid of cells, each with one box of some size at most."""
    gold = []
    for item in range(items):
        for cell in draw.permutation(len(CELLS))[: draw.integers(1, 2 * objects)].tolist():
            w, h = (float(n) for n in np.round(np.exp(draw.uniform(np.log(10), np.log(120), 2))))
            gold.append(Mark(item, int(draw.integers(classes)), (*CELLS[cell], w, h)))
    return gold


@dataclass(frozen=True)
class Skill:
    """How somebody works: shares missed, extra, of another class, and how far edges are off (share of the box)."""

    missed: float = 0.08
    extra: float = 0.05
    confused: float = 0.03
    off: float = 0.02


def drawn(draw: np.random.Generator, gold: Sequence[Mark], skill: Skill, classes: int = 2) -> list[Mark]:
    """What a person of a skill makes of gold's objects; what they add lies in cells that gold leaves free."""
    taken: dict[int, set[tuple[float, float]]] = {}
    for mark in gold:
        taken.setdefault(mark.item, set()).add(mark.box[:2])
    out = []
    for mark in gold:
        if draw.random() >= skill.missed:
            label = (mark.label + 1) % classes if draw.random() < skill.confused else mark.label
            out.append(replace(mark, label=label, box=moved(draw, mark.box, skill.off)))
        if draw.random() < skill.extra:
            free = [cell for cell in CELLS if cell not in taken[mark.item]]
            x, y = free[draw.integers(len(free))]
            like = gold[draw.integers(len(gold))].box
            out.append(replace(mark, box=moved(draw, (x, y, *like[2:]), skill.off)))
    return out


def moved(draw: np.random.Generator, box: Box, off: float) -> Box:
    """A box whose edges are a little off, in tenths of a pixel."""
    x, y, w, h = box
    ends = np.round(draw.normal(0, off, 4) * [w, h, w, h], 1)
    return (
        float(x + ends[0]), float(y + ends[1]), max(float(w + ends[2]), 1.0), max(float(h + ends[3]), 1.0),
    )  # fmt: skip


def clean(seed: int, items: int = 60, people: int = 5) -> World:
    """Equal people who err independently of everything."""
    draw = np.random.default_rng(seed)
    gold = scenes(draw, items)
    times = [("day", "night")[int(draw.random() < 0.3)] for _ in range(items)]
    named = {f"annotator-{n}": drawn(draw, gold, Skill()) for n in range(1, people + 1)}
    return World(items, gold, named, slices={"time": times})
