"""Offsets of spans against the text they point into: outside of it, empty, counted in other units, another text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .located_rows import Notes, ObjectRow, span


def utf16_offsets(text: str) -> list[int]:
    """For each offset in UTF-16 units, as browsers count, the offset in code points.

    >>> utf16_offsets("a😀b")
    [0, 1, 1, 2, 3]
    """
    table = []
    for at, character in enumerate(text):
        table += [at, at] if ord(character) > 0xFFFF else [at]
    return [*table, len(text)]


class SpanChecker:
    """Makes spans of offsets and counts what is odd about them; nothing is moved unless the covered text proves it.

    Where both units fit a span, the unit counts that an earlier span of the file has proven.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._counts_utf16 = False

    def span(
        self,
        item: str,
        text: str | None,
        label: str,
        parts: Sequence[tuple[int, int]],
        *,
        covered: str | None = None,
        attributes: Mapping[str, str] | None = None,
        confidence: float | None = None,
    ) -> ObjectRow:
        """One span; ``covered`` is the text that the source says it covers."""
        kept = [(start, max(start, end)) for start, end in parts]
        if text is not None and covered is not None:
            kept = self._checked(item, text, kept, covered)
        self._bounds(item, text, parts)
        said = covered
        if text is not None:
            said = " … ".join(text[max(start, 0) : max(end, 0)] for start, end in kept)
        return span(label, kept, text=said, attributes=attributes, confidence=confidence)

    def _bounds(self, item: str, text: str | None, parts: Sequence[tuple[int, int]]) -> None:
        name = self._notes.file
        if any(end <= start for start, end in parts):
            self._notes.count(
                "empty_span", item, "major",
                f"{{n}} spans of {name} end where they begin or before; they cover nothing and match nothing.",
            )  # fmt: skip
        if any(start < 0 or (text is not None and end > len(text)) for start, end in parts):
            self._notes.count(
                "span_outside_text",
                item,
                "major",
                f"{{n}} spans of {name} reach outside of the text of their item.",
            )

    def _checked(
        self, item: str, text: str, parts: list[tuple[int, int]], covered: str
    ) -> list[tuple[int, int]]:
        fits = _fit(text, parts, covered)
        table = [] if text.isascii() else utf16_offsets(text)
        moved = parts
        if table and all(0 <= start <= end < len(table) for start, end in parts):
            moved = [(table[start], table[end]) for start, end in parts]
        fits_moved = _fit(text, moved, covered) if moved != parts else 0
        if fits != fits_moved and moved != parts:
            self._counts_utf16 = fits_moved > fits
        if fits_moved and self._counts_utf16:
            self._notes.count(
                "utf16_offsets", item, "note",
                f"The offsets of {{n}} spans of {self._notes.file} count UTF-16 units, as their texts show; they "
                "were turned into code points.",
            )  # fmt: skip
            return moved
        if fits:
            return parts
        self._notes.count(
            "span_text_differs", item, "minor",
            f"{{n}} spans of {self._notes.file} carry another text than their offsets cover; the offsets "
            "count.",
        )  # fmt: skip
        return parts


def _fit(text: str, parts: Sequence[tuple[int, int]], covered: str) -> int:
    """How well parts of a text are the text they should cover: 2 exactly, 1 but for blanks, 0 not at all."""
    found = "".join(text[max(start, 0) : max(end, 0)] for start, end in parts)
    if found == covered:
        return 2
    return int("".join(found.split()) == "".join(covered.split()))
