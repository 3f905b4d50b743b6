"""Ratings: right within the agreed tolerance, mean absolute error, bias, and agreement at the level of the scale."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.judge.proposal import propose_contract
from assay.measure.coincidence import krippendorff_alpha
from assay.simulate import Gold, Spec
from assay.terms.contract import load_contract
from tests.judge.judging import Home, by_hand, contract_of, kinds, simulated, table, term, terms

GOLD = [1 + n % 5 for n in range(100)]
AGREED = "id: gold, metric: gold_accuracy, scope: overall, floor: 0.5"


def rated(
    folder: Path, off: int | float, *agreed: str, declared: str = "level: interval", **more: str
) -> Home:
    """Ratings that miss gold by ``off`` on every other item, from the end of the scale inwards."""

    def rating(n: int) -> int | float:
        low = GOLD[n] <= 3
        return GOLD[n] + (off if low else -off) * (n % 2)

    return by_hand(
        folder,
        table("item,annotator,label", [(n, "p", rating(n)) for n in range(100)]),
        gold=table("item,label", enumerate(GOLD)),
        delivery=f"labels: rating\n{declared}",
        contract=contract_of(*(agreed or (AGREED,)), labels="rating"),
        **more,
    )


@pytest.mark.parametrize(
    ("off", "within", "expected"),
    [(1, None, 0.5), (1, "1", 1.0), (1, "0.5", 0.5), (2, "1", 0.5), (2, "2", 1.0)],
)
def test_a_rating_is_right_within_the_tolerance_of_the_contract(
    tmp_path: Path, off: int, within: str | None, expected: float
) -> None:
    agreed = AGREED + (f", within: {within}" if within else "")
    document = rated(tmp_path, off, agreed).document()
    assert term(document, "gold")["value"] == expected
    assert document["gold"]["overall"]["accuracy"]["value"] == expected
    (person,) = document["people"]
    assert person["gold"]["value"] == expected


def test_the_reason_of_a_term_says_its_tolerance(tmp_path: Path) -> None:
    document = rated(
        tmp_path, 1, AGREED + ", within: 0.5", "id: exact, metric: gold_accuracy, scope: every annotator, floor: 0.5"
    ).document()  # fmt: skip
    assert term(document, "gold")["reason"].startswith("Accuracy against gold (right within 0.5) is 0.500")
    assert term(document, "exact")["reason"].startswith("Accuracy against gold of annotator-01 is 0.500")


SCHEMA = "assay: schema/1\nversion: '1'\nkind: rating\nlevel: interval\nlow: 0\nhigh: 200\n"


@pytest.mark.parametrize(
    ("schema", "steps", "within", "distance"),
    [(None, 25, "25", "18.75"), (None, 1, "1", "0.75"), (SCHEMA, 25, "50", "37.5")],
    ids=["as far as ratings go", "the usual scale", "the ends of the schema"],
)
def test_a_proposed_contract_has_the_tolerances_of_the_scale(
    tmp_path: Path, schema: str | None, steps: int, within: str, distance: str
) -> None:
    rows = [(n, (n % 5) * steps) for n in range(100)]
    home = by_hand(
        tmp_path / "in",
        table("item,annotator,label", [(n, "p", rating) for n, rating in rows]),
        gold=table("item,label", rows),
        delivery="labels: rating\nlevel: interval",
        schema=schema,
    )
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(propose_contract(home.judge()))
    terms_of = {one.id: one for one in load_contract(proposed).acceptance}
    assert {str(one.within) for one in terms_of.values() if one.metric == "gold_accuracy"} == {within}
    assert str(terms_of["distance"].floor) == distance


def test_a_proposed_contract_keeps_the_tolerance_that_the_batch_was_judged_by(tmp_path: Path) -> None:
    judged = rated(tmp_path / "in", 1, AGREED + ", within: 0.5")
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(propose_contract(judged.judge()))
    assert "within: 0.5" in proposed.read_text().replace("'", "").replace('"', "")


def test_every_term_has_its_own_tolerance(tmp_path: Path) -> None:
    document = rated(
        tmp_path, 1,
        AGREED + ", within: 1",
        "id: exact, metric: gold_accuracy, scope: every slice, floor: 0.5",
        "id: half, metric: gold_accuracy, scope: every annotator, floor: 0.5, within: 0.5",
        "id: people, metric: gold_accuracy, scope: {annotator: annotator-01}, floor: 0.9",
        items=table("item,room", [(n, "xy"[n // 2 % 2]) for n in range(100)]),
    ).document()  # fmt: skip
    assert term(document, "gold")["value"] == 1.0
    assert term(document, "half")["value"] == 0.5
    assert term(document, "people")["value"] == 0.5
    assert [row["value"] for row in terms(document, "exact")] == [0.5, 0.5]
    assert (
        document["gold"]["overall"]["accuracy"]["value"] == 1.0
    )  # of the first tolerance, as the method says


def test_a_tolerance_holds_its_own_end_in_decimals(tmp_path: Path) -> None:
    # 0.1 + 0.2 is not 0.3 in binary: a rating at exactly the tolerance is within it
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", "0.3" if n % 2 else "0.31") for n in range(100)]),
        gold=table("item,label", [(n, "0.1") for n in range(100)]),
        delivery="labels: rating\nlevel: interval",
        contract=contract_of(AGREED + ", within: 0.2", labels="rating"),
    )
    assert term(home.document(), "gold")["value"] == 0.5


def test_mean_absolute_error_and_bias_worked_by_hand(tmp_path: Path) -> None:
    overall = rated(tmp_path, 1).document()["gold"]["overall"]
    assert overall["mean_absolute_error"]["value"] == 0.5
    # of 50 missed items 30 are one too high (gold 1, 2, 3) and 20 one too low
    assert overall["bias"]["value"] == pytest.approx((30 - 20) / 100)
    for name in ("mean_absolute_error", "bias"):
        assert overall[name]["low"] < overall[name]["value"] < overall[name]["high"]


def test_perfect_ratings_have_an_error_of_zero_and_still_an_interval(tmp_path: Path) -> None:
    overall = rated(tmp_path, 0).document()["gold"]["overall"]
    assert overall["mean_absolute_error"]["value"] == 0
    assert overall["mean_absolute_error"]["high"] > 0
    assert overall["bias"]["low"] < 0 < overall["bias"]["high"]


def test_a_ceiling_of_the_error_passes_below_and_fails_above(tmp_path: Path) -> None:
    ceiling = "id: far, metric: mean_absolute_error, scope: overall, ceiling: {}"
    low, high = (rated(tmp_path / c, 1, ceiling.format(c)).document() for c in ("0.8", "0.3"))
    assert term(low, "far")["outcome"] == "pass"
    assert term(high, "far")["outcome"] == "fail"


@pytest.mark.parametrize("level", ["ordinal", "interval", "ratio"])
def test_agreement_is_measured_at_the_level_of_the_scale(tmp_path: Path, level: str) -> None:
    spec = Spec(
        kind="rating", classes=("1", "2", "4", "7"), level="ordinal", items=120, annotators=3, accuracy=0.7,
        gold=Gold(items=60), messages=False,
    )  # fmt: skip
    home = simulated(tmp_path, spec)
    delivery = home.delivery.read_text().replace("level: ordinal", f"level: {level}")
    home.delivery.write_text(delivery)
    assert home.schema is not None
    home.schema.write_text(home.schema.read_text().replace("level: ordinal", f"level: {level}"))
    document = home.document(contract=None)
    votes: dict[str, list[float]] = {}
    for line in (tmp_path / "labels.csv").read_text().splitlines()[1:]:
        item, _, label = line.split(",")
        votes.setdefault(item, []).append(float(label))
    overall = document["agreement"]["overall"]
    for name, at in (("krippendorff_alpha", level), ("nominal_alpha", "nominal")):
        expected = krippendorff_alpha(votes.values(), at)  # type: ignore[arg-type]  # the four levels
        assert overall[name]["value"] == pytest.approx(expected, abs=1e-9)
        assert overall[name]["low"] < overall[name]["value"] < overall[name]["high"]


def test_ratings_of_equal_value_are_equal_however_they_are_written(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, who, ("4", "4.0")[who == "q"]) for n in range(30) for who in "pq"]
              + [(n, who, "2.50") for n in range(30, 60) for who in "pq"]),
        gold=table("item,label", [(n, "4.00") for n in range(30)] + [(n, "2.5") for n in range(30, 60)]),
        delivery="labels: rating\nlevel: interval",
    )  # fmt: skip
    document = home.document()
    assert document["batch"]["classes"] == ["2.5", "4"]
    assert document["gold"]["overall"]["accuracy"]["value"] == 1.0
    assert document["agreement"]["overall"]["krippendorff_alpha"]["value"] == 1.0


def test_what_is_no_number_or_off_the_scale_counts_as_wrong(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", ("4", "n/a", "9")[n % 3]) for n in range(60)]),
        gold=table("item,label", [(n, "4") for n in range(60)]),
        delivery="labels: rating\nlevel: interval",
        schema='assay: schema/1\nversion: "1"\nkind: rating\nlevel: interval\nlow: 1\nhigh: 5\n',
    )
    document = home.document()
    assert document["gold"]["overall"]["accuracy"]["value"] == pytest.approx(1 / 3)
    assert "unknown_label" in kinds(document)


def test_numbers_are_choices_unless_somebody_says_that_they_are_ratings(tmp_path: Path) -> None:
    rows = table("item,annotator,label", [(n, "p", 1 + n % 5) for n in range(40)])
    assert by_hand(tmp_path / "plain", rows).document()["batch"]["kind"] == "choice"
    said = by_hand(tmp_path / "said", rows, delivery="labels: rating").document()["batch"]
    assert (said["kind"], said["level"]) == ("rating", "interval")


def test_ordered_choices_need_their_order(tmp_path: Path) -> None:
    rows = table(
        "item,annotator,label", [(n, who, ("low", "mid", "high")[n % 3]) for n in range(40) for who in "pq"]
    )
    home = by_hand(tmp_path, rows, delivery="labels: choice\nlevel: ordinal")
    with pytest.raises(InputError, match="order of the classes is not known"):
        home.judge()
    schema = 'assay: schema/1\nversion: "1"\nkind: choice\nlevel: ordinal\nclasses:\n'
    schema += "".join(f"- {{id: {name}, name: {name}}}\n" for name in ("low", "mid", "high"))
    ordered = by_hand(tmp_path / "schema", rows, delivery="labels: choice\nlevel: ordinal", schema=schema)
    assert ordered.document()["batch"]["classes"] == ["low", "mid", "high"]


def test_perfectly_agreeing_ratings_are_not_certain(tmp_path: Path) -> None:
    rows = table("item,annotator,label", [(n, who, 1 + n % 5) for n in range(60) for who in "pq"])
    overall = by_hand(tmp_path, rows, delivery="labels: rating\nlevel: interval").document()["agreement"][
        "overall"
    ]
    assert overall["krippendorff_alpha"]["value"] == 1.0
    assert overall["krippendorff_alpha"]["low"] < 1.0


def test_a_slice_of_ratings_has_its_own_agreement(tmp_path: Path) -> None:
    votes = [(n, who, 1 + (n + (who == "q" and n % 2)) % 5) for n in range(100) for who in "pq"]
    home = by_hand(
        tmp_path, table("item,annotator,label", votes), delivery="labels: rating\nlevel: interval",
        items=table("item,side", [(n, "odd" if n % 2 else "even") for n in range(100)]),
    )  # fmt: skip
    by_side = home.document()["agreement"]["by_slice"]["side"]
    assert by_side["even"]["krippendorff_alpha"]["value"] == 1.0
    odd = [[1 + n % 5, 1 + (n + 1) % 5] for n in range(100) if n % 2]
    assert by_side["odd"]["krippendorff_alpha"]["value"] == pytest.approx(krippendorff_alpha(odd, "interval"))
