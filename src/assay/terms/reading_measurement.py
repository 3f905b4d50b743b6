"""Reading how a contract measures: layers, matching, sample, intervals, evidence, missing items."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from assay.annotation.strict_yaml import Node

from .clauses import (
    GOLD_MISSING,
    JUDGED_LAYERS,
    NORMAL_FORM,
    OVERLAPS,
    UNICODE_FORMS,
    Evidence,
    Interval,
    Judged,
    Match,
    Measurement,
    Missing,
    ReducedSample,
    Sample,
)
from .plain import share_text
from .problem import Problem
from .reading import (
    ClauseReader,
    decimal_between,
    integer_between,
    one_of,
    several_words,
    share,
    share_or_none,
    words,
)

_MANY: Final = 1_000_000_000
_AT_MOST: Final = "at most "


def read_judged(node: Node, problems: list[Problem]) -> Judged:
    """``{accuracy: final, agreement: first_pass}``."""
    clause, default = ClauseReader(node, problems, keys=("accuracy", "agreement")), Judged()
    layer = clause.take("agreement", words, default.agreement)
    if layer != default.agreement:
        clause.refuse(
            f"agreement of the layer {layer!r} says nothing: its labels were made after seeing another's",
            "write agreement: first_pass",
            key="agreement",
        )
    return Judged(accuracy=clause.take("accuracy", one_of(JUDGED_LAYERS), default.accuracy))


def read_measurement(node: Node, problems: list[Problem]) -> Measurement:
    """All of ``measurement``."""
    keys = ("match", "normal_form", "sample", "interval", "evidence", "missing")
    clause, default = ClauseReader(node, problems, keys=keys), Measurement()
    return Measurement(
        match=clause.take("match", lambda child: _read_match(child, problems), None),
        normal_form=clause.take("normal_form", _normal_form, ()),
        sample=clause.take("sample", lambda child: _read_sample(child, problems), None),
        interval=clause.take("interval", lambda child: _read_interval(child, problems), default.interval),
        evidence=clause.take("evidence", lambda child: _read_evidence(child, problems), default.evidence),
        missing=clause.take("missing", lambda child: _read_missing(child, problems), default.missing),
    )


def _normal_form(node: Node) -> tuple[str, ...]:
    steps = tuple(one_of(NORMAL_FORM)(child) for child in node.sequence())
    if len(set(steps)) != len(steps) or len(set(steps) & set(UNICODE_FORMS)) > 1:
        raise node.refuse(
            "the normal form contradicts itself",
            found=", ".join(steps),
            expected="each step once, one Unicode form",
        )
    return tuple(step for step in NORMAL_FORM if step in steps)


def _read_match(node: Node, problems: list[Problem]) -> Match | None:
    clause = ClauseReader(node, problems, keys=("overlap", "threshold"))
    overlap = clause.require("overlap", one_of(OVERLAPS), "no measure of overlap", "write overlap: iou")
    threshold = clause.require(
        "threshold", decimal_between(0, 1), "no threshold of overlap", "write threshold: 0.5"
    )
    if threshold == 0:
        clause.refuse(
            "objects that do not touch would match", "write a threshold above 0, such as 0.5", key="threshold"
        )
    return None if overlap is None or not threshold else Match(overlap, threshold)


def _read_sample(node: Node, problems: list[Problem]) -> Sample | None:
    keys = ("share", "items", "drawn", "by", "strata", "annotators_per_item", "reduced")
    clause, default = ClauseReader(node, problems, keys=keys), Sample()
    _refuse_sample_of_the_vendor(clause)
    part = clause.take("share", share, None)
    items = clause.take("items", integer_between(1, _MANY), None)
    if "share" in clause and "items" in clause:
        clause.refuse("the sample has two sizes", "write either share or items", key="items")
        return None
    return Sample(
        share=default.share if part is None and items is None else part,
        items=items,
        by="neutral keeper" if clause.take("by", Node.text, default.by) == "neutral keeper" else "buyer",
        strata=clause.take("strata", several_words, ()),
        annotators_per_item=clause.take(
            "annotators_per_item", integer_between(1, 1000), default.annotators_per_item
        ),
        reduced=clause.take("reduced", lambda child: _read_reduced(child, problems), None),
    )


def _refuse_sample_of_the_vendor(clause: ClauseReader) -> None:
    by = clause.take("by", words, "buyer")
    if by not in ("buyer", "neutral keeper"):
        clause.refuse(
            f"a sample that {by!r} draws proves nothing about the rest of the batch",
            "write by: buyer, or by: neutral keeper",
            key="by",
        )
    drawn = clause.take("drawn", words, "after delivery")
    if drawn != "after delivery":
        clause.refuse(
            f"a sample drawn {drawn!r} can be known to those it tests",
            "write drawn: after delivery; the seed is committed before",
            key="drawn",
        )


def _read_reduced(node: Node, problems: list[Problem]) -> ReducedSample | None:
    clause = ClauseReader(node, problems, keys=("share", "after"))
    part = clause.require("share", share, "no reduced share", "write share: 3%")
    after = clause.require("after", _accepted_batches, "no run of batches", "write after: 5 accepted")
    return None if part is None or after is None else ReducedSample(part, after)


def _accepted_batches(node: Node) -> int:
    number, _, rest = node.text().partition(" ")
    if not (number.isascii() and number.isdecimal() and 0 < len(number) <= 6 and rest == "accepted"):
        raise node.refuse("this is no run of batches", found=repr(node.text()[:80]), expected="5 accepted")
    return int(number)


def _read_interval(node: Node, problems: list[Problem]) -> Interval:
    clause, default = ClauseReader(node, problems, keys=("level", "unit", "replicates")), Interval()
    level = clause.take("level", share, default.level)
    if not Decimal("0.8") <= level <= Decimal("0.999"):
        clause.refuse(f"an interval of {share_text(level)}", "write a level from 80% to 99.9%", key="level")
        level = default.level
    return Interval(
        level,
        clause.take("unit", words, default.unit),
        clause.take("replicates", integer_between(200, 100_000), default.replicates),
    )


def _read_evidence(node: Node, problems: list[Problem]) -> Evidence:
    clause, default = (
        ClauseReader(node, problems, keys=("minimum_positives", "tolerance", "pool")),
        Evidence(),
    )
    return Evidence(
        clause.take("minimum_positives", integer_between(1, 1_000_000), default.minimum_positives),
        clause.take("tolerance", decimal_between(0, 1), default.tolerance),
        clause.take("pool", _batches, default.pool),
    )


def _batches(node: Node) -> int:
    number, _, rest = node.text().partition(" ")
    if not (
        number.isascii() and number.isdecimal() and 0 < len(number) <= 4 and rest in ("batch", "batches")
    ):
        raise node.refuse("this is no number of batches", found=repr(node.text()[:80]), expected="4 batches")
    if int(number) == 0:
        raise node.refuse("no batch at all", found="0 batches", expected="1 batch, which pools nothing")
    return int(number)


def _read_missing(node: Node, problems: list[Problem]) -> Missing:
    clause, default = ClauseReader(node, problems, keys=("gold_not_delivered", "skipped")), Missing()
    return Missing(
        clause.take("gold_not_delivered", one_of(GOLD_MISSING), default.gold_not_delivered),
        clause.take("skipped", _at_most, None),
    )


def _at_most(node: Node) -> Decimal:
    text = node.text()
    if not text.startswith(_AT_MOST):
        raise node.refuse("this is no upper limit", found=repr(text[:80]), expected="at most 2%")
    bare = Node(text.removeprefix(_AT_MOST), node.file, node.line, node.parent, node.key, quoted=True)
    return share_or_none(bare)
