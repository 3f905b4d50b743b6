"""Majority and the models of Dawid and Skene."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.truth import dawid_skene, majority, one_coin
from assay.measure.undefined import Undefined
from tests.measure.strategies import annotations


def crowd(items: int = 60, seed: int = 5) -> tuple[list[tuple[object, object, object]], dict[object, object]]:
    """Four people who are right nine times in ten and one who says anything."""
    draw = np.random.default_rng(seed)
    truth = {item: "abc"[draw.integers(3)] for item in range(items)}
    rows: list[tuple[object, object, object]] = []
    for item, label in truth.items():
        for person in range(5):
            right = person < 4 and draw.random() < 0.9
            rows.append((item, f"p{person}", label if right else "abc"[draw.integers(3)]))
    return rows, truth


def test_a_tie_is_undecided_and_says_between_what() -> None:
    assert majority(["b", "a", "a", "b", "c"]) == Undefined("'a' and 'b' were given equally often")
    assert majority([]) == Undefined("nobody labelled the item")
    assert majority(iter(["a", "b", "b"])) == "b"


@pytest.mark.parametrize("model", [dawid_skene, one_coin])
def test_a_model_finds_the_truth_and_the_one_who_says_anything(model: object) -> None:
    rows, truth = crowd()
    found = model(rows)
    assert found.converged
    assert sum(found.labels()[item] == label for item, label in truth.items()) >= 57
    skill = found.skill()
    assert min(skill, key=skill.get) == "p4"


def test_no_label_is_no_model() -> None:
    assert dawid_skene([]) == Undefined("there is no label")
    assert one_coin([]) == Undefined("there is no label")


def test_a_person_never_thought_to_have_met_a_class_has_no_row_for_it() -> None:
    rows = [(1, "ann", "a"), (1, "bob", "a"), (2, "cid", "b"), (2, "dan", "b")]
    found = dawid_skene(rows)
    assert np.isnan(found.confusion[0, 1]).all()
    assert found.confusion[0, 0].tolist() == [1, 0]
    assert found.labels() == {1: "a", 2: "b"}


def test_smoothing_keeps_every_confusion_possible() -> None:
    rows, _ = crowd(20)
    assert (dawid_skene(rows, smoothing=1).confusion > 0).all()
    with pytest.raises(ValueError, match="smoothing"):
        dawid_skene(rows, smoothing=-1)


def test_equally_probable_classes_are_undecided() -> None:
    found = dawid_skene([(1, "ann", "a"), (1, "bob", "b"), (2, "ann", "b"), (2, "bob", "a")])
    assert all(isinstance(label, Undefined) for label in found.labels().values())


def test_a_model_that_was_stopped_says_so() -> None:
    rows, _ = crowd()
    found = dawid_skene(rows, iterations=2)
    assert (found.iterations, found.converged) == (2, False)


def test_a_label_beside_the_declared_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="not among"):
        dawid_skene([(1, "ann", "x")], classes=["a", "b"])


@given(annotations(), st.randoms())
def test_the_order_of_rows_changes_no_bit(rows: list[tuple[object, object, object]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    for model in (dawid_skene, one_coin):
        one, other = model(rows, iterations=20), model(shuffled, iterations=20)
        assert np.array_equal(one.posterior, other.posterior)
        assert one.log_likelihood == other.log_likelihood


@given(annotations())
def test_posteriors_are_shares_and_each_step_is_at_least_as_likely(
    rows: list[tuple[object, object, object]],
) -> None:
    for model in (dawid_skene, one_coin):
        found = model(rows, iterations=12)
        assert np.allclose(found.posterior.sum(axis=1), 1)
        assert (found.posterior >= 0).all()
        assert found.prior.sum() == pytest.approx(1)
        steps = [model(rows, iterations=number, tolerance=0).log_likelihood for number in (1, 3, 6, 12)]
        assert all(later >= earlier - 1e-8 for earlier, later in pairwise(steps))


@given(annotations())
def test_other_names_for_people_change_nothing(rows: list[tuple[object, object, object]]) -> None:
    names = dict(zip("vwxyz", "zyxwv", strict=True))
    renamed = [(item, names[person], label) for item, person, label in rows]
    one, other = dawid_skene(rows, iterations=8), dawid_skene(renamed, iterations=8)
    assert np.allclose(one.posterior, other.posterior, atol=1e-9)
