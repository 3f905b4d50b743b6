"""A batch of located labels as arrays: who worked on which item, the objects they marked, gold, and what came of each.

Nothing here reads files: ``located_delivery`` makes a batch from the tables of a delivery, simulation makes one from
what it drew. Items, classes and annotators are numbers that index the names of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assay.analytics.batch import SliceAttribute
from assay.formats.located_kinds import LocatedKind
from assay.measure.candidates import Floats, Objects
from assay.measure.comparisons import Work
from assay.measure.units import Ints

Texts = NDArray[np.object_]
NOBODY = -1


@dataclass(frozen=True)
class Marks:
    """Objects (N): item, class and enclosing box, and what their kind adds.

    ``kind`` holds ``formats.objects.KIND_CODES``; ``angle`` degrees clockwise, NaN for none; ``shape``, ``text`` and
    ``attributes`` the columns of the table ``object`` (compact JSON or text, None for none); ``crowd`` regions of many
    objects, which are neither missed nor extra.
    """

    objects: Objects
    kind: NDArray[np.uint8]
    angle: Floats
    shape: Texts
    text: Texts
    attributes: Texts
    crowd: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.objects)

    def take(self, index: Ints | NDArray[np.bool_]) -> Marks:
        """Some of the objects, in the order of the index."""
        return Marks(
            self.objects.take(index), self.kind[index], self.angle[index], self.shape[index], self.text[index],
            self.attributes[index], self.crowd[index],
        )  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What is known of each item (I), by its number: slices (-1 for not stated), stratum, cluster, whether expected.

    ``width`` and ``height`` are -1 where no source says them; a text is as wide as it has code points, and 1 high.
    """

    number: NDArray[np.uint64]
    slices: tuple[Ints, ...]
    stratum: Ints
    expected: NDArray[np.bool_]
    cluster: Ints | None
    width: Ints
    height: Ints


@dataclass(frozen=True)
class LocatedBatch:
    """Everything that measuring needs.

    ``marks`` are the objects that people made in their blind first pass, ``by`` whose each is, ``work`` who worked on
    which item. ``final`` and ``final_by`` are the objects that are paid for and judged against gold with
    ``final_work``: the very same objects unless later layers took their place, which are nobody's (a code above those
    of the annotators). ``gold_items`` may hold items on which gold has no object; ``absent`` are those that nobody
    delivered and that count as wrong.
    """

    kind: LocatedKind
    items: tuple[str, ...]
    classes: tuple[str, ...]
    annotators: tuple[str, ...]
    marks: Marks
    by: Ints
    work: Work
    final: Marks
    final_by: Ints
    final_work: Work
    gold: Marks
    gold_items: Ints
    facts: Facts
    slices: tuple[SliceAttribute, ...] = ()
    strata: tuple[int, ...] = (1,)
    clusters: int | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    rule: str = ""
    absent: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True)
class Outcomes:
    """What came of every object in all comparisons of one kind (gold with people, or people in pairs), one row each.

    ``kind`` is a :class:`assay.measure.located_errors.ErrorKind`. ``left`` is the object's row in ``gold`` (or in
    ``marks`` for pairs of people), ``right`` the row in ``final`` (or ``marks``), -1 where a side has none: *missed*
    has no right side, *extra* no left one. ``first`` and ``second`` are the people compared, ``first`` is -1 for gold.
    A split or merged object has one row for each of its parts. ``overlap`` is 0 where a side is missing.
    """

    kind: Ints
    item: Ints
    first: Ints
    second: Ints
    left: Ints
    right: Ints
    overlap: Floats

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, index: Ints | NDArray[np.bool_]) -> Outcomes:
        """Some of the rows."""
        return Outcomes(*(getattr(self, name)[index] for name in self.__dataclass_fields__))
