"""Coefficients by name that a report does not carry but people ask for: weighted, of two people, of any pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from assay.analytics.batch import Level
from assay.measure.chance import (
    brennan_prediger,
    chance_between,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    percent_agreement,
)
from assay.measure.coincidence import alpha
from assay.measure.exact import student_interval
from assay.measure.figure import Figure, undefined
from assay.measure.kappa import cohen_kappa, cohen_kappa_errors
from assay.measure.ratings import Floats
from assay.measure.spread import wilson
from assay.measure.standard_errors import Coefficient, standard_error
from assay.measure.undefined import NO_PAIRS, Undefined, beyond_chance
from assay.measure.weights import Weighting, agreement_weights

from .vote_tables import VoteTables

Found = float | Undefined
Ends = tuple[float, float] | Undefined
_STUDENT = "Student's interval over items (Gwet 2014)"
_BY_LEVEL: Mapping[Level, Weighting] = {
    "nominal": "identity", "ordinal": "ordinal", "interval": "quadratic", "ratio": "ratio",
}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """Votes with the weights and the level on which a coefficient is asked of them."""

    votes: VoteTables
    weights: Floats
    level: Level

    def error(self, name: Coefficient, value: float) -> Ends:
        """Student's interval from the standard error over items."""
        ratings = self.votes.ratings(told_apart=name == "conger_kappa")
        if ratings is None:
            return Undefined("the batch is too large for a standard error over items")
        error = standard_error(name, ratings, self.weights)
        degrees = sum(self.votes.state.items.values()) - 1
        ends = error if isinstance(error, Undefined) else student_interval(value, error, degrees)
        return ends if isinstance(ends, Undefined) else (min(max(ends[0], -1.0), value), ends[1])


@dataclass(frozen=True)
class Named:
    """A coefficient: its name for people, its value, its interval, and the weights that it puts on disagreements."""

    method: str
    value: Callable[[Question], Found]
    interval: Callable[[Question, float], Ends] | None = None
    weighting: Weighting | None = None
    by_level: bool = False
    two_people: bool = False
    by_class: bool = True

    @property
    def needs_order(self) -> bool:
        """Whether it looks at how far apart two classes lie."""
        return self.weighting is not None

    def figure(self, votes: VoteTables, level: Level) -> Figure:
        """The coefficient with its interval where there is one, or the reason why it does not exist."""
        active = votes.active
        if self.two_people and len(active) != 2:
            reason = f"it compares two people, and there are {len(active)}: see the pairs"
            return undefined(reason, units=votes.units, method=self.method)
        asked = votes.of_pair(*active) if self.two_people else votes
        scheme = _BY_LEVEL[level] if self.by_level else self.weighting or "identity"
        question = Question(asked, agreement_weights(asked.values, scheme), level)
        value, units, labels = self.value(question), asked.units, asked.state.pairable()
        positives = asked.positives
        if isinstance(value, Undefined):
            return undefined(
                value.reason, units=units, labels=labels, positives=positives, method=self.method
            )
        ends = self.interval(question, value) if self.interval is not None else NO_PAIRS
        low, high = (None, None) if isinstance(ends, Undefined) else ends
        return Figure(value, low, high, units, labels, positives, self.method)


def _by_state(name: Coefficient) -> Callable[[Question, float], Ends]:
    return lambda asked, value: asked.error(name, value)


def _percent(asked: Question) -> Found:
    return percent_agreement(asked.votes.state, asked.weights)


def _wilson(asked: Question, value: float) -> Ends:
    return wilson(value * asked.votes.units, asked.votes.units, 0.95)


def _pabak(asked: Question) -> Found:
    observed = _percent(asked)
    return observed if isinstance(observed, Undefined) else 2 * observed - 1


def _pabak_interval(asked: Question, value: float) -> Ends:
    low, high = wilson((value + 1) / 2 * asked.votes.units, asked.votes.units, 0.95)
    return 2 * low - 1, 2 * high - 1


def _cohen(asked: Question) -> Found:
    return cohen_kappa(asked.votes.table(0, 1), asked.weights)


def _cohen_interval(asked: Question, value: float) -> Ends:
    errors = cohen_kappa_errors(asked.votes.table(0, 1), asked.weights)
    return errors if isinstance(errors, Undefined) else errors.interval()


def _conger(asked: Question) -> Found:
    votes = asked.votes
    active = votes.shares[votes.shares.sum(axis=1) > 0]
    if len(active) < 2:
        return NO_PAIRS
    shares = active / active.sum(axis=1, keepdims=True)
    return beyond_chance(_percent(asked), chance_between(shares, asked.weights))


def _light(asked: Question) -> Found:
    found = [cohen_kappa(asked.votes.table(a, b), asked.weights) for a, b in asked.votes.pairs]
    values = [value for value in found if not isinstance(value, Undefined)]
    if not found:
        return NO_PAIRS
    if len(values) < len(found):
        reason = next(value.reason for value in found if isinstance(value, Undefined))
        return Undefined(f"{len(found) - len(values):,} of {len(found):,} pairs have no kappa: {reason}")
    return float(np.mean(values))


def _alpha(asked: Question) -> Found:
    return alpha(asked.votes.state.matrix(), asked.votes.values, asked.level)


def _nominal_alpha(asked: Question) -> Found:
    return alpha(asked.votes.state.matrix(), asked.votes.values)


def _ac2(asked: Question) -> Found:
    return gwet_ac2(asked.votes.state, asked.weights)


_FCE = "normal interval (Fleiss, Cohen and Everitt 1969)"
_AC2 = "Gwet's AC2 (2014), {}; " + _STUDENT

NAMED: Mapping[str, Named] = {
    "krippendorff_alpha": Named("Krippendorff's alpha (2011)", _alpha),
    "nominal_alpha": Named(
        f"Krippendorff's alpha, nominal (2011); {_STUDENT}", _nominal_alpha, _by_state("krippendorff_alpha")
    ),
    "percent_agreement": Named("share of agreeing pairs, mean over items; Wilson", _percent, _wilson),
    "fleiss_kappa": Named(
        f"Fleiss' kappa with missing votes (1971); {_STUDENT}",
        lambda asked: fleiss_kappa(asked.votes.state), _by_state("fleiss_kappa"),
    ),
    "gwet_ac1": Named(
        f"Gwet's AC1 (2008); {_STUDENT}", lambda asked: gwet_ac1(asked.votes.state), _by_state("gwet_ac")
    ),
    "brennan_prediger": Named(
        f"Brennan-Prediger kappa (1981); {_STUDENT}",
        lambda asked: brennan_prediger(asked.votes.state), _by_state("brennan_prediger"),
    ),
    "randolph_kappa": Named(
        f"Randolph's kappa (2005); {_STUDENT}",
        lambda asked: brennan_prediger(asked.votes.state), _by_state("brennan_prediger"),
    ),
    "pabak": Named("PABAK (Byrt 1993); Wilson interval of the observed agreement", _pabak, _pabak_interval),
    "scott_pi": Named(
        f"Scott's pi (1955); {_STUDENT}",
        lambda asked: fleiss_kappa(asked.votes.state), _by_state("fleiss_kappa"), two_people=True,
    ),
    "cohen_kappa": Named(f"Cohen's kappa (1960); {_FCE}", _cohen, _cohen_interval, two_people=True),
    "cohen_kappa_linear": Named(
        f"Cohen's kappa with linear weights (1968); {_FCE}",
        _cohen, _cohen_interval, "linear", two_people=True, by_class=False,
    ),
    "cohen_kappa_quadratic": Named(
        f"Cohen's kappa with quadratic weights (1968); {_FCE}",
        _cohen, _cohen_interval, "quadratic", two_people=True, by_class=False,
    ),
    "light_kappa": Named("Light's kappa (1971): mean of Cohen's kappa over pairs", _light),
    "conger_kappa": Named(f"Conger's kappa (1980); {_STUDENT}", _conger, _by_state("conger_kappa")),
    "gwet_ac2": Named(
        _AC2.format("weights of the level"), _ac2, _by_state("gwet_ac"), by_level=True, by_class=False
    ),
    "gwet_ac2_linear": Named(_AC2.format("linear weights"), _ac2, _by_state("gwet_ac"), "linear", by_class=False),
    "gwet_ac2_quadratic": Named(
        _AC2.format("quadratic weights"), _ac2, _by_state("gwet_ac"), "quadratic", by_class=False
    ),
}  # fmt: skip
"""Every coefficient of choices and ratings, by the name it has in documents. What a report holds comes from there."""
