"""The contracts that ship with Assay. Their numbers stand in the YAML files beside this module and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from assay.annotation.strict_json import parse_json
from assay.annotation.strict_yaml import parse_yaml

from .clauses import Parties, Versions
from .contract import parse_contract
from .document import Contract, Level
from .metrics import LabelKind
from .term import Term

TEMPLATES: Final = (
    "starter-choice",
    "starter-multi",
    "starter-rating",
    "starter-text",
    "starter-boxes",
    "starter-shapes",
    "starter-masks",
    "starter-keypoints",
    "starter-spans",
    "starter-fields",
    "standard-choice",
    "standard-rating",
    "standard-boxes",
    "standard-shapes",
    "standard-masks",
    "standard-keypoints",
    "standard-spans",
    "standard-fields",
    "regulated-choice",
    "regulated-rating",
    "regulated-boxes",
    "regulated-shapes",
    "regulated-masks",
    "regulated-keypoints",
    "regulated-spans",
    "regulated-fields",
)
"""The names of the templates."""

_STARTERS: Final[Mapping[LabelKind, str]] = {
    "choice": "starter-choice",
    "multi": "starter-multi",
    "rating": "starter-rating",
    "text": "starter-text",
    "boxes": "starter-boxes",
    "shapes": "starter-shapes",
    "masks": "starter-masks",
    "keypoints": "starter-keypoints",
    "spans": "starter-spans",
    "fields": "starter-fields",
}
_STEPS_OF_TEMPLATES: Final = 4


def template_text(name: str) -> str:
    """The YAML of a template with its comments; KeyError for a name that does not exist."""
    if name not in TEMPLATES:
        raise KeyError(name)
    return (files("assay.terms") / "templates" / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def load_template(name: str) -> Contract:
    """The contract that a template writes; KeyError for a name that does not exist."""
    return parse_contract(parse_yaml(template_text(name), file=f"{name}.yaml"))


def starter_for(labels: LabelKind, *, scale: tuple[Decimal, Decimal] | None = None) -> Contract:
    """The starter template for a kind of labels, on a rating scale with these ends; KeyError where none ships yet."""
    return on_scale(load_template(_STARTERS[labels]), scale)


def on_scale(contract: Contract, scale: tuple[Decimal, Decimal] | None) -> Contract:
    """The contract with its tolerances, which templates write for four steps, grown to a scale with these ends.

    Raises ValueError for a scale without length.
    """
    if scale is None:
        return contract
    steps = ((scale[1] - scale[0]) / _STEPS_OF_TEMPLATES).normalize()
    if steps <= 0:
        raise ValueError("a scale ends above its beginning")
    return replace(contract, acceptance=tuple(_scaled(term, steps) for term in contract.acceptance))


def fill_template(
    name: str,
    *,
    contract_id: str,
    parties: Parties | None = None,
    versions: Versions | None = None,
    level: Level | None = None,
    scale: tuple[Decimal, Decimal] | None = None,
) -> Contract:
    """A template for a programme of one's own.

    ``scale`` holds the ends of a rating scale: the tolerances of the template, written for four steps, grow with it.
    """
    contract = on_scale(load_template(name), scale)
    return replace(
        contract,
        id=contract_id,
        parties=parties or contract.parties,
        versions=versions or contract.versions,
        level=level or contract.level,
    )


def _scaled(term: Term, steps: Decimal) -> Term:
    """The term on a scale of other length; shares stay, distances grow."""
    if term.metric == "mean_absolute_error":
        reject = None if term.reject_below is None else term.reject_below * steps
        return replace(term, floor=term.floor * steps, reject_below=reject)
    return term if term.within is None else replace(term, within=term.within * steps)


@dataclass(frozen=True)
class TemplateOdds:
    """How often a template accepts a vendor 3 points above every floor, and one 5 points below, in ``runs`` batches."""

    above: float
    below: float
    runs: int


@cache
def measured_odds() -> Mapping[str, TemplateOdds]:
    """The odds of each template as `assay plan contract --template NAME --runs 200` measured them."""
    found = parse_json((files("assay.terms") / "templates" / "odds.json").read_bytes(), file="odds.json")
    if not isinstance(found, dict):
        raise ValueError("odds.json holds one object")
    return {name: TemplateOdds(one["above"], one["below"], one["runs"]) for name, one in found.items()}


def odds_of(contract: Contract) -> TemplateOdds | None:
    """The measured odds of the template that a contract is, if nothing was changed that they depend on."""
    if contract.template not in TEMPLATES:
        return None
    template = load_template(contract.template)
    same = (contract.acceptance, contract.measurement, contract.gold, contract.errors)
    if same != (template.acceptance, template.measurement, template.gold, template.errors):
        return None
    return measured_odds().get(contract.template)
