"""Simulated batches, measured in memory: what is suspected of whom, and which clusters come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assay.annotation.finding import Finding
from assay.judge.coding import Coding
from assay.judge.figures import Method
from assay.judge.measured import Measurement, measure_batch
from assay.judge.odds import batch_of
from assay.judge.sentences import slice_rows
from assay.judge.suspicions import suspicions_of
from assay.measure.clusters import find_clusters
from assay.measure.suspicion import Thresholds
from assay.simulate.draw import draw_votes
from assay.simulate.spec import TOPICS, Gold, Slice, Spec
from assay.terms.templates import starter_for

CHANNELS = Slice("channel", ("mail", "chat", "phone", "app"), (0.4, 0.3, 0.15, 0.15))
GOLD = ("knows_gold", "copy_of_gold")
PLANTED: Mapping[str, tuple[str, ...]] = {
    "spammer": ("worse_than_others", "worse_on_gold"),
    "weak-annotator": ("worse_than_others", "worse_on_gold"),
    "copier": ("copy_of_person",),
    "gold-copier": GOLD,
    "constant": ("near_constant",),
    "hard-slice": ("hard_slice",),
}
"""Kinds of findings that name what was planted."""


@dataclass(frozen=True)
class Seen:
    """What Assay says of a simulated batch. ``clusters`` are (labels, (attribute, value) or None)."""

    suspicions: tuple[Finding, ...]
    clusters: tuple[tuple[frozenset[str], tuple[str, str] | None], ...]

    def kinds(self, subject: str | None = None) -> set[str]:
        """Kinds of the suspicions, of all subjects or of one."""
        return {s.kind for s in self.suspicions if subject is None or subject in s.subject.split(", ")}


def look(spec: Spec, seed: int) -> Seen:
    """Draw a batch and measure it as `assay judge` does."""
    batch, facts = batch_of(draw_votes(spec, seed), starter_for("choice"))
    found: Measurement = measure_batch(batch, Method(20, "test"), facts if len(batch.gold) else None)
    coding = Coding(batch.classes, {}, batch.numbers, batch.sets)
    suspicions = suspicions_of(batch, coding, found.state, found.plan, found.measured.gold, Thresholds())
    rows = [(row.attribute, row.value) for row in slice_rows(batch)]
    clusters = tuple(
        (
            frozenset(coding.text(code) for code in c.labels),
            None if c.slice_row is None else rows[c.slice_row],
        )
        for c in find_clusters(found.state.disagreement)
    )
    return Seen(tuple(suspicions), clusters)


def clean_specs() -> list[Spec]:
    """Batches in which nothing is planted: sizes, overlaps, accuracies, shared errors, classes; choices and ratings."""
    out = []
    for items, gold in ((300, 100), (1_000, 200)):
        for votes, people in ((2, 6), (3, 8), (5, 12), (10, 20)):
            for accuracy in (0.85, 0.95):
                for shared in (0.0, 0.4):
                    for classes, prior in _CLASSES:
                        out.append(
                            Spec(
                                items=items, annotators=people, votes_per_item=votes, accuracy=accuracy,
                                shared_errors=shared, classes=classes, prior=prior, slices=(CHANNELS,),
                                gold=Gold(items=gold), messages=False,
                            )
                        )  # fmt: skip
    return out


def stars(spec: Spec) -> Spec:
    """The same batch with ratings of one to five."""
    return Spec(
        kind="rating", classes=tuple("12345"), level="interval", items=spec.items, annotators=spec.annotators,
        votes_per_item=spec.votes_per_item, accuracy=spec.accuracy, shared_errors=spec.shared_errors,
        slices=spec.slices, gold=spec.gold, messages=False,
    )  # fmt: skip


_CLASSES: Sequence[tuple[tuple[str, ...], tuple[float, ...] | None]] = (
    (TOPICS[:2], (0.6, 0.4)),
    (TOPICS[:3], (0.7, 0.2, 0.1)),
    (TOPICS, None),
)
