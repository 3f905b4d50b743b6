"""Programmes of located labels have the figures that were asked for, as the judge measures them."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.judge.figures import Method
from assay.judge.located_measure import LocatedMeasured, measure_located
from assay.judge.located_odds import located_batch
from assay.judge.located_tasks import error_counts
from assay.measure.located_errors import ErrorKind
from assay.simulate import Gold, Slice
from assay.simulate.located_chance import (
    agreement,
    alone_agreement,
    confused_with,
    hazard,
    items_with,
    mix_for,
    right_share,
    shared_for,
)
from assay.simulate.located_draw import LocatedDraw, draw_located
from assay.simulate.located_marks import Act
from assay.simulate.located_spec import (
    CLASSES,
    LOCATED,
    LocatedGap,
    LocatedKind,
    LocatedPerson,
    LocatedSpec,
    Mix,
    crew,
)

MANY = 20_000
"""Items that hold about 100,000 objects."""


def threshold(kind: str) -> float:
    return 1.0 if kind == "spans" else 0.5


def measured(draw: LocatedDraw) -> LocatedMeasured:
    return measure_located(located_batch(draw), draw.spec.threshold, Method(50, "test"))


def f1_in(found: LocatedMeasured) -> dict[str, float]:
    assert found.gold is not None
    return {
        name: value for name, one in found.gold.by_class.items() if (value := one["f1"].value) is not None
    }


@pytest.mark.parametrize(
    ("kind", "items", "tolerance"),
    [
        ("boxes", MANY, 0.006),
        ("spans", MANY, 0.006),
        ("fields", 5000, 0.012),
        ("shapes", 3000, 0.015),
        ("keypoints", 1500, 0.02),
    ],
)
def test_f1_of_every_class_is_the_one_that_was_stated(
    kind: LocatedKind, items: int, tolerance: float
) -> None:
    stated = {name: 0.80 + 0.03 * place for place, name in enumerate(CLASSES[kind])}
    spec = LocatedSpec(kind=kind, items=items, f1=stated, threshold=threshold(kind), gold=Gold(items=items))
    assert f1_in(measured(draw_located(spec))) == pytest.approx(stated, abs=tolerance)


def test_f1_of_every_person_is_the_one_that_was_stated() -> None:
    stated = {f"annotator-{number:02d}": 0.75 + 0.05 * number for number in range(1, 5)}
    people = tuple(LocatedPerson(name, f1=value) for name, value in stated.items())
    spec = LocatedSpec(items=MANY, people=people, gold=Gold(items=MANY))
    found = measured(draw_located(spec)).gold
    assert found is not None
    f1 = {name: one["f1"].value for name, one in found.by_annotator.items()}
    assert f1 == pytest.approx(stated, abs=0.006)
    recall = {name: one["recall"].value for name, one in found.by_annotator.items()}
    assert recall == pytest.approx(stated, abs=0.008)


@pytest.mark.parametrize("kind", ["boxes", "spans", "fields"])
@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_agreement_between_people_is_what_their_f1_and_shared_views_make_it(
    kind: LocatedKind, shared: float
) -> None:
    items = 3000 if kind == "fields" else 8000
    spec = LocatedSpec(
        kind=kind, items=items, f1=0.82, shared=shared, votes_per_item=2, threshold=threshold(kind)
    )
    found = measured(draw_located(spec)).agreement
    assert found is not None
    classes = len(spec.classes)
    wanted = agreement(spec, [0.82] * classes, [shared] * classes).tolist()
    known = [one["pairwise_f1"].value for one in found.by_class.values()]
    assert known == pytest.approx(wanted, abs=0.02)


def test_right_marks_overlap_as_tightly_as_stated() -> None:
    for tight in (0.7, 0.8, 0.9):
        spec = LocatedSpec(items=2000, tight=tight, gold=Gold(items=2000))
        found = measured(draw_located(spec)).gold
        assert found is not None
        assert found.overall["mean_iou"].value == pytest.approx(tight, abs=0.003)


@pytest.mark.parametrize("kind", ["boxes", "shapes", "spans"])
def test_the_judge_finds_the_kinds_of_errors_that_were_made(kind: LocatedKind) -> None:
    spec = LocatedSpec(kind=kind, items=1500, f1=0.8, threshold=threshold(kind), gold=Gold(items=1500))
    draw = draw_located(spec)
    found = measured(draw).gold
    assert found is not None
    named = error_counts(found.outcomes)
    marks = draw.votes.marks
    made = {act: int((marks.act == act).sum()) for act in Act}
    seen = np.unique(marks.source[marks.source >= 0])
    merged = made[Act.MERGED]
    missed = len(draw.truth) - len(seen) - merged
    assert named == {
        "missed": pytest.approx(missed, rel=0.05),
        "extra": pytest.approx(made[Act.EXTRA], rel=0.05),
        "wrong_class": pytest.approx(made[Act.CONFUSED], rel=0.02),
        "loose": pytest.approx(made[Act.LOOSE], rel=0.1),
        "split": pytest.approx(made[Act.SPLIT] / 2, abs=1),
        "merged": pytest.approx(merged, abs=1),
    }
    assert min(named.values()) > 0


def test_as_many_items_hold_an_error_of_some_kinds_as_computed() -> None:
    spec = LocatedSpec(items=MANY, f1=0.85, gold=Gold(items=MANY), doubles=0.0, mix=Mix().whole())
    found = measured(draw_located(spec)).gold
    assert found is not None
    wrong = np.isin(found.outcomes.kind, [ErrorKind.MISSED, ErrorKind.WRONG_CLASS])
    share = len(np.unique(found.outcomes.item[wrong])) / spec.items
    share_of_errors = spec.mix.missed + spec.mix.confused
    assert share == pytest.approx(items_with(spec, [0.85] * 5, share_of_errors), abs=0.012)


def test_errors_gather_on_the_items_that_are_hard() -> None:
    spec = LocatedSpec(items=8000, f1=0.85, gold=Gold(items=8000))
    even = replace(spec, evenness=1000.0)
    alone = []
    for one in (spec, even):
        found = measured(draw_located(one)).gold
        assert found is not None
        figure = found.overall["items_right"].value
        assert figure is not None
        alone.append(figure)
    assert alone[0] > alone[1] + 0.03


def test_the_same_seed_gives_the_same_programme_and_another_one_another() -> None:
    spec = LocatedSpec(items=50, votes_per_item=2, gold=Gold(items=20))
    one, again, other = draw_located(spec, 1), draw_located(spec, 1), draw_located(spec, 2)
    assert np.array_equal(one.votes.objects.box, again.votes.objects.box)
    assert np.array_equal(one.gold_items, again.gold_items)
    assert not np.array_equal(one.gold_items, other.gold_items)


@pytest.mark.parametrize("kind", LOCATED)
def test_everyone_marks_only_what_they_worked_on(kind: LocatedKind) -> None:
    spec = LocatedSpec(kind=kind, items=60, votes_per_item=2, overlap=0.5, missing=0.1, f1=0.7)
    draw = draw_located(spec)
    worked = set(zip(draw.work_item.tolist(), draw.work_person.tolist(), strict=True))
    marked = set(zip(draw.votes.objects.item.tolist(), draw.by.tolist(), strict=True))
    assert marked <= worked
    assert draw.delivered[draw.work_item].all()
    assert not draw.delivered.all()
    assert (draw.votes.objects.box[:, 2:] >= 0).all()


def test_only_what_is_measured_is_drawn_when_asked_for() -> None:
    spec = LocatedSpec(
        items=400, votes_per_item=3, overlap=0.1, gold=Gold(items=40), only_measured=True, missing=0.02
    )
    draw = draw_located(spec)
    several = np.flatnonzero(np.bincount(draw.work_item, minlength=400) > 1)
    assert set(draw.truth.objects.item.tolist()) <= set(several.tolist()) | set(draw.gold_items.tolist())
    assert set(draw.gold.objects.item.tolist()) <= set(draw.gold_items.tolist())


def test_a_copier_repeats_another_and_a_copier_of_gold_is_right_there() -> None:
    people = (
        LocatedPerson("annotator-01", f1=0.7),
        LocatedPerson("annotator-02", copies="annotator-01"),
        LocatedPerson("annotator-03", copies="gold"),
    )
    draw = draw_located(LocatedSpec(items=40, people=people, votes_per_item=3, gold=Gold(items=40)))
    boxes = [draw.votes.objects.take(draw.by == code) for code in range(3)]
    order = [np.lexsort((*one.box.T, one.item)) for one in boxes]
    assert np.array_equal(boxes[0].box[order[0]], boxes[1].box[order[1]])
    found = measured(draw).gold
    assert found is not None
    assert found.by_annotator["annotator-03"]["f1"].value == 1.0


def test_a_spammer_is_hardly_ever_right() -> None:
    people = (*crew(3), LocatedPerson("spammer", noise=1.0))
    draw = draw_located(LocatedSpec(items=300, people=people, gold=Gold(items=300)))
    found = measured(draw).gold
    assert found is not None
    f1 = found.by_annotator["spammer"]["f1"].value
    assert f1 is not None
    assert f1 < 0.1


@pytest.mark.parametrize(("kind", "act"), [("boxes", "missed"), ("spans", "loose")])
def test_a_gap_of_the_guideline_shows_in_its_slice_and_its_camp(kind: LocatedKind, act: str) -> None:
    spec = LocatedSpec(
        kind=kind, items=600, f1=0.95, threshold=threshold(kind), gold=Gold(items=600),
        slices=(Slice("time", ("day", "night")),), gaps=(LocatedGap("time", "night"),),
    )  # fmt: skip
    draw = draw_located(spec)
    found = measured(draw).gold
    assert found is not None
    camp = draw.camp[0][found.outcomes.second]
    night = draw.slices["time"][found.outcomes.item] == 1
    wrong = found.outcomes.kind == ErrorKind[act.upper()]
    there, elsewhere = wrong[camp & night].mean(), wrong[~(camp & night)].mean()
    assert there > 4 * elsewhere


def test_a_specification_that_contradicts_itself_is_refused() -> None:
    for change, words in (
        ({"votes_per_item": 9}, "need as many people"),
        ({"classes": ("one",)}, "at least two classes"),
        ({"people": crew(2) + crew(1)}, "the same id"),
        ({"people": (LocatedPerson("x", copies="y"),)}, "not another annotator"),
        ({"gaps": (LocatedGap("time", "night"),)}, "no slice has"),
        ({"per_item": 0.0}, "objects"),
        ({"doubles": 0.0}, "stand side by side"),
        ({"prior": (1.0,)}, "prior shares"),
    ):
        with pytest.raises(ValueError, match=words):
            replace(LocatedSpec(), **change)
    with pytest.raises(ValueError, match="add up"):
        Mix(missed=0.9)


def test_as_many_items_hold_a_class_as_computed() -> None:
    spec = LocatedSpec(items=MANY)
    objects = draw_located(spec).truth.objects
    found = {
        name: len(np.unique(objects.item[objects.label == code])) / MANY
        for code, name in enumerate(spec.classes)
    }
    assert found == pytest.approx(spec.holding, abs=0.015)


# Closed forms

F1 = st.floats(0.3, 0.999)


@given(st.lists(F1, min_size=1, max_size=6), st.floats(0.3, 20))
def test_the_hazard_of_an_f1_gives_that_f1(f1: list[float], evenness: float) -> None:
    assert right_share(hazard(f1, evenness), evenness).tolist() == pytest.approx(f1)


@given(F1, st.floats(0, 1), st.sampled_from(LOCATED))
def test_shared_views_are_those_that_give_the_wanted_agreement(
    f1: float, more: float, kind: LocatedKind
) -> None:
    spec = LocatedSpec(kind=kind, threshold=threshold(kind))
    all_ = [f1] * len(spec.classes)
    alone = alone_agreement(spec, all_)
    assert (alone <= 1).all()
    wanted = alone + more * 0.99 * (1 - alone)
    shared = shared_for(spec, all_, wanted.tolist())
    assert agreement(spec, all_, shared.tolist()).tolist() == pytest.approx(wanted.tolist(), abs=1e-6)
    assert shared_for(spec, all_, (alone - 0.1).tolist()).tolist() == [0.0] * len(spec.classes)


@given(st.floats(0.5, 0.99), st.floats(0.02, 0.6))
def test_the_kinds_of_errors_bring_as_many_bad_items_as_wanted_or_all_they_can(
    f1: float, wanted: float
) -> None:
    spec = LocatedSpec()
    all_ = [f1] * 5
    mix = mix_for(spec, all_, {"missed", "confused"}, wanted)
    assert sum(getattr(mix, one.name) for one in fields(mix)) == pytest.approx(1)
    found = items_with(spec, all_, mix.missed + mix.confused)
    least, most = items_with(spec, all_, 0.02), items_with(spec, all_, 0.98)
    assert found == pytest.approx(min(max(wanted, least), most), abs=1e-3)


@given(st.lists(F1, min_size=5, max_size=5))
def test_an_object_is_taken_for_another_class_only(f1: list[float]) -> None:
    table = confused_with(LocatedSpec(), f1)
    assert np.diag(table).tolist() == [0.0] * 5
    assert table.sum(axis=1).tolist() == pytest.approx([1.0] * 5)
