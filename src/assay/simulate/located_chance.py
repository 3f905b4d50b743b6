"""From wanted figures of located labels to chances, in closed form, and back.

An object of difficulty d is right with chance exp(-h d). With d of a gamma distribution of shape k and mean 1 the share
of right objects is (1 + h / k)^-k, and two people are both right on (1 + (h + h') / k)^-k of them: they share the items
that are hard. As many false objects come as true ones are lost, so recall, precision and F1 are one number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from .confusion import affinity, balanced_confusion
from .located_spec import LocatedSpec, Mix
from .spec import Spec

Floats = NDArray[np.float64]

LOOSE_FROM, LOOSE_TO = 0.3, 0.6
"""A loose object overlaps the true one by between these shares of the threshold."""
LIKENESS_FROM, LIKENESS_TO = 0.11, 0.2
"""The same for keypoints, whose likeness falls off more steeply: these are likenesses themselves."""
VARIANTS = 3
"""So many ways there are to be wrong about the end of a span or the value of a field."""
_STEPS = 400
_HARDEST = 16.0


def hazard(f1: Sequence[float], evenness: float) -> Floats:
    """h of each class.

    >>> h = hazard([0.9, 0.5], 2.0)
    >>> right_share(h, 2.0).round(12).tolist()
    [0.9, 0.5]
    """
    return np.asarray(evenness * (np.asarray(f1, np.float64) ** (-1 / evenness) - 1), np.float64)


def right_share(h: Floats, evenness: float) -> Floats:
    """The share of objects that are right."""
    return np.asarray((1 + h / evenness) ** -evenness, np.float64)


def confused_with(spec: LocatedSpec, f1: Sequence[float]) -> Floats:
    """Which class an object of another class is taken for: a row for each true class, nothing on the diagonal.

    As many objects of one class are taken for another as the other way round.
    """
    plain = Spec(classes=spec.classes, messages=False, annotators=3)
    rates = max(spec.mix.confused, 1e-3) * (1 - np.asarray(f1, np.float64))
    matrix = balanced_confusion(spec.shares, (1 - rates).tolist(), affinity(plain))
    np.fill_diagonal(matrix, 0)
    total = matrix.sum(axis=1, keepdims=True)
    even = (1 - np.eye(len(matrix))) / max(len(matrix) - 1, 1)
    return np.where(total > 0, matrix / np.where(total > 0, total, 1), even)


def loose_alike(spec: LocatedSpec) -> float:
    """The chance that two loose marks of one object pass as the same at the threshold."""
    if spec.kind == "fields" or (spec.kind == "spans" and spec.threshold >= 1):
        return 1 / VARIANTS
    if spec.kind == "keypoints":
        middle = -np.log((LIKENESS_FROM + LIKENESS_TO) / 2)
        return float(2 * np.arcsin(min(np.sqrt(-np.log(spec.threshold) / middle) / 2, 1)) / np.pi)
    some = np.linspace(LOOSE_FROM, LOOSE_TO, 200)
    ratio = np.minimum.outer(some, some) / np.maximum.outer(some, some)
    alike = float((ratio >= spec.threshold).mean())
    return alike if spec.kind == "spans" else alike / 2  # grown or shrunk; spans only end too early


def alone_agreement(spec: LocatedSpec, f1: Sequence[float]) -> Floats:
    """``pairwise_f1`` of each class between people of this F1 who share nothing but what is hard."""
    k, mix = spec.evenness, spec.mix
    h = hazard(f1, k)
    both = right_share(2 * h, k)
    wrong = 1 - 2 * right_share(h, k) + both
    alike = mix.confused**2 * (confused_with(spec, f1) ** 2).sum(axis=1) + mix.loose**2 * loose_alike(spec)
    alike = alike + 2 * mix.split**2
    if spec.in_pairs:
        alike = alike + mix.merged**2 / spec.in_pairs / 2
    return np.asarray(both + wrong * alike, np.float64)


def agreement(spec: LocatedSpec, f1: Sequence[float], shared: Sequence[float]) -> Floats:
    """``pairwise_f1`` of each class where people mark an object as everybody would with chance ``shared``."""
    together = np.asarray(shared, np.float64) ** 2
    return np.asarray(together + (1 - together) * alone_agreement(spec, f1), np.float64)


def shared_for(spec: LocatedSpec, f1: Sequence[float], wanted: Sequence[float]) -> Floats:
    """The chance ``shared`` of each class that gives the wanted ``pairwise_f1``; 0 where people agree more anyway."""
    alone = alone_agreement(spec, f1)
    together = (np.asarray(wanted, np.float64) - alone) / (1 - alone)
    return np.sqrt(np.clip(together, 0, 0.999))


def items_with(spec: LocatedSpec, f1: Sequence[float], share: float) -> float:
    """The share of items with an error of some kinds, which are this share of all errors."""
    hardness = (np.arange(_STEPS) + 0.5) / _STEPS * _HARDEST
    weight = hardness ** (spec.evenness - 1) * np.exp(-spec.evenness * hardness)
    h = hazard(f1, spec.evenness)
    safe = 1 - share * (1 - np.exp(-np.outer(hardness, h))) @ np.asarray(spec.shares)
    place = (1 - spec.doubles) * safe + spec.doubles * safe**2
    places = spec.per_item / (1 + spec.doubles)
    without = (1 + places * (1 - place) / spec.spread) ** -spec.spread
    return float(1 - (weight * without).sum() / weight.sum())


def mix_for(spec: LocatedSpec, f1: Sequence[float], kinds: Collection[str], wanted: float) -> Mix:
    """The kinds of errors with which so many items hold one of ``kinds``, as near as kinds can bring it."""
    low, high = 0.02, 0.98
    for _ in range(40):
        middle = (low + high) / 2
        if items_with(spec, f1, middle) < wanted:
            low = middle
        else:
            high = middle
    return _weighed(spec.mix, kinds, (low + high) / 2)


def _weighed(mix: Mix, kinds: Collection[str], share: float) -> Mix:
    """The same kinds of errors, those named ``share`` of all of them, in the same proportions among each other."""
    parts = {one.name: float(getattr(mix, one.name)) for one in fields(mix)}
    named = sum(part for name, part in parts.items() if name in kinds)
    if not 0 < named < 1:
        return mix
    for name in parts:
        parts[name] *= share / named if name in kinds else (1 - share) / (1 - named)
    surplus = max(parts["split"] - parts["missed"] - parts["merged"] / 2, 0.0)
    parts["split"] -= surplus
    parts["loose"] += surplus
    return Mix(**parts)
