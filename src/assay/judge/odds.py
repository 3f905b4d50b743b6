"""The odds of a contract before anyone signs: how often it accepts, sends back or cannot tell, by true quality.

Batches are simulated with known truth and judged by the real judge, from votes to verdict. A contract worth signing
accepts a vendor a little above every floor nearly always, and one clearly below nearly never.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assay.analytics.batch import Batch, GoldPanel, SliceAttribute, memory_batch
from assay.analytics.measuring import BatchState
from assay.annotation.errors import InputError
from assay.measure.figure import rounded
from assay.measure.spread import wilson
from assay.simulate import TOPICS, Draw, Gold, Spec, draw_votes, quality_at, vendor
from assay.simulate.located_spec import LOCATED, LocatedSpec
from assay.simulate.located_vendor import located_vendor
from assay.terms.contract import Contract
from assay.terms.decide import decide
from assay.terms.money import format_money, settle
from assay.terms.verdict import TermRow, Verdict

from .coding import SEPARATOR
from .evidence import evidence
from .figures import GoldFacts, Method
from .located_odds import located_spec, located_trial, simulated_kind
from .measured import Measurement, measure_batch
from .odds_setting import Setting, Trial, sizes_of, slices_of
from .text_delivery import drawn_texts, normal_form
from .texts import text_evidence

PROMISED_ABOVE, PROMISED_BELOW = 0.03, -0.05
ACCEPT_ABOVE, ACCEPT_BELOW = 0.95, 0.05
POINTS = (-0.10, -0.05, -0.03, 0.0, 0.03, 0.05)
REPLICATES = 400
_SCALE = ("1", "2", "3", "4", "5")
SIMULATED = ("choice", "multi", "rating", "text", "masks", *LOCATED)
_OUTCOMES = ("accept", "rework", "reject", "not provable")


@dataclass(frozen=True)
class QualityOdds:
    """The trials of one true quality, so many points above (or below) every floor."""

    points: float
    trials: tuple[Trial, ...]

    def share(self, outcome: str) -> float:
        """The share of batches with an outcome."""
        return sum(t.outcome == outcome for t in self.trials) / len(self.trials)

    def interval(self, outcome: str) -> tuple[float, float]:
        """Its 95 % interval over the simulated batches."""
        return wilson(sum(t.outcome == outcome for t in self.trials), len(self.trials), 0.95)

    @property
    def redone(self) -> float:
        """The mean share of items sent back."""
        return sum(t.redone for t in self.trials) / len(self.trials)

    @property
    def paid_minor(self) -> float:
        """The mean payment of a batch."""
        return sum(t.paid_minor for t in self.trials) / len(self.trials)

    def weakest(self) -> tuple[str, int] | None:
        """The term that kept most batches from being accepted, and how many."""
        counted = Counter(term for t in self.trials for term in {*t.failed, *t.lacking})
        return min(counted.items(), key=lambda entry: (-entry[1], entry[0])) if counted else None


@dataclass(frozen=True)
class Odds:
    """The odds of a contract at several true qualities."""

    contract: Contract
    spec: Spec | LocatedSpec
    runs: int
    qualities: tuple[QualityOdds, ...] = field(default=())

    def at(self, points: float) -> QualityOdds | None:
        """The odds at one quality, if it was simulated."""
        return next((q for q in self.qualities if math.isclose(q.points, points)), None)

    @property
    def keeps_promise(self) -> bool | None:
        """Whether 3 points above is accepted in 95 % of batches and 5 points below in at most 5 %; None if not run."""
        above, below = self.at(PROMISED_ABOVE), self.at(PROMISED_BELOW)
        if above is None or below is None:
            return None
        return above.share("accept") >= ACCEPT_ABOVE and below.share("accept") <= ACCEPT_BELOW

    def evidence_hours(self) -> float:
        """Hours of gold makers and of extra votes that one batch takes, by the contract's minutes per item."""
        gold = self.contract.gold
        made = min(self.spec.gold.items, self.spec.items) * gold.makers
        extra = self.spec.items * self.spec.overlap * (self.spec.votes_per_item - 1)
        return (made + extra) * float(gold.minutes) / 60

    def as_json(self) -> dict[str, object]:
        """What ``assay plan contract --json`` prints."""
        return {
            "schema": "assay-odds/1",
            "contract": self.contract.id,
            "runs": self.runs,
            "batch": {
                "items": self.spec.items, "classes": list(self.spec.classes), "gold": self.spec.gold.items,
                "gold_per_class": self.spec.gold.per_class, "votes_per_item": self.spec.votes_per_item,
                "overlap": self.spec.overlap, "annotators": len(self.spec.people),
                **({"objects_per_item": self.spec.per_item} if isinstance(self.spec, LocatedSpec) else {}),
            },
            "qualities": [_quality_json(q, self.contract) for q in self.qualities],
            "keeps_promise": self.keeps_promise,
            "evidence_hours": rounded(self.evidence_hours()),
        }  # fmt: skip


def _quality_json(q: QualityOdds, contract: Contract) -> dict[str, object]:
    weakest = q.weakest()
    paid = None
    if contract.pricing is not None:
        paid = format_money(contract.pricing.currency, round(q.paid_minor))
    return {
        "points": rounded(q.points * 100),
        **{outcome.replace(" ", "_"): rounded(q.share(outcome)) for outcome in _OUTCOMES},
        "accept_low": rounded(q.interval("accept")[0]),
        "accept_high": rounded(q.interval("accept")[1]),
        "redone": rounded(q.redone),
        "paid": paid,
        "weakest": {"term": weakest[0], "batches": weakest[1]} if weakest else None,
    }


def contract_odds(
    contract: Contract,
    setting: Setting,
    *,
    points: Sequence[float] = POINTS,
    runs: int = 100,
    seed: int = 1,
    progress: Callable[[str, int | None], None] = lambda what, done: None,
) -> Odds:
    """Simulate and judge ``runs`` batches at each quality. Raises :class:`InputError` for labels not simulated yet."""
    if contract.labels not in SIMULATED:
        raise InputError("odds of this kind of labels cannot be simulated yet", found=contract.labels)
    spec = base_spec(contract, setting)
    qualities = []
    for number, point in enumerate(points):
        judged = _judging(contract, spec, point)
        trials = []
        for run in range(runs):
            trials.append(judged(seed * 1_000_003 + number * 10_007 + run))
            progress("batches judged", number * runs + run + 1)
        qualities.append(QualityOdds(point, tuple(trials)))
    return Odds(contract, spec, runs, tuple(qualities))


def _judging(contract: Contract, spec: Spec | LocatedSpec, point: float) -> Callable[[int], Trial]:
    """How one batch of a vendor of this quality is drawn and judged, by its seed."""
    if isinstance(spec, LocatedSpec):
        located = located_vendor(contract, point, spec)
        return lambda seed: located_trial(contract, located, seed, REPLICATES)
    at = vendor(spec, quality_at(contract, point, spec))
    return lambda seed: one_trial(contract, at, seed)


def base_spec(contract: Contract, setting: Setting) -> Spec | LocatedSpec:
    """The batch that a contract speaks of: its cadence, sample and gold, with the classes of the setting."""
    sizes = sizes_of(contract, setting)
    if simulated_kind(contract) is not None:
        return located_spec(contract, setting, sizes)
    rated = contract.labels == "rating"
    classes = setting.classes or (_SCALE if rated else TOPICS)
    return Spec(
        kind=contract.labels,  # type: ignore[arg-type]  # checked by the caller
        classes=classes, prior=setting.shares, level="ordinal" if rated else "nominal", items=sizes.items,
        annotators=setting.people, votes_per_item=sizes.votes, overlap=sizes.overlap,
        gold=Gold(items=sizes.gold, per_class=_gold_per_class(contract, setting)),
        slices=setting.slices or slices_of(contract),
        messages=False,
    )  # fmt: skip


def _gold_per_class(contract: Contract, setting: Setting) -> int:
    """Gold of the rarest class: what is asked for, else half as much again as a class needs to be judged."""
    if setting.gold_per_class is not None:
        return setting.gold_per_class
    if contract.labels in ("rating", "multi") or not any(
        term.scope.kind == "class" for term in contract.acceptance
    ):
        return 0
    return math.ceil(1.5 * contract.measurement.evidence.minimum_positives)


def one_trial(contract: Contract, spec: Spec, seed: int) -> Trial:
    """Draw one batch, judge it, and say what came of it."""
    draw = draw_votes(spec, seed)
    if spec.kind == "text":
        return _text_trial(contract, draw, seed)
    batch, facts = batch_of(draw, contract)
    measurement = measure_batch(batch, Method(REPLICATES, f"odds/{seed}"), facts if len(batch.gold) else None)
    verdict = decide(contract, list(evidence(contract, measurement.measured)))
    redone = _redone(verdict, measurement)
    delivered = measurement.state.tally.delivered
    labels = int(measurement.state.people.labels.sum())
    sampled = int(measurement.state.nominal.units[:, 2:].sum())
    settlement = settle(
        contract, verdict, delivered={"item": delivered, "label": labels},
        standing={"item": delivered - round(redone * delivered), "label": labels},
        sample={"item": sampled, "label": labels},
    )  # fmt: skip
    return Trial.of(verdict, redone, settlement.payable_minor if settlement else 0)


def batch_of(draw: Draw, contract: Contract) -> tuple[Batch, GoldFacts]:
    """A drawn programme as a batch in memory."""
    spec = draw.spec
    items = len(draw.truth)
    given = draw.delivered[draw.item] & (draw.label >= 0)
    classes, sets = tuple(draw.values), None
    if spec.kind == "multi":
        classes, sets = spec.classes, _sets(draw.values, spec.classes)
    label, gold_label = draw.label.astype(np.int64), draw.gold_label.astype(np.int64)
    final_label = np.zeros(0, np.int64) if draw.final is None else draw.final.astype(np.int64)
    gold = GoldPanel(draw.gold_item.astype(np.int64), gold_label)
    final = np.where(draw.delivered, final_label, -1) if len(final_label) else None
    numbers = np.array([float(v) for v in classes]) if spec.kind == "rating" else None
    attributes = [
        (SliceAttribute(one.name, one.values), draw.slices[one.name].astype(np.int64)) for one in spec.slices
    ]
    batch = memory_batch(
        draw.item[given].astype(np.int64), draw.annotator[given].astype(np.int32), label[given].astype(np.int32),
        classes=classes, annotators=draw.people, gold=gold, slices=attributes, final_label=final,
        kind="choice" if spec.kind == "text" else spec.kind, level=spec.level, numbers=numbers, items=items,
    )  # fmt: skip
    tolerance = next((t.within for t in contract.acceptance if t.within is not None), batch.tolerance)
    facts = GoldFacts(
        gold.key.astype(np.uint64),
        tuple(codes[gold.key] for _, codes in attributes),
        np.zeros(len(gold), np.int64),
    )
    return replace(batch, tolerance=tolerance, sets=sets), facts


def _sets(values: Sequence[str], tags: Sequence[str]) -> NDArray[np.bool_]:
    """Which tags each value of a drawn programme holds, as a table of truth values."""
    chosen = [frozenset(value.split(SEPARATOR)) for value in values]
    return np.array([[tag in held for tag in tags] for held in chosen], bool)


def _text_trial(contract: Contract, draw: Draw, seed: int) -> Trial:
    """The same for texts: the delivered text of every item against the gold texts."""
    form = normal_form(contract.measurement.normal_form)
    gold = {str(item): draw.values[code] for item, code in zip(draw.gold_item, draw.gold_label, strict=True)}
    final = draw.final if draw.final is not None else draw.label
    texts = drawn_texts(
        [(str(n), draw.values[code]) for n, code in enumerate(final.tolist()) if code >= 0],
        gold,
        form,
        len(draw.truth),
    )
    verdict = decide(contract, text_evidence(contract, texts, REPLICATES, f"odds/{seed}"))
    return Trial.of(verdict, float(verdict.outcome in ("rework", "reject")))


def _redone(verdict: Verdict, measurement: Measurement) -> float:
    """The share of delivered items that the failed rows send back, counted once each as far as states can tell."""
    state, delivered = measurement.state, measurement.state.tally.delivered
    rows = [row for row in verdict.rows if row.outcome in ("fail", "reject") and row.redo]
    narrow = [row for row in rows if row.redo != "batch"]
    if not rows or delivered == 0:
        return 0.0
    if not narrow:
        return 1.0
    kept = math.prod(1 - min(_touched(row, measurement, state) / delivered, 1.0) for row in narrow)
    return 1 - kept


def _touched(row: TermRow, measurement: Measurement, state: BatchState) -> float:
    batch = measurement.measured.batch
    if "class" in row.subject:
        code = batch.classes.index(row.subject["class"])
        holding = state.disagreement.holding if batch.bands is None else state.tally.labels
        return float(max(holding[code], state.tally.labels[code]))
    if "annotator" in row.subject:
        return float(state.people.labels[batch.annotators.index(row.subject["annotator"])].sum())
    first = 0
    for attribute in batch.slices:
        if row.subject.get("slice") in attribute.values:
            return float(state.tally.by_slice[first + attribute.values.index(row.subject["slice"])])
        first += len(attribute.values)
    return 0.0
