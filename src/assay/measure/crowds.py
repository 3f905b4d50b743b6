"""Objects in regions of many: left out of a comparison where nothing matched them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .candidates import Candidates
from .comparisons import Comparison
from .units import Ints

Bools = NDArray[np.bool_]


def without_excused(
    comparison: Comparison, near: Candidates, matched: Ints, excused: Bools
) -> tuple[Comparison, Candidates, Ints]:
    """The comparison without objects of its right side that are excused and have no match.

    ``near`` are its candidates, ``matched`` right objects with a match, ``excused`` (N,) objects of the right side as
    they were given. The other two results are the candidates that are left and the new index of each right object, -1
    for those left out.
    """
    kept = ~excused[comparison.right_index]
    kept[matched] = True
    index = np.where(kept, np.cumsum(kept) - 1, -1)
    if kept.all():
        return comparison, near, index
    smaller = replace(comparison, right=comparison.right.take(kept), right_index=comparison.right_index[kept])
    near = near.take(index[near.right] >= 0)
    return smaller, Candidates(near.left, index[near.right], near.overlap), index


def turned(comparison: Comparison) -> Comparison:
    """The comparison with its sides exchanged."""
    return Comparison(
        comparison.right, comparison.left, comparison.right_index, comparison.left_index, comparison.item,
        comparison.second, comparison.first,
    )  # fmt: skip
