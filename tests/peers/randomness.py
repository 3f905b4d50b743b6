"""Random ratings with a known seed, as the peers like them."""

from __future__ import annotations

import numpy as np

SEEDS = range(12)


def ratings(
    seed: int, *, classes: int = 4, missing: float = 0.25, people: int = 5, items: int = 40
) -> list[list[int | None]]:
    """Items by annotators; people are right six times in ten; every item keeps at least one label."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(classes, size=items)
    rows: list[list[int | None]] = []
    for right in truth:
        row: list[int | None] = [
            int(right) if draw.random() < 0.6 else int(draw.integers(classes)) for _ in range(people)
        ]
        kept = draw.integers(people)
        rows.append(
            [
                label + 1 if person == kept or draw.random() >= missing else None
                for person, label in enumerate(row)
                if label is not None
            ]
        )
    return rows


def table(seed: int, classes: int = 4) -> list[list[int]]:
    """A confusion table of two people that leans to its diagonal."""
    draw = np.random.default_rng(seed)
    return (draw.integers(0, 9, size=(classes, classes)) + 12 * np.eye(classes, dtype=int)).tolist()
