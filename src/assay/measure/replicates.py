"""Replicate groups: reproducible bootstrap weights whose cost does not grow with the number of labels.

Items (or their clusters) fall into groups by a fixed 64-bit hash of the seed and the id. States are kept per group; a
replicate draws groups with replacement, so an interval is one matrix product. The generator is counter-based
(SplitMix64, Steele, Lea and Flood 2014): its stream is part of the method and never changes with a library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GROUPS = 1024
SINGLE_ITEMS_UP_TO = 4096
HASH_VERSION = "splitmix64-1"

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def seed_number(seed: str) -> int:
    """The 64-bit number of a seed text: the first eight bytes of its SHA-256, big-endian.

    >>> seed_number("assay") == int.from_bytes(hashlib.sha256(b"assay").digest()[:8], "big")
    True
    """
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")


def mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: a bijection of 64-bit integers that scatters neighbours."""
    with np.errstate(over="ignore"):
        z = numbers + _GAMMA
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
        return z ^ (z >> np.uint64(31))


def hash_items(keys: NDArray[np.uint64], seed: str) -> NDArray[np.uint64]:
    """A fixed 64-bit hash of item numbers under a seed; ``keys`` are the items' own 64-bit numbers."""
    return mix(keys ^ np.uint64(seed_number(seed)))


def groups_of(hashes: NDArray[np.uint64], groups: int = GROUPS) -> NDArray[np.int64]:
    """The replicate group of each hash."""
    return (hashes % np.uint64(groups)).astype(np.int64)


@dataclass(frozen=True)
class Design:
    """Which rows of a state are resampled together, and what each row weighs in the population.

    ``stratum`` gives each row's stratum (0…H-1), ``weight`` the population share factor N_h / n_h of each row.
    ``unit`` (0…U-1) names the cluster whose rows are drawn together, whatever strata they lie in; without it every
    row is drawn by itself, within its stratum. ``together`` is the size of the cluster that an item is in, on average
    over items; 1 where items stand alone, also when their rows are groups of many.
    """

    stratum: NDArray[np.int64]
    weight: NDArray[np.float64]
    unit: NDArray[np.int64] | None = None
    together: float = 1.0

    @property
    def rows(self) -> int:
        """Number of resampled rows."""
        return len(self.stratum)

    def only(self, rows: NDArray[np.bool_]) -> Design:
        """The design of some of its rows; their units are numbered anew."""
        unit = None if self.unit is None else np.unique(self.unit[rows], return_inverse=True)[1]
        return Design(self.stratum[rows], self.weight[rows], unit, self.together)

    @staticmethod
    def simple(rows: int) -> Design:
        """One stratum, equal weights."""
        return Design(np.zeros(rows, np.int64), np.ones(rows))

    @property
    def is_simple(self) -> bool:
        """Whether all rows lie in one stratum with weight one."""
        return bool((self.stratum == 0).all() and (self.weight == 1).all())


def replicate_weights(
    design: Design, replicates: int, seed: str, block: int = 250
) -> Iterator[NDArray[np.float64]]:
    """Blocks of replicate weights, shape (block, rows).

    In a stratum of n rows a replicate draws n - 1 rows with replacement and rescales by n / (n - 1) (Rao and Wu
    1988); with one stratum of equal weights it draws n of n and the weights are whole numbers. Of units that hold
    several rows, n of n units are drawn.
    """
    if design.unit is not None:
        units = Design.simple(int(design.unit.max(initial=-1)) + 1)
        for drawn in replicate_weights(units, replicates, seed, block):
            yield drawn[:, design.unit] * design.weight
        return
    root = np.uint64(seed_number(seed + "/replicates"))
    members = [np.flatnonzero(design.stratum == h) for h in np.unique(design.stratum)]
    simple = design.is_simple
    for start in range(0, replicates, block):
        size = min(block, replicates - start)
        weights = np.zeros((size, design.rows))
        for number, rows in enumerate(members):
            draws = len(rows) if simple else len(rows) - 1
            if draws < 1:
                weights[:, rows] = design.weight[rows]
                continue
            counts = _draw_counts(root, number, start, size, draws, len(rows))
            factor = 1.0 if simple else len(rows) / draws
            weights[:, rows] = counts * (factor * design.weight[rows])
        yield weights


def _draw_counts(
    root: np.uint64, stratum: int, start: int, size: int, draws: int, rows: int
) -> NDArray[np.int64]:
    """How often each row is drawn in each replicate of the block; a function of the counter alone."""
    replicate = (np.arange(start, start + size, dtype=np.uint64) << np.uint64(32))[:, None]
    counter = np.arange(draws, dtype=np.uint64)[None, :] | replicate
    stream = mix(np.array([stratum], np.uint64) ^ root)[0]
    chosen = ((mix(counter ^ stream) >> np.uint64(32)) * np.uint64(rows)) >> np.uint64(32)
    flat = chosen.astype(np.int64) + (np.arange(size, dtype=np.int64) * rows)[:, None]
    return np.bincount(flat.ravel(), minlength=size * rows).reshape(size, rows)


def replicate_sums(
    states: Sequence[NDArray[np.float64] | NDArray[np.int64]], design: Design, replicates: int, seed: str
) -> list[NDArray[np.float64]]:
    """Weighted column sums of several states with the same rows, in every replicate: (replicates, columns) each.

    The weights are drawn once for all states. With whole weights and integer states below 2^53 the product is exact,
    so it is the same on any number of threads.
    """
    columns = np.concatenate([np.asarray(state, np.float64) for state in states], axis=1)
    if len(columns) == 0:
        return [np.zeros((0, state.shape[1])) for state in states]
    sums = np.concatenate([w @ columns for w in replicate_weights(design, replicates, seed)])
    return np.split(sums, np.cumsum([state.shape[1] for state in states])[:-1], axis=1)
