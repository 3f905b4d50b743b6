"""Values of fields: what was entered under a key, exactly and in one normal form, and how near two fields are.

A field's key is its class; its value stands in ``shape`` or, for a box or span that someone read, in ``text``. A label
of a whole image has no value: two of them are the same.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from assay.formats.objects import KIND_CODES
from assay.formats.stored_json import stored_json
from assay.measure.candidates import Floats
from assay.measure.overlap_boxes import box_iou
from assay.measure.text import NormalForm
from assay.measure.units import Ints

from .located_batch import Marks

FIELD = KIND_CODES["field"]
#: What does not count when two values are compared as normalised.
VALUE_FORM = NormalForm("NFKC", lower=True, squeeze=True)

_HALF = 0.5
_NEARLY = 0.95
_LEAST, _ROOM = 0.1, 0.39
_NONE = -1


def value_of(shape: str | None, text: str | None, *, is_field: bool = True) -> str | None:
    """The value of a field, None where it has none.

    >>> value_of('{"key":"total","value":"12.50"}', None), value_of(None, "12.50"), value_of(None, None)
    ('12.50', '12.50', None)
    >>> value_of('{"key":"night","value":"night"}', None) is None
    True
    """
    if shape is None or not is_field:
        return text
    found = stored_json(shape)
    value = found.get("value")
    if value is None or value == found.get("key"):
        return text
    return str(value)


@lru_cache(maxsize=1 << 16)
def normalised(value: str) -> str:
    """A value in the form in which small differences of writing do not count.

    >>> normalised(" ACME  Ltd. ") == normalised("acme ltd.")
    True
    """
    return VALUE_FORM.apply(unicodedata.normalize("NFKC", value))


@dataclass(frozen=True)
class Fields:
    """Fields of one side: key, value and place; equal codes are equal values on both sides."""

    key: Ints
    exact: Ints
    loose: Ints
    text: list[str]
    box: Floats
    placed: NDArray[np.bool_]


def fields_of(left: Marks, right: Marks) -> tuple[Fields, Fields]:
    """The fields of two sides that are compared with each other."""
    codes: tuple[dict[str, int], dict[str, int]] = {}, {}
    one = _fields(left, codes)
    return one, one if left is right else _fields(right, codes)


def _fields(marks: Marks, codes: tuple[dict[str, int], dict[str, int]]) -> Fields:
    rows = len(marks)
    exact, loose = np.full(rows, _NONE), np.full(rows, _NONE)
    text = [""] * rows
    is_field = (marks.kind == FIELD).tolist()
    for row, (shape, written, own) in enumerate(zip(marks.shape, marks.text, is_field, strict=True)):
        value = value_of(shape, written, is_field=own)
        if value is not None:
            text[row] = normalised(value)
            exact[row] = codes[0].setdefault(value, len(codes[0]))
            loose[row] = codes[1].setdefault(text[row], len(codes[1]))
    box = marks.objects.box
    placed = (marks.kind != FIELD) | ((box[:, 2] > 0) & (box[:, 3] > 0))
    return Fields(marks.objects.label, exact, loose, text, box, placed)


def field_overlap(left: Fields, right: Fields, one: Ints, other: Ints) -> Floats:
    """How near fields are, pair by pair, from 0 to 1.

    Equal values: one half, and the other half by where they stand (the overlap of their boxes; all of it where not both
    have one; a twentieth less where the values are equal only in the normal form). Other values under the same key: .1
    to .49, by how much of text and place they share, so that they are the same field with a wrong value. Other values
    under other keys: 0.
    """
    same = left.loose[one] == right.loose[other]
    exact = left.exact[one] == right.exact[other]
    both = left.placed[one] & right.placed[other]
    place = np.where(both, box_iou(left.box[one], right.box[other]), 1.0)
    found = np.where(same, _HALF + _HALF * place * np.where(exact, 1.0, _NEARLY), 0.0)
    wrong = np.flatnonzero(~same & (left.key[one] == right.key[other]))
    pairs = zip(one[wrong].tolist(), other[wrong].tolist(), strict=True)
    alike = [Indel.normalized_similarity(left.text[mine], right.text[theirs]) for mine, theirs in pairs]
    shared = np.array(alike, np.float64)
    shared = np.where(both[wrong], (shared + place[wrong]) / 2, shared)
    found[wrong] = _LEAST + _ROOM * shared
    return np.asarray(found, np.float64)
