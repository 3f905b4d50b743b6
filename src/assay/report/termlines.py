"""The rows of a verdict: one per term and subject, with the state its mark has on every chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .fields import Node, Reading, as_number, child, count, items, reading, text
from .wording import floor_text, metric_name

State = Literal["proven", "watched", "below", "reject", "unprovable", "plain"]

LOWER_IS_BETTER = frozenset({"critical_error_rate", "wer", "cer", "mean_absolute_error"})
GOLD_METRICS = LOWER_IS_BETTER | {"field_accuracy", "mean_iou"}
_SUBJECT_KINDS = ("class", "annotator", "slice")
_SEVERITY: tuple[State, ...] = ("reject", "below", "unprovable", "watched", "proven", "plain")


@dataclass(frozen=True)
class TermLine:
    """One term judged for one subject."""

    id: str
    metric: str
    scope: str
    kind: str
    subject: str
    slice: str
    floor: float | None
    floor_text: str
    reject_below: float | None
    rule: str
    figure: Reading
    state: State
    reason: str
    changes: str
    needs: Node
    redo: str
    pooled: int
    at_most: bool
    enough: bool = True

    @property
    def against_gold(self) -> bool:
        """Whether gold decides the figure, rather than the agreement of people."""
        return is_gold_metric(self.metric)

    @property
    def distance(self) -> float:
        """How far the figure stands on the good side of its floor; negative is below."""
        if self.figure.value is None or self.floor is None:
            return 0.0
        gap = self.figure.value - self.floor
        return -gap if self.at_most else gap

    @property
    def ranks(self) -> bool:
        """Whether the figure may be called the worst: it has enough evidence, or is shown below in spite of little."""
        return self.enough or self.state in ("below", "reject")

    @property
    def title(self) -> str:
        """The subject as a row is headed: its name, with its attribute if it is a slice, or *all items*."""
        return f"{self.slice} {self.subject}" if self.slice else self.subject or "all items"


@dataclass(frozen=True)
class Term:
    """A term with the lines of all its subjects, what needs evidence first, then worst first."""

    id: str
    lines: tuple[TermLine, ...]

    @property
    def head(self) -> TermLine:
        """A line that carries what all lines share: metric, floor, rule."""
        return self.lines[0]

    @property
    def state(self) -> State:
        """The gravest state of any subject."""
        return gravest(line.state for line in self.lines)

    @property
    def worst(self) -> TermLine | None:
        """The judged subject that stands lowest against the floor; what needs evidence is never the worst."""
        known = [line for line in self.lines if line.state != "unprovable" and line.figure.value is not None]
        judged = [line for line in known if line.ranks] or known
        return min(judged, key=lambda line: line.distance, default=None)

    def having(self, state: State) -> list[TermLine]:
        """The lines in one state."""
        return [line for line in self.lines if line.state == state]


def is_gold_metric(metric: str) -> bool:
    """Whether a metric compares with gold."""
    return metric.startswith("gold_") or metric in GOLD_METRICS


def gravest(states: Iterable[State]) -> State:
    """The state that decides for the whole."""
    return min(states, key=_SEVERITY.index, default="plain")


def terms_of(document: Node) -> list[Term]:
    """The terms of the verdict, in the contract's order."""
    grouped: dict[str, list[TermLine]] = {}
    attributes = _attributes(document)
    for row in items(child(document, "verdict"), "terms"):
        line = _line(row)
        if line.kind == "slice" and not line.slice:
            line = replace(line, slice=attributes.get(line.subject, ""))
        grouped.setdefault(line.id, []).append(line)
    return [Term(key, tuple(sorted(lines, key=_worst_first))) for key, lines in grouped.items()]


def lookup(terms: Sequence[Term], kind: str, *, gold: bool) -> dict[tuple[str, str], TermLine]:
    """Lines of one kind of subject by (attribute or "", subject); the first term that has one wins."""
    found: dict[tuple[str, str], TermLine] = {}
    for term in terms:
        if term.head.kind == kind and term.head.against_gold == gold:
            for line in term.lines:
                found.setdefault((line.slice if kind == "slice" else "", line.subject), line)
    return found


def asks(term: Term) -> str:
    """What a term asks: metric and scope, as in *F1 against gold, every class*."""
    head = term.head
    if not head.kind:
        return f"{metric_name(head.metric)}, {head.scope if head.scope.startswith('every ') else 'overall'}"
    if head.kind == "slice":
        return f"{metric_name(head.metric)}, every {head.slice or 'slice'}"
    return f"{metric_name(head.metric)}, every {head.kind}"


def rule_text(line: TermLine) -> str:
    """How a term decides, in three words."""
    side = "above" if line.at_most else "below"
    plain = {
        "point": "point",
        "unless_shown_below": f"fails only if shown {side}",
        "shown": f"passes only if shown {'below' if line.at_most else 'above'}",
    }.get(line.rule, line.rule)
    reject = f"reject {side} {floor_text(line.reject_below)}" if line.reject_below is not None else ""
    return "; ".join(part for part in (plain, reject) if part)


def _line(row: Node) -> TermLine:
    figure = _figure(row)
    floor = as_number(row.get("floor")) if row.get("floor") is not None else as_number(row.get("ceiling"))
    metric = text(row, "metric")
    kind, subject, part = subject_of(row)
    scope = text(row, "scope")
    if kind == "slice" and not part and " of " in scope:
        part = scope.rpartition(" of ")[2]
    at_most = row.get("at_most") is True or metric in LOWER_IS_BETTER
    return TermLine(
        id=text(row, "id"),
        metric=metric,
        scope=scope,
        kind=kind,
        subject=subject,
        slice=part,
        floor=floor,
        floor_text=text(row, "floor") or text(row, "ceiling"),
        reject_below=as_number(row.get("reject_below")),
        rule=_rule(row.get("rule")),
        figure=figure,
        state=_state(row, figure, floor, at_most=at_most),
        reason=text(row, "reason"),
        changes=text(row, "changes"),
        needs=child(row, "needs"),
        redo=text(row, "redo"),
        pooled=count(row, "pooled_batches") or 1,
        enough=row.get("enough_evidence") is not False,
        at_most=at_most,
    )


def _attributes(document: Node) -> dict[str, str]:
    """The attribute of every slice value that belongs to one attribute only."""
    found: dict[str, set[str]] = {}
    for row in items(document, "slices"):
        found.setdefault(text(row, "value"), set()).add(text(row, "attribute"))
    return {value: next(iter(names)) for value, names in found.items() if len(names) == 1}


def _figure(row: Node) -> Reading:
    found = reading(row.get("figure")) or Reading(None)
    flat = reading(row) or Reading(None)
    return Reading(
        value=flat.value if "value" in row else found.value,
        low=flat.low if "low" in row else found.low,
        high=flat.high if "high" in row else found.high,
        units=flat.units if "units" in row else found.units,
        labels=found.labels,
        positives=flat.positives if "positives" in row else found.positives,
        method=found.method,
        reason=found.reason,
    )


def subject_of(row: Node) -> tuple[str, str, str]:
    """Kind of subject, its name and, for a slice, its attribute: ("slice", "fog", "weather")."""
    subject = child(row, "subject")
    attribute = text(subject, "attribute") or text(subject, "of")
    for kind in _SUBJECT_KINDS:
        if kind not in subject:
            continue
        named = subject[kind]
        if isinstance(named, Mapping):
            attribute, named = next(((str(key), value) for key, value in named.items()), ("", ""))
        found = text({"name": named}, "name")
        for mark in ("=", ": "):
            if kind == "slice" and not attribute and mark in found:
                attribute, _, found = found.partition(mark)
        return kind, found, attribute
    for key, value in subject.items():
        if isinstance(value, str):
            return "slice", value, key
    return "", "", ""


def _rule(rule: object) -> str:
    if isinstance(rule, Mapping):
        plan = child(rule, "plan") or rule
        sizes = [f"{key} {text(plan, key)}" for key in plan if text(plan, key)]
        return "sampling plan" + (f", {', '.join(sizes)}" if sizes else "")
    return rule if isinstance(rule, str) else ""


def _state(row: Node, figure: Reading, floor: float | None, *, at_most: bool) -> State:
    match text(row, "outcome"):
        case "reject":
            return "reject"
        case "fail":
            return "below"
        case "not provable":
            return "unprovable"
        case "pass":
            return _standing(text(row, "standing"), figure, floor, at_most=at_most)
    return "plain"


def _standing(standing: str, figure: Reading, floor: float | None, *, at_most: bool) -> State:
    if standing == "watched":
        return "watched"
    if standing == "proven" or figure.span is None or floor is None:
        return "proven"
    low, high = figure.span
    return "proven" if (high <= floor if at_most else low >= floor) else "watched"


def _worst_first(line: TermLine) -> tuple[int, float, str]:
    """What needs evidence first, then the judged from the worst, then what passes for want of evidence."""
    rank = 0 if line.state == "unprovable" else 1 if line.ranks else 2
    return (rank, line.distance, line.subject)
