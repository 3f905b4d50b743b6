"""Tags of tokens as spans, many sentences at once: the strict reading of IOB1, IOB2, BIOES and BILOU in arrays.

The same spans as reading sentence by sentence gives (``formats.tag_schemes``), for those who hold lists of tags and
want a figure: a tag that cannot stand where it stands is part of no span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .binary import f1
from .spans_located import Spans, exact_span_matches
from .undefined import Undefined
from .units import Ints

TagScheme = Literal["iob1", "iob2", "bioes", "bilou"]

_OUTSIDE, _BEGIN, _INSIDE, _END, _SINGLE = range(5)
_PREFIXES: dict[TagScheme, dict[str, int]] = {
    "iob1": {"B": _BEGIN, "I": _INSIDE},
    "iob2": {"B": _BEGIN, "I": _INSIDE},
    "bioes": {"B": _BEGIN, "I": _INSIDE, "E": _END, "S": _SINGLE},
    "bilou": {"B": _BEGIN, "I": _INSIDE, "L": _END, "U": _SINGLE},
}


@dataclass(frozen=True)
class TaggedSpans:
    """Spans in tokens of their sentence, whose number is the item; ``labels`` are the classes by number."""

    spans: Spans
    labels: tuple[str, ...]


def tagged_spans(tags: Sequence[Sequence[str]], scheme: TagScheme, labels: Sequence[str] = ()) -> TaggedSpans:
    """The spans of sentences of tags; classes are numbered after ``labels``, which may hold some already.

    Raises ValueError for a tag that no scheme of this name has.

    >>> found = tagged_spans([["B-PER", "I-PER", "O", "I-LOC"]], "iob2")
    >>> found.labels, found.spans.start.tolist(), found.spans.end.tolist()
    (('PER', 'LOC'), [0], [2])
    """
    length = np.fromiter(map(len, tags), np.int64, len(tags))
    prefix, label, names = _coded(tags, scheme, labels)
    begun = np.cumsum(length) - length
    fresh = np.zeros(len(prefix) + 1, bool)
    fresh[begun] = True
    first, last = _runs(prefix, label, fresh[:-1], scheme)
    item = np.searchsorted(begun, first, "right") - 1
    start = first - begun[item]
    return TaggedSpans(Spans.whole(item, label[first], start, start + last - first + 1), names)


def tagged_f1(
    left: Sequence[Sequence[str]], right: Sequence[Sequence[str]], scheme: TagScheme
) -> float | Undefined:
    """F1 of exact spans of two codings of the same sentences, all classes together.

    >>> tagged_f1([["B-PER", "I-PER", "O"]], [["I-PER", "I-PER", "O"]], "iob2")
    0.0
    """
    if [*map(len, left)] != [*map(len, right)]:
        raise ValueError("both sides need the same sentences, tag by tag")
    one = tagged_spans(left, scheme)
    other = tagged_spans(right, scheme, one.labels)
    matched = len(exact_span_matches(one.spans, other.spans))
    return f1(matched, len(other.spans.objects) - matched, len(one.spans.objects) - matched)


def _coded(
    tags: Sequence[Sequence[str]], scheme: TagScheme, labels: Sequence[str]
) -> tuple[Ints, Ints, tuple[str, ...]]:
    """Prefix and class of every tag as numbers; what stands outside has the class -1."""
    numbers: dict[str, int] = {}
    codes = np.fromiter(
        (numbers.setdefault(tag, len(numbers)) for tag in chain.from_iterable(tags)), np.int64
    )
    names = {name: number for number, name in enumerate(labels)}
    table = np.array([_told(tag, scheme, names) for tag in numbers], np.int64).reshape(-1, 2)
    return table[codes, 0], table[codes, 1], tuple(names)


def _told(tag: str, scheme: TagScheme, names: dict[str, int]) -> tuple[int, int]:
    if tag == "O":
        return _OUTSIDE, -1
    prefix = _PREFIXES[scheme].get(tag[:1])
    if prefix is None or len(tag) < 3 or tag[1] not in "-_":
        raise ValueError(f"{tag!r} is no tag of {scheme.upper()}")
    return prefix, names.setdefault(tag[2:], len(names))


def _runs(prefix: Ints, label: Ints, fresh: NDArray[np.bool_], scheme: TagScheme) -> tuple[Ints, Ints]:
    """First and last token of each span."""
    follows = np.zeros(len(prefix), bool)
    follows[1:] = (label[1:] == label[:-1]) & (prefix[1:] != _OUTSIDE) & ~fresh[1:]
    goes_on = follows & ((prefix == _INSIDE) | (prefix == _END))
    if scheme in ("bioes", "bilou"):
        goes_on[1:] &= (prefix[:-1] == _BEGIN) | (prefix[:-1] == _INSIDE)
    first = np.flatnonzero((prefix != _OUTSIDE) & ~goes_on)
    ends = np.flatnonzero((prefix != _OUTSIDE) & ~np.append(goes_on[1:], False))
    head, tail = prefix[first], prefix[ends]
    if scheme == "iob2":
        sound = head == _BEGIN
    elif scheme == "iob1":
        sound = (head == _INSIDE) | follows[first]
    else:
        sound = (head == _SINGLE) | ((head == _BEGIN) & (tail == _END))
    return first[sound], ends[sound]
