"""Errors by kind: what is counted, and over what."""

from __future__ import annotations

from types import SimpleNamespace

from assay.judge.located_error_rows import difference_rows, error_rows
from tests.judge.located_desk import Desk, made
from tests.judge.located_marks import Drawn, box, field

CONTRACT = SimpleNamespace(errors={"missed": "critical", "loose": "minor"})


def _boxes(*found: tuple[float, float, float, float]) -> list[Drawn]:
    return [box(*one) for one in found]


A, B, C = (0, 0, 40, 40), (100, 0, 40, 40), (200, 0, 40, 40)
DESKS = [
    Desk("1", {"anna": _boxes(A), "berta": _boxes(A, B)}, _boxes(A, B, C)),
    Desk("2", {"anna": _boxes(A, (100, 20, 40, 40)), "berta": _boxes(A, B)}, _boxes(A, B)),
    Desk("3", {"anna": _boxes(A), "berta": _boxes(A)}),
]


def test_errors_against_gold_are_counted_per_answer_and_per_object_of_gold() -> None:
    missed, loose = error_rows(CONTRACT, made("boxes", ("car",), DESKS).measured)
    assert (missed["kind"], missed["count"], missed["severity"]) == ("missed", 3, "critical")
    assert (loose["kind"], loose["count"], loose["severity"]) == ("loose", 1, "minor")
    assert missed["per_100_items"]["value"] == 50
    assert missed["per_100_items"]["units"] == 4
    assert missed["per_100_objects"] == 30
    assert loose["per_100_items"]["value"] == 25


def test_differences_between_people_name_no_one_wrong() -> None:
    alone, loose = difference_rows(made("boxes", ("car",), DESKS).measured)
    assert (alone["kind"], alone["count"], alone["severity"]) == ("alone", 1, None)
    assert (loose["kind"], loose["count"]) == ("loose", 1)
    assert abs(alone["per_100_items"]["value"] - 100 / 3) < 1e-9
    assert alone["per_100_objects"] == 20


def test_a_field_with_another_value_is_called_so() -> None:
    desk = Desk("1", {"anna": [field("total", "12.40")]}, [field("total", "12.48")])
    [row] = error_rows(CONTRACT, made("fields", ("total",), [desk]).measured)
    assert row["kind"] == "wrong_value"


def test_without_gold_or_without_a_second_person_there_are_no_rows() -> None:
    alone = made("boxes", ("car",), [Desk("1", {"anna": _boxes(A)})]).measured
    assert error_rows(CONTRACT, alone) == difference_rows(alone) == []
