"""A sample drawn after delivery with a seed committed before it: nobody can choose the items that will be measured.

The buyer makes a seed and hands over its commitment (a SHA-256) before the batch arrives. After delivery the seed draws
the items by delivered class; opening the seed lets the vendor draw the same sample again.
"""

from __future__ import annotations

import hashlib
import math
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.analytics.measuring import delivered_labels
from assay.analytics.stored import item_texts
from assay.annotation.errors import InputError
from assay.measure.replicates import hash_items
from assay.measure.units import Ints
from assay.terms.contract import Contract

from .gold_plan import SPARE
from .prepare import Prepared

_FORM = "assay-sample-seed/1"
UNDECIDED = "(undecided)"
UNASSIGNED = "(to be assigned)"
UNDELIVERED = "(not delivered)"


def new_seed() -> str:
    """A fresh secret seed: 32 random bytes as hexadecimal digits."""
    return secrets.token_hex(32)


def commitment(seed: str) -> str:
    """What may be shown before delivery: it fixes the seed and tells nothing about it.

    >>> commitment("00" * 32)[:16]
    'ad2cc7033d0f0689'
    """
    if re.fullmatch(r"[0-9a-f]{64}", seed) is None:
        raise InputError("this is no seed of a sample", found=seed[:20], expected="64 hexadecimal digits")
    return hashlib.sha256(f"{_FORM}\n{seed}\n".encode()).hexdigest()


@dataclass(frozen=True)
class Stratum:
    """One stratum: its items and how many of them are drawn."""

    name: str
    items: int
    drawn: int

    @property
    def probability(self) -> float:
        """Each item's chance to be drawn."""
        return self.drawn / self.items if self.items else 0.0


@dataclass(frozen=True)
class SampleRow:
    """An item of the batch with its stratum, its chance to be drawn, and who labels it if it was drawn."""

    item: str
    stratum: str
    probability: float
    drawn: bool
    assigned_to: str


@dataclass(frozen=True)
class SamplePlan:
    """The sample of one batch. ``rows`` hold every item, drawn or not: they are the manifest of the sample design."""

    strata: tuple[Stratum, ...]
    rows: tuple[SampleRow, ...]
    seed: str
    people_per_item: int

    @property
    def drawn(self) -> int:
        """How many items are drawn."""
        return sum(s.drawn for s in self.strata)


def draw_sample(prepared: Prepared, contract: Contract, seed: str, *, items: int | None = None) -> SamplePlan:
    """Draw the sample a contract asks for; ``items`` overrides its size. Raises :class:`InputError` for a bad seed.

    Each stratum of delivered labels gets at least the positives that a class needs, the rest goes by size (Neyman
    allocation with equal spread). Within a stratum the items with the smallest hashes under the seed are drawn.
    """
    commitment(seed)
    key, label = delivered_labels(prepared.batch)
    sample = contract.measurement.sample
    wanted = items or (
        sample.items
        if sample and sample.items
        else math.ceil(float(sample.share or 0) * len(key))
        if sample
        else 0
    )
    if not wanted:
        raise InputError(
            "the contract agrees on no sample", found=contract.id, expected="measurement.sample, or --size"
        )
    names = [prepared.coding.text(code) for code in range(prepared.batch.vote_codes)] + [UNDECIDED]
    code = np.where(label < 0, len(names) - 1, label)
    counts = np.bincount(code, minlength=len(names))
    minimum = math.ceil(SPARE * contract.measurement.evidence.minimum_positives)
    drawn = allocate(counts.tolist(), wanted, minimum)
    strata = tuple(Stratum(n, int(c), d) for n, c, d in zip(names, counts, drawn, strict=True) if c)
    chosen = _chosen(prepared, key, code, drawn, seed)
    per_item = sample.annotators_per_item if sample else 1
    texts = item_texts(prepared.connection, prepared.dictionaries.whole_keys, key)
    people = _assigned(prepared.batch.annotators, int(chosen.sum()), per_item, seed)
    rows, next_person = [], iter(people)
    for position, text in enumerate(texts):
        stratum = int(code[position])
        probability = drawn[stratum] / int(counts[stratum])
        who = next(next_person) if chosen[position] else ""
        rows.append(SampleRow(text, names[stratum], probability, bool(chosen[position]), who))
    return SamplePlan(strata, tuple(rows), seed, per_item)


def allocate(sizes: Sequence[int], wanted: int, minimum: int) -> list[int]:
    """How many of each stratum: the minimum (or all there are), then the rest in proportion to what is left.

    >>> allocate([900, 90, 10], 100, 20)
    [66, 24, 10]
    """
    drawn = [min(size, minimum) for size in sizes]
    room = [size - taken for size, taken in zip(sizes, drawn, strict=True)]
    left, whole = max(0, wanted - sum(drawn)), sum(room)
    if left and whole:
        shares = [left * r / whole for r in room]
        extra = [min(int(s), r) for s, r in zip(shares, room, strict=True)]
        order = sorted(range(len(sizes)), key=lambda n: (extra[n] - shares[n], n))
        for n in order[: min(left, whole) - sum(extra)]:
            extra[n] += extra[n] < room[n]
        drawn = [d + e for d, e in zip(drawn, extra, strict=True)]
    return drawn


def _chosen(prepared: Prepared, key: Ints, code: Ints, drawn: Sequence[int], seed: str) -> np.ndarray:
    numbers = key.astype(np.uint64)
    if not prepared.dictionaries.whole_keys:
        found = prepared.connection.execute("SELECT key, number FROM item_name ORDER BY key").fetchnumpy()
        place = np.searchsorted(np.asarray(found["key"], np.int64), key)
        numbers = np.asarray(found["number"], np.uint64)[place]
    order = np.lexsort((key, hash_items(numbers, f"{_FORM}/{seed}"), code))
    rank = np.empty(len(key), np.int64)
    counts = np.bincount(code, minlength=len(drawn))
    first = np.concatenate(([0], np.cumsum(counts)[:-1]))
    rank[order] = np.arange(len(key)) - first[code[order]]
    return np.asarray(rank < np.asarray(drawn)[code])


def _assigned(people: Sequence[str], items: int, per_item: int, seed: str) -> list[str]:
    """Who labels each drawn item blind: everybody equally often, in an order that the seed fixes."""
    if not people or per_item < 1:
        return [""] * items
    hashed = hash_items(np.arange(len(people), dtype=np.uint64), f"{_FORM}/people/{seed}")
    order = [people[n] for n in np.argsort(hashed, kind="stable").tolist()]
    take = min(per_item, len(order))
    return ["|".join(order[(n * take + step) % len(order)] for step in range(take)) for n in range(items)]
