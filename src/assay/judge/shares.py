"""The classes of a delivery with their shares, to plan a contract or gold for more of the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from assay.annotation.errors import InputError

from .flow import prepare_sources
from .request import Request
from .sources import read_sources


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
    total = int(counts.sum())
    if total == 0 or (counts > 0).sum() < 2:
        raise InputError(
            "a plan needs at least two classes in use", file=str(path), found=f"{int((counts > 0).sum())}"
        )
    return {name: float(n / total) for name, n in zip(batch.classes, counts, strict=True) if n}
