"""Named things to plant in a programme of located labels, each at a strength that a judge should notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from .located_spec import LocatedGap, LocatedPerson, LocatedSpec
from .spec import Slice, accuracies

TIMES: Final = Slice("time", ("day", "night"), (0.65, 0.35))
SOURCES: Final = Slice("source", ("news", "mail", "forum"), (0.4, 0.35, 0.25))


def plant_located(spec: LocatedSpec, *names: str) -> LocatedSpec:
    """The specification with these things planted, each in a person of its own.

    Raises ValueError for a name that is not in ``LOCATED_PLANTS``.

    >>> [person.id for person in plant_located(LocatedSpec(), "spammer").people if person.noise]
    ['annotator-08']
    """
    for name in names:
        if name not in LOCATED_PLANTS:
            known = ", ".join(LOCATED_PLANTS)
            raise ValueError(f"nothing called {name} can be planted in {spec.kind}; known are {known}")
        spec = LOCATED_PLANTS[name](spec)
    return spec


def with_slices(spec: LocatedSpec) -> LocatedSpec:
    """The specification with the slices that its kind of items has."""
    if spec.slices:
        return spec
    return replace(spec, slices=(SOURCES if spec.kind in ("spans", "fields") else TIMES,))


def _person(spec: LocatedSpec, change: Callable[[LocatedPerson], LocatedPerson]) -> LocatedSpec:
    """Change the last person in whom nothing is planted yet."""
    people = list(spec.people)
    honest = [at for at, person in enumerate(people) if not is_planted(person)]
    if not honest:
        raise ValueError("something is planted in every annotator already; a programme needs more of them")
    people[honest[-1]] = change(people[honest[-1]])
    return replace(spec, people=tuple(people))


def is_planted(person: LocatedPerson) -> bool:
    """Whether a person is other than the programme says."""
    return bool(person.noise or person.copies or person.f1 is not None)


def _weak(spec: LocatedSpec) -> LocatedSpec:
    lower = {
        name: value - 0.15
        for name, value in zip(spec.classes, accuracies(spec.f1, spec.classes), strict=True)
    }
    return _person(spec, lambda p: replace(p, f1=lower))


def _copier(spec: LocatedSpec) -> LocatedSpec:
    source = spec.people[0].id
    return _person(spec, lambda p: replace(p, copies=source, copied=0.9))


def _gap(spec: LocatedSpec) -> LocatedSpec:
    spec = with_slices(spec)
    attribute = spec.slices[0]
    return replace(spec, gaps=(*spec.gaps, LocatedGap(attribute.name, attribute.values[-1])))


LOCATED_PLANTS: Final[Mapping[str, Callable[[LocatedSpec], LocatedSpec]]] = {
    "weak-annotator": _weak,
    "spammer": lambda spec: _person(spec, lambda p: replace(p, noise=0.6)),
    "copier": _copier,
    "gold-copier": lambda spec: _person(spec, lambda p: replace(p, copies="gold", f1=0.75)),
    "guideline-gap": _gap,
    "missing": lambda spec: replace(spec, missing=0.05),
}
"""What ``assay simulate`` can plant in located labels by name."""


def located_facts(spec: LocatedSpec) -> list[dict[str, object]]:
    """Everything planted, as facts a test can look for."""
    facts: list[dict[str, object]] = []
    for person in spec.people:
        if is_planted(person):
            mean = None if person.f1 is None else sum(spec.f1_of(person)) / len(spec.classes)
            strength = {
                "f1": None if mean is None else round(mean, 6),
                "noise": person.noise or None,
                "copies": person.copies,
                "copied": person.copied if person.copies else None,
            }
            told = {key: value for key, value in strength.items() if value is not None}
            facts.append({"what": _what(person), "annotator": person.id, **told})
    case = "end of a span after the comma" if spec.kind == "spans" else "small objects are missed"
    for gap in spec.gaps:
        facts.append(
            {"what": "guideline gap", "case": case, "slice": {gap.attribute: gap.value}, "share": gap.share}
        )
    if spec.missing:
        facts.append({"what": "missing", "share": spec.missing})
    return facts


def _what(person: LocatedPerson) -> str:
    if person.copies:
        return "copies gold" if person.copies == "gold" else "copies a person"
    return "spammer" if person.noise else "weak annotator"
