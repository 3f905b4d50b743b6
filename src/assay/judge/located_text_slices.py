"""Slices of spans and fields: their text, its form and length, and where in the text of the item they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from assay.measure.located_errors import ErrorKind
from assay.measure.units import Ints

from .located_batch import LocatedBatch
from .located_views import View
from .slice_words import Slice, named, ordered, phrases

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
    yield ordered("length", "look", _LENGTHS, lambda row: box[view.mark[row], 2], _LENGTH_WORDS, whole=True)
    yield ordered("place", "where", _STARTS, lambda row: box[view.mark[row], 0], _PLACE_WORDS, whole=True)
    if (batch.facts.width > 0).any():
        length = np.where(batch.facts.width > 0, batch.facts.width, np.nan)
        yield ordered(
            "text length", "where", _STARTS[1:], lambda row: length[view.item[row]], _TEXT_LENGTH_WORDS, whole=True
        )  # fmt: skip


def _of_texts(view: View, often: Counter[str]) -> Iterator[Slice]:
    texts = view.marks.text

    def coded(row: Ints, code: Callable[[str], int]) -> Ints:
        return np.array(
            [-1 if one is None else code(one) for one in texts[view.mark[row]].tolist()], np.int64
        )

    def words(row: Ints) -> NDArray[np.float64]:
        number = coded(row, lambda text: len(text.split()))
        return np.where(number < 0, np.nan, number)

    kept = sorted(
        (text for text in often if often[text] >= _LEAST_WORD), key=lambda text: (-often[text], text)
    )
    place = {text: number for number, text in enumerate(kept[:_MOST_WORDS])}
    if place:

        def known(row: Ints) -> Ints:
            return coded(row, lambda text: place.get(text.casefold(), -1))

        yield named("text", "text", list(place), known, "with the text")
    yield phrases("form", "look", _FORMS, lambda row: coded(row, _form))
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
