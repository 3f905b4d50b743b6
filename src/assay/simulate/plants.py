"""Named things to plant in a programme, each at a strength that a judge should notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from .spec import Annotator, GuidelineGap, HardSlice, Reviewer, Slice, Spec

CHANNELS: Final = Slice("channel", ("mail", "chat", "phone", "app"), (0.4, 0.3, 0.15, 0.15))


def plant(spec: Spec, *names: str) -> Spec:
    """The specification with these things planted, each in a person or slice of its own as far as there are enough.

    Raises ValueError for a name that is not in ``PLANTS``.

    >>> [person.id for person in plant(Spec(), "spammer").people if person.noise]
    ['annotator-08']
    """
    for name in names:
        if name not in PLANTS:
            raise ValueError(f"nothing called {name} can be planted; known are {', '.join(PLANTS)}")
        spec = PLANTS[name](spec)
    return spec


def _person(spec: Spec, change: Callable[[Annotator], Annotator]) -> Spec:
    """Change the last person in whom nothing is planted yet."""
    people = list(spec.people)
    honest = [at for at, person in enumerate(people) if not is_planted(person)]
    if not honest:
        raise ValueError("something is planted in every annotator already; a programme needs more of them")
    people[honest[-1]] = change(people[honest[-1]])
    return replace(spec, annotators=tuple(people))


def is_planted(person: Annotator) -> bool:
    """Whether a person does more than err at a rate of their own."""
    return bool(
        person.noise or person.copies or person.drift or person.mixes_up or person.by_class or person.always
    )


def _weak(spec: Spec) -> Spec:
    accuracy = spec.mean_accuracy - 0.15
    return _person(
        spec, lambda p: replace(p, accuracy=accuracy, by_class=dict.fromkeys(spec.classes, accuracy))
    )


def _copier(spec: Spec) -> Spec:
    source = spec.people[0].id
    return _person(spec, lambda p: replace(p, copies=source, copied=0.9))


def _sliced(spec: Spec) -> Spec:
    return spec if spec.slices else replace(spec, slices=(CHANNELS,))


def _hard_slice(spec: Spec) -> Spec:
    spec = _sliced(spec)
    attribute = spec.slices[0]
    hard = HardSlice(attribute.name, attribute.values[-1], 3.0)
    return replace(spec, hard_slices=(*spec.hard_slices, hard))


def _guideline_gap(spec: Spec) -> Spec:
    spec = _sliced(spec)
    attribute = spec.slices[0]
    first = min(1, len(spec.classes) - 2)  # 2 and 3 are not confusable otherwise
    gap = GuidelineGap((spec.classes[first], spec.classes[first + 1]), attribute.name, attribute.values[-2])
    return replace(spec, guideline_gaps=(*spec.guideline_gaps, gap))


PLANTS: Final[Mapping[str, Callable[[Spec], Spec]]] = {
    "weak-annotator": _weak,
    "spammer": lambda spec: _person(spec, lambda p: replace(p, noise=0.6)),
    "constant": lambda spec: _person(spec, lambda p: replace(p, noise=0.9, always=spec.classes[0])),
    "copier": _copier,
    "gold-copier": lambda spec: _person(spec, lambda p: replace(p, copies="gold", accuracy=0.75)),
    "drift": lambda spec: _person(spec, lambda p: replace(p, drift=-0.3)),
    "mix-up": lambda spec: _person(
        spec,
        lambda p: replace(p, mixes_up=(spec.classes[0], spec.classes[1]), by_class={spec.classes[0]: 0.6}),
    ),
    "hard-slice": _hard_slice,
    "guideline-gap": _guideline_gap,
    "rubber-stamp": lambda spec: replace(spec, reviewer=Reviewer(finds=0.0)),
    "missing": lambda spec: replace(spec, missing=0.05),
    "skipped": lambda spec: replace(spec, skipped=0.03),
    "duplicates": lambda spec: replace(spec, duplicates=0.01),
}
"""What ``assay simulate`` can plant by name."""
