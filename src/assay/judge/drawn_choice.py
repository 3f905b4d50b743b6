"""Which items a report draws: exemplars of clusters, then the worst of every kind of error in turn.

So each kind of error has an item that shows it. The choice does not depend on the order of files or objects.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assay.measure.located_errors import ErrorKind
from assay.measure.units import Ints

from .document import Json
from .drawn_words import ATTRIBUTE
from .located_batch import LocatedBatch, Outcomes

_CROWDED = 60
_KINDS = ATTRIBUTE + 1
_NAMED = 2 / 3


def chosen_items(
    batch: LocatedBatch,
    sides: tuple[Outcomes | None, Outcomes | None],
    golden: NDArray[np.bool_],
    named: Sequence[str],
    most: int,
) -> list[int]:
    """The numbers of at most ``most`` items: named ones first, then the worst, a third of them without gold.

    ``sides`` are the outcomes against gold and between people, ``golden`` says which items have gold.
    """
    wanted = set(named)
    places = {name: n for n, name in enumerate(batch.items) if name in wanted}
    chosen = list(dict.fromkeys(places[name] for name in named if name in places))[: math.ceil(_NAMED * most)]
    left = most - len(chosen)
    counts = [_errors_by_item(side, len(golden)) for side in sides]
    counts[0][~golden] = 0
    counts[1][golden] = 0
    of_people = left // 3 if counts[0].any() and counts[1].any() else left if counts[1].any() else 0
    chosen += _worst(batch, counts[0], chosen, left - of_people)
    return chosen + _worst(batch, counts[1], chosen, most - len(chosen))


def _errors_by_item(side: Outcomes | None, items: int) -> Ints:
    """How many errors of each kind each item has (I, 8)."""
    if side is None:
        return np.zeros((items, _KINDS), np.int64)
    wrong = side.kind != ErrorKind.RIGHT
    flat = np.bincount(side.item[wrong] * _KINDS + side.kind[wrong], minlength=items * _KINDS)
    return flat.reshape(items, _KINDS)


def _worst(batch: LocatedBatch, counts: Ints, taken: Sequence[int], room: int) -> list[int]:
    """Items with many errors of a kind, kinds in turn by how frequent they are; crowded items last."""
    size = np.bincount(batch.gold.objects.item, minlength=len(counts))
    size += np.bincount(batch.final.objects.item, minlength=len(counts))
    queues = []
    for kind in np.argsort(-counts.sum(axis=0), kind="stable").tolist():
        found = np.flatnonzero(counts[:, kind])
        if len(found):
            keys = (batch.facts.number[found], -counts[found, kind], size[found] > _CROWDED)
            queues.append(found[np.lexsort(keys)[: room + len(taken)]].tolist())
    chosen: list[int] = []
    seen = set(taken)
    while queues and len(chosen) < room:
        for queue in list(queues):
            while queue and queue[0] in seen:
                queue.pop(0)
            if not queue:
                queues.remove(queue)
            elif len(chosen) < room:
                chosen.append(queue.pop(0))
                seen.add(chosen[-1])
    return chosen


def exemplars_in_turn(clusters: Sequence[Json]) -> list[str]:
    """The items that clusters show: the first of each, then the second of each, and so on, each once."""
    lists = [items for cluster in clusters if isinstance(items := cluster["items"], list)]
    turns = range(max((len(some) for some in lists), default=0))
    return list(
        dict.fromkeys(str(some[turn]["item"]) for turn in turns for some in lists if turn < len(some))
    )
