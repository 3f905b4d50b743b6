"""Tokens in JSON: with a tag each, or marked by the people of a crowd platform, one class in each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from assay.annotation.errors import InputError
from assay.annotation.layers import ItemState
from assay.annotation.place import shown

from .bio import align_tokens, rebuild_text
from .json_spans import ITEM_KEYS, Record, id_of, plain_text
from .located_rows import ContentRow, LocatedRows, Notes, ObjectRow, Work, span, work_state
from .records import record_place
from .tag_schemes import SCHEMES, UNNAMED, Scheme, TagCounts, is_tag, spans_of

_TAG_KEYS = ("ner_tags", "tags", "labels", "entities", "ner", "iob", "bio")
_USUAL = frozenset({"per", "loc", "org", "misc", "gpe"})
_ENDINGS = (".gz", ".json", ".jsonl", ".ndjson")


@dataclass
class TaggedTokensReader:
    """Records with a list of tokens and a list of tags as long."""

    item: str | None
    annotator: str | None
    profile: str | None
    notes: Notes
    counts: TagCounts = field(default_factory=TagCounts)
    scheme: Scheme = "iob2"

    def see(self, record: Record) -> None:
        """Count the tags of a record, before any is read."""
        found = _tags(record)
        if found is not None:
            self.counts.add(found)

    def decide(self) -> None:
        """The scheme: declared, or told from all tags of the file."""
        seen, why = self.counts.decide()
        declared = SCHEMES.get(self.profile.lower()) if self.profile is not None else None
        if self.profile is not None and declared is None:
            raise InputError(
                "this scheme of tags is not known", file=self.notes.file, found=shown(self.profile),
                expected=", ".join(SCHEMES),
            )  # fmt: skip
        if declared is None:
            if seen is None:
                raise InputError("these tags follow no one scheme", file=self.notes.file, found=why)
            name = self.notes.file
            text = (
                f"Nobody declared the scheme of the tags in {name}; they were read as {seen.upper()}: {why}."
            )
            self.notes.say("scheme_detected", "note", text, scheme=seen, why=why)
        self.scheme = declared or seen or "iob2"

    def rows(self, number: int, record: Record) -> LocatedRows:
        """The text and the spans of one record."""
        item = id_of(record, (self.item,) if self.item is not None else ITEM_KEYS, number)
        tokens, tags = _texts(record.get("tokens")), _tags(record)
        if not tokens or tags is None:
            raise InputError(
                "tokens and tags are not as many", file=self.notes.file, place=record_place(number),
                expected="two lists of the same length",
            )  # fmt: skip
        text, places = _text_of(tokens, record.get("text"), self.notes, item)
        found, broken = spans_of(tags, self.scheme)
        for _ in broken:
            self.notes.count(
                "broken_tags", item, "major",
                f"{{n}} tags of {self.notes.file} cannot stand where they stand in {self.scheme.upper()}; "
                "they are part of no span, as strict scoring reads them.",
            )  # fmt: skip
        objects = [_covering(label, text, places, first, last) for label, first, last in found]
        yield ContentRow(item, text, None)
        yield Work(item, self.annotator, None, work_state(objects), objects, number)


@dataclass
class CrowdUnitReader:
    """Units of CrowdFlower (Figure Eight): tokens, and judgments that list the numbers of marked tokens from 0.

    Marked neighbours are one span: whether two names stand side by side, such an answer does not say.
    """

    item: str | None
    profile: str | None
    notes: Notes
    said: bool = False

    def rows(self, number: int, record: Record) -> LocatedRows:
        """The text of one unit and the spans of everyone who judged it."""
        data, results = record.get("data"), record.get("results")
        tokens = _texts(data.get("tokens")) if isinstance(data, dict) else []
        judgments = results.get("judgments") if isinstance(results, dict) else None
        if not isinstance(data, dict) or not tokens or not isinstance(judgments, list):
            raise InputError(
                "a unit holds no tokens or no judgments", file=self.notes.file, place=record_place(number),
                expected="data.tokens and results.judgments",
            )  # fmt: skip
        label = self._label()
        keys = (self.item,) if self.item is not None else ITEM_KEYS
        unit = plain_text(record.get("id"))
        item = id_of(data, keys, number) if any(key in data for key in keys) else unit or str(number)
        text, places = rebuild_text(tokens)
        yield ContentRow(item, text, None)
        for one in judgments:
            if isinstance(one, dict):
                yield self._work(item, one, label, text, places, number)

    def _work(
        self,
        item: str,
        judgment: Record,
        label: str,
        text: str,
        places: Sequence[tuple[int, int]],
        number: int,
    ) -> Work:
        who = next(
            (name for key in ("worker_id", "contributor_id") if (name := plain_text(judgment.get(key)))), None
        )
        if judgment.get("tainted") is True or judgment.get("rejected") is True:
            self.notes.count(
                "judgment_withdrawn", item, "minor",
                f"{{n}} judgments of {self.notes.file} are marked tainted or rejected by the platform; they "
                "count all the same.",
            )  # fmt: skip
        data = judgment.get("data")
        answer = data.get("answer") if isinstance(data, dict) else None
        if answer is None:
            nothing = isinstance(data, dict) and data.get("noentities") is not None
            return Work(item, who, None, ItemState.EMPTY if nothing else ItemState.SKIPPED, (), number)
        marked = sorted({self._index(one, len(places), item, number) for one in _list(answer)} - {-1})
        objects = [_covering(label, text, places, first, last) for first, last in _runs(marked)]
        return Work(item, who, None, work_state(objects), objects, number)

    def _index(self, value: object, length: int, item: str, number: int) -> int:
        text = plain_text(value) or ""
        if not (text.isascii() and text.isdigit()):
            raise InputError(
                "this is no number of a token", file=self.notes.file, place=record_place(number),
                found=shown(str(value)),
                expected="whole numbers from 0",
            )  # fmt: skip
        index = int(text[:12])
        if index < length:
            return index
        self.notes.count(
            "span_outside_text",
            item,
            "major",
            f"{{n}} marked tokens of {self.notes.file} are not in the text of their item.",
        )
        return -1

    def _label(self) -> str:
        label, why = self.profile, "declared"
        if label is None:
            label, why = _class_in_name(self.notes.file)
        if not self.said:
            self.said = True
            text = (
                f"{self.notes.file} asks for one class, {shown(label)} ({why}), by the numbers of tokens: "
                "texts were rebuilt with one blank between tokens, marked neighbours are one span, and nothing "
                "is said about other classes."
            )
            self.notes.say(
                "one_class_asked",
                "note" if why == "declared" else "minor",
                text,
                **{"class": label, "why": why},
            )
        return label


def is_tagged_tokens(record: Record) -> bool:
    """Whether a record holds tokens and as many tags."""
    return bool(_texts(record.get("tokens"))) and _tags(record) is not None


def is_crowd_unit(record: Record) -> bool:
    """Whether a record is a unit of CrowdFlower with tokens."""
    data, results = record.get("data"), record.get("results")
    return (
        isinstance(data, dict) and bool(_texts(data.get("tokens")))
        and isinstance(results, dict) and isinstance(results.get("judgments"), list)
    )  # fmt: skip


def _tags(record: Record) -> list[str] | None:
    tokens = record.get("tokens")
    length = len(tokens) if isinstance(tokens, list) else -1
    for key in _TAG_KEYS:
        tags = record.get(key)
        if (
            isinstance(tags, list)
            and len(tags) == length
            and all(isinstance(tag, str) and is_tag(tag) for tag in tags)
        ):
            return [str(tag) for tag in tags]
    return None


def _text_of(
    tokens: Sequence[str], text: object, notes: Notes, item: str
) -> tuple[str, Sequence[tuple[int, int]]]:
    if isinstance(text, str) and (places := align_tokens(tokens, text)) is not None:
        return text, places
    notes.count(
        "text_rebuilt", item, "note",
        f"{{n}} texts of {notes.file} were rebuilt with one blank between tokens, and offsets are of the "
        "rebuilt texts.",
    )  # fmt: skip
    return rebuild_text(tokens)


def _covering(label: str, text: str, places: Sequence[tuple[int, int]], first: int, last: int) -> ObjectRow:
    start, end = places[first][0], places[last][1]
    return span(label, ((start, end),), text=text[start:end])


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbours.

    >>> _runs([2, 13, 14, 19])
    [(2, 2), (13, 14), (19, 19)]
    """
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _class_in_name(file: str) -> tuple[str, str]:
    """The class that the last part of a file name says, as in ``job_629602.loc.json.gz``."""
    name = file.rpartition("/")[2]
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    part = name.rpartition(".")[2] if "." in name else ""
    if not part:
        return UNNAMED, "no class was declared, `profile:` names one"
    return part.upper() if part in _USUAL else part, "the end of the file name"


def _texts(value: object) -> list[str]:
    """A list of texts; nothing for everything else."""
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return texts if isinstance(value, list) and len(texts) == len(value) else []


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
