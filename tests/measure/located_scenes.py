"""Random scenes of boxes: several people who draw the same objects with errors, ties included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from assay.measure.candidates import Objects
from assay.measure.comparisons import Work, between_people
from assay.measure.located import LocatedState, states_at

CLASSES = 3
WHOLE = st.integers(0, 12)


@dataclass(frozen=True)
class Scene:
    """Objects of people on items, and who worked on what."""

    objects: Objects
    annotator: np.ndarray
    work: Work


def sides(item: list[int], label: list[int], box: list[list[float]]) -> Objects:
    """Objects from lists."""
    return Objects(np.array(item, np.int64), np.array(label, np.int64), np.array(box, float).reshape(-1, 4))


def boxes() -> st.SearchStrategy[list[float]]:
    """Boxes on a small grid, so that overlaps tie often."""
    return st.tuples(WHOLE, WHOLE, st.integers(1, 8), st.integers(1, 8)).map(
        lambda box: [float(x) for x in box]
    )


def objects(items: int = 3, classes: int = 2, most: int = 14) -> st.SearchStrategy[Objects]:
    """One side: some boxes on some items."""
    row = st.tuples(st.integers(0, items - 1), st.integers(0, classes - 1), boxes())
    return st.lists(row, max_size=most).map(
        lambda rows: sides(*map(list, zip(*rows, strict=True))) if rows else sides([], [], [])
    )


def scene(seed: int, *, items: int = 20, people: int = 4, classes: int = CLASSES, grid: float = 4.0) -> Scene:
    """People who each draw most of six objects per item, a little off, on a grid, with two in three items each."""
    draw = np.random.default_rng(seed)
    rows, worked = [], []
    for item in range(items):
        truth = np.column_stack([draw.uniform(0, 80, (6, 2)), draw.uniform(10, 40, (6, 2))])
        label = draw.integers(0, classes, 6)
        for person in range(people):
            if draw.random() < 0.3:
                continue
            worked.append((item, person))
            for one in np.flatnonzero(draw.random(6) < 0.85):
                box = np.maximum(np.round((truth[one] + draw.normal(0, 3, 4)) / grid) * grid, grid)
                rows.append(
                    (item, person, label[one] if draw.random() < 0.9 else draw.integers(classes), *box)
                )
    table = np.array(rows, float).reshape(-1, 7)
    found = Objects(table[:, 0].astype(np.int64), table[:, 2].astype(np.int64), table[:, 3:])
    done = np.array(worked, np.int64).reshape(-1, 2)
    return Scene(found, table[:, 1].astype(np.int64), Work(done[:, 0], done[:, 1]))


def shuffled(given: Scene, seed: int, names: np.ndarray | None = None) -> Scene:
    """The same scene with its objects in another order and its people under other numbers."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(given.objects))
    people = int(given.work.annotator.max()) + 1
    names = draw.permutation(people) if names is None else names
    turned = draw.permutation(len(given.work))
    return Scene(
        given.objects.take(order),
        names[given.annotator[order]],
        Work(given.work.item[turned], names[given.work.annotator[turned]]),
    )


def agreement(given: Scene, threshold: float = 0.5) -> LocatedState:
    """The state of all pairs of people of a scene, one row per item."""
    rows = int(given.work.item.max()) + 1
    total = LocatedState.empty(CLASSES, rows)
    for task in between_people(given.objects, given.annotator, given.work):
        total += states_at(task, task.item, [threshold], classes=CLASSES, rows=rows)[0]
    return total
