"""What a report on located labels proves and what it does not, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from .located_measure import LocatedMeasured
from .sources import Sources


def proven(has_gold: bool, items: int) -> list[str]:
    """What anyone with the same files can check."""
    out = [
        "Every figure follows from the files listed below; whoever has files with these hashes gets the same bytes.",
        f"{items:,} items were worked on; each answer was counted once per person.",
    ]
    if has_gold:
        out.append("F1, precision and recall follow from the integer counts in counts.json without gold.")
    return out


def not_proven(sources: Sources, measured: LocatedMeasured, left_out: Sequence[str]) -> list[str]:
    """What the files do not show, so nobody takes it as shown."""
    out = []
    if sources.gold is None:
        out.append("Accuracy: there is no gold. This is a pre-flight; terms that need gold were not judged.")
        if left_out:
            out.append("Not judged: " + ", ".join(left_out) + ".")
    else:
        out.append(
            "How reliable the gold is: its makers were not compared, so the ceiling of every floor is unknown."
        )
        out.append(
            "That gold was drawn at random and unknown to the people who labelled: the files cannot show it."
        )
    if sources.manifest is None:
        out.append(
            "That nothing is missing: without a manifest, what was delivered is taken for the whole batch."
        )
    elif not sources.manifest.has_stratum and not sources.manifest.has_probability:
        out.append("That the measured items stand for the whole batch: the manifest states no sample design.")
    if measured.agreement is None:
        out.append("Agreement between people: no item was worked on by two people.")
    else:
        out.append("That first passes were blind: they are taken to be made without sight of each other.")
    out.append("Who signed: this report is not signed.")
    return out
