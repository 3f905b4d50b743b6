"""Which public measure answers which metric of a case. Nothing is computed here; names are matched to measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assay.measure.binary import binary_kappa, f1
from assay.measure.chance import (
    bennett_s,
    brennan_prediger,
    conger_kappa,
    fleiss_kappa,
    fleiss_test,
    gwet_ac2,
    light_kappa,
    pabak,
    percent_agreement,
    randolph_kappa,
    scott_pi,
)
from assay.measure.coincidence import LEVELS, AgreementState, alpha, alpha_by_class, alpha_of_distances
from assay.measure.drift import cusum_arl, two_sided_arl
from assay.measure.exact import Plan, clopper_pearson, oc_curve, sprt_lines, student_interval
from assay.measure.kappa import Kappa, cohen_kappa, cohen_kappa_errors
from assay.measure.ratings import Ratings
from assay.measure.sets import set_alpha
from assay.measure.spans import entity_f1
from assay.measure.speakers import Turn, diarization_error_rate
from assay.measure.spread import wilson
from assay.measure.standard_errors import standard_error
from assay.measure.text import NormalForm, character_edits, sum_of_edits, word_edits
from assay.measure.truth import dawid_skene
from assay.measure.undefined import Undefined
from assay.measure.unitizing import (
    Continuum,
    Unit,
    positional_dissimilarity,
    unitizing_alpha,
    unitizing_disagreement,
)
from assay.measure.weights import Weights, weights_of

from .cases import Case, UnsupportedError, declared_scale, level_of, ratings_of, shaped, weights_of_case
from .geometry import GEOMETRY


def _attribute(found: Any, name: str) -> Any:
    return found if isinstance(found, Undefined) else getattr(found, name)


def _end(found: Any, place: int) -> Any:
    return found if isinstance(found, Undefined) else found[place]


def _kappa_parts(table: Any, weights: Weights, level: float) -> dict[str, Callable[[], Any]]:
    def errors() -> Kappa | Undefined:
        return cohen_kappa_errors(table, weights)

    def interval() -> Any:
        found = errors()
        return found if isinstance(found, Undefined) else found.interval(level)

    return {
        "kappa": lambda: cohen_kappa(table, weights),
        "ase": lambda: _attribute(errors(), "error"),
        "ase0": lambda: _attribute(errors(), "error_by_chance"),
        "z": lambda: _attribute(errors(), "z"),
        "low": lambda: _end(interval(), 0),
        "upp": lambda: _end(interval(), 1),
    }


def cohen(case: Case) -> Any:
    """Every figure of Cohen's kappa: plain, with the weights of the case, linear and quadratic."""
    ratings = ratings_of(case)
    table, level = ratings.table(0, 1), level_of(case)
    parts = _kappa_parts(table, weights_of_case(case), level)
    parts |= {
        "value": parts["kappa"],
        "weighted_kappa": parts["kappa"],
        "se": parts["ase"],
        "high": parts["upp"],
    }
    if isinstance(case["expected"], Mapping) and "weighted_kappa" in case["expected"]:
        parts["kappa"] = lambda: cohen_kappa(table)
    names: dict[str, Weights] = {
        "unweighted": "identity",
        "linear": "linear",
        "equal": "linear",
        "quadratic": "quadratic",
        "squared": "quadratic",
    }
    for name, scheme in names.items():
        found = _kappa_parts(table, scheme, level)
        parts[name] = found.pop("kappa")
        parts |= {f"{kind}_{name}": get for kind, get in found.items()}
        parts |= {f"{name}_{kind}": get for kind, get in found.items()}
        parts |= {f"se_{name}": found["ase"], f"{name}_se": found["ase"], f"high_{name}": found["upp"]}
    return shaped(parts, case["expected"], "kappa")


def panel(case: Case) -> Any:
    """All coefficients of two or more annotators, with standard errors over items and Student intervals."""
    ratings, weights = ratings_of(case), weights_of_case(case)
    parts = _coefficient_parts(ratings, weights)
    parts |= _error_parts(ratings, weights, level_of(case), parts)
    if ratings.annotators == 2 and ratings.told_apart:
        parts |= _pair_parts(ratings, weights)
    return shaped(parts, case["expected"], case["metric"] if case["metric"] in parts else "alpha")


def _coefficient_parts(ratings: Ratings, weights: Weights) -> dict[str, Callable[[], Any]]:
    state = AgreementState.of(ratings)

    def weighted_alpha() -> Any:
        return alpha_of_distances(state.matrix(), 1 - weights_of(weights, state.values))

    measures: dict[str, Callable[[], Any]] = {
        "pa po percent_agreement raw_agreement": lambda: percent_agreement(state, weights),
        "ac1 ac2 gwet_ac1 gwet_ac2": lambda: gwet_ac2(state, weights),
        "bp brennan_prediger": lambda: brennan_prediger(state, weights),
        "fleiss fleiss_kappa": lambda: fleiss_kappa(state, weights),
        "randolph randolph_kappa": lambda: randolph_kappa(state),
        "alpha krippendorff krippendorff_alpha": weighted_alpha,
        "conger conger_kappa": lambda: conger_kappa(ratings, weights),
        "light light_kappa": lambda: light_kappa(ratings, weights),
    }
    return {name: measure for names, measure in measures.items() for name in names.split()}


def _pair_parts(ratings: Ratings, weights: Weights) -> dict[str, Callable[[], Any]]:
    table = ratings.table(0, 1)
    return {
        "kappa": lambda: cohen_kappa(table, weights),
        "cohen_kappa": lambda: cohen_kappa(table, weights),
        "pi": lambda: scott_pi(table, weights),
        "scott_pi": lambda: scott_pi(table, weights),
        "S": lambda: bennett_s(table),
        "s": lambda: bennett_s(table),
        "pabak": lambda: pabak(table),
        "linear": lambda: cohen_kappa(table, "linear"),
        "quadratic": lambda: cohen_kappa(table, "quadratic"),
    }


def _error_parts(
    ratings: Ratings, weights: Weights, level: float, values: Mapping[str, Callable[[], Any]]
) -> dict[str, Callable[[], Any]]:
    names: dict[str, Any] = {
        "pa": "percent_agreement",
        "ac1": "gwet_ac",
        "ac2": "gwet_ac",
        "fleiss": "fleiss_kappa",
        "bp": "brennan_prediger",
        "alpha": "krippendorff_alpha",
        "conger": "conger_kappa",
    }
    state = AgreementState.of(ratings)
    everyone, paired = sum(state.items.values()), sum(number for m, number in state.items.items() if m > 1)
    parts: dict[str, Callable[[], Any]] = {}
    for name, coefficient in names.items():

        def error(coefficient: Any = coefficient) -> Any:
            return standard_error(coefficient, ratings, weights)

        def interval(name: str = name, error: Callable[[], Any] = error) -> Any:
            value, spread = values[name](), error()
            if isinstance(value, Undefined) or isinstance(spread, Undefined):
                return value if isinstance(value, Undefined) else spread
            items = paired if name == "alpha" else everyone
            return student_interval(value, spread, items - 1, level=level)

        parts[f"{name}_se"] = error
        parts[f"{name}_low"] = lambda interval=interval: _end(interval(), 0)
        parts[f"{name}_upp"] = lambda interval=interval: _end(interval(), 1)
        parts[f"{name}_ci"] = interval
    return parts


def fleiss(case: Case) -> Any:
    """Fleiss' kappa with its test; Randolph's beside it."""
    ratings, weights = ratings_of(case), weights_of_case(case)
    state = AgreementState.of(ratings)
    parts = _coefficient_parts(ratings, weights) | {
        "kappa": lambda: fleiss_kappa(state, weights),
        "z": lambda: _attribute(fleiss_test(state), "z"),
        "se0": lambda: _attribute(fleiss_test(state), "error_by_chance"),
        "ase0": lambda: _attribute(fleiss_test(state), "error_by_chance"),
        "se": lambda: standard_error("fleiss_kappa", ratings, weights),
    }
    return shaped(parts, case["expected"], "randolph" if case["metric"] == "randolph_kappa" else "kappa")


def krippendorff(case: Case) -> Any:
    """Alpha at the level of the case, or at each level asked for."""
    state = AgreementState.of(ratings_of(case))
    parts: dict[str, Callable[[], Any]] = {
        level: lambda level=level: alpha(state.matrix(), state.values, level) for level in LEVELS
    }
    main = (case.get("params") or {}).get("level", "nominal")
    return shaped(parts | {"alpha": parts[main]}, case["expected"], main)


def per_class(case: Case) -> Any:
    """Alpha of each class against the rest."""
    state = AgreementState.of(ratings_of(case))
    return {str(value): found for value, found in alpha_by_class(state.matrix(), state.values).items()}


def sets(case: Case) -> Any:
    """Alpha of label sets with the distance of the case, or with each distance asked for."""
    rows = case["data"]["label_sets_items_by_raters"]
    parts: dict[str, Callable[[], Any]] = {
        "jaccard": lambda: set_alpha(rows, "jaccard"),
        "masi": lambda: set_alpha(rows, "masi"),
    }
    main = str((case.get("params") or {}).get("distance", "masi")).lower()
    return shaped(parts | {"alpha": parts[main]}, case["expected"], main)


def marginals(case: Case) -> Any:
    """The shares of the classes in the model of Dawid and Skene."""
    params = case.get("params") or {}
    rows = [tuple(row) for row in case["data"]["rows_item_rater_label"]]
    model = dawid_skene(rows, classes=declared_scale(case), smoothing=float(params.get("smoothing", 0)))
    if isinstance(model, Undefined):
        return model
    shares = [float(share) for share in model.prior]
    if isinstance(case["expected"], Mapping):
        return {str(value): share for value, share in zip(model.classes, shares, strict=True)}
    return shares


def texts(case: Case) -> Any:
    """Word and character error rates, in the normal form of the case or in each form asked for."""
    references, given = case["data"]["ref"], case["data"]["hyp"]
    if isinstance(references, str):
        references, given = [references], [given]
    params = case.get("params") or {}
    form = NormalForm(
        params.get("normal_form", "NFC"), lower=bool(params.get("lower")), squeeze=bool(params.get("squeeze"))
    )

    def total(edits: Callable[..., Any], form: NormalForm) -> Any:
        return sum_of_edits(edits(one, other, form) for one, other in zip(references, given, strict=True))

    words = total(word_edits, form)
    parts: dict[str, Callable[[], Any]] = {
        "wer": words.error_rate,
        "mer": words.match_error_rate,
        "wip": words.information_kept,
        "cer": total(character_edits, form).error_rate,
    }
    forms: dict[str, Any] = {"nfc": "NFC", "nfd": "NFD", "nfkc": "NFKC", "nfkd": "NFKD", "none": None}
    for name, unicode in forms.items():
        parts[name] = total(character_edits, NormalForm(unicode)).error_rate
        parts[f"cer_{name}"] = parts[name]
        parts[f"wer_{name}"] = total(word_edits, NormalForm(unicode)).error_rate
    return shaped(parts, case["expected"], "wer" if case["metric"] == "wer" else "cer")


def kappa_limit(case: Case) -> Any:
    """F1, then kappa with each number of true negatives."""
    data = case["data"]
    counts = data["tp"], data["fp"], data["fn"]
    negatives = data["tn"] if isinstance(data["tn"], list) else [data["tn"]]
    kappas = [binary_kappa(*counts, number) for number in negatives]
    if isinstance(case["expected"], Mapping):
        return {"f1": f1(*counts), "kappa": kappas if isinstance(data["tn"], list) else kappas[0]}
    return [f1(*counts), *kappas]


def proportion(case: Case) -> Any:
    """The interval of a proportion, by score or exact."""
    successes, trials = case["data"]["x"], case["data"]["n"]
    if case["metric"] == "clopper_pearson":
        found: Any = clopper_pearson(successes, trials, level_of(case))
    else:
        found = wilson(successes, trials, level_of(case)) if trials else Undefined("there was no trial")
    low, high = _end(found, 0), _end(found, 1)
    if not isinstance(case["expected"], Mapping):
        return [low, high]
    return {"low": low, "upp": high, "high": high, "upper": high, "lower": low}


def operating_curve(case: Case) -> Any:
    """The probability of acceptance at each share of errors."""
    data = case["data"]
    plan = Plan(data["n"], data["c"], data.get("N"))
    if not isinstance(data["p"], list):
        return plan.acceptance(data["p"])
    return list(oc_curve(plan, data["p"]))


def sequential(case: Case) -> Any:
    """The lines of the sequential probability ratio test."""
    data = case["data"]
    lines = sprt_lines(data["p1"], data["p2"], producer_risk=data["alpha"], consumer_risk=data["beta"])
    return {"h1": lines.h1, "h2": lines.h2, "s": lines.slope}


def run_lengths(case: Case) -> Any:
    """Mean run lengths of a CUSUM at each shift, in the order of the case."""
    data, params = case["data"], case.get("params") or {}
    shifts = data["shift"] if isinstance(data["shift"], list) else [data["shift"]]

    def length(shift: float) -> float:
        upper = cusum_arl(data["k"], data["h"], shift)
        if params.get("one_sided", True) and not params.get("two_sided"):
            return upper
        return two_sided_arl(upper, cusum_arl(data["k"], data["h"], -shift))

    lengths = [length(shift) for shift in shifts]
    if isinstance(case["expected"], Mapping):
        return {f"arl{place}": found for place, found in enumerate(lengths)}
    return lengths if isinstance(case["expected"], list) else lengths[0]


def spans(case: Case) -> Any:
    """F1 of exact spans; a stray tag begins a span, as in the CoNLL scorer, unless the case is strict."""
    strict = "strict" in ((case.get("params") or {}).get("mode"), case["data"].get("mode"))
    return entity_f1(case["data"]["a"], case["data"]["b"], stray="ignore" if strict else "begin")


def units(case: Case) -> Any:
    """Disagreement and alpha of each class of units, and of all classes together."""
    data = case["data"]
    found = [Unit(*row) for row in data["units_offset_length_rater_category"]]
    continuum = Continuum(data["begin"], data["length"], data["raters"])
    parts: dict[str, Callable[[], Any]] = {
        name: lambda: unitizing_alpha(found, continuum) for name in ("alpha", "overall", "alpha_u")
    }
    for label in {unit.label for unit in found}:
        apart = unitizing_disagreement(found, label, continuum)
        parts[f"Do_{label}"] = lambda apart=apart: apart.observed
        parts[f"De_{label}"] = lambda apart=apart: apart.expected
        parts[f"alpha_{label}"] = apart.alpha
        parts[str(label)] = apart.alpha
    return shaped(parts, case["expected"], "alpha")


def positions(case: Case) -> Any:
    """The positional dissimilarity of each pair of units."""
    empty = float((case.get("params") or {}).get("delta_empty", 1))
    return [positional_dissimilarity(one, other, empty=empty) for one, other in case["data"]["pairs"]]


def speakers(case: Case) -> Any:
    """The diarization error rate."""
    reference, given = (
        [Turn(*row) for row in case["data"][key]] for key in ("ref_start_end_label", "hyp_start_end_label")
    )
    collar = float((case.get("params") or {}).get("collar", 0))
    return diarization_error_rate(reference, given, collar=collar)


METRICS: dict[str, Callable[[Case], Any]] = {
    "cohen_kappa": cohen,
    "cohen_kappa_ci": cohen,
    "cohen_kappa_weights": cohen,
    "paradox_panel": panel,
    "two_rater_panel": panel,
    "multi_rater_panel": panel,
    "multi_rater_se": panel,
    "scott_pi": panel,
    "light_kappa": panel,
    "conger_kappa": panel,
    "gwet_ac1": panel,
    "gwet_ac2": panel,
    "brennan_prediger": panel,
    "percent_agreement": panel,
    "pabak": panel,
    "fleiss_kappa": fleiss,
    "randolph_kappa": fleiss,
    "krippendorff_alpha": krippendorff,
    "krippendorff_alpha_levels": krippendorff,
    "alpha_per_class": per_class,
    "krippendorff_alpha_sets": sets,
    "dawid_skene_marginals": marginals,
    "wer_cer": texts,
    "wer": texts,
    "cer": texts,
    "cer_unicode": texts,
    "kappa_f1_limit": kappa_limit,
    "wilson_ci": proportion,
    "clopper_pearson": proportion,
    "oc_curve": operating_curve,
    "sprt_lines": sequential,
    "cusum_arl": run_lengths,
    "entity_f1": spans,
    "unitizing_alpha_per_category": units,
    "unitizing_alpha": units,
    "gamma_positional_dissimilarity": positions,
    "der": speakers,
} | GEOMETRY


def answer(case: Case) -> Any:
    """What the public measures say to a case; raises UnsupportedError for a metric that is not built."""
    if case["metric"] not in METRICS:
        raise UnsupportedError(case["metric"])
    return METRICS[case["metric"]](case)
