"""What somebody who sees a total and some of its parts can work out by adding and subtracting."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

import numpy as np


def small_groups_that_follow(
    sizes: Mapping[str, int], shown: Collection[str], least: int = 5
) -> list[tuple[str, ...]]:
    """Groups of under ``least`` that are a linear combination of the whole and the parts shown.

    Parts of size zero say nothing, so they are left out.
    """
    atoms = [name for name, size in sizes.items() if size]
    known = np.array(
        [[1.0] * len(atoms)] + [[float(a == name) for a in atoms] for name in shown if name in atoms]
    )
    rank = np.linalg.matrix_rank(known)
    return [
        group
        for group in _groups(atoms)
        if sum(sizes[name] for name in group) < least
        and np.linalg.matrix_rank(np.vstack([known, [float(a in group) for a in atoms]])) == rank
    ]


def _groups(atoms: list[str]) -> Iterator[tuple[str, ...]]:
    for number in range(1, min(len(atoms), 4) + 1):  # more than four groups hold five items
        yield from combinations(atoms, number)
