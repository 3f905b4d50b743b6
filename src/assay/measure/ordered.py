"""Krippendorff's alpha for ordered labels: ordinal (rank metric), interval and ratio, with missing votes.

The state keeps how often two values meet on an item, sparse and exact; the metric enters at the result, because the
rank metric needs the final marginals. Ordinal distances are squared differences of mid-ranks (Krippendorff 2011), so
ordinal alpha is interval alpha on mid-ranks. In replicates the ranks are held at the batch's marginals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .figure import Figure, undefined
from .nominal import FIXED_POINT, coefficient_figure
from .replicates import Design
from .spread import CoefficientSpread
from .trials import Evidence
from .units import Ints, Runs

Floats = NDArray[np.float64]
MOST_VOTES = 1 << 20
"""More votes than any item has; codes of meetings count up to it."""

OrderedLevel = Literal["ordinal", "interval", "ratio"]
SetDistance = Literal["masi", "jaccard"]
SET_DISTANCES: tuple[SetDistance, SetDistance] = ("masi", "jaccard")
_LEVELS = {"masi": "distance of sets MASI (Passonneau 2006)", "jaccard": "distance of sets by Jaccard"}


@dataclass(frozen=True)
class Sparse:
    """Whole amounts by ascending code."""

    code: Ints
    amount: Ints

    @staticmethod
    def of(code: Ints, amount: Ints) -> Sparse:
        """Add up amounts of equal codes; zeros vanish."""
        found, inverse = np.unique(code, return_inverse=True)
        total = np.zeros(len(found), np.int64)
        np.add.at(total, inverse, amount)
        return Sparse(found[total != 0], total[total != 0])

    def between(self, first: int, length: int) -> Sparse:
        """The entries of a range of codes, which then begin at zero."""
        low, high = np.searchsorted(self.code, (first, first + length))
        return Sparse(self.code[low:high] - first, self.amount[low:high])

    def plus(self, other: Sparse, sign: int = 1) -> Sparse:
        """The sum (or difference) of two sparse tables."""
        return Sparse.of(
            np.concatenate([self.code, other.code]), np.concatenate([self.amount, sign * other.amount])
        )


@dataclass(frozen=True)
class OrderedState:
    """Meetings of values. B blocks, M sizes, V values, R replicate rows.

    ``meetings``: code ((b M + m) V + v) V + w with v < w: sum of n_v n_w. ``drawn``: code (r V + v) V + w: sum of
    n_v n_w / (m - 1) in fixed point. ``count`` (B, V) and ``rows`` (R, V): pairable values. ``units`` (B,).
    """

    meetings: Sparse
    drawn: Sparse
    count: Ints
    rows: Ints
    units: Ints

    def __add__(self, other: OrderedState) -> OrderedState:
        return self._merge(other, 1)

    def __sub__(self, other: OrderedState) -> OrderedState:
        return self._merge(other, -1)

    def part(self, number: int, blocks: int, rows: int) -> OrderedState:
        """The state of one slice value, whose blocks and replicate rows stand together."""
        values = self.count.shape[1]
        return OrderedState(
            self.meetings.between(number * blocks * MOST_VOTES * values**2, blocks * MOST_VOTES * values**2),
            self.drawn.between(number * rows * values**2, rows * values**2),
            self.count[number * blocks : (number + 1) * blocks],
            self.rows[number * rows : (number + 1) * rows],
            self.units[number * blocks : (number + 1) * blocks],
        )

    def with_rows(self, order: Ints) -> OrderedState:
        """The same with its replicate rows in another order."""
        cells, place = self.count.shape[1] ** 2, np.empty_like(order)
        place[order] = np.arange(len(order))
        row, pair = np.divmod(self.drawn.code, cells)
        drawn = Sparse.of(place[row] * cells + pair, self.drawn.amount)
        return OrderedState(self.meetings, drawn, self.count, self.rows[order], self.units)

    def _merge(self, other: OrderedState, sign: int) -> OrderedState:
        return OrderedState(
            self.meetings.plus(other.meetings, sign),
            self.drawn.plus(other.drawn, sign),
            self.count + sign * other.count,
            self.rows + sign * other.rows,
            self.units + sign * other.units,
        )


def ordered_state(
    runs: Runs, size: Ints, block: Ints, row: Ints, *, values: int, blocks: int, rows: int
) -> OrderedState:
    """Sum the meetings of every two different values on a unit; arguments as in ``nominal_state``."""
    pairable = size >= 2
    run_ok = pairable[runs.unit]
    count = _table(block[runs.unit][run_ok], runs.label[run_ok], runs.count[run_ok], blocks, values)
    by_row = _table(row[runs.unit][run_ok], runs.label[run_ok], runs.count[run_ok], rows, values)
    codes, amounts, drawn_codes, drawn_amounts = [], [], [], []
    longest = int(runs.length[pairable].max(initial=0))
    for step in range(1, longest):
        left = np.flatnonzero((runs.unit[step:] == runs.unit[:-step]) & run_ok[step:])
        right = left + step
        unit = runs.unit[left]
        met = runs.count[left] * runs.count[right]
        pair = runs.label[left] * values + runs.label[right]
        codes.append((block[unit] * MOST_VOTES + size[unit]) * values * values + pair)
        amounts.append(met)
        drawn_codes.append(row[unit] * values * values + pair)
        drawn_amounts.append((met << FIXED_POINT) // (size[unit] - 1))
    return OrderedState(
        Sparse.of(_joined(codes), _joined(amounts)),
        Sparse.of(_joined(drawn_codes), _joined(drawn_amounts)),
        count,
        by_row,
        np.bincount(block[pairable], minlength=blocks),
    )


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _table(row: Ints, label: Ints, amount: Ints, rows: int, values: int) -> Ints:
    flat = np.bincount(row * values + label, weights=amount, minlength=rows * values)
    return flat.astype(np.int64).reshape(rows, values)


def mid_ranks(count: Floats) -> Floats:
    """The mid-rank of each value: labels below it plus half of its own.

    >>> mid_ranks(np.array([2.0, 4.0])).tolist()
    [1.0, 4.0]
    """
    return np.cumsum(count) - count / 2


@dataclass(frozen=True)
class Metric:
    """The distances between codes: of numbers or mid-ranks (``scale``) at a level, or of sets, as a ``matrix``."""

    level: OrderedLevel | SetDistance
    scale: Floats
    matrix: Floats | None = None

    def columns(self, count: Floats | Ints) -> Floats:
        """What expected disagreement needs of counts per code (R, V): moments where enough, else the counts."""
        if self.level not in ("ordinal", "interval"):
            return np.asarray(count, np.float64)
        centred = self.scale - (self.scale.mean() if len(self.scale) else 0.0)
        return np.column_stack([count.sum(axis=1), count @ centred, count @ centred**2])

    def expected(self, columns: Floats) -> tuple[Floats, Floats]:
        """The number of values and the sum of distances of all their pairs, from :meth:`columns` (R, …)."""
        if self.level in ("ordinal", "interval"):
            total = columns[:, 0]
            return total, 2 * (total * columns[:, 2] - columns[:, 1] ** 2)
        codes = np.arange(len(self.scale))
        apart = self.between(codes[:, None], codes[None, :])
        return columns.sum(axis=1), np.einsum("rv,rv->r", columns @ apart, columns)

    def slopes(self, columns: Floats) -> Floats:
        """How the logarithm of expected disagreement over all values moves with each of the columns (…,)."""
        total, pairs = (float(x[0]) for x in self.expected(columns[None, :]))
        if self.level in ("ordinal", "interval"):
            by_pairs = 2 * np.array([columns[2], -2 * columns[1], columns[0]])
            return by_pairs / pairs - np.array([1.0, 0.0, 0.0]) / total
        codes = np.arange(len(self.scale))
        return 2 * (self.between(codes[:, None], codes[None, :]) @ columns) / pairs - 1 / total

    def largest(self, used: NDArray[np.bool_]) -> float:
        """The largest distance between two of the values that are used."""
        codes = np.flatnonzero(used)
        if self.level in ("ordinal", "interval"):
            return float(self.between(codes[:1], codes[-1:])[0])
        return float(self.between(codes[:, None], codes[None, :]).max())

    def between(self, left: Ints, right: Ints) -> Floats:
        """Squared distances between codes (of sets: the distances themselves)."""
        if self.matrix is not None:
            return self.matrix[left, right]
        return _distance(self.scale[left], self.scale[right], ratio=self.level == "ratio")


def set_metric(sets: NDArray[np.bool_], distance: SetDistance) -> Metric:
    """Distances between sets of tags, rows of ``sets``: Jaccard's, or MASI's (Passonneau 2006).

    MASI weighs Jaccard by 1 for equal sets, 2/3 where one holds the other, 1/3 for a mere overlap. Two empty sets are
    equal; an empty one is as far from any other as can be.

    >>> set_metric(np.array([[True, False], [True, True]]), "masi").matrix[0, 1].round(4)
    np.float64(0.6667)
    """
    counts = sets.astype(np.float64)
    both = counts @ counts.T
    size = counts.sum(axis=1)
    union = size[:, None] + size[None, :] - both
    alike = np.where(union > 0, both / np.where(union > 0, union, 1), 1.0)
    if distance == "masi":
        within = (both == size[:, None]) | (both == size[None, :])
        alike = alike * np.where(both == union, 1.0, np.where(both == 0, 0.0, np.where(within, 2 / 3, 1 / 3)))
    return Metric(distance, size, 1 - alike)


def metric_of(state: OrderedState, values: Floats, level: OrderedLevel, weight: Floats) -> Metric:
    """The metric of a level; ``values`` are the numbers behind the codes, ascending."""
    count = weight @ state.count.astype(np.float64)
    return Metric(level, mid_ranks(count) if level == "ordinal" else values)


def ordered_columns(state: OrderedState, metric: Metric) -> Floats:
    """Replicate columns: the summed distances of each row's meetings, then what the metric needs of its values."""
    size = len(metric.scale)
    row, pair = np.divmod(state.drawn.code, size * size)
    apart = 2 * state.drawn.amount * metric.between(pair // size, pair % size) / (1 << FIXED_POINT)
    met = np.bincount(row, weights=apart, minlength=len(state.rows))
    return np.column_stack([met, metric.columns(state.rows)])


def ordered_alpha(
    state: OrderedState, metric: Metric, sums: Floats, weight: Floats, *, design: Design | None = None
) -> Figure:
    """Alpha of ordered labels with its interval; ``sums`` are the replicate sums of :func:`ordered_columns`.

    ``design`` is how the rows of the state were drawn; without it each by itself, all alike.
    """
    level, scale = metric.level, metric.scale
    units = int(state.units.sum())
    method = f"Krippendorff's alpha, {_LEVELS.get(level, level)}; Wilson on observed agreement with effective trials"
    if level == "ordinal":
        method += ", rank metric held at the batch's marginals"
    count = weight @ state.count.astype(np.float64)
    labels = int(state.count.sum())
    if units == 0:
        return undefined("no item has two blind first-pass votes", method=method)
    if (count > 0).sum() <= 1:
        return undefined("only one value was used", units=units, labels=labels, method=method)
    if level == "ratio" and (scale[count > 0] < 0).any():
        return undefined(
            "the ratio metric needs values of zero or more", units=units, labels=labels, method=method
        )
    if units < 2:
        reason = "one item says nothing about others"
        return undefined(reason, units=units, labels=labels, positives=units, method=method)
    apart, amount = _meetings(state, metric, weight)
    columns = metric.columns(count[None, :])
    disagree = 2 * float((amount * apart).sum())
    value = float(_alpha(np.array([disagree]), columns, metric, labels)[0])
    if np.isnan(value):
        return undefined(
            "all values stand at one place of the scale", units=units, labels=labels, method=method
        )
    spread = _spread(
        state, metric, sums, weight, design, value, float(_typical(apart, amount, columns, metric))
    )
    return coefficient_figure(value, spread, units=units, labels=labels, positives=units, method=method)


def _meetings(state: OrderedState, metric: Metric, weight: Floats) -> tuple[Floats, Floats]:
    """The distances of all meetings of values, and how often each occurs, over the votes that may meet there."""
    size = len(metric.scale)
    cell, pair = np.divmod(state.meetings.code, size * size)
    block, votes = np.divmod(cell, MOST_VOTES)
    return metric.between(pair // size, pair % size), weight[block] * state.meetings.amount / (votes - 1)


def _typical(apart: Floats, amount: Floats, columns: Floats, metric: Metric) -> float:
    """The distance of a typical disagreement: of those there are, else of two values drawn by chance."""
    met = float((amount * apart).sum())
    if met > 0:
        return float((amount * apart**2).sum()) / met
    total, pairs = metric.expected(columns)
    return float(pairs[0] / total[0] ** 2)


def _spread(
    state: OrderedState,
    metric: Metric,
    sums: Floats,
    weight: Floats,
    design: Design | None,
    value: float,
    typical: float,
) -> CoefficientSpread:
    """The score interval of disagreement as a share of the largest that the values used allow."""
    count = weight @ state.count.astype(np.float64)
    columns, labels = metric.columns(count[None, :])[0], int(state.count.sum())
    total, pairs = (float(x[0]) for x in metric.expected(columns[None, :]))
    largest = metric.largest(count > 0)
    room = pairs / total**2 * labels / (labels - 1) / largest
    error = min(max((1 - value) * room, 0.0), 1.0)
    slopes = np.concatenate([[1 / (total * largest)], -error * metric.slopes(columns)])
    rows = ordered_columns(state, metric)
    evidence = Evidence.of(rows, sums, design or Design.simple(len(rows)))
    measured = float(weight @ state.units)
    dissent = 2 / total * float(weight**2 @ state.units) / measured * typical / largest
    trials = evidence.trials(slice(0, len(slopes)), slopes, error, dissent)
    return CoefficientSpread(1 - error, trials, room)


def _distance(left: Floats, right: Floats, *, ratio: bool) -> Floats:
    if ratio:
        total = left + right
        return np.where(total == 0, 0.0, ((left - right) / np.where(total == 0, 1.0, total)) ** 2)
    return (left - right) ** 2


def _alpha(disagree: Floats, columns: Floats, metric: Metric, labels: int) -> Floats:
    """Alpha from the summed distances of meetings and what the metric keeps of the marginals."""
    total, pairs = metric.expected(columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = pairs / total * labels / (labels - 1) / total
        return np.where(chance > 0, 1 - (disagree / total) / np.where(chance > 0, chance, 1), np.nan)
