"""Pascal VOC is written in four ways: where counting begins, and whether the far edge belongs to the box.

The development kit counts pixels from 1 and includes the last one; most tools since do something else and do not say
it. The data can contradict a dialect, hardly ever prove one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dialect:
    """Where counting begins (``voc_origin``), and whether ``xmax`` is the last pixel or the edge behind it."""

    origin: int
    inclusive: bool

    @property
    def name(self) -> str:
        """The profile: ``voc-1-inclusive``."""
        return f"voc-{self.origin}-{'inclusive' if self.inclusive else 'exclusive'}"

    def boxes(self, edges: Floats) -> Floats:
        """x, y, w, h in continuous pixels of the edges xmin, ymin, xmax, ymax as written."""
        near = edges[:, :2] - self.origin
        far = edges[:, 2:] - self.origin + (1 if self.inclusive else 0)
        return np.concatenate((near, far - near), axis=1)


#: In the order in which they are tried where nobody declares one.
DIALECTS: tuple[Dialect, ...] = (
    Dialect(1, inclusive=True), Dialect(0, inclusive=False), Dialect(0, inclusive=True), Dialect(1, inclusive=False)
)  # fmt: skip
BY_NAME: Mapping[str, Dialect] = {dialect.name: dialect for dialect in DIALECTS}


def contradictions(dialect: Dialect, edges: Floats, sizes: Floats) -> dict[str, int]:
    """How many boxes cannot be written in a dialect, and why; ``sizes`` are width and height, 0 where unknown."""
    if not edges.size:
        return {}
    least = edges[:, :2].min(axis=1)
    limit = sizes + dialect.origin - (1 if dialect.inclusive else 0)
    beyond = ((edges[:, 2:] > limit) & (sizes > 0)).any(axis=1)
    found = {
        f"xmin or ymin below {dialect.origin}": int(np.count_nonzero(least < dialect.origin)),
        "xmax or ymax beyond the image": int(np.count_nonzero(beyond)),
        "fractions of a pixel": int(np.count_nonzero((edges != np.floor(edges)).any(axis=1)))
        if dialect.inclusive
        else 0,
    }
    return {reason: count for reason, count in found.items() if count}


def fitting(edges: Floats, sizes: Floats) -> tuple[Dialect, dict[str, dict[str, int]]]:
    """The first dialect that the data contradict least, and what contradicts each of them."""
    against = {dialect.name: contradictions(dialect, edges, sizes) for dialect in DIALECTS}
    return min(DIALECTS, key=lambda dialect: sum(against[dialect.name].values())), against
