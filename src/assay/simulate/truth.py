"""What is true of a simulated programme, so that a judge can be checked against it: ``truth.json``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .draw import NOTHING, Draw
from .frame import Flags
from .plants import is_planted
from .spec import Annotator, Spec


def truth_of(draw: Draw) -> dict[str, object]:
    """What was planted, and what came out of it: counts and shares of the very data that was drawn."""
    right = draw.label == draw.truth[draw.item]
    given = draw.label != NOTHING
    document: dict[str, object] = {
        "assay": "truth/1",
        "seed": draw.seed,
        "kind": draw.spec.kind,
        "planted": planted(draw.spec),
        "items": {"all": draw.spec.items, "delivered": int(draw.delivered.sum())},
        "votes": {"all": len(draw.item), "skipped": int((~given).sum()), "repeated": len(draw.repeated)},
        "annotators": {
            name: {"votes": int(mine.sum()), "right": _share(right[mine])}
            for code, name in enumerate(draw.people)
            for mine in [(draw.annotator == code) & given]
        },
        "slices": {
            attribute.name: {
                value: {
                    "items": int((codes == code).sum()),
                    "right": _share(right[given & (codes == code)[draw.item]]),
                }
                for code, value in enumerate(attribute.values)
            }
            for attribute in draw.spec.slices
            for codes in [draw.slices[attribute.name]]
        },
        "gold": {
            "items": len(draw.gold_item),
            "wrong": int((draw.gold_label != draw.truth[draw.gold_item]).sum()),
        },
    }
    if draw.spec.kind in ("choice", "rating"):
        document["classes"] = _classes(draw)
    if draw.final is not None:
        document["final"] = {"right": _share((draw.final == draw.truth)[draw.final != NOTHING])}
    return document


def planted(spec: Spec) -> list[dict[str, object]]:
    """Everything planted, as facts a test can look for."""
    facts: list[dict[str, object]] = []
    for person in spec.people:
        if is_planted(person):
            facts.append({"what": _kind_of(person), "annotator": person.id, **_strength(person)})
    for hard in spec.hard_slices:
        facts.append({"what": "hard slice", "slice": {hard.attribute: hard.value}, "factor": hard.factor})
    for gap in spec.guideline_gaps:
        slice_ = {gap.attribute: gap.value} if gap.attribute else None
        facts.append(
            {"what": "guideline gap", "classes": list(gap.classes), "slice": slice_, "share": gap.share}
        )
    if spec.reviewer is not None:
        what = "rubber stamp" if spec.reviewer.finds == 0 else "reviewer"
        facts.append(
            {
                "what": what,
                "reviewer": spec.reviewer.id,
                "share": spec.reviewer.share,
                "finds": spec.reviewer.finds,
            }
        )
    for name in ("missing", "skipped", "duplicates"):
        if getattr(spec, name):
            facts.append({"what": name, "share": getattr(spec, name)})
    return facts


def _kind_of(person: Annotator) -> str:
    if person.copies:
        return "copies gold" if person.copies == "gold" else "copies a person"
    if person.noise:
        return "constant answer" if person.always else "spammer"
    if person.drift:
        return "drift"
    return "mixes up" if person.mixes_up else "weak annotator"


def _strength(person: Annotator) -> dict[str, object]:
    facts = {
        "accuracy": None if person.accuracy is None else round(person.accuracy, 6),
        "noise": person.noise or None,
        "always": person.always,
        "copies": person.copies,
        "copied": person.copied if person.copies else None,
        "drift": person.drift or None,
        "mixes_up": list(person.mixes_up) if person.mixes_up else None,
    }
    return {key: value for key, value in facts.items() if value is not None}


def _classes(draw: Draw) -> dict[str, object]:
    """Items of each class, and the F1 of the delivered final label over all of them where there is one."""
    found: dict[str, object] = {}
    for code, name in enumerate(draw.spec.classes):
        facts: dict[str, object] = {"items": int((draw.truth == code).sum())}
        if draw.final is not None:
            facts["final_f1"] = _f1(draw.truth == code, draw.final == code)
        found[name] = facts
    return found


def _f1(true: Flags, said: Flags) -> float | None:
    either = int(true.sum()) + int(said.sum())
    return None if either == 0 else round(2 * int((true & said).sum()) / either, 6)


def _share(right: NDArray[np.bool_]) -> float | None:
    return None if len(right) == 0 else round(float(right.mean()), 6)
