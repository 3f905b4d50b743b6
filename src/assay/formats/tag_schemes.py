"""Tags of tokens and the spans they mean, in IOB1, IOB2, BIOES, BILOU and IO, read strictly.

A tag that its scheme does not allow where it stands begins no span: ``I-PER I-PER`` is no person in IOB2. What stands
broken is handed back beside the spans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from assay.annotation.errors import InputError

Scheme = Literal["iob1", "iob2", "bioes", "bilou", "io"]

#: What may be declared as ``profile:``, and the scheme it names.
SCHEMES: dict[str, Scheme] = {
    "iob1": "iob1", "iob2": "iob2", "bio": "iob2", "iob": "iob1", "bioes": "bioes", "iobes": "bioes",
    "bmes": "bioes", "bilou": "bilou", "io": "io",
}  # fmt: skip
#: The class of a tag that names none, as in ``B`` and ``I`` alone.
UNNAMED = "span"

_MEANING = {"B": "B", "I": "I", "M": "I", "E": "E", "L": "E", "S": "S", "U": "S", "W": "S"}


class TagSpan(NamedTuple):
    """Tokens ``first`` to ``last``, both included."""

    label: str
    first: int
    last: int


@dataclass
class TagCounts:
    """What was seen of tags, from which the scheme can be told; sentences are added one by one."""

    prefixes: Counter[str] = field(default_factory=Counter)
    #: I-X after something else than X: a span begins without B
    inside_first: int = 0
    #: B-X right after X: two neighbours
    begins_after_same: int = 0
    #: B-X after something else
    begins_after_other: int = 0

    def add(self, tags: Sequence[str]) -> None:
        """One sentence."""
        before = ""
        for tag in tags:
            prefix, label = split_tag(tag)
            self.prefixes[prefix] += 1
            if prefix == "B" and before == label:
                self.begins_after_same += 1
            elif prefix == "B":
                self.begins_after_other += 1
            elif prefix == "I" and before != label:
                self.inside_first += 1
            before = label if prefix in _MEANING else ""

    def decide(self) -> tuple[Scheme | None, str]:
        """The scheme and the evidence for it; None where the tags follow none."""
        seen = "".join(sorted(self.prefixes.keys() & _MEANING.keys()))
        if self.prefixes["?"]:
            return None, f"{self.prefixes['?']:,} tags have no prefix"
        if self.prefixes.keys() & {"L", "U"} and not self.prefixes.keys() & {"E", "S", "M", "W"}:
            return "bilou", f"the prefixes {', '.join(seen)}"
        if self.prefixes.keys() & {"E", "S", "M", "W"} and not self.prefixes.keys() & {"L", "U"}:
            return "bioes", f"the prefixes {', '.join(seen)}"
        if self.prefixes.keys() & {"E", "S", "M", "W", "L", "U"}:
            return None, f"the prefixes {', '.join(seen)} belong to two schemes"
        begun = f"{self.begins_after_other:,} spans begin with B after something else"
        broken = f"{self.inside_first:,} with I"
        if self.inside_first and not self.begins_after_other:
            return "iob1", f"{begun}, {broken}"
        return "iob2", f"{begun}, {broken}"


def split_tag(tag: str) -> tuple[str, str]:
    """Prefix and class of a tag; the prefix is ``O`` outside and ``?`` for what is no tag of any scheme.

    >>> [split_tag(tag) for tag in ("B-creative-work", "O", "I", "NNP", "U_LOC")]
    [('B', 'creative-work'), ('O', ''), ('I', 'span'), ('?', 'NNP'), ('U', 'LOC')]
    """
    if tag == "O":
        return "O", ""
    if len(tag) > 2 and tag[1] in "-_" and tag[0] in _MEANING:
        return tag[0], tag[2:]
    if len(tag) == 1 and tag in _MEANING:
        return tag, UNNAMED
    return "?", tag


def is_tag(tag: str) -> bool:
    """Whether a text is ``O`` or a prefix with a class."""
    return tag == "O" or (len(tag) > 2 and tag[1] in "-_" and tag[0] in _MEANING) or tag in ("B", "I")


def spans_of(tags: Sequence[str], scheme: Scheme) -> tuple[list[TagSpan], list[int]]:
    """The spans of one sentence, and the positions of tags that are part of no span although they are not ``O``.

    >>> spans_of(["B-PER", "I-PER", "O", "I-LOC"], "iob2")
    ([TagSpan(label='PER', first=0, last=1)], [3])
    """
    if scheme == "io":
        return _inside_outside(tags), []
    parts = [split_tag(tag) for tag in tags]
    if scheme in ("bioes", "bilou"):
        return _closed(parts)
    return _open(parts, scheme)


def tags_of(spans: Iterable[TagSpan], length: int, scheme: Scheme) -> list[str]:
    """The tags of a sentence of ``length`` tokens; the spans must not overlap.

    >>> tags_of([TagSpan("PER", 0, 1), TagSpan("PER", 2, 2)], 4, "iob1")
    ['I-PER', 'I-PER', 'B-PER', 'O']
    """
    tags = ["O"] * length
    before = -1
    ended = ""
    for label, first, last in sorted(spans, key=lambda one: one.first):
        if not before < first <= last < length:
            raise InputError(
                "spans of one line of tags overlap or lie outside of it", found=f"tokens {first} to {last}"
            )
        neighbour = before == first - 1 and ended == label and first > 0
        for at in range(first, last + 1):
            tags[at] = f"{_prefix(at, first, last, scheme, neighbour=neighbour)}{label}"
        before, ended = last, label
    return tags


def _prefix(at: int, first: int, last: int, scheme: Scheme, *, neighbour: bool) -> str:
    if scheme == "io":
        return ""
    if scheme == "iob1":
        return "B-" if at == first and neighbour else "I-"
    if scheme == "iob2":
        return "B-" if at == first else "I-"
    single, end = ("S-", "E-") if scheme == "bioes" else ("U-", "L-")
    if first == last:
        return single
    return "B-" if at == first else end if at == last else "I-"


def _inside_outside(tags: Sequence[str]) -> list[TagSpan]:
    spans = []
    begun = 0
    for at in range(1, len(tags) + 1):
        if at == len(tags) or tags[at] != tags[begun]:
            if tags[begun] != "O":
                label = tags[begun]
                spans.append(TagSpan(label[2:] if label[:2] == "I-" else label, begun, at - 1))
            begun = at
    return spans


def _open(parts: Sequence[tuple[str, str]], scheme: Scheme) -> tuple[list[TagSpan], list[int]]:
    """IOB1 and IOB2: a span ends where nothing continues it."""
    spans: list[TagSpan] = []
    broken: list[int] = []
    at = 0
    while at < len(parts):
        prefix, label = parts[at]
        if prefix == "O":
            at += 1
            continue
        begins = prefix == "B"
        if scheme == "iob1":
            follows = at > 0 and parts[at - 1][1] == label
            begins = follows if prefix == "B" else prefix == "I"
        end = at + 1
        while end < len(parts) and parts[end] == ("I", label):
            end += 1
        if begins:
            spans.append(TagSpan(label, at, end - 1))
        else:
            broken += range(at, end)
        at = end
    return spans, broken


def _closed(parts: Sequence[tuple[str, str]]) -> tuple[list[TagSpan], list[int]]:
    """BIOES and BILOU: a span of one token is S or U, a longer one begins with B and ends with E or L."""
    spans: list[TagSpan] = []
    broken: list[int] = []
    begun, open_label = -1, ""
    for at, (prefix, label) in enumerate([*parts, ("O", "")]):
        meaning = _MEANING.get(prefix, "O")
        if begun >= 0 and (meaning not in "IE" or label != open_label):
            broken += range(begun, at)
            begun = -1
        if meaning == "S":
            spans.append(TagSpan(label, at, at))
        elif meaning == "B":
            begun, open_label = at, label
        elif meaning == "E" and begun >= 0:
            spans.append(TagSpan(label, begun, at))
            begun = -1
        elif prefix != "O" and begun < 0:
            broken.append(at)
    return spans, broken
