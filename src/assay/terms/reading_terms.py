"""Reading acceptance terms; a vague or undecidable one is refused with the reason and the remedy."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from assay.annotation.strict_yaml import Node

from .metrics import METRICS, VAGUE, LabelKind, Metric, ScopeKind, misfit
from .plain import decimal_text, share_text
from .plan import Plan, plan_risks
from .problem import Problem
from .reading import ClauseReader, decimal_between, identifier, integer_between, one_of, share, words
from .reading_clauses import read_floors
from .term import (
    LACKINGS,
    RULE_NAMES,
    Lacking,
    Redo,
    RuleName,
    Scope,
    Term,
    default_lacking,
    default_redo,
    default_rule,
)

_KEYS: Final = ("id", "metric", "scope", "rule", "redo", "within", "without_evidence")
_BOUNDS: Final = ("floor", "floors", "reject_below", "ceiling", "ceilings", "reject_above")
_PLAN_KEYS: Final = ("items", "accept", "good", "vendor_risk", "buyer_risk")
_EVERY: Final[dict[str, ScopeKind]] = {
    "every class": "class",
    "every annotator": "annotator",
    "every slice": "slice",
}
_SCOPES_SHOWN: Final = (
    "overall, every class, every annotator, {every: slice, of: ATTRIBUTE}, {class: NAME}, {annotator: NAME} "
    "or {slice: VALUE, of: ATTRIBUTE}"
)
_LARGEST_BOUND: Final = 1_000_000

TERM_KEYS: Final = (*_KEYS, *_BOUNDS)
"""Every key of an acceptance term."""


def read_acceptance(node: Node, problems: list[Problem], labels: LabelKind | None) -> tuple[Term, ...]:
    """The terms of ``acceptance``; those with problems are left out."""
    children = node.sequence()
    if not children:
        raise node.refuse("no term of acceptance", found="an empty list", expected="at least one term")
    read = [_TermReader(child, problems, labels).term() for child in children]
    return tuple(term for term in read if term is not None)


class _TermReader:
    """Reads one term and finds everything that keeps it from being decided."""

    def __init__(self, node: Node, problems: list[Problem], labels: LabelKind | None) -> None:
        self.problems = problems
        self.labels = labels
        self.clause = ClauseReader(node, problems, keys=TERM_KEYS)
        self.before = len(problems)

    def term(self) -> Term | None:
        clause = self.clause
        name = clause.require("id", identifier, "the term has no id", "write id: classes")
        metric = self.metric()
        scope = clause.require(
            "scope", _read_scope, "the term does not say what it judges", f"write scope: {_SCOPES_SHOWN}"
        )
        if name is None or metric is None or scope is None:
            return None
        self.check_scope(metric, scope)
        floor = self.bound(metric)
        rule = clause.take("rule", self.rule, default_rule(scope))
        if floor is None or rule is None:
            return None
        if isinstance(rule, Plan):
            self.check_plan(metric, scope, rule, floor)
        self.check_shown(metric, rule, floor)
        read = self.assemble(name, metric, scope, floor, rule)
        return read if len(self.problems) == self.before else None

    def assemble(
        self, name: str, metric: Metric, scope: Scope, floor: Decimal, rule: RuleName | Plan
    ) -> Term | None:
        reject = self.reject(metric, floor)
        floors = self.floors(metric, scope, reject)
        within = self.within(metric)
        lacking = self.lacking(scope, rule)
        redo = self.redo(scope)
        if len(self.problems) > self.before:
            return None
        place = self.clause.node.place
        return Term(name, metric.name, scope, floor, reject, rule, redo, floors, within, lacking, place)

    def metric(self) -> Metric | None:
        clause = self.clause
        if "metric" not in clause:
            bound = clause.child("floor").plain() if "floor" in clause else "a floor"
            clause.refuse(
                f"{bound} of what? the term names no metric",
                "name one, such as metric: gold_f1 or metric: krippendorff_alpha",
            )
            return None
        name = clause.take("metric", words, None)
        if name is None:
            return None
        metric = METRICS.get(name)
        if metric is None:
            meant = VAGUE.get(name.lower().replace(" ", "_").replace("-", "_"))
            what = f"{name!r} names no single measurement" if meant else f"no metric is called {name!r}"
            clause.refuse(what, f"write {meant}" if meant else "one of " + ", ".join(METRICS), key="metric")
            return None
        problem = misfit(metric, self.labels) if self.labels else None
        if problem is not None:
            clause.refuse(*problem, key="metric")
            return None
        return metric

    def check_scope(self, metric: Metric, scope: Scope) -> None:
        if scope.kind == "class" and self.labels in ("rating", "text", "transcripts"):
            kind = "ratings" if self.labels == "rating" else "texts"
            self.clause.refuse(f"{kind} have no classes to judge", "write scope: overall", key="scope")
        elif scope.kind not in metric.scopes:
            why = (
                "agreement belongs to several people at once; a person is judged against gold"
                if metric.source == "agreement"
                else f"{metric.title} does not exist for {_plural(scope.kind)}"
            )
            self.clause.refuse(
                why,
                "use a gold metric, or one of the scopes " + ", ".join(metric.scopes),
                key="scope",
            )

    def bound(self, metric: Metric) -> Decimal | None:
        key, other = ("ceiling", "floor") if metric.at_most else ("floor", "ceiling")
        if other in self.clause:
            better = "lower" if metric.at_most else "higher"
            self.clause.refuse(
                f"{metric.title} is better when it is {better}",
                f"write {key}: instead of {other}:",
                key=other,
            )
            return None
        if key not in self.clause:
            self.clause.refuse(
                f"the term has no {key}; nobody can say whether it is met", f"write {key}: {_example(metric)}"
            )
            return None
        return self.clause.take(key, lambda node: _read_bound(node, metric), None)

    def reject(self, metric: Metric, floor: Decimal) -> Decimal | None:
        key, other = ("reject_above", "reject_below") if metric.at_most else ("reject_below", "reject_above")
        if other in self.clause:
            self.clause.refuse(f"{metric.title} is never rejected so", f"write {key}:", key=other)
        reject = self.clause.take(key, lambda node: _read_bound(node, metric), None)
        if reject is not None and ((reject <= floor) if metric.at_most else (reject >= floor)):
            side = "above the ceiling" if metric.at_most else "below the floor"
            self.clause.refuse(
                f"{key} {decimal_text(reject)} is not {side} {decimal_text(floor)}",
                f"write a bound {side}, or leave {key} out",
                key=key,
            )
            return None
        return reject

    def floors(self, metric: Metric, scope: Scope, reject: Decimal | None) -> dict[str, Decimal]:
        key, other = ("ceilings", "floors") if metric.at_most else ("floors", "ceilings")
        if other in self.clause:
            self.clause.refuse(f"{metric.title} takes {key}", f"write {key}: instead of {other}:", key=other)
        floors = self.clause.take(key, lambda node: read_floors(node, self.problems), {})
        if floors and not scope.is_every:
            self.clause.refuse("only `every …` has floors by name", f"leave {key} out", key=key)
        for name, floor in floors.items():
            out = not 0 <= floor <= (_LARGEST_BOUND if metric.unbounded else 1)
            beyond = reject is not None and (floor >= reject if metric.at_most else floor <= reject)
            if out or beyond:
                why = "rejects what it lets pass" if beyond else "is out of range"
                self.clause.refuse(
                    f"the bound {decimal_text(floor)} of {name} {why}", "write one that can be met", key=key
                )
        return dict(floors)

    def within(self, metric: Metric) -> Decimal | None:
        within = self.clause.take("within", decimal_between(0, _LARGEST_BOUND), None)
        if within is not None and (metric.name != "gold_accuracy" or self.labels not in ("rating", None)):
            self.clause.refuse(
                "only the accuracy of ratings has a tolerance: other labels are right or wrong",
                "leave within out, or write labels: rating and metric: gold_accuracy",
                key="within",
            )
        return within

    def lacking(self, scope: Scope, rule: RuleName | Plan) -> Lacking:
        default = default_lacking(scope, rule)
        chosen = self.clause.take("without_evidence", one_of(LACKINGS), default)
        if chosen == "watched" and rule not in ("point", "unless_shown_below"):
            self.clause.refuse(
                "the rule passes only what is shown, and nothing is shown without evidence",
                "write without_evidence: not provable, or another rule",
                key="without_evidence",
            )
        if chosen == "watched" and scope.kind == "overall":
            self.clause.refuse(
                "a batch cannot pass without evidence", "leave without_evidence out", key="without_evidence"
            )
        return chosen

    def redo(self, scope: Scope) -> Redo:
        default = default_redo(scope)
        options: tuple[Redo, ...] = ("batch",) if default == "batch" else (default, "batch")
        return self.clause.take("redo", one_of(options), default)

    def rule(self, node: Node) -> RuleName | Plan | None:
        if node.is_scalar:
            return one_of(RULE_NAMES)(node)
        node.mapping(allowed={"plan"}, required={"plan"})
        clause = ClauseReader(node.mapping()["plan"], self.problems, keys=_PLAN_KEYS)
        items = clause.require(
            "items", integer_between(1, 1_000_000), "no number of items", "write items: 200"
        )
        accept = clause.require(
            "accept", integer_between(0, 1_000_000), "no accept number", "write accept: 5"
        )
        good = clause.require(
            "good",
            decimal_between(0, 1),
            "the plan does not say at which quality the vendor is protected",
            "write good: 0.99",
        )
        vendor = clause.require(
            "vendor_risk", share, "the vendor's risk is not said", "write vendor_risk: 5%"
        )
        buyer = clause.require("buyer_risk", share, "the buyer's risk is not said", "write buyer_risk: 10%")
        if items is None or accept is None or good is None or vendor is None or buyer is None:
            return None
        return clause.attempt(lambda: Plan(items, accept, good, vendor, buyer), None)

    def check_plan(self, metric: Metric, scope: Scope, plan: Plan, floor: Decimal) -> None:
        if not metric.proportion or metric.counted or scope.kind != "overall":
            self.clause.refuse(
                "a sampling plan counts the wrong items of one batch",
                "use it with scope: overall and gold_accuracy, field_accuracy or critical_error_rate",
                key="rule",
            )
            return
        good, bad = (plan.good, floor) if metric.at_most else (1 - plan.good, 1 - floor)
        if good >= bad:
            self.clause.refuse(
                "the quality at which the vendor is protected is not better than the floor",
                "write a `good` on the right side of the floor",
                key="rule",
            )
            return
        risks = plan_risks(plan, good_errors=good, floor_errors=bad)
        for party, risk, stated in (
            ("vendor", risks.vendor, plan.vendor_risk),
            ("buyer", risks.buyer, plan.buyer_risk),
        ):
            if risk > float(stated):
                self.clause.refuse(
                    f"with {plan.items} items and at most {plan.accept} wrong the {party}'s risk is {risk:.1%}, "
                    f"more than the {share_text(stated)} that the plan states",
                    "inspect more items, change the accept number, or state the risk as it is",
                    key="rule",
                )

    def check_shown(self, metric: Metric, rule: RuleName | Plan, floor: Decimal) -> None:
        best = 0 if metric.at_most else 1
        if rule == "shown" and floor == best and not metric.counted:
            self.clause.refuse(
                f"no sample can show a figure beyond {best}",
                "write a bound that leaves room, such as 0.99, or another rule",
                key="rule",
            )


def _read_scope(node: Node) -> Scope:
    if node.is_scalar:
        text = node.text()
        if text == "overall":
            return Scope("overall")
        if text in _EVERY:
            return Scope(_EVERY[text])
        raise node.refuse("this is no scope", found=repr(text[:80]), expected=_SCOPES_SHOWN)
    keys = node.mapping(allowed={"every", "of", "class", "annotator", "slice"})
    named: tuple[ScopeKind, ...] = ("class", "annotator", "slice")
    chosen = [kind for kind in named if kind in keys]
    of = words(keys["of"]) if "of" in keys else None
    if set(keys) == {"every", "of"} and keys["every"].text() == "slice":
        return Scope("slice", of=of)
    if set(keys) == {"every"}:
        return Scope(one_of(named)(keys["every"]))
    if len(chosen) == 1 and "every" not in keys and (of is not None) == (chosen == ["slice"]):
        return Scope(chosen[0], of=of, subject=words(keys[chosen[0]]))
    raise node.refuse("this is no scope", found=", ".join(keys), expected=_SCOPES_SHOWN)


def _read_bound(node: Node, metric: Metric) -> Decimal:
    text = node.text()
    if text.endswith("%"):
        raise node.refuse(
            "a bound is written as the figure it is compared with",
            found=text[:80],
            expected=f"{_example(metric)}, the value of {metric.name}, without a per cent sign",
        )
    bound = decimal_between(0, _LARGEST_BOUND if metric.unbounded else 1)(node)
    if bound == 0 and not metric.at_most:
        raise node.refuse("every delivery reaches a floor of 0", found="0", expected="a floor above 0")
    if bound == 1 and metric.at_most and not metric.unbounded:
        raise node.refuse("no delivery exceeds a ceiling of 1", found="1", expected="a ceiling below 1")
    return bound


def _example(metric: Metric) -> str:
    return "0.05" if metric.at_most else "0.90"


def _plural(kind: ScopeKind) -> str:
    return {"overall": "a whole batch", "class": "classes", "annotator": "annotators", "slice": "slices"}[
        kind
    ]
