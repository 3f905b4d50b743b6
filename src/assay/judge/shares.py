"""The classes of a delivery with their shares, to plan a contract or gold for more of the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.annotation.errors import InputError
from assay.simulate import TOPICS
from assay.simulate.spec import TOPIC_SHARES
from assay.terms.contract import Contract

from .flow import prepare_sources
from .located_delivery import read_batch
from .located_odds import located_spec, simulated_kind
from .odds_setting import Setting, sizes_of
from .request import Request
from .sources import Sources, read_sources


@dataclass(frozen=True)
class Like:
    """Classes, their shares, and of located labels the objects on an item and the share of items that hold each class.

    None where nothing is known.
    """

    classes: tuple[str, ...] | None = None
    shares: tuple[float, ...] | None = None
    per_item: float | None = None
    holding: tuple[float, ...] | None = None


def found_on_items(contract: Contract, like: Like) -> dict[str, float]:
    """The share of items on which each class is found: what was delivered, else what would be simulated."""
    kind = simulated_kind(contract)
    if kind is None:
        return dict(zip(like.classes or TOPICS, like.shares or TOPIC_SHARES, strict=True))
    if like.classes is not None and like.holding is not None:
        return dict(zip(like.classes, like.holding, strict=True))
    return located_spec(contract, Setting(), sizes_of(contract, Setting())).holding


def delivered_like(path: Path) -> Like:
    """What a delivery is like; classes without a label are left out. Raises :class:`InputError`."""
    request = Request([path])
    sources = read_sources(request)
    if sources.delivery.is_located:
        return _located(path, request, sources)
    shares = delivered_shares(path)
    return Like(tuple(shares), tuple(shares.values()))


def delivered_shares(path: Path) -> dict[str, float]:
    """Class names with their share of the votes, classes without a vote left out. Raises :class:`InputError`."""
    request = Request([path])
    prepared = prepare_sources(request, read_sources(request))
    batch = prepared.batch
    counts = np.zeros(batch.vote_codes, np.int64)
    for stretch in batch.stretches():
        counts += np.bincount(stretch.votes.label, minlength=batch.vote_codes)
    if batch.sets is not None:
        held = counts @ batch.sets.astype(np.int64)
        return {name: float(n / counts.sum()) for name, n in zip(batch.classes, held, strict=True) if n}
    return _shares(path, batch.classes, counts)


def _located(path: Path, request: Request, sources: Sources) -> Like:
    batch = read_batch(request, sources).batch
    counts = np.bincount(batch.final.objects.label, minlength=len(batch.classes))
    shares = _shares(path, batch.classes, counts)
    tasks = max(len(batch.final_work), 1)
    people, objects = len(batch.annotators) + 1, batch.final.objects
    seen = np.unique(np.column_stack([objects.item * people + batch.final_by, objects.label]), axis=0)
    held = np.bincount(seen[:, 1], minlength=len(batch.classes)) / tasks
    holding = tuple(float(held[batch.classes.index(name)]) for name in shares)
    return Like(tuple(shares), tuple(shares.values()), len(batch.final) / tasks, holding)


def _shares(path: Path, classes: tuple[str, ...], counts: NDArray[np.int64]) -> dict[str, float]:
    total = int(counts.sum())
    if total == 0 or (counts > 0).sum() < 2:
        raise InputError(
            "a plan needs at least two classes in use", file=str(path), found=f"{int((counts > 0).sum())}"
        )
    return {name: float(n / total) for name, n in zip(classes, counts, strict=True) if n}
