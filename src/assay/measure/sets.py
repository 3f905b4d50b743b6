"""Several labels on one item: distances between label sets, alpha with them, and alpha of each label alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, TypeAlias

import numpy as np

from .coincidence import AgreementState, alpha, alpha_of_distances
from .ratings import Floats, Ratings, Value, in_order
from .undefined import Undefined

SetDistance: TypeAlias = Literal["jaccard", "masi"]
DISTANCES: tuple[SetDistance, ...] = ("jaccard", "masi")
LabelSet: TypeAlias = frozenset[Value]
SetRow: TypeAlias = Sequence[Collection[Value] | None]


def jaccard_distance(one: Collection[Value], other: Collection[Value]) -> float:
    """1 - |A ∩ B| / |A ∪ B|. Equal sets are at distance 0, two empty ones too; an empty and a filled one at 1.

    Source: P. Jaccard 1912, New Phytol. 11:37. The distance of two empty sets is 0/0 there and a convention here:
    two people who both say "none of these" agree.

    >>> jaccard_distance({"a", "b"}, {"a"}), jaccard_distance([], []), jaccard_distance([], ["a"])
    (0.5, 0.0, 1.0)
    """
    return float(set_distances([frozenset(one), frozenset(other)], "jaccard")[0, 1])


def masi_distance(one: Collection[Value], other: Collection[Value]) -> float:
    """MASI: 1 - J · M with Jaccard's J; M is 1 for equal sets, 2/3 if one holds the other, 1/3 if they overlap, else 0.

    Source: R. Passonneau 2006, LREC. (Some packages round M to .67 and .33.)

    >>> round(masi_distance({"a", "b"}, {"a"}), 4), round(masi_distance({"a", "b"}, {"a", "c"}), 4)
    (0.6667, 0.8889)
    """
    return float(set_distances([frozenset(one), frozenset(other)], "masi")[0, 1])


def set_alpha(rows: Iterable[SetRow], distance: SetDistance = "masi") -> float | Undefined:
    """Krippendorff's alpha of label sets with the distance of Jaccard or MASI, not squared.

    A row holds one set per annotator; None means that this person did not label the item, an empty set that nothing
    applies.

    Source: R. Passonneau 2006, LREC; K. Krippendorff 2011 for alpha.

    >>> rows = [["A", "A"], ["A", "B"], ["AB", "A"], ["AB", "AC"], ["ABC", "ABC"], ["C", "AC"], ["C", "AC"]]
    >>> round(set_alpha([[set(one), set(other)] for one, other in rows], "jaccard"), 6)
    0.203226
    """
    state = set_state(rows)
    return alpha_of_distances(state.matrix(), set_distances(state.values, distance))


def set_state(rows: Iterable[SetRow], *, values: Sequence[Collection[Value]] | None = None) -> AgreementState:
    """The agreement state whose values are label sets; declare ``values`` for states that will be merged."""
    cells = [[None if chosen is None else frozenset(chosen) for chosen in row] for row in rows]
    if values is None:
        used = {chosen for row in cells for chosen in row if chosen is not None}
        values = sorted(used, key=lambda chosen: [repr(label) for label in in_order(chosen)])
    return AgreementState.of(Ratings.from_rows(cells, values=[frozenset(chosen) for chosen in values]))


def set_distances(values: Sequence[Value], distance: SetDistance) -> Floats:
    """The distances between all sets of a scale."""
    if distance not in DISTANCES:
        raise ValueError(f"unknown distance of sets {distance!r}; expected one of {', '.join(DISTANCES)}")
    sets = [value for value in values if isinstance(value, frozenset)]
    if len(sets) != len(values):
        raise ValueError("distances between sets need a scale of sets")
    labels = in_order(label for chosen in sets for label in chosen)
    holds = np.array([[label in chosen for label in labels] for chosen in sets], dtype=np.int64)
    holds = holds.reshape(len(sets), len(labels))
    shared, sizes = holds @ holds.T, holds.sum(axis=1)
    united = sizes[:, None] + sizes[None, :] - shared
    likeness = np.divide(shared, united, out=np.ones(shared.shape), where=united > 0)
    if distance == "masi":
        inside = shared == np.minimum(sizes[:, None], sizes[None, :])
        likeness = likeness * np.select([shared == united, inside, shared > 0], [1, 2 / 3, 1 / 3], 0)
    return np.asarray(1 - likeness, dtype=np.float64)


def alpha_by_label(
    rows: Iterable[SetRow], *, labels: Sequence[Value] | None = None
) -> dict[Value, float | Undefined]:
    """Nominal alpha of each label on its own: chosen or not chosen.

    >>> rows = [[{"a"}, {"a", "b"}], [{"b"}, {"b"}], [{"a"}, {"a"}], [set(), None]]
    >>> {label: round(found, 4) for label, found in alpha_by_label(rows).items()}
    {'a': 1.0, 'b': 0.4444}
    """
    cells = [[None if chosen is None else frozenset(chosen) for chosen in row] for row in rows]
    if labels is None:
        labels = in_order(label for row in cells for chosen in row if chosen is not None for label in chosen)
    return {label: _alpha_of_label(cells, label) for label in labels}


def _alpha_of_label(cells: Sequence[Sequence[LabelSet | None]], label: Value) -> float | Undefined:
    answers = [[None if chosen is None else label in chosen for chosen in row] for row in cells]
    state = AgreementState.of(Ratings.from_rows(answers, values=[True, False]))
    used = state.matrix().sum(axis=0)
    if used.any() and used[0] == 0:
        return Undefined("nobody used this class")
    return alpha(state.matrix(), state.values)
