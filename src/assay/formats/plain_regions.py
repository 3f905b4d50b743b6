"""Regions of Label Studio that are nothing but boxes, outlines, strokes or marked texts of one class each, as columns.

Most of what is delivered is that. A result that holds anything else is left to the long way, region by region; both
give the same objects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter, methodcaller

import numpy as np
import numpy.typing as npt
import orjson

from .located_rows import ObjectKind
from .object_columns import ObjectColumns
from .region_geometry import Frame, pixels_of_percent
from .stroke_runs import Stroke

Strokes = Mapping[int, Stroke]

_LARGEST = 1e9
_NUMBERS = frozenset({int, float})
_TYPE, _VALUE, _ID = itemgetter("type"), itemgetter("value"), itemgetter("id")
_TURNED, _PARENT = methodcaller("get", "image_rotation"), methodcaller("get", "parentID")
_ROTATED, _CLOSED = methodcaller("get", "rotation"), methodcaller("get", "closed")
_SIDES = itemgetter("x", "y", "width", "height")
_SPAN = itemgetter("start", "end", "text")
#: The controls that are read here, with the keys that their values may have.
_KEYS = {
    "rectanglelabels": frozenset({"x", "y", "width", "height", "rotation", "rectanglelabels"}),
    "polygonlabels": frozenset({"points", "closed", "polygonlabels"}),
    "brushlabels": frozenset({"format", "rle", "brushlabels"}),
    "labels": frozenset({"start", "end", "text", "labels"}),
}  # fmt: skip


def plain_objects(result: object, frame: Frame, text: str | None, strokes: Strokes) -> ObjectColumns | None:
    """The objects of a result; None where one of its regions is more than plain."""
    if type(result) is not list or not result:
        return None
    try:
        kinds, values, ids = list(map(_TYPE, result)), list(map(_VALUE, result)), set(map(_ID, result))
        tools = set(kinds)
        if len(ids) != len(result) or set(map(type, ids)) != {str} or set(map(type, values)) != {dict}:
            return None
        if any(map(_TURNED, result)) or any(map(_PARENT, result)):
            return None
        if len(tools) > 1:
            return _mixed(result, kinds, frame, text, strokes)
        (tool,) = tools
        keys = _KEYS.get(tool)
        if keys is None or not keys.issuperset(chain.from_iterable(values)):
            return None
        labels = [one for (one,) in map(itemgetter(tool), values)]
        if set(map(type, labels)) != {str}:
            return None
        scores = [one.get("score") for one in result]
        if not set(map(type, scores)) <= {float, int, type(None)}:
            return None
        told = None if scores.count(None) == len(scores) else scores
        return _READERS[tool](values, labels, told, frame, text, strokes)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _mixed(
    result: Sequence[Mapping[str, object]],
    kinds: Sequence[str],
    frame: Frame,
    text: str | None,
    strokes: Strokes,
) -> ObjectColumns | None:
    """Several tools in one result: each for itself, then in the order of the result."""
    order: list[int] = []
    parts: list[ObjectColumns] = []
    for tool in dict.fromkeys(kinds):
        places = [at for at, kind in enumerate(kinds) if kind == tool]
        found = plain_objects([result[at] for at in places], frame, text, strokes)
        if found is None:
            return None
        order += places
        parts.append(found)
    back = np.argsort(order).tolist()

    def column(name: str) -> list[str | None]:
        whole = chain.from_iterable(getattr(part, name) or [None] * len(part) for part in parts)
        listed = list(whole)
        return [listed[at] for at in back]

    names: list[ObjectKind] = [kind for part in parts for kind in part.kinds]
    scores = [score for part in parts for score in (part.scores or [None] * len(part))]
    return ObjectColumns(
        [names[at] for at in back], [label or "" for label in column("labels")],
        np.concatenate([part.box for part in parts])[back], column("shapes"), column("texts"),
        [scores[at] for at in back] if any(score is not None for score in scores) else None,
    )  # fmt: skip


_Values = Sequence[Mapping[str, object]]
_Scores = Sequence[float | None] | None


def _boxes(
    values: _Values, labels: list[str], scores: _Scores, frame: Frame, text: str | None, strokes: Strokes
) -> ObjectColumns | None:
    if not frame.known or any(map(_ROTATED, values)):
        return None
    box = _numbers(list(chain.from_iterable(map(_SIDES, values))), 4)
    if box is None or not (box >= 0).all():
        return None
    scale = np.array([frame.width, frame.height] * 2, np.float64)
    return ObjectColumns(["box"] * len(labels), labels, pixels_of_percent(box, scale), scores=scores)


def _outlines(
    values: _Values, labels: list[str], scores: _Scores, frame: Frame, text: str | None, strokes: Strokes
) -> ObjectColumns | None:
    rings = list(map(itemgetter("points"), values))
    if not frame.known or set(map(type, rings)) != {list} or False in map(_CLOSED, values):
        return None
    points: list[list[float]] = list(chain.from_iterable(rings))
    counts = np.array(list(map(len, rings)))
    if not counts.all() or set(map(type, points)) != {list} or set(map(len, points)) != {2}:
        return None
    places = _numbers(list(chain.from_iterable(points)), 2)
    if places is None:
        return None
    places = pixels_of_percent(places, np.array([frame.width, frame.height], np.float64))
    ends = np.cumsum(counts)
    begins = ends - counts
    least, most = np.minimum.reduceat(places, begins), np.maximum.reduceat(places, begins)
    flat = places.ravel()
    shapes = [
        f'{{"rings":[{_dumped(flat[2 * begin : 2 * end])}],"holes":[]}}'
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
    box = np.concatenate((least, most - least), axis=1)
    return ObjectColumns(["polygon"] * len(labels), labels, box, shapes, scores=scores)


def _masks(
    values: _Values, labels: list[str], scores: _Scores, frame: Frame, text: str | None, strokes: Strokes
) -> ObjectColumns | None:
    found = [strokes.get(id(one["rle"])) for one in values]
    drawn = [one for one in found if one is not None]
    if len(drawn) < len(found):
        return None
    box = np.array([one.box for one in drawn], np.float64)
    return ObjectColumns(["mask"] * len(labels), labels, box, [one.shape for one in drawn], scores=scores)


def _spans(
    values: _Values, labels: list[str], scores: _Scores, frame: Frame, text: str | None, strokes: Strokes
) -> ObjectColumns | None:
    """Marked texts whose offsets count code points and fit their texts exactly."""
    if text is None or not (text.isascii() or max(text) <= "\uffff"):
        return None
    starts, ends, texts = zip(*map(_SPAN, values), strict=True)
    if set(map(type, starts)) != {int} or set(map(type, ends)) != {int}:
        return None
    covered = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    if covered != list(texts) or min(starts) < 0 or max(ends) > len(text) or "" in covered:
        return None
    box = np.zeros((len(labels), 4))
    box[:, 0] = starts
    box[:, 2] = np.array(ends) - np.array(starts)
    box[:, 3] = 1
    shapes = [f'{{"parts":[[{start},{end}]]}}' for start, end in zip(starts, ends, strict=True)]
    return ObjectColumns(["span"] * len(labels), labels, box, shapes, covered, scores)


def _numbers(flat: list[object], width: int) -> npt.NDArray[np.float64] | None:
    """Numbers in rows; None where one is none, or larger than a coordinate can be."""
    if not set(map(type, flat)) <= _NUMBERS:
        return None
    numbers = np.array(flat, np.float64).reshape(-1, width)
    return numbers if (np.abs(numbers) < _LARGEST).all() else None


def _dumped(numbers: npt.NDArray[np.float64]) -> str:
    return orjson.dumps(numbers, option=orjson.OPT_SERIALIZE_NUMPY).decode()


_READERS = {"rectanglelabels": _boxes, "polygonlabels": _outlines, "brushlabels": _masks, "labels": _spans}
