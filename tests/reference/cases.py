"""Reading a case and comparing what was computed with what was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assay.measure.ratings import Ratings, Value
from assay.measure.undefined import Undefined
from assay.measure.weights import Weights, from_disagreement

Case = Mapping[str, Any]
Parts = Mapping[str, Callable[[], Any]]

_SCALE_KEYS = ("values", "categories", "scale", "labels", "classes", "order", "levels", "value_domain")
_WEIGHT_NAMES = {"unweighted": "identity", "none": "identity", "equal": "linear", "squared": "quadratic"}


class UnsupportedError(Exception):
    """Raised for a metric that is not built."""


def declared_scale(case: Case) -> list[Value] | None:
    """The scale a case declares under any of the usual names."""
    for place in (case.get("params") or {}, case["data"]):
        for key in _SCALE_KEYS:
            if isinstance(place.get(key), list):
                return list(place[key])
    return None


def ratings_of(case: Case) -> Ratings:
    """The ratings of a case: rows of items, counts, a table of two people, or (item, annotator, label) rows."""
    data, scale = case["data"], declared_scale(case)
    if "ratings_items_by_raters" in data:
        return Ratings.from_rows(data["ratings_items_by_raters"], values=scale)
    if "ratings_raters_by_items" in data:
        columns = data["ratings_raters_by_items"]
        return Ratings.from_rows(list(map(list, zip(*columns, strict=True))), values=scale)
    if "counts_items_by_categories" in data:
        return Ratings.from_counts(data["counts_items_by_categories"], values=scale)
    if "table" in data:
        return Ratings.from_table(data["table"], values=scale)
    if "rows_item_rater_label" in data:
        return Ratings.from_annotations(map(tuple, data["rows_item_rater_label"]), values=scale)
    if isinstance(data.get("a"), list) and isinstance(data.get("b"), list):
        return Ratings.from_rows(list(map(list, zip(data["a"], data["b"], strict=True))), values=scale)
    raise UnsupportedError(f"no ratings among {', '.join(data)}")


def weights_of_case(case: Case) -> Weights:
    """The weights of a case: a name, a table of agreement weights or one of disagreement weights."""
    params = case.get("params") or {}
    if "disagreement_weights" in params:
        return from_disagreement(params["disagreement_weights"])
    weights = params.get("weights", "identity")
    if isinstance(weights, str):
        name: Any = _WEIGHT_NAMES.get(weights.lower(), weights.lower())
        return name
    table: Any = weights
    return table


def level_of(case: Case) -> float:
    """The confidence level of a case, 0.95 unless it says another."""
    return float((case.get("params") or {}).get("level", 0.95))


def shaped(parts: Parts, expected: Any, main: str) -> Any:
    """What was computed, in the shape of what is expected: the parts asked for, or the main one."""
    if isinstance(expected, Mapping) and not set(expected) <= {"undefined"}:
        return {key: parts[key]() if key in parts else None for key in expected}
    return parts[main]()


def agrees(got: Any, expected: Any, tolerance: float) -> bool:
    """Whether every number expected was met within the tolerance, and every undefined figure is undefined."""
    if isinstance(expected, Mapping) and set(expected) != {"undefined"}:
        return isinstance(got, Mapping) and all(
            key in got and agrees(got[key], value, tolerance) for key, value in expected.items()
        )
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return (
            isinstance(got, Sequence)
            and len(got) == len(expected)
            and all(agrees(one, other, tolerance) for one, other in zip(got, expected, strict=True))
        )
    if expected is None or isinstance(expected, Mapping) or expected == "undefined":
        return isinstance(got, Undefined)
    if isinstance(expected, bool | str) or isinstance(got, bool):
        return type(got) is type(expected) and bool(got == expected)
    return isinstance(got, int | float) and abs(got - expected) <= tolerance


def as_json(got: Any) -> Any:
    """The same as JSON values; an undefined figure with its reason."""
    if isinstance(got, Undefined):
        return {"undefined": got.reason}
    if isinstance(got, Mapping):
        return {str(key): as_json(value) for key, value in got.items()}
    if isinstance(got, list | tuple):
        return [as_json(value) for value in got]
    return got
