"""Slices of spans and fields: their text, its form and length, and where in the text of the item they lie."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from assay.measure.located_errors import ErrorKind
from assay.measure.units import Ints

from .located_batch import LocatedBatch
from .located_views import View
from .slice_words import Code, Slice, banded, named, of_marks, ordered, phrases

_LENGTHS = (2, 3, 5, 10, 20, 30, 50, 100, 200, 500)
_WORDS = (2, 3, 4, 6, 11)
_STARTS = (1, 50, 100, 200, 500, 1000, 2000, 5000)
_LEAST_WORD, _MOST_WORDS = 5, 1_000
_FORMS = (
    "beginning with @", "beginning with #", "that are links", "with digits", "in capitals",
    "beginning with a capital letter", "in lower case", "of signs alone",
)  # fmt: skip
_LENGTH_WORDS = ("shorter than {} characters", "of {} characters or more", "of {} to {} characters")
_TEXT_LENGTH_WORDS = (
    "in texts shorter than {} characters", "in texts of {} characters or more", "in texts of {} to {} characters",
)  # fmt: skip
_PLACE_WORDS = ("before character {}", "from character {} on", "at characters {} to {}")
_WORDS_WORDS = ("of fewer than {} words", "of {} or more words", "of {} to {} words")


def text_slices(view: View, batch: LocatedBatch) -> Iterator[Slice]:
    """Texts that are often wrong, forms, words, lengths and places; offsets are code points."""
    box, texts = view.marks.objects.box, view.marks.text
    wrong = view.mark[view.kind != ErrorKind.RIGHT]
    often = Counter(text.casefold() for text in texts[wrong].tolist() if text is not None)
    if often:
        yield from _of_texts(view, often)
    if batch.kind != "spans":
        return
    length = of_marks(view.mark, lambda: banded(_LENGTHS, box[:, 2]))
    yield ordered("length", "look", _LENGTHS, length, _LENGTH_WORDS, whole=True)
    place = of_marks(view.mark, lambda: banded(_STARTS, box[:, 0]))
    yield ordered("place", "where", _STARTS, place, _PLACE_WORDS, whole=True)
    if (batch.facts.width > 0).any():
        bands = banded(_STARTS[1:], np.where(batch.facts.width > 0, batch.facts.width, np.nan))
        code = of_marks(view.item, lambda: bands)
        yield ordered("text length", "where", _STARTS[1:], code, _TEXT_LENGTH_WORDS, whole=True)


def _of_texts(view: View, often: Counter[str]) -> Iterator[Slice]:
    texts = view.marks.text

    def coded(code: Callable[[str], int]) -> Code:
        known: dict[str | None, int] = {None: -1}

        def make() -> Ints:
            for text in set(texts.tolist()) - {None}:
                known[text] = code(text)
            return np.array([known[text] for text in texts.tolist()], np.int64)

        return of_marks(view.mark, make)

    kept = sorted(
        (text for text in often if often[text] >= _LEAST_WORD), key=lambda text: (-often[text], text)
    )
    place = {text: number for number, text in enumerate(kept[:_MOST_WORDS])}
    if place:
        known = coded(lambda text: place.get(text.casefold(), -1))
        yield named("text", "text", list(place), known, "with the text")
    yield phrases("form", "look", _FORMS, coded(_form))
    words = coded(lambda text: bisect_right(_WORDS, len(text.split())))
    yield ordered("words", "look", _WORDS, words, _WORDS_WORDS, whole=True)


def _form(text: str) -> int:
    """The place of a text in ``_FORMS``."""
    if text.startswith(("@", "#")):
        return "@#".index(text[0])
    if text.startswith(("http:", "https:", "www.")):
        return 2
    if any(sign.isdigit() for sign in text):
        return 3
    if not any(sign.isalpha() for sign in text):
        return 7
    if text.isupper() and len(text) > 1:
        return 4
    return 5 if text[0].isupper() else 6
