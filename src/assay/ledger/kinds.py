"""The vocabulary of a programme's ledger, version 1: which kinds of entries there are and what each has to name.

Persons are random pseudonyms. Documents of the programme stand as SHA-256 of their bytes; what a person wrote or a
customer's item holds stands only as a salted commitment, SHA-256(salt ‖ content), so that it can be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .canonical import LARGEST


@dataclass(frozen=True)
class Field:
    """What a value has to be: a text that matches ``pattern``, or without one a whole number from ``least``."""

    says: str
    pattern: str | None = None
    least: int = 0
    holds: Callable[[object], bool] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "holds", _number(self.least) if self.pattern is None else _text(self.pattern)
        )


def _text(pattern: str) -> Callable[[object], bool]:
    matches = re.compile(pattern).fullmatch
    return lambda value: type(value) is str and matches(value) is not None


def _number(least: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= LARGEST


def _one_of(*values: str) -> Field:
    return Field(f"one of {', '.join(values)}", "|".join(values))


HASH = Field("64 hexadecimal digits, small letters", "[0-9a-f]{64}")
CODE = Field("1 to 64 letters, digits and ._:-", "[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
CURRENCY = Field("three capital letters", "[A-Z]{3}")
PERSON = Field("person- and 32 hexadecimal digits, or service", "person-[0-9a-f]{32}|service")
TIME = Field(
    "a time in UTC such as 2026-03-01T09:00:00Z",
    "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
)
ID = Field("a UUID in small letters", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
WHOLE = Field("a whole number from 0")
AMOUNT = Field("a whole number", least=-LARGEST)


@dataclass(frozen=True)
class Kind:
    """What an entry of one kind holds.

    ``facts`` and ``optional`` are its own fields, ``parents`` the roles that have to name an earlier entry of the kinds
    given, ``may`` those that can. ``files`` maps the name of a file that a bundle may carry to the fact that holds its
    SHA-256, ``opened`` to the fact that is a salted commitment to its bytes. ``once`` lists the facts and parents
    (``parents.ROLE``) of which a second entry has to name the one before as ``before``.
    """

    says: str
    facts: Mapping[str, Field] = field(default_factory=dict)
    optional: Mapping[str, Field] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    opened: Mapping[str, str] = field(default_factory=dict)
    once: tuple[str, ...] = ()


_VERDICTS = _one_of("accept", "rework", "reject", "not provable")

KINDS: Mapping[str, Kind] = {
    "schema": Kind(
        "schema {version}", {"version": CODE, "sha256": HASH}, may={"before": ("schema",)},
        files={"schema.yaml": "sha256"}, once=("version",),
    ),
    "guideline": Kind(
        "guideline {version}", {"version": CODE, "sha256": HASH}, parents={"schema": ("schema",)},
        may={"before": ("guideline",)}, files={"guideline.md": "sha256"}, once=("version",),
    ),
    "gold": Kind(
        "gold {version} ({compartment}): commitments to {answers} answers",
        {
            "version": CODE, "compartment": _one_of("practice", "calibration", "acceptance"), "answers": WHOLE,
            "sha256": HASH,
        },
        parents={"schema": ("schema",)}, may={"before": ("gold",)}, files={"commitments.csv": "sha256"},
        once=("compartment", "version"),
    ),
    "contract": Kind(
        "contract {contract}", {"contract": CODE, "sha256": HASH},
        parents={"schema": ("schema",), "guideline": ("guideline",)}, may={"before": ("contract",)},
        files={"contract.yaml": "sha256"}, once=("contract",),
    ),
    "delivery": Kind(
        "delivery of batch {batch}, round {round}: {rows} rows",
        {"batch": CODE, "round": WHOLE, "rows": WHOLE, "rows_root": HASH},
        parents={"contract": ("contract",), "schema": ("schema",), "guideline": ("guideline",)},
        may={"before": ("delivery",), "rework": ("rework",)}, once=("batch", "round"),
    ),
    "annotation": Kind(
        "annotation, layer {layer}",
        {
            "item": HASH, "content": HASH,
            "layer": _one_of("prelabel", "first_pass", "self_check", "review", "adjudication", "final"),
        },
        parents={"guideline": ("guideline",)}, may={"before": ("annotation",)},
        opened={"item.txt": "item", "content.txt": "content"},
    ),
    "review": Kind(
        "review: {outcome}", {"outcome": _one_of("agrees", "changes", "sends back")}, {"reason": HASH},
        parents={"annotation": ("annotation",)}, may={"before": ("review",)}, opened={"reason.txt": "reason"},
    ),
    "adjudication": Kind(
        "adjudication", {"content": HASH}, {"reason": HASH}, parents={"annotations": ("annotation",)},
        may={"before": ("adjudication",)}, opened={"content.txt": "content", "reason.txt": "reason"},
    ),
    "verdict": Kind(
        "verdict: {outcome}", {"outcome": _VERDICTS, "report": HASH, "counts": HASH},
        parents={"delivery": ("delivery",), "contract": ("contract",)},
        may={"gold": ("gold",), "before": ("verdict",)},
        files={"report.json": "report", "counts.json": "counts"}, once=("parents.delivery",),
    ),
    "decision": Kind(
        "decision: {decision}, so {outcome}",
        {
            "decision": _one_of("confirm", "concession", "override"),
            "outcome": _one_of("accept", "rework", "reject"),
        },
        {"reason": HASH}, parents={"verdict": ("verdict",)}, may={"before": ("decision",)},
        opened={"reason.txt": "reason"}, once=("parents.verdict",),
    ),
    "dispute": Kind(
        "dispute (items: {items})", {"items": WHOLE}, {"reason": HASH}, parents={"verdict": ("verdict",)},
        may={"before": ("dispute",)}, opened={"reason.txt": "reason"},
    ),
    "opened": Kind(
        "answer of the gold panel opened", {"commitment": HASH}, parents={"gold": ("gold",)},
        may={"dispute": ("dispute",)}, once=("commitment",),
    ),
    "rework": Kind(
        "rework, round {round} (items: {items})", {"round": WHOLE, "items": WHOLE, "sha256": HASH},
        parents={"decision": ("decision",)}, may={"before": ("rework",)}, files={"rework.csv": "sha256"},
        once=("parents.decision",),
    ),
    "invoice": Kind(
        "invoice: {amount_minor} minor units of {currency}",
        {"currency": CURRENCY, "amount_minor": AMOUNT, "sha256": HASH},
        parents={"decision": ("decision",), "contract": ("contract",)}, may={"before": ("invoice",)},
        files={"invoice.json": "sha256"}, once=("parents.decision",),
    ),
    "deletion": Kind(
        "deletion (items: {items})", {"items": WHOLE, "items_root": HASH, "sha256": HASH},
        parents={"contract": ("contract",)}, files={"certificate.json": "sha256"},
    ),
}  # fmt: skip


def vocabulary() -> dict[str, object]:
    """The vocabulary as ``docs/reference/ledger-kinds.json`` publishes it: patterns of texts, least numbers."""

    def told(fields: Mapping[str, Field]) -> dict[str, object]:
        return {name: one.least if one.pattern is None else one.pattern for name, one in fields.items()}

    common = {"id": ID, "at": TIME, "by": PERSON, "parents": HASH}
    kinds = {
        name: {
            "facts": told(kind.facts),
            "optional": told(kind.optional),
            "parents": {role: list(kinds) for role, kinds in kind.parents.items()},
            "may": {role: list(kinds) for role, kinds in kind.may.items()},
            "files": dict(kind.files),
            "opened": dict(kind.opened),
            "once": list(kind.once),
        }
        for name, kind in KINDS.items()
    }
    return {"assay": "entry/1", "common": told(common), "kinds": kinds}
