"""Clean simulated batches raise next to no suspicion; what is planted in one is found by the right kind of finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from assay.simulate.plants import plant
from assay.simulate.spec import TOPICS, Gold, Spec

from .simulated import CHANNELS, PLANTED, clean_specs, look, stars

USUAL = Spec(items=2_000, accuracy=0.93, slices=(CHANNELS,), gold=Gold(items=300), messages=False)
KINDS = (
    "worse_than_others",
    "worse_on_gold",
    "knows_gold",
    "copy_of_gold",
    "hard_slice",
    "copy_of_person",
    "near_constant",
)


def suspected(batches: Iterable[tuple[Spec, int]]) -> tuple[int, Counter[str]]:
    """How many batches there are, and in how many each kind of suspicion appears."""
    found: Counter[str] = Counter()
    number = 0
    for spec, seed in batches:
        number += 1
        found.update(look(spec, seed).kinds())
    return number, found


def assert_rare(number: int, found: Counter[str]) -> None:
    """Each kind in at most one of twenty batches, which is the level that is stated for a kind."""
    assert {kind: found[kind] for kind in KINDS if found[kind] > 0.05 * number} == {}


def test_clean_batches_raise_a_suspicion_of_a_kind_in_at_most_one_of_twenty() -> None:
    number, found = suspected((spec, seed) for seed, spec in enumerate(clean_specs()[::2]))
    assert number == 48
    assert_rare(number, found)


@pytest.mark.soak
@pytest.mark.parametrize(
    "variant",
    [
        lambda spec: spec,
        lambda spec: replace(spec, spread=0.01),
        lambda spec: replace(spec, gold=Gold(items=0, per_class=40)),
        stars,
    ],
    ids=["choices", "skills that differ by a point", "gold with 40 items of each class", "ratings"],
)
def test_two_hundred_clean_batches_and_more(variant: Callable[[Spec], Spec]) -> None:
    number, found = suspected(
        (variant(spec), 1_000 * turn + seed) for turn in range(3) for seed, spec in enumerate(clean_specs())
    )
    assert number > 200
    assert_rare(number, found)


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found_by_the_right_kind_of_finding(name: str) -> None:
    subject = "channel: app" if name == "hard-slice" else USUAL.people[-1].id
    seen = [look(plant(USUAL, name), seed) for seed in range(5)]
    assert sum(bool(one.kinds(subject) & set(PLANTED[name])) for one in seen) >= 4
    others = [s for one in seen for s in one.suspicions if subject not in s.subject.split(", ")]
    assert len(others) <= 1


@pytest.mark.parametrize("accuracy", [0.92, 0.96])
def test_a_planted_guideline_gap_is_among_the_first_three_clusters(accuracy: float) -> None:
    spec = plant(replace(USUAL, items=1_000, accuracy=accuracy), "guideline-gap")
    gap = spec.guideline_gaps[0]
    wanted = (frozenset(gap.classes), (gap.attribute, gap.value))
    found = [wanted in look(spec, seed).clusters[:3] for seed in range(10)]
    assert sum(found) >= 9


def test_a_slice_that_is_hard_for_all_labels_is_one_cluster() -> None:
    spec = plant(replace(USUAL, items=4_000), "hard-slice")
    clusters = look(spec, 3).clusters
    assert (frozenset(), ("channel", "app")) in clusters
    assert [where for labels, where in clusters if labels and where is not None] == []


def test_a_gap_in_a_slice_does_not_make_the_slice_hard_as_a_whole() -> None:
    spec = plant(replace(USUAL, items=4_000), "guideline-gap")
    gap = spec.guideline_gaps[0]
    assert (frozenset(), (gap.attribute, gap.value)) not in look(spec, 3).clusters


def test_gold_of_clear_cases_accuses_nobody_of_knowing_it() -> None:
    spec = replace(
        USUAL, gold=Gold(items=0, per_class={TOPICS[0]: 300}), accuracy={TOPICS[0]: 0.99, TOPICS[1]: 0.8}
    )
    for seed in range(5):
        assert not look(spec, seed).kinds() & {"knows_gold", "copy_of_gold"}


def test_two_people_who_give_one_label_are_no_copies_of_each_other() -> None:
    people = list(USUAL.people)
    people[-2:] = [replace(one, noise=0.97, always=TOPICS[0]) for one in people[-2:]]
    seen = look(replace(USUAL, annotators=tuple(people)), 1)
    assert "copy_of_person" not in seen.kinds()
    assert all("near_constant" in seen.kinds(one.id) for one in people[-2:])
