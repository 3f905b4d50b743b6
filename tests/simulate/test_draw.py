"""What is planted is in the data, at the stated rates, and the same every time."""

from __future__ import annotations

import time
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.simulate import (
    NOTHING,
    Annotator,
    Draw,
    Final,
    Gold,
    GuidelineGap,
    HardSlice,
    Reviewer,
    Slice,
    Spec,
    draw_votes,
)

MANY = Spec(items=40_000, annotators=10, messages=False)
CHANNEL = Slice("channel", ("mail", "chat", "phone"), (0.6, 0.3, 0.1))


def right(draw: Draw) -> np.ndarray:
    return draw.label == draw.truth[draw.item]


def near(found: float, wanted: float, trials: int) -> bool:
    """Within four standard errors of a share."""
    return abs(found - wanted) < 4 * np.sqrt(max(wanted * (1 - wanted), 1e-6) / trials)


def test_same_specification_and_seed_give_the_same_arrays_and_another_seed_others() -> None:
    spec = replace(MANY, items=500, gold=Gold(items=50, makers=2), final=Final("drawn"), duplicates=0.1)
    first, second, third = draw_votes(spec, 5), draw_votes(spec, 5), draw_votes(spec, 6)
    for field in fields(first):
        one, two = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, np.ndarray):
            assert np.array_equal(one, two), field.name
    assert not np.array_equal(first.label, third.label)


def test_the_first_votes_of_a_seed_never_change() -> None:
    draw = draw_votes(Spec(items=6, annotators=4, accuracy=0.6), 1)
    assert draw.truth.tolist() == [1, 2, 1, 0, 3, 0]
    assert draw.annotator.reshape(6, 3).tolist() == [
        [1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 2, 3], [0, 2, 3], [0, 1, 3]
    ]  # fmt: skip
    assert draw.label.reshape(6, 3).tolist() == [
        [0, 1, 1], [2, 2, 2], [0, 1, 5], [1, 3, 0], [3, 2, 2], [0, 0, 0]
    ]  # fmt: skip


def test_planting_one_thing_leaves_everything_else_as_it_was() -> None:
    plain = draw_votes(replace(MANY, items=2000, slices=(CHANNEL,)))
    hard = draw_votes(
        replace(MANY, items=2000, slices=(CHANNEL,), hard_slices=(HardSlice("channel", "phone"),))
    )
    easy = plain.slices["channel"][plain.item] != 2
    assert np.array_equal(plain.truth, hard.truth)
    assert np.array_equal(plain.annotator, hard.annotator)
    assert np.array_equal(plain.label[easy], hard.label[easy])
    assert not np.array_equal(plain.label, hard.label)


@given(
    people=st.integers(1, 9),
    votes=st.integers(1, 9),
    overlap=st.sampled_from([0.0, 0.3, 1.0]),
    missing=st.sampled_from([0.0, 0.2]),
    kind=st.sampled_from(["choice", "multi", "text"]),
    seed=st.integers(0, 10_000),
)
def test_votes_are_sorted_and_nobody_votes_twice_on_an_item(
    people: int, votes: int, overlap: float, missing: float, kind: str, seed: int
) -> None:
    if votes > people:
        with pytest.raises(ValueError, match="need as many people"):
            Spec(annotators=people, votes_per_item=votes)
        return
    spec = Spec(
        kind=kind, items=60, annotators=people, votes_per_item=votes, overlap=overlap, missing=missing
    )  # type: ignore[arg-type]
    draw = draw_votes(spec, seed)
    pairs = draw.item.astype(np.int64) * people + draw.annotator
    assert (np.diff(pairs) > 0).all()
    counts = np.bincount(draw.item, minlength=60)
    assert set(counts[draw.delivered]) <= {1, votes}
    assert not counts[~draw.delivered].any()
    assert (draw.annotator < people).all()
    assert (draw.label < len(draw.values)).all()


def test_every_set_of_people_is_equally_likely() -> None:
    draw = draw_votes(replace(MANY, annotators=5, votes_per_item=2, items=50_000))
    pairs = draw.annotator.reshape(-1, 2)
    _, counts = np.unique(pairs[:, 0] * 5 + pairs[:, 1], return_counts=True)
    assert len(counts) == 10
    assert np.abs(counts - 5_000).max() < 300


def test_classes_have_their_prior_and_people_their_accuracy() -> None:
    people = tuple(Annotator(f"p{n}", accuracy) for n, accuracy in enumerate((0.99, 0.9, 0.8, 0.7)))
    draw = draw_votes(replace(MANY, annotators=people))
    shares = np.bincount(draw.truth) / MANY.items
    for share, wanted in zip(shares, MANY.shares, strict=True):
        assert near(share, wanted, MANY.items)
    for code, person in enumerate(people):
        mine = draw.annotator == code
        assert near(right(draw)[mine].mean(), person.accuracy or 0, mine.sum())


def test_accuracy_differs_by_class_as_stated() -> None:
    draw = draw_votes(replace(MANY, accuracy={"fraud": 0.7, "refund": 0.99}))
    for name, wanted in (("fraud", 0.7), ("refund", 0.99), ("billing", 0.845)):
        of_class = draw.truth[draw.item] == draw.values.index(name)
        assert near(right(draw)[of_class].mean(), wanted, of_class.sum())


def test_errors_go_to_the_confusable_class_first() -> None:
    draw = draw_votes(replace(MANY, accuracy=0.8))
    wrong = ~right(draw)
    assert near((draw.label[wrong] == (draw.truth[draw.item][wrong] ^ 1)).mean(), 0.7, wrong.sum())


def test_ratings_are_missed_by_one_step_more_often_than_by_two() -> None:
    draw = draw_votes(replace(MANY, kind="rating", classes=("1", "2", "3", "4", "5"), accuracy=0.7))
    steps = np.bincount(np.abs(draw.label - draw.truth[draw.item]))
    assert steps[0] > steps[1] > 3 * steps[2] > 3 * steps[3] > 0


def test_shared_errors_raise_agreement_and_leave_accuracy_alone() -> None:
    spec = replace(MANY, accuracy=0.8, votes_per_item=2)
    alone, shared = draw_votes(spec), draw_votes(replace(spec, shared_errors=0.8))
    for draw in (alone, shared):
        assert abs(right(draw).mean() - 0.8) < 0.01
    agreed = [(draw.label[::2] == draw.label[1::2]).mean() for draw in (alone, shared)]
    assert agreed[1] == pytest.approx(0.64 + 0.36 * agreed[0], abs=0.01)


def test_a_spammer_is_right_by_chance_only_and_a_constant_answer_is_constant() -> None:
    people = (
        *(Annotator(f"p{n}") for n in range(4)),
        Annotator("s", noise=1.0),
        Annotator("c", noise=1.0, always="fraud"),
    )
    draw = draw_votes(replace(MANY, annotators=people))
    spam, constant = draw.annotator == 4, draw.annotator == 5
    assert near(right(draw)[spam].mean(), 1 / 6, spam.sum())
    assert set(draw.label[constant]) == {draw.values.index("fraud")}


def test_a_copier_takes_over_the_stated_share() -> None:
    people = (*(Annotator(f"p{n}", 0.7) for n in range(4)), Annotator("copier", 0.7, copies="p0", copied=0.9))
    draw = draw_votes(replace(MANY, annotators=people))
    of_source = np.full(MANY.items, NOTHING)
    of_source[draw.item[draw.annotator == 0]] = draw.label[draw.annotator == 0]
    own = draw.annotator == 4
    both = of_source[draw.item[own]] != NOTHING
    same = (of_source[draw.item[own]] == draw.label[own])[both]
    assert same.mean() > 0.9 + 0.1 * 0.49 - 0.01
    assert same.mean() < 0.97


def test_who_copies_gold_is_right_on_gold_and_weak_elsewhere() -> None:
    people = (*(Annotator(f"p{n}") for n in range(4)), Annotator("leak", 0.6, copies="gold"))
    draw = draw_votes(replace(MANY, annotators=people, gold=Gold(items=2_000)))
    own, on_gold = draw.annotator == 4, np.isin(draw.item, draw.gold_item)
    assert right(draw)[own & on_gold].all()
    assert near(right(draw)[own & ~on_gold].mean(), 0.6, (own & ~on_gold).sum())


def test_drift_goes_from_the_accuracy_at_the_start_to_that_at_the_end() -> None:
    people = (*(Annotator(f"p{n}") for n in range(4)), Annotator("tired", 0.95, drift=-0.4))
    draw = draw_votes(replace(MANY, annotators=people))
    own = draw.annotator == 4
    for start, wanted in ((0, 0.93), (36_000, 0.57)):
        tenth = own & (draw.item >= start) & (draw.item < start + 4_000)
        assert near(right(draw)[tenth].mean(), wanted, tenth.sum())


def test_a_hard_slice_has_its_factor_and_its_share() -> None:
    draw = draw_votes(replace(MANY, slices=(CHANNEL,), hard_slices=(HardSlice("channel", "phone", 4.0),)))
    codes = draw.slices["channel"]
    assert near((codes == 2).mean(), 0.1, MANY.items)
    for code, wanted in ((0, 0.95), (2, 0.80)):
        inside = codes[draw.item] == code
        assert near(right(draw)[inside].mean(), wanted, inside.sum())


def test_a_guideline_gap_splits_people_into_two_camps_there_and_nowhere_else() -> None:
    gap = GuidelineGap(("refund", "billing"), "channel", "chat", share=0.8, camp=0.5)
    draw = draw_votes(replace(MANY, accuracy=1.0, slices=(CHANNEL,), guideline_gaps=(gap,)))
    inside = (draw.slices["channel"][draw.item] == 1) & (draw.truth[draw.item] == 1)
    assert right(draw)[~inside].all()
    assert set(draw.label[inside]) == {1, 2}
    turned = [(~right(draw))[inside & (draw.annotator == code)].mean() for code in range(10)]
    assert sorted(share > 0.5 for share in turned) == [False] * 5 + [True] * 5
    assert all(share == 0 or abs(share - 0.8) < 0.06 for share in turned)


def test_who_mixes_up_two_classes_calls_the_first_the_second() -> None:
    person = Annotator("m", by_class={"delivery": 0.5}, mixes_up=("delivery", "fraud"))
    draw = draw_votes(replace(MANY, annotators=(*(Annotator(f"p{n}") for n in range(3)), person)))
    wrong = (draw.annotator == 3) & (draw.truth[draw.item] == 0) & ~right(draw)
    assert (draw.label[wrong] == draw.values.index("fraud")).mean() > 0.85


def test_a_rubber_stamp_changes_nothing_and_a_reviewer_finds_the_stated_share() -> None:
    spec = replace(MANY, accuracy=0.7, reviewer=Reviewer(share=0.5, finds=0.0))
    for finds in (0.0, 0.8):
        draw = draw_votes(replace(spec, reviewer=Reviewer(share=0.5, finds=finds)))
        first = draw.label[np.searchsorted(draw.item, draw.review_item)]
        errors = first != draw.truth[draw.review_item]
        assert near(len(draw.review_item) / MANY.items, 0.5, MANY.items)
        assert near((draw.review_label != first)[errors].mean(), finds, errors.sum())
        assert not (draw.review_label != first)[~errors].any()


def test_missing_skipped_and_repeated_have_their_shares() -> None:
    draw = draw_votes(replace(MANY, missing=0.1, skipped=0.05, duplicates=0.02, final=Final("drawn")))
    votes = len(draw.item)
    assert near(1 - draw.delivered.mean(), 0.1, MANY.items)
    assert draw.delivered[draw.item].all()
    assert near((draw.label == NOTHING).mean(), 0.05, votes)
    assert near(len(draw.repeated) / votes, 0.02, votes)
    assert draw.final is not None
    assert np.array_equal(draw.final == NOTHING, ~draw.delivered)


def test_the_drawn_final_label_has_its_accuracy_per_class_whatever_the_votes_are() -> None:
    draw = draw_votes(replace(MANY, accuracy=0.6, final=Final("drawn", {"fraud": 0.8, "delivery": 0.98})))
    assert draw.final is not None
    for name, wanted in (("fraud", 0.8), ("delivery", 0.98)):
        of_class = draw.truth == draw.values.index(name)
        assert near((draw.final == draw.truth)[of_class].mean(), wanted, of_class.sum())
    assert abs(right(draw).mean() - 0.6) < 0.01


def test_gold_holds_the_wanted_number_of_each_class_and_is_filled_up() -> None:
    draw = draw_votes(replace(MANY, gold=Gold(items=500, per_class={"fraud": 100, "refund": 60})))
    counts = np.bincount(draw.gold_label, minlength=6)
    assert len(draw.gold_item) == 500
    assert counts[draw.values.index("fraud")] >= 100
    assert (np.diff(draw.gold_item) > 0).all()
    assert np.array_equal(draw.gold_label, draw.truth[draw.gold_item])
    all_there_are = draw_votes(replace(MANY, items=50, gold=Gold(per_class=40)))
    assert np.array_equal(
        np.bincount(all_there_are.gold_label), np.minimum(np.bincount(all_there_are.truth), 40)
    )


def test_gold_has_its_errors_and_makers_their_accuracy() -> None:
    for kind in ("choice", "multi"):
        draw = draw_votes(
            replace(MANY, kind=kind, gold=Gold(items=5_000, error=0.04, makers=2, maker_accuracy=0.9))
        )
        true = draw.truth[draw.gold_item]
        assert near((draw.gold_label != true).mean(), 0.04, 5_000)
        assert draw.gold_makers.shape == (2, 5_000)
        assert near((draw.gold_makers == true).mean(), 0.9, 10_000)


def test_tags_are_found_with_their_accuracy_and_as_many_are_false() -> None:
    draw = draw_votes(replace(MANY, kind="multi", accuracy={"fraud": 0.8, "delivery": 0.9}))
    said, true = ([set(value.split("\x1f")) for value in (draw.values[c] for c in codes)] for codes in (
        draw.label, draw.truth[draw.item],
    ))  # fmt: skip
    for name, wanted in (("fraud", 0.8), ("delivery", 0.9)):
        applies = np.array([name in tags for tags in true])
        given = np.array([name in tags for tags in said])
        assert near(given[applies].mean(), wanted, applies.sum())
        assert near(applies[given].mean(), wanted, given.sum())


def test_texts_have_their_share_of_wrong_words() -> None:
    draw = draw_votes(Spec(kind="text", items=1_500, annotators=3, votes_per_item=1, accuracy=0.9))
    words = edits = 0
    for item, label in zip(draw.item, draw.label, strict=True):
        true, said = draw.values[draw.truth[item]].split(" "), draw.values[label].split(" ")
        words += len(true)
        edits += len(true) - len(said) + sum(word in WRONG_WORDS for word in said)
    assert near(edits / words, 0.1, words)


def test_a_million_votes_take_less_than_two_seconds() -> None:
    spec = Spec(
        items=334_000, annotators=50, spread=0.03, messages=False, gold=Gold(items=1_000), slices=(CHANNEL,)
    )
    start = time.process_time()
    draw = draw_votes(spec)
    assert time.process_time() - start < 2
    assert len(draw.item) == 1_002_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ("a", "a")}, "all different"),
        ({"prior": (0.5, 0.5)}, "as many prior shares"),
        ({"kind": "rating"}, "are numbers"),
        ({"kind": "multi", "classes": ("a|b", "c")}, "may hold one"),
        ({"missing": 1.5}, "between 0 and 1"),
        ({"guideline_gaps": (GuidelineGap(("refund", "nothing")),)}, "no class is called nothing"),
        ({"hard_slices": (HardSlice("channel", "fax"),), "slices": (CHANNEL,)}, "no slice has channel = fax"),
        ({"annotators": (Annotator("a"), Annotator("a"), Annotator("b"))}, "same id"),
        (
            {"annotators": (Annotator("a", copies="x"), Annotator("b"), Annotator("c"))},
            "not another annotator",
        ),
        ({"confusion": ((0.5, 0.6), (0.5, 0.5)), "classes": ("a", "b")}, "adds up to 1"),
    ],
)
def test_a_specification_that_contradicts_itself_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw_votes(replace(Spec(items=5), **change))  # type: ignore[arg-type]


WRONG_WORDS = {"table", "river", "seven", "often", "quiet", "garden", "under", "paper", "stone", "maybe"}
