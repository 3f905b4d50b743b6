"""What a manifest says of items: which were expected, which slice they are of, and how a sample was drawn."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.simulate import Gold, Spec
from tests.judge.judging import Home, Json, by_hand, contract_of, kinds, simulated, table, term

ALL = "id: all, metric: delivered_share, scope: overall, floor: 0.99"


def figure(document: Json, name: str = "accuracy") -> Json:
    found: Json = document["gold"]["overall"][name]
    return found


def width(found: Json) -> float:
    return float(found["high"] - found["low"])


def test_items_of_the_manifest_without_a_label_are_missing_and_failed(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", "ab"[n % 2]) for n in range(95)]),
        items=table("item", [(n,) for n in range(100)]),
        contract=contract_of(ALL),
        gold=table("item,label", [(n, "ab"[n % 2]) for n in range(100)]),
    )
    document = home.document()
    row = term(document, "all")
    assert (row["value"], row["outcome"]) == (0.95, "fail")
    assert row["low"] is None  # a count of the whole batch has no interval
    assert (document["batch"]["items"], document["batch"]["items_expected"]) == (95, 100)
    assert "missing_items" in kinds(document)
    assert document["gold"]["not_delivered"] == 5
    assert figure(document)["value"] == 0.95


def test_labels_of_items_outside_the_manifest_are_named_and_not_measured(tmp_path: Path) -> None:
    rows = [(n, "p", "a") for n in range(50)]
    inside = by_hand(
        tmp_path / "inside", table("item,annotator,label", rows), items=table("item", [(n,) for n in range(50)]),
        gold=table("item,label", [(n, "a" if n % 2 else "b") for n in range(80)]),
    )  # fmt: skip
    more = table("item,annotator,label", [*rows, *((n, "p", "b") for n in range(50, 90))])
    outside = by_hand(
        tmp_path / "outside", more, items=inside.items.read_text(), gold=inside.gold.read_text()  # type: ignore[union-attr]  # written above
    )  # fmt: skip
    one, other = inside.document(), outside.document()
    assert "extra_items" in kinds(other)
    assert "extra_items" not in kinds(one)
    for key in ("gold", "agreement", "people", "verdict"):
        assert one[key] == other[key]
    assert "gold_outside_batch" in kinds(one)


@pytest.mark.parametrize("agreed", [True, False])
def test_gold_that_was_not_delivered_counts_as_the_contract_says(tmp_path: Path, agreed: bool) -> None:
    counted = "missing: {gold_not_delivered: wrong}" if agreed else "missing: {gold_not_delivered: left out}"
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", "ab"[n % 2]) for n in range(80)]),
        gold=table("item,label", [(n, "ab"[n % 2]) for n in range(100)]),
        contract=contract_of(
            "id: gold, metric: gold_accuracy, scope: overall, floor: 0.9", measurement=counted
        ),
    )
    document = home.document()
    assert figure(document)["value"] == (0.8 if agreed else 1.0)
    assert document["gold"]["not_delivered"] == (20 if agreed else 0)
    assert ("gold_outside_batch" in kinds(document)) is not agreed


def test_without_contract_and_manifest_gold_of_other_batches_is_left_out(tmp_path: Path) -> None:
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", "ab"[n % 2]) for n in range(80)]),
        gold=table("item,label", [(n, "ab"[n % 2]) for n in range(400)]),
    )
    document = home.document()
    assert document["gold"]["items"] == document["gold"]["scored"] == 80
    assert figure(document)["value"] == 1.0
    assert document["batch"]["items"] == 80


@pytest.mark.parametrize(
    "name", ["key", "number", "part", "label", "layer", "annotation", "item_name", 'say "so"']
)
@pytest.mark.parametrize("prefix", ["", "i"])
def test_an_attribute_may_have_any_name(tmp_path: Path, name: str, prefix: str) -> None:
    cell = '"' + name.replace('"', '""') + '"'
    home = by_hand(
        tmp_path,
        table("item,annotator,label", [(f"{prefix}{n}", "p", "ab"[n % 4 == 0]) for n in range(120)]),
        gold=table("item,label", [(f"{prefix}{n}", "a") for n in range(120)]),
        items=table(f"item,{cell}", [(f"{prefix}{n}", "xy"[n % 2]) for n in range(120)]),
        contract=contract_of("id: slices, metric: gold_f1, scope: every slice, floor: 0.80, redo: slice"),
    )
    document = home.document()
    assert list(document["gold"]["by_slice"]) == [name]
    assert document["gold"]["by_slice"][name]["x"]["accuracy"]["value"] == 0.5
    assert document["rework"]["items"] == 60


# A stratified sample stands for its population


def confused(n: int, stratum: str) -> str:
    """Right in 19 of 20 items of the common stratum, in 1 of 2 of the rare one."""
    wrong = n % 20 == 0 if stratum == "common" else n % 2 == 0
    return "b" if wrong else "a"


def sampled(folder: Path, *, items: str | None = None, more: str = "") -> Home:
    """9,000 items of a common and 1,000 of a rare stratum; gold for 200 of each, all of class a."""
    of = ["common"] * 9000 + ["rare"] * 1000
    chosen = [*range(200), *range(9000, 9200)]
    return by_hand(
        folder,
        table("item,annotator,label", [(n, "p", confused(n, of[n])) for n in range(10_000)]),
        gold=table("item,label", [(n, "a") for n in chosen]),
        items=items or table("item,stratum", enumerate(of)),
        contract=contract_of(
            "id: gold, metric: gold_accuracy, scope: overall, floor: 0.9, reject_below: 0.5", measurement=more
        ),
    )


def test_the_weights_of_strata_give_the_figure_of_the_population(tmp_path: Path) -> None:
    found = figure(sampled(tmp_path).document())
    assert found["value"] == pytest.approx(0.9 * 0.95 + 0.1 * 0.5, abs=1e-12)
    assert found["low"] < found["value"] < found["high"]
    # the rare stratum of known size weighs little, so the interval is narrower than of 400 items at one half
    assert width(found) < 0.08
    assert found["units"] == 400


def test_recall_and_precision_of_a_class_are_those_of_the_population(tmp_path: Path) -> None:
    document = sampled(tmp_path).document()
    assert document["gold"]["by_class"]["a"]["recall"]["value"] == pytest.approx(0.905, abs=1e-12)
    assert document["gold"]["by_class"]["a"]["precision"]["value"] == 1.0
    assert document["gold"]["by_class"]["a"]["f1"]["value"] == pytest.approx(2 * 0.905 / 1.905, abs=1e-12)


def test_inclusion_probabilities_make_strata_too(tmp_path: Path) -> None:
    of = [0.02] * 9000 + [0.2] * 1000
    items = table("item,inclusion_probability", enumerate(of))
    by_probability = sampled(tmp_path / "p", items=items).document()
    by_name = sampled(tmp_path / "s").document()
    assert figure(by_probability)["value"] == figure(by_name)["value"]


def test_equal_strata_that_are_alike_change_next_to_nothing(tmp_path: Path) -> None:
    def home(folder: str, columns: str) -> Home:
        rows = [(n, *(("xy"[n % 2],) if "stratum" in columns else ())) for n in range(1000)]
        return by_hand(
            tmp_path / folder,
            table("item,annotator,label", [(n, "p", "b" if n % 20 < 2 else "a") for n in range(1000)]),
            gold=table("item,label", [(n, "a") for n in range(400)]),
            items=table(columns, rows),
        )

    plain, cut = (figure(home(f, c).document()) for f, c in (("one", "item"), ("two", "item,stratum")))
    assert cut["value"] == pytest.approx(plain["value"])
    assert width(cut) == pytest.approx(width(plain), rel=0.15)


def test_figures_of_slices_are_weighted_too_and_kappa_without_weights_is_not_shown(tmp_path: Path) -> None:
    of = ["common"] * 9000 + ["rare"] * 1000
    items = table("item,stratum,side", [(n, of[n], "xy"[n % 2]) for n in range(10_000)])
    by_side = sampled(tmp_path, items=items).document()["gold"]["by_slice"]["side"]
    # wrong are n % 20 == 0 and n % 2 == 0: on even items 1 in 10 of the common, all of the rare
    assert by_side["x"]["accuracy"]["value"] == pytest.approx(0.9 * 0.9 + 0.1 * 0.0, abs=1e-12)
    assert by_side["y"]["accuracy"]["value"] == 1.0
    assert by_side["x"]["kappa"]["value"] is None
    assert "sample by strata" in by_side["x"]["kappa"]["reason"]


def test_a_stratum_with_one_gold_item_is_not_enough_evidence_and_no_pass(tmp_path: Path) -> None:
    of = ["common"] * 9000 + ["rare"] * 999 + ["lonely"]
    document = sampled(tmp_path, items=table("item,stratum", enumerate(of))).document()
    found = figure(document)
    assert found["value"] is None
    assert "not enough evidence: 1 of 3 strata" in found["reason"]
    assert term(document, "gold")["outcome"] == "not provable"
    assert document["verdict"]["outcome"] == "not provable"


def test_agreement_of_a_stratified_sample_is_that_of_the_population(tmp_path: Path) -> None:
    # doubly labelled items: 100 of 900 agree always, 100 of 100 never
    of = ["calm"] * 900 + ["split"] * 100
    votes = [(n, "p", "ab"[n % 2]) for n in range(1000)]
    votes += [(n, "q", "ab"[n % 2]) for n in range(100)] + [(n, "q", "ba"[n % 2]) for n in range(900, 1000)]
    home = by_hand(tmp_path, table("item,annotator,label", votes), items=table("item,stratum", enumerate(of)))
    document = home.document()
    assert document["agreement"]["overall"]["percent_agreement"]["value"] == pytest.approx(0.9)
    plain = by_hand(tmp_path / "plain", home.delivery.read_text()).document()
    assert plain["agreement"]["overall"]["percent_agreement"]["value"] == pytest.approx(0.5)


def test_weighted_figures_that_are_all_right_are_one_and_not_above(tmp_path: Path) -> None:
    of = ["x"] * 700 + ["y"] * 200 + ["z"] * 33
    chosen = [*range(61), *range(700, 737), *range(900, 919)]
    document = by_hand(
        tmp_path,
        table("item,annotator,label", [(n, "p", "ab"[n % 2]) for n in range(933)]),
        gold=table("item,label", [(n, "ab"[n % 2]) for n in chosen]),
        items=table("item,stratum", enumerate(of)),
    ).document()
    for found in document["gold"]["overall"].values():
        if isinstance(found, dict):
            assert found["value"] == found["high"] == 1.0
            assert found["low"] < 1.0


# Items that come in groups


def grouped(folder: Path, unit: str, *, strata: bool = False) -> Home:
    """1,000 items in groups of ten that are right or wrong together; gold for all."""
    luck = random.Random(4)
    wrong = [luck.random() < 0.15 for _ in range(100)]
    columns = "item,document,stratum" if strata else "item,document"
    rows = [(n, f"d{n // 10}", *(("north" if n < 500 else "south",) if strata else ())) for n in range(1000)]
    return by_hand(
        folder,
        table("item,annotator,label", [
            (n, who, "b" if wrong[n // 10] != (n % 10 == 0 and who == "q") else "a") for n in range(1000) for who in "pq"
        ]),
        gold=table("item,label", [(n, "a") for n in range(1000)]),
        items=table(columns, rows),
        contract=contract_of(
            "id: gold, metric: gold_accuracy, scope: overall, floor: 0.5", measurement=f"interval: {{unit: {unit}}}"
        ),
    )  # fmt: skip


def test_resampling_groups_widens_the_intervals_of_items_that_err_together(tmp_path: Path) -> None:
    alone, together = (grouped(tmp_path / unit, unit).document() for unit in ("item", "document"))
    assert figure(alone)["value"] == figure(together)["value"]
    assert width(figure(together)) > 2 * width(figure(alone))
    name = "krippendorff_alpha"
    one, other = (d["agreement"]["overall"][name] for d in (alone, together))
    assert one["value"] == other["value"]
    assert width(other) != width(one)


def test_groups_keep_the_weights_of_their_strata(tmp_path: Path) -> None:
    of = ["common"] * 9000 + ["rare"] * 1000
    items = table("item,stratum,document", [(n, of[n], f"d{n // 4}") for n in range(10_000)])
    by_group = sampled(tmp_path / "group", items=items, more="interval: {unit: document}").document()
    assert figure(by_group)["value"] == pytest.approx(0.905, abs=1e-12)
    assert figure(by_group)["low"] < 0.905 < figure(by_group)["high"]


def test_groups_without_the_column_or_without_a_manifest_are_refused(tmp_path: Path) -> None:
    home = grouped(tmp_path, "document")
    with pytest.raises(InputError, match="no manifest says which item is in which group"):
        home.judge(items=None)
    assert home.items is not None
    home.items.write_text(home.items.read_text().replace("document", "dossier"))
    with pytest.raises(InputError, match="column that the manifest does not have"):
        home.judge()


def test_missing_items_of_a_simulated_batch_are_counted_to_the_item(tmp_path: Path) -> None:
    spec = Spec(items=500, missing=0.1, gold=Gold(items=200), messages=False)
    home = simulated(tmp_path, spec)
    document = home.document()
    labelled = {line.split(",")[0] for line in (tmp_path / "labels.csv").read_text().splitlines()[1:]}
    assert document["batch"]["items"] == len(labelled) < 500
    gold = {line.split(",")[0] for line in (tmp_path / "gold.csv").read_text().splitlines()[1:]}
    assert document["gold"]["not_delivered"] == len(gold - labelled)
