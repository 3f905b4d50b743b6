"""What a report proves and what it does not, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from assay.analytics.measuring import Tally
from assay.formats.gold import Gold
from assay.formats.manifest import Manifest

from .document import Stated
from .makers import Makers
from .measured import Measurement
from .prepare import Prepared


def proven(has_gold: bool, stated: Stated, tally: Tally) -> list[str]:
    """What anyone with the same files can check."""
    out = [
        "Every figure follows from the files listed below; whoever has files with these hashes gets the same bytes.",
        f"{tally.delivered:,} items carry a label that was counted once per person.",
    ]
    if has_gold:
        out.append(
            "The figures against gold that are shown, and the verdict on them, follow from the integer counts in "
            "counts.json without gold."
        )
    return out


def not_proven(
    gold: Gold | None,
    manifest: Manifest | None,
    prepared: Prepared,
    makers: Makers,
    measurement: Measurement,
    left_out: Sequence[str],
) -> list[str]:
    """What the files do not show, so nobody takes it as shown."""
    out = []
    if gold is None:
        out.append("Accuracy: there is no gold. This is a pre-flight; terms that need gold were not judged.")
        if left_out:
            out.append("Not judged: " + ", ".join(left_out) + ".")
    else:
        if makers.agreement is None:
            out.append(
                "How reliable the gold is: its file names fewer than two makers, so the ceiling of every floor "
                "is unknown."
            )
        out.append(
            "That gold was drawn at random and unknown to the people who labelled: the files cannot show it."
        )
    if manifest is None:
        out.append(
            "That nothing is missing: without a manifest, what was delivered is taken for the whole batch."
        )
    elif not manifest.has_stratum and not manifest.has_probability:
        out.append("That the measured items stand for the whole batch: the manifest states no sample design.")
    if measurement.state.tally.sizes[2:].sum():
        out.append(
            "That votes were blind: first-pass votes are taken to be given without sight of each other."
        )
    else:
        out.append("Agreement between people: no item was labelled twice.")
    out.append("Who signed: this report is not signed.")
    return out
