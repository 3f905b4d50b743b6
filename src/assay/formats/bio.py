"""BIO and its relatives: token columns as spans over a text that is rebuilt from the tokens, and spans as tags.

The scheme is declared (``profile: iob2``) or told from the tags, with the evidence as a finding. Reading is strict:
a tag that cannot stand where it stands is no part of a span, and is counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.annotation.errors import InputError
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.place import shown

from .located_rows import ContentRow, LocatedRows, Notes, ObjectRow, Work, span, work_state
from .tag_schemes import SCHEMES, Scheme, TagCounts, spans_of, split_tag
from .token_columns import Sentence, TokenLayout, column_names, plan_tokens, sentences


def bio_rows(
    path: Path,
    name: str,
    notes: Notes,
    *,
    annotator: str | None = None,
    profile: str | None = None,
    columns: Mapping[str, str | int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LocatedRows:
    """The sentences of a file as items, numbered from 1 unless ``# sent_id = …`` names them.

    Raises :class:`InputError` for an unknown scheme, for rows of different width and for tags of two schemes.
    """
    scheme = _declared(profile, name)
    sample = list(itertools.islice(sentences(path, name, limits), 200))
    names = column_names(path, name, limits)
    layout = plan_tokens(sample, name, names, columns or {}, plain=scheme == "io")
    told = _scheme(path, name, layout, scheme, notes, limits)
    _say_layout(layout, notes)
    reader = _Sentences(layout, told, annotator, notes)
    for one in sentences(path, name, limits):
        yield from reader.rows(one)
    reader.finish()


@dataclass
class _Sentences:
    layout: TokenLayout
    scheme: Scheme
    annotator: str | None
    notes: Notes
    rebuilt: int = 0

    def rows(self, sentence: Sentence) -> LocatedRows:
        """The text of one sentence and the spans in it."""
        item = sentence.id or str(sentence.number)
        tokens = [row[self.layout.token] for row in sentence.rows]
        tags = [row[self.layout.tag].strip() for row in sentence.rows]
        text, places = self._text(sentence, tokens)
        found, broken = spans_of(tags, self.scheme)
        objects: list[ObjectRow] = []
        for label, first, last in found:
            start, end = places[first][0], places[last][1]
            objects.append(span(label, ((start, end),), text=text[start:end]))
        for at in broken:
            self.notes.count(
                "broken_tags", f"line {sentence.line + at}", "major",
                f"{{n}} tags of {self.notes.file} cannot stand where they stand in {self.scheme.upper()}; "
                "they are part of no span, as strict scoring reads them.",
            )  # fmt: skip
        yield ContentRow(item, text, None)
        yield Work(item, self.annotator, None, work_state(objects), objects, sentence.line)

    def finish(self) -> None:
        """Say once that offsets are ours."""
        if self.rebuilt:
            text = (
                f"{self.notes.file} holds tokens and no text: {self.rebuilt:,} texts were rebuilt with one "
                "blank between tokens, and offsets are of the rebuilt texts."
            )
            self.notes.say("text_rebuilt", "note", text, items=self.rebuilt)

    def _text(self, sentence: Sentence, tokens: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
        if sentence.text is not None:
            found = align_tokens(tokens, sentence.text)
            if found is not None:
                return sentence.text, found
        self.rebuilt += 1
        spacing = self.layout.spacing
        glued = [spacing is not None and "SpaceAfter=No" in row[spacing].split("|") for row in sentence.rows]
        return rebuild_text(tokens, glued)


def rebuild_text(tokens: Sequence[str], glued: Sequence[bool] = ()) -> tuple[str, list[tuple[int, int]]]:
    """A text of tokens with one blank between them, and where each stands; after a ``glued`` one is no blank.

    >>> rebuild_text(["Rick", "and", "Morty"])
    ('Rick and Morty', [(0, 4), (5, 8), (9, 14)])
    """
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    at = 0
    for number, token in enumerate(tokens):
        parts.append(token)
        places.append((at, at + len(token)))
        at += len(token)
        if number + 1 < len(tokens) and not (glued and glued[number]):
            parts.append(" ")
            at += 1
    return "".join(parts), places


def align_tokens(tokens: Sequence[str], text: str) -> list[tuple[int, int]] | None:
    """Where the tokens stand in a text, with nothing but blanks between them; None if they do not.

    >>> align_tokens(["founded", "Google", "."], "founded Google.")
    [(0, 7), (8, 14), (14, 15)]
    """
    places = []
    at = 0
    for token in tokens:
        begin = text.find(token, at)
        if begin < 0 or text[at:begin].strip():
            return None
        at = begin + len(token)
        places.append((begin, at))
    return None if text[at:].strip() else places


def _declared(profile: str | None, name: str) -> Scheme | None:
    if profile is None:
        return None
    scheme = SCHEMES.get(profile.lower())
    if scheme is None:
        raise InputError(
            "this scheme of tags is not known", file=name, found=shown(profile), expected=", ".join(SCHEMES)
        )
    return scheme


def _scheme(
    path: Path, name: str, layout: TokenLayout, declared: Scheme | None, notes: Notes, limits: Limits
) -> Scheme:
    counts = TagCounts()
    if declared == "io":
        return declared
    for one in sentences(path, name, limits):
        tags = [row[layout.tag].strip() for row in one.rows]
        counts.add(tags)
        if counts.prefixes["?"]:
            at = next(at for at, tag in enumerate(tags) if split_tag(tag)[0] == "?")
            raise InputError(
                "this is no tag", file=name, place=f"line {one.line + at}", found=shown(tags[at]),
                expected="O, or a prefix with a class as in B-LOC; `columns: {label: 3}` names another column",
            )  # fmt: skip
    scheme, why = counts.decide()
    if declared is not None:
        _say_contradiction(declared, scheme, why, counts, notes)
        return declared
    if scheme is None:
        raise InputError(
            "these tags follow no one scheme", file=name, found=why, expected="`profile:` iob2 or another"
        )
    text = f"Nobody declared the scheme of the tags in {name}; they were read as {scheme.upper()}: {why}."
    notes.say("scheme_detected", "note", text, scheme=scheme, why=why)
    return scheme


def _say_contradiction(
    declared: Scheme, seen: Scheme | None, why: str, counts: TagCounts, notes: Notes
) -> None:
    open_ones = declared in ("iob1", "iob2")
    differs = (
        seen in ("bioes", "bilou")
        if open_ones
        else seen not in (declared, None) and bool(counts.inside_first)
    )
    differs = (
        differs
        or (declared == "iob2" and seen == "iob1")
        or (declared == "iob1" and counts.begins_after_other > 0)
    )
    if not differs:
        return
    shown_as = "no known scheme" if seen is None else seen.upper()
    text = f"{notes.file} was declared as {declared.upper()}, but its tags look like {shown_as}: {why}."
    notes.say("scheme_contradicted", "major", text, declared=declared, seen=seen or "", why=why)


def _say_layout(layout: TokenLayout, notes: Notes) -> None:
    if layout.why != "declared" and (layout.other_tags or layout.why != "the last column"):
        others = ", ".join(str(at + 1) for at in layout.other_tags)
        also = f" Column {others} holds tags too." if others else ""
        text = f"The tags of {notes.file} were read from column {layout.tag + 1}: {layout.why}.{also}"
        evidence = {"column": layout.tag + 1, "others": [at + 1 for at in layout.other_tags]}
        notes.say("tag_column", "note", text, **evidence)
