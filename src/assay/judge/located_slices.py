"""Slices of located objects: class, people, the manifest's, attributes of the objects, and what needs no manifest.

Every slice is a trait of trials (see ``measure.located_patterns``) with words for each of its values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from assay.formats.stored_json import stored_json
from assay.measure.units import Ints

from .located_batch import LocatedBatch
from .located_image_slices import image_slices
from .located_text_slices import text_slices
from .located_views import View
from .slice_words import Code, Slice, banded, named, of_marks, ordered

IMAGES = frozenset({"boxes", "shapes", "masks", "keypoints", "fields"})
_TEXTS = frozenset({"spans", "fields"})
_COUNTS = (2, 3, 5, 10, 20, 50, 100, 200)
_MOST_TEXTS = 1_000
_MOST_VALUES = 20
_GLANCED = 10_000


def slices_of(view: View, batch: LocatedBatch) -> list[Slice]:
    """All slices of a view. No two have one name: what the manifest says keeps its own."""
    taken: set[str] = set()
    slices = []
    for one in _every(view, batch):
        name = one.name
        while name in taken:
            name = f"object {name}"
        taken.add(name)
        slices.append(one if name == one.name else replace(one, trait=replace(one.trait, name=name)))
    return slices


def _every(view: View, batch: LocatedBatch) -> Iterator[Slice]:
    for attribute, codes in zip(batch.slices, batch.facts.slices, strict=True):
        where = f"where {attribute.name} is"
        yield named(attribute.name, "where", attribute.values, _column(codes[view.item]), where)
    yield named("class", "class", batch.classes, _column(view.label), "of class")
    yield named("person", "person", view.people, _column(view.person), "")
    yield named("other person", "other", view.people, _column(view.other), "")
    yield from _of_attributes(view)
    if batch.kind in IMAGES:
        yield from image_slices(view, batch)
    if batch.kind in _TEXTS:
        yield from text_slices(view, batch)
    noun = "spans" if batch.kind == "spans" else "objects"
    words = ("on items with under {} #", "on items with {} or more #", "on items with {} to {} #")
    below, above, between = (one.replace("#", noun) for one in words)
    yield ordered("crowding", "where", _COUNTS, _crowding(view, batch), (below, above, between), whole=True)


def _column(codes: Ints) -> Code:
    return lambda row: codes[row]


def _of_attributes(view: View) -> Iterator[Slice]:
    """Attributes of the objects themselves, where they have few values."""
    texts = view.marks.attributes
    glanced = view.mark[:: max(len(view) // _GLANCED, 1)]
    if len({*texts[glanced].tolist()}) > _MOST_TEXTS:
        return
    every = {*texts.tolist()} - {None}
    if not every or len(every) > _MOST_TEXTS:
        return
    read = {text: stored_json(text) for text in every}

    def coder(codes: Mapping[str, int]) -> Callable[[], Ints]:
        return lambda: np.array([codes.get(text, -1) for text in texts.tolist()], np.int64)

    names = sorted({name for one in read.values() for name in one})
    for name in names[:_MOST_VALUES]:
        told = {text: value for text, one in read.items() if (value := _told(one.get(name))) is not None}
        values = sorted(set(told.values()))
        if 2 <= len(values) <= _MOST_VALUES:
            codes = {text: values.index(value) for text, value in told.items()}
            yield named(name, "where", values, of_marks(view.mark, coder(codes)), f"whose {name} is")


def _told(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, int, float)) else None


def _crowding(view: View, batch: LocatedBatch) -> Code:
    """Objects on the item: those of gold, or else as many as a person marked on it at most."""
    if view.sides[0] is batch.gold:
        count = np.bincount(batch.gold.objects.item, minlength=len(batch.items))
    else:
        people = len(batch.annotators) + 1
        answers, number = np.unique(batch.marks.objects.item * people + batch.by, return_counts=True)
        count = np.zeros(len(batch.items), np.int64)
        np.maximum.at(count, answers // people, number)
    bands = banded(_COUNTS, count.astype(np.float64))
    return lambda row: bands[view.item[row]]
