"""A vague or undecidable contract is refused: every reason at once, each with its place and its remedy."""

from __future__ import annotations

import pytest

from assay.annotation.strict_yaml import parse_yaml
from assay.measure.figure import Figure, undefined
from assay.terms.contract import Contract, ContractError, Problem, parse_contract, validate
from assay.terms.metrics import LABEL_KINDS, METRICS, VAGUE, misfit

HEAD = "assay: contract/1\nid: c\n"
GOLD = "id: gold, metric: gold_f1, scope: overall, floor: 0.9"
SAMPLE = "measurement: {sample: {share: 10%, annotators_per_item: 3}}\n"
PLAN = "items: 200, accept: 5, good: 0.99, vendor_risk: 5%, buyer_risk: 10%"


def problems_of(*terms: str, labels: str = "choice", more: str = SAMPLE) -> tuple[Problem, ...]:
    listed = "".join(f"  - {{{term}}}\n" for term in terms)
    text = f"{HEAD}labels: {labels}\n{more}acceptance:\n{listed}"
    try:
        parse_contract(parse_yaml(text, file="contract.yaml"))
    except ContractError as error:
        return error.problems
    return ()


def contract_of(*terms: str, labels: str = "choice", more: str = SAMPLE) -> Contract:
    listed = "".join(f"  - {{{term}}}\n" for term in terms)
    return parse_contract(
        parse_yaml(f"{HEAD}labels: {labels}\n{more}acceptance:\n{listed}", file="contract.yaml")
    )


@pytest.mark.parametrize(
    ("term", "what", "remedy"),
    [
        ("id: t, scope: overall, floor: 95%", "95% of what? the term names no metric", "metric: gold_f1"),
        (
            "id: t, metric: accuracy, scope: overall, floor: 0.9",
            "'accuracy' names no single measurement",
            "gold_accuracy",
        ),
        (
            "id: t, metric: IAA, scope: overall, floor: 0.9",
            "'IAA' names no single measurement",
            "krippendorff_alpha",
        ),
        ("id: t, metric: gold_f2, scope: overall, floor: 0.9", "no metric is called 'gold_f2'", "gold_f1"),
        ("id: t, metric: gold_f1, scope: overall", "the term has no floor", "floor: 0.90"),
        ("id: t, metric: gold_f1, scope: overall, floor: 95%", "written as the figure", "0.90"),
        (
            "id: t, metric: gold_f1, scope: overall, floor: 0",
            "every delivery reaches a floor of 0",
            "above 0",
        ),
        ("id: t, metric: gold_f1, scope: overall, floor: 1.2", "out of range", "from 0 to 1"),
        ("id: t, metric: gold_f1, scope: overall, floor: high", "not a number", "0.85"),
        ("id: t, metric: gold_f1, floor: 0.9", "does not say what it judges", "every class"),
        ("id: t, metric: gold_f1, scope: each class, floor: 0.9", "no scope", "every class"),
        ("id: t, metric: gold_f1, scope: {slice: fog}, floor: 0.9", "no scope", "of: ATTRIBUTE"),
        ("metric: gold_f1, scope: overall, floor: 0.9", "no id", "write id"),
        (f"{GOLD}, flor: 0.9", "'flor' is not known here", "write floor"),
        (f"{GOLD}, ceiling: 0.9", "better when it is higher", "write floor: instead of ceiling:"),
        (f"{GOLD}, reject_below: 0.95", "reject_below 0.95 is not below the floor 0.9", "below the floor"),
        (f"{GOLD}, redo: class", "none of the allowed values", "batch"),
        (f"{GOLD}, rule: maybe", "none of the allowed values", "unless_shown_below"),
        (f"{GOLD}, within: 1", "only the accuracy of ratings has a tolerance", "labels: rating"),
        (f"{GOLD}, floors: {{fraud: 0.8}}", "only `every …` has floors by name", "leave floors out"),
        (
            f"{GOLD}, without_evidence: watched",
            "a batch cannot pass without evidence",
            "leave without_evidence out",
        ),
        (
            "id: t, metric: gold_f1, scope: overall, floor: 1.00, rule: shown",
            "no sample can show",
            "such as 0.99",
        ),
        (
            "id: t, metric: gold_f1, scope: every annotator, floor: 0.9, rule: shown, without_evidence: watched",
            "nothing is shown without evidence",
            "not provable",
        ),
        (
            "id: t, metric: gold_f1, scope: every class, floor: 0.9, reject_below: 0.7, floors: {fraud: 0.6}",
            "0.6 of fraud rejects what it lets pass",
            "can be met",
        ),
        (
            "id: t, metric: krippendorff_alpha, scope: every annotator, floor: 0.6",
            "agreement belongs to several people",
            "gold metric",
        ),
        (
            "id: t, metric: delivered_share, scope: every class, floor: 0.9",
            "does not exist for classes",
            "overall",
        ),
        (
            "id: t, metric: critical_error_rate, scope: overall, floor: 0.9",
            "better when it is lower",
            "ceiling",
        ),
        ("id: t, metric: critical_error_rate, scope: overall, ceiling: 1", "no delivery exceeds", "below 1"),
        (
            "id: t, metric: critical_error_rate, scope: overall, ceiling: 0.1",
            "no kind of error is called critical",
            "errors: {wrong_class: critical}",
        ),
        (
            f"id: t, metric: gold_f1, scope: overall, floor: 0.95, rule: {{plan: {{{PLAN}}}}}",
            "counts the wrong items of one batch",
            "gold_accuracy",
        ),
        (
            f"id: t, metric: gold_accuracy, scope: overall, floor: 0.97, rule: {{plan: {{{PLAN}}}}}",
            "the buyer's risk is 44.3%, more than the 10% that the plan states",
            "inspect more items",
        ),
        (
            f"id: t, metric: gold_accuracy, scope: overall, floor: 0.99, rule: {{plan: {{{PLAN}}}}}",
            "not better than the floor",
            "right side",
        ),
        (
            "id: t, metric: gold_accuracy, scope: overall, floor: 0.95, rule: {plan: {items: 200, accept: 5}}",
            "the plan does not say at which quality the vendor is protected",
            "good: 0.99",
        ),
    ],
)
def test_a_vague_or_undecidable_term_is_refused_with_its_remedy(term: str, what: str, remedy: str) -> None:
    found = problems_of(term)
    matching = [problem for problem in found if what in problem.what]
    assert matching, found
    assert remedy in matching[0].remedy
    assert all(problem.place.startswith("line 6, key acceptance[0]") for problem in found)


@pytest.mark.parametrize("labels", ["boxes", "shapes", "masks", "keypoints", "spans", "fields"])
@pytest.mark.parametrize("metric", ["krippendorff_alpha", "cohen_kappa", "gold_kappa"])
def test_alpha_and_kappa_of_located_objects_are_refused_with_the_metric_to_use(
    labels: str, metric: str
) -> None:
    (problem, *_) = problems_of(f"id: t, metric: {metric}, scope: overall, floor: 0.8", labels=labels)
    assert "no true negatives" in problem.what
    assert "mix of classes" in problem.what
    assert problem.remedy == "use gold_f1 against gold and pairwise_f1 between annotators"


@pytest.mark.parametrize(
    ("labels", "metric", "remedy"),
    [
        ("rating", "gold_f1", "mean_absolute_error"),
        ("rating", "cohen_kappa", "krippendorff_alpha"),
        ("text", "krippendorff_alpha", "wer or cer"),
        ("text", "gold_f1", "gold_accuracy"),
        ("multi", "gold_kappa", "gold_f1 for every class"),
        ("choice", "pairwise_f1", "krippendorff_alpha"),
        ("boxes", "gold_accuracy", "gold_f1"),
    ],
)
def test_a_metric_that_does_not_fit_the_labels_names_one_that_does(
    labels: str, metric: str, remedy: str
) -> None:
    (problem, *_) = problems_of(f"id: t, metric: {metric}, scope: overall, floor: 0.8", labels=labels)
    assert remedy in problem.remedy


@pytest.mark.parametrize("kind", LABEL_KINDS)
def test_every_kind_of_label_has_metrics_and_every_misfit_a_reason(kind: str) -> None:
    fitting = [metric for metric in METRICS.values() if misfit(metric, kind) is None]  # type: ignore[arg-type]
    assert any(metric.source == "gold" and metric.name != "critical_error_rate" for metric in fitting)
    for metric in METRICS.values():
        problem = misfit(metric, kind)  # type: ignore[arg-type]  # drawn from the kinds
        if problem is not None:
            assert all(problem)
            named = [other for other in METRICS if other in problem[1]]
            assert any(kind in METRICS[other].kinds for other in named), problem


def test_every_vague_word_leads_to_a_metric() -> None:
    assert all(any(name in meant for name in METRICS) for meant in VAGUE.values())


@pytest.mark.parametrize("kind", ["rating", "text"])
def test_ratings_and_texts_have_no_classes(kind: str) -> None:
    found = problems_of("id: t, metric: gold_accuracy, scope: every class, floor: 0.8", labels=kind)
    assert "have no classes to judge" in found[0].what


@pytest.mark.parametrize(
    ("clause", "what", "remedy"),
    [
        ("rework: {at_cost_of: {vendor: 70%, buyer: 20%}}", "add up to 90%", "100%"),
        ("rework: {remeasure: same items}", "none of the allowed values", "fresh sample"),
        (
            'pricing: {currency: USD, lines: [{per: accepted item, price: "3.5e-2"}]}',
            "not a number",
            "exponent",
        ),
        ('pricing: {currency: USD, lines: [{per: accepted item, price: "0,035"}]}', "not a number", "comma"),
        ("pricing: {currency: dollars, lines: [{per: accepted item, price: 1}]}", "no currency", "USD"),
        ("pricing: {currency: USD, lines: []}", "no price", "accepted item"),
        ("pricing: {currency: USD, lines: [{per: hour, price: 1}]}", "no unit of a price", "accepted item"),
        (
            "pricing: {currency: USD, lines: [{per: accepted box, price: 1}]}",
            "nobody counts 'box'",
            "item, label",
        ),
        ("measurement: {sample: {by: vendor}}", "proves nothing about the rest", "by: buyer"),
        (
            "measurement: {sample: {drawn: before delivery}}",
            "can be known to those it tests",
            "after delivery",
        ),
        ("measurement: {sample: {share: 10%, items: 500}}", "two sizes", "either share or items"),
        ("measurement: {interval: {level: 50%}}", "an interval of 50%", "80% to 99.9%"),
        ("measurement: {evidence: {pool: 0 batches}}", "no batch at all", "1 batch"),
        ("measurement: {missing: {skipped: 2%}}", "no upper limit", "at most 2%"),
        ("measurement: {match: {overlap: iou, threshold: 0.5}}", "no overlap to match by", "leave match out"),
        ("measurement: {normal_form: [NFC]}", "have no normal form", "leave it out"),
        ("judged: {accuracy: final, agreement: review}", "made after seeing another's", "first_pass"),
        ("judged: {accuracy: prelabel}", "none of the allowed values", "final"),
        ("level: ratio", "choice labels have no ratio scale", "nominal or ordinal"),
        ("level: cardinal", "none of the allowed values", "nominal"),
        ("in_force: {from: 2026-03-01, to: 2025-03-01}", "does not end before it begins", ""),
        ("decision: {within: two weeks}", "no duration", "10 business days"),
        ("calendar: {zone: Mars/Olympus}", "no time zone", ""),
        (
            "cadence: {burst: {items: 10, per: week, floors: {god: 0.8}}}",
            "no term has the id god",
            "write gold",
        ),
        (
            "cadence: {burst: {items: 10, per: week, floors: {gold: 1.8}}}",
            "no bound for gold_f1",
            "could have",
        ),
        ("errors: {typo: minor}", "'typo' is not known here", "wrong_class"),
        ("gold: {items: 4}", "never reach the minimum of 20", "at least 5"),
        ("payment: never", "none of the allowed values", "batch"),
        ("penalty: 10%", "'penalty' is not known here", "leave it out"),
    ],
)
def test_a_clause_that_cannot_be_decided_is_refused_with_its_remedy(
    clause: str, what: str, remedy: str
) -> None:
    found = problems_of(GOLD, more=f"{clause}\n")
    matching = [problem for problem in found if what in problem.what]
    assert matching, found
    assert remedy in matching[0].remedy
    assert matching[0].place


@pytest.mark.parametrize(
    ("terms", "more", "what"),
    [
        ((GOLD, GOLD.replace("gold_f1", "gold_kappa")), SAMPLE, "two terms have the id gold"),
        ((GOLD, GOLD.replace("id: gold", "id: again")), SAMPLE, "again judges what gold already judges"),
        (("id: a, metric: krippendorff_alpha, scope: overall, floor: 0.6",), "", "no sample is agreed"),
        (
            ("id: a, metric: krippendorff_alpha, scope: overall, floor: 0.6",),
            "measurement: {sample: {annotators_per_item: 1}}\n",
            "cannot agree with anybody",
        ),
        (
            ("id: a, metric: krippendorff_alpha, scope: overall, floor: 0.6",),
            "measurement: {sample: {items: 4}}\n",
            "4 items in the sample",
        ),
    ],
)
def test_terms_that_contradict_each_other_or_lack_a_sample_are_refused(
    terms: tuple[str, ...], more: str, what: str
) -> None:
    assert any(what in problem.what for problem in problems_of(*terms, more=more))


def test_boxes_need_an_overlap_and_texts_a_normal_form() -> None:
    (boxes,) = problems_of(GOLD, labels="boxes", more="")
    assert "which boxes are the same one" in boxes.what
    (keypoints,) = problems_of(
        GOLD, labels="keypoints", more="measurement: {match: {overlap: iou, threshold: 0.5}}\n"
    )
    assert keypoints.remedy == "write overlap: oks"
    (fields,) = problems_of(
        GOLD, labels="fields", more="measurement: {match: {overlap: iou, threshold: 0.5}}\n"
    )
    assert "no overlap to match by" in fields.what
    (texts,) = problems_of("id: t, metric: wer, scope: overall, ceiling: 0.1", labels="text", more="")
    assert "depends on the normal form" in texts.what


def test_all_problems_are_listed_at_once_in_the_order_of_the_file() -> None:
    found = problems_of(
        "id: a, metric: accuracy, scope: overall, floor: 95%",
        "id: b, metric: gold_f1, scope: every class",
        more="level: ratio\ngold: {itms: 3}\nrework: {at_cost_of: {vendor: 50%}}\n",
    )
    assert len(found) == 5
    lines = [problem.place.partition(",")[0] for problem in found if problem.place.startswith("line")]
    assert lines == ["line 5", "line 6", "line 8", "line 9"]
    with pytest.raises(ContractError) as raised:
        raise ContractError(found, file="contract.yaml")
    assert str(raised.value).startswith("contract.yaml: the contract has 5 problems\n")
    assert str(raised.value).count("remedy: ") == 5


def test_a_contract_is_compared_with_the_schema_and_the_manifest_it_meets() -> None:
    contract = contract_of(
        "id: a, metric: gold_f1, scope: {class: fruad}, floor: 0.9",
        "id: b, metric: gold_f1, scope: every class, floor: 0.9, floors: {scam: 0.8}",
        "id: c, metric: gold_f1, scope: {every: slice, of: wether}, floor: 0.9",
        more="measurement: {sample: {strata: [delivered class, wind]}, interval: {unit: document}}\n",
    )
    assert validate(contract) == []
    found = validate(contract, schema_classes=["fraud", "spam"], slices=["weather"])
    assert [(problem.what, problem.remedy) for problem in found] == [
        ("the schema has no class 'fruad'", "write fraud"),
        ("the schema has no class 'scam'", "write spam"),
        ("no item says its 'wether'", "write weather"),
        ("no item says its 'wind'", "strata can be delivered class, weather"),
        ("no item says its 'document'", "intervals can resample item, weather"),
    ]
    assert validate(contract, schema_classes=["fruad", "scam"], slices=["wether", "wind", "document"]) == []


def test_a_floor_above_what_gold_can_support_is_answered_with_that_figure() -> None:
    contract = contract_of(
        "id: gold, metric: gold_f1, scope: overall, floor: 0.95",
        "id: classes, metric: gold_f1, scope: every class, floor: 0.9, floors: {spam: 0.8}",
        "id: kappa, metric: gold_kappa, scope: overall, floor: 0.99",
    )
    ceilings = {
        None: Figure(0.96, 0.93, 0.98, positives=200),
        "fraud": Figure(0.85, 0.80, 0.889, positives=90),
        "spam": Figure(0.80, 0.7, 0.85, positives=60),
        "rare": undefined("no item was answered by two makers"),
    }
    (problem,) = validate(contract, ceilings=ceilings)
    assert problem.what == (
        "the floor 0.9 of fraud is above what gold can support: its makers agree only 0.850 (0.800–0.889)"
    )
    assert (
        problem.remedy
        == "lower the floor of fraud to at most 0.88, or have more makers adjudicate the gold of fraud"
    )
    assert problem.place == "line 7, key acceptance[1]"
