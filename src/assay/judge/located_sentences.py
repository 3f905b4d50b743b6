"""Findings about located labels in plain words with numbers, as a person would say them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from .located_batch import LocatedBatch
from .located_problems import Told
from .slice_words import Role

NOTHING = "(nothing)"
_NOUNS = {"spans": "spans", "fields": "fields"}
_MOSTLY = 0.8
_PEOPLE: tuple[Role, Role] = ("person", "other")


def sentence(told: Told, batch: LocatedBatch, total: int) -> str:
    """What was found, in how many of how many cases, how much more than elsewhere, and its share of all errors."""
    words = _Words.of(told, batch)
    count, trials = len(told.cases), told.trials
    said = words.of_people() if told.problem.of_people else words.against_gold()
    said = f"{said[0].upper() if words.who is None and words.other is None else said[0]}{said[1:]}"
    share = f"{count / total:.1%} of all {_errors(told)}"
    return (
        f"{said}: {count:,} of {trials:,} ({count / trials:.0%}), {_times(told)}; {share}{_same_text(told)}."
    )


def values(told: Told, batch: LocatedBatch) -> list[str]:
    """What stands on the two sides of a cluster: gold (or one person) and what was delivered (or another person)."""
    problem = told.problem
    if problem.classes is not None:
        return [batch.classes[code] for code in problem.classes]
    what = _said(told, "class") or f"any {_NOUNS.get(batch.kind, 'objects')[:-1]}"
    return {
        "missed": [what, NOTHING],
        "alone": [what, NOTHING],
        "extra": [NOTHING, what],
        "wrong_class": [what, "another class"],
        "loose": [what, problem.detail or ("wrong value" if batch.kind == "fields" else "loose")],
        "ends": [what, problem.detail or "other ends"],
        "split": [what, "several"],
        "parts": [what, "several"],
        "merged": ["several", what],
    }[problem.kind]


def people_of(told: Told) -> list[str]:
    """The people whom conditions name."""
    return [one.said(low, high) for one, low, high in told.conditions if one.role in _PEOPLE]


def slice_of(told: Told) -> dict[str, str]:
    """The conditions that are no class and no person, as attribute and value."""
    return {
        one.name: one.said(low, high)
        for one, low, high in told.conditions
        if one.role not in ("class", *_PEOPLE)
    }


def _said(told: Told, role: Role) -> str | None:
    return next((one.said(low, high) for one, low, high in told.conditions if one.role == role), None)


@dataclass(frozen=True)
class _Words:
    """The parts of a sentence: who (None for anybody), beside whom, which objects, where; classes that are confused;
    whether objects are fields, which have values."""

    told: Told
    who: str | None
    other: str | None
    what: str
    where: str
    pair: tuple[str, str] | None
    of_fields: bool

    @staticmethod
    def of(told: Told, batch: LocatedBatch) -> _Words:
        label = _said(told, "class")
        noun = f"“{label}”" if label is not None else _NOUNS.get(batch.kind, "objects")
        looks = [one.where(low, high) for one, low, high in told.conditions if one.role in ("look", "text")]
        places = [one.where(low, high) for one, low, high in told.conditions if one.role == "where"]
        rest = ", beside other clusters" if told.beside and not told.conditions else ""
        classes = told.problem.classes
        pair = (
            None if classes is None else (f"“{batch.classes[classes[0]]}”", f"“{batch.classes[classes[1]]}”")
        )
        if pair is not None:
            parts = [*looks, *places]
            where = f" {', '.join(parts)}" if parts else rest
        else:
            noun = " ".join([noun, *([" and ".join(looks)] if looks else places[:1])])
            where = "".join(f", {part}" for part in (places if looks else places[1:])) + rest
        who, other = (_said(told, role) for role in _PEOPLE)
        return _Words(told, who, other, noun, where, pair, batch.kind == "fields")

    def against_gold(self) -> str:
        """Who does what with which objects of gold or beside gold."""
        what, where, problem = self.what, self.where, self.told.problem
        by = f"{self.who}: " if self.who else ""
        if problem.detail is not None:
            return f"{by}for {what}{where}, {problem.detail}"
        if self.pair is not None:
            return f"{by}{self.pair[1]} for {self.pair[0]}{where}"
        verb = {
            "missed": f"misses {what}",
            "extra": f"marks {what} that gold does not have",
            "wrong_class": f"gives {what} another class than gold",
            "loose": f"gives {what} a wrong value" if self.of_fields else f"marks {what} loosely",
            "ends": f"puts the ends of {what} elsewhere than gold",
            "split": f"marks one of {what} as several",
            "merged": f"marks several {what} as one",
        }[problem.kind]
        return f"{self.who} {verb}{where}" if self.who else f"{verb}{where}"

    def of_people(self) -> str:
        """In what two people differ, and who of them stands out."""
        what, where, problem = self.what, self.where, self.told.problem
        by = f"{self.who} and others: " if self.who else ""
        if problem.kind == "alone":
            return self._alone()
        if problem.detail is not None:
            which, _, rest = problem.detail.partition(" is put ")
            way = rest.replace("too late", "later").replace("too early", "earlier")
            return f"{by}of {what}{where}, one of two people puts {which} {way}"
        if self.pair is not None:
            return f"{by}{self.pair[0]} or {self.pair[1]}{where}"
        verb = {
            "wrong_class": f"two people give {what} different classes",
            "loose": f"two people give {what} different values"
            if self.of_fields
            else f"two people mark {what} too differently",
            "ends": f"two people put the ends of {what} differently",
            "parts": f"one marks {what} as one where another marks several",
        }[problem.kind]
        return f"{by}{verb}{where}"

    def _alone(self) -> str:
        if self.who is not None:
            return f"{self.who} marks {self.what} that {self.other or 'the other'} does not mark{self.where}"
        if self.other is not None:
            return f"{self.other} does not mark {self.what} that another marks{self.where}"
        return f"one of two people marks {self.what} and the other does not{self.where}"


def _same_text(told: Told) -> str:
    """The text that most of the cases share, if they do and no condition says so."""
    view = told.problem.view
    if any(one.role == "text" for one, *_ in told.conditions):
        return ""
    texts = Counter(view.marks.text[view.mark[told.cases]].tolist())
    text, count = min(texts.items(), key=lambda one: (-one[1], one[0] or ""))
    if text is None or count < _MOSTLY * len(told.cases):
        return ""
    return f"; {count:,} of them are “{text}”"


def _errors(told: Told) -> str:
    return "differences" if told.problem.of_people else "errors"


def _times(told: Told) -> str:
    problem = told.problem
    times = f"{len(told.cases) / told.expected:,.1f} times"
    if told.conditions:
        return f"{times} as often as elsewhere"
    if problem.classes is not None:
        return f"{times} what the frequency of the two explains"
    if problem.detail is not None:
        return f"{times} as often as other ways of being off"
    return f"{times} an even share of the kinds of {_errors(told)[:-1]}"
