"""Writing spans as tags of tokens: one token on each line, the text before it in a comment, a blank line behind."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assay.annotation.errors import InputError
from assay.annotation.place import shown

from .doccano_write import TextItem, has_parts
from .located_rows import ObjectRow
from .small_table import write_whole
from .tag_schemes import Scheme, TagSpan, tags_of

_TOKEN = re.compile(r"\S+")
_BREAKS = re.compile(r"[\t\n\r]|^\s|\s$|^$")


def write_bio(target: Path, items: Iterable[TextItem], *, scheme: Scheme = "iob2") -> Counter[str]:
    """Write texts with their spans as token and tag; how much was lost, by kind.

    Not carried: items without any token (``empty_texts``), objects that are no spans (``no_spans``), spans of blanks or
    outside of the text (``no_tokens``), spans that overlap one written before (``overlapping_spans``), spans of several
    parts (``discontinuous_spans``), ``attributes``, ``confidence``, ``blanks_in_spans`` at their ends, and runs of
    blanks and line breaks in a text, which become one (``blanks``).

    Raises :class:`InputError` for an item without a text, and for a class or an item that no line can hold.
    """
    losses: Counter[str] = Counter()

    def lines() -> Iterator[bytes]:
        for item, text, objects in items:
            if text is None:
                raise InputError(
                    "tags stand behind the tokens of a text, and the text is not known", found=f"item {shown(item)}",
                    expected="a delivery that holds the texts, or another format: doccano keeps offsets",
                )  # fmt: skip
            if not text.split():
                losses["empty_texts"] += 1
                losses["no_tokens"] += len(objects)
                continue
            yield _sentence(item, text, objects, scheme, losses).encode()

    write_whole(target, lines())
    return losses


def _sentence(
    item: str, text: str, objects: Sequence[ObjectRow], scheme: Scheme, losses: Counter[str]
) -> str:
    tokens, tags = _tagged(text, objects, scheme, losses)
    plain = " ".join(text.split())
    losses["blanks"] += plain != text
    head = f"# sent_id = {_line(item, 'item')}\n# text = {plain}\n"
    return head + "".join(f"{token}\t{tag}\n" for token, tag in zip(tokens, tags, strict=True)) + "\n"


def _line(text: str, what: str) -> str:
    if _BREAKS.search(text):
        raise InputError(
            f"the name of this {what} cannot stand in a line of tags", found=shown(text),
            expected="no tab, no line break and no blank around it, or another format",
        )  # fmt: skip
    return text


def _tagged(
    text: str, objects: Sequence[ObjectRow], scheme: Scheme, losses: Counter[str]
) -> tuple[list[str], list[str]]:
    kept = _flat(text, objects, losses)
    cuts = sorted({end for one in kept for end in (int(one.x), int(one.x + one.w))})
    places: list[tuple[int, int]] = []
    for found in _TOKEN.finditer(text):
        inner = [cut for cut in cuts if found.start() < cut < found.end()] if cuts else []
        places += itertools.pairwise([found.start(), *inner, found.end()])
    spans = []
    at = 0
    for one in kept:
        while places[at][0] < one.x:
            at += 1
        first = at
        while at + 1 < len(places) and places[at + 1][1] <= one.x + one.w:
            at += 1
        spans.append(TagSpan(_line(one.label, "class"), first, at))
        at += 1
    return [text[start:end] for start, end in places], tags_of(spans, len(places), scheme)


def _flat(text: str, objects: Sequence[ObjectRow], losses: Counter[str]) -> list[ObjectRow]:
    """The spans that one line of tags can hold, in order, cut to the tokens inside them."""
    kept: list[ObjectRow] = []
    end = 0.0
    for one in sorted(objects, key=lambda one: (one.x, -one.w)):
        covered = text[max(int(one.x), 0) : max(int(one.x + one.w), 0)]
        if one.kind != "span":
            losses["no_spans"] += 1
        elif not covered.strip() or one.x < 0 or one.x + one.w > len(text):
            losses["no_tokens"] += 1
        elif has_parts(one):
            losses["discontinuous_spans"] += 1
        elif one.x < end:
            losses["overlapping_spans"] += 1
        else:
            begin = one.x + len(covered) - len(covered.lstrip())
            size = len(covered.strip())
            losses["blanks_in_spans"] += size != one.w
            losses["attributes"] += one.attributes is not None
            losses["confidence"] += one.confidence is not None
            kept.append(one._replace(x=begin, w=float(size)))
            end = begin + size
    return kept
