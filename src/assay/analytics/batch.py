"""A batch as arrays: what measuring needs to know, in stretches of items that fit into memory.

Measuring never sees files or SQL. A batch comes from the tables of a delivery (``stored.py``) or straight from memory
(simulation); both give stretches: the votes on a range of items, sorted, with the facts of those items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assay.measure.nominal import FIXED_POINT
from assay.measure.people import scale_positions
from assay.measure.units import Ints, Votes

Kind = Literal["choice", "multi", "rating"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]

UNKNOWN = -3
"""The code of a label that the schema does not have: it counts as wrong, and stands in no figure of agreement."""

MOST_VALUES = 10
BANDS = 5


@dataclass(frozen=True)
class SliceAttribute:
    """An attribute of items whose values cut the batch into slices; codes index ``values``, -1 is "not stated"."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class GoldPanel:
    """Gold answers in the order of their keys. ``label`` holds class codes (or set codes for multi-label)."""

    key: Ints
    label: Ints

    def __len__(self) -> int:
        return len(self.key)

    @staticmethod
    def none() -> GoldPanel:
        """No gold at all."""
        return GoldPanel(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class ItemFacts:
    """The items of a stretch, ascending by key: their 64-bit numbers for hashing, slices, stratum and cluster."""

    key: Ints
    number: NDArray[np.uint64]
    slices: tuple[Ints, ...]
    stratum: Ints
    expected: NDArray[np.bool_]
    cluster: Ints | None = None

    def rows_of(self, keys: Ints) -> Ints:
        """Positions of keys, all of which are items of this stretch."""
        if len(keys) == len(self.key) and np.array_equal(keys, self.key):
            return np.arange(len(keys))
        return np.searchsorted(self.key, keys)


@dataclass(frozen=True)
class Stretch:
    """Votes on a range of items, with the labels that later layers put in their place.

    ``votes`` are blind first-pass votes of people, one per person and item. ``settled_key`` and ``settled_label``
    are items whose label a review, an adjudication or a final layer decided; ``standing`` are the votes that decide
    the rest (self-checks in place of first passes, and labels that the schema does not have), the same object as
    ``votes`` where there are none of either.
    """

    votes: Votes
    standing: Votes
    items: ItemFacts
    settled_key: Ints
    settled_label: Ints


@dataclass(frozen=True)
class Batch:
    """Everything that measuring needs. ``classes`` are the labels (tags for multi-label) by code.

    ``numbers`` are the values behind the classes of a rating, ascending. ``sets`` maps set codes to tags for
    multi-label batches: a (sets, tags) table of truth values. ``strata`` gives the number of items N_h of each
    stratum of the population; one stratum when there is no sample design.
    """

    kind: Kind
    level: Level
    classes: tuple[str, ...]
    annotators: tuple[str, ...]
    slices: tuple[SliceAttribute, ...]
    strata: tuple[int, ...]
    gold: GoldPanel
    stretches: Callable[[], Iterator[Stretch]]
    numbers: NDArray[np.float64] | None = None
    sets: NDArray[np.bool_] | None = None
    final: str = "majority"
    votes: int = 0
    skipped: Mapping[str, int] = field(default_factory=dict)
    expected_items: int | None = None
    clusters: int | None = None
    tolerance: Decimal = Decimal(0)

    @property
    def positions(self) -> Ints | None:
        """Where each rating lies on the scale, in fixed point; None for labels that are not ratings."""
        if self.kind != "rating" or self.numbers is None:
            return None
        return scale_positions(self.numbers, by_rank=self.level == "ordinal")

    @property
    def bands(self) -> Ints | None:
        """The band of each rating, of ``BANDS`` equal ones, where a scale has too many values to name them in pairs."""
        places = self.positions
        if places is None or len(places) <= MOST_VALUES:
            return None
        return np.asarray(np.minimum((places * BANDS) >> FIXED_POINT, BANDS - 1))

    @property
    def vote_codes(self) -> int:
        """How many codes a vote may hold: sets for multi-label, classes otherwise."""
        return len(self.sets) if self.sets is not None else len(self.classes)


def memory_batch(
    item: Ints,
    annotator: NDArray[np.int32],
    label: NDArray[np.int32],
    *,
    classes: Sequence[str],
    annotators: Sequence[str],
    gold: GoldPanel,
    slices: Sequence[tuple[SliceAttribute, Ints]] = (),
    final_label: Ints | None = None,
    kind: Kind = "choice",
    level: Level = "nominal",
    numbers: NDArray[np.float64] | None = None,
    items: int,
    final: str = "majority",
) -> Batch:
    """A batch of items 0…items-1 held in memory, in one stretch. ``final_label`` settles every item."""
    votes = Votes.sorted_from(item, annotator, label)
    key = np.arange(items, dtype=np.int64)
    facts = ItemFacts(
        key,
        key.astype(np.uint64),
        tuple(codes for _, codes in slices),
        np.zeros(items, np.int64),
        np.ones(items, bool),
    )
    nothing = np.zeros(0, np.int64)
    settled = (key, final_label) if final_label is not None else (nothing, nothing)
    stretch = Stretch(votes, votes, facts, *settled)
    return Batch(
        kind,
        level,
        tuple(classes),
        tuple(annotators),
        tuple(attribute for attribute, _ in slices),
        (items,),
        gold,
        lambda: iter((stretch,)),
        numbers,
        final=final,
        votes=len(item),
        expected_items=items,
    )
