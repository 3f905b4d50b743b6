"""What checking a bundle found: what is wrong, what is proven and what is not."""

from __future__ import annotations

from dataclasses import dataclass, field

from .entries import Entry
from .problem import LedgerError, Problem, problem_of

MOST_PROBLEMS = 200
MOST_STEPS = 1_000
FINE, WRONG, UNREADABLE, NOT_PROVABLE = 0, 1, 2, 3


@dataclass(frozen=True)
class Step:
    """One entry as a reader follows it."""

    index: int
    at: str
    by: str
    kind: str
    says: str


@dataclass
class Outcome:
    """The finding, as it grows. ``needs`` says what is missing for a proof that the reader may rely on, ``kept`` holds
    deliveries, verdicts, decisions and the entries that documents and rows belong to, by index.
    """

    bundle: str
    origin: str = ""
    size: int = 0
    entries: int = 0
    problems: list[Problem] = field(default_factory=list)
    more_problems: int = 0
    proven: list[str] = field(default_factory=list)
    not_proven: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    kept: dict[int, Entry] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code: 1 something is wrong, 3 nothing is, yet a key or proof is missing, 0 otherwise."""
        if self.problems:
            return WRONG
        return NOT_PROVABLE if self.needs else FINE

    @property
    def is_complete(self) -> bool:
        """Whether every entry of the ledger is here."""
        return self.entries == self.size

    def wrong(self, problem: Problem | LedgerError, place: str) -> None:
        """Note something that is wrong at a place of the bundle."""
        if isinstance(problem, LedgerError):
            found = problem_of(problem, place)
        else:
            inside = f"{place}, {problem.place}" if place else problem.place
            found = Problem(inside, problem.message, problem.found, problem.expected)
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(found)
        else:
            self.more_problems += 1

    def as_json(self) -> dict[str, object]:
        """The finding as ``assay verify --json`` prints it."""
        return {
            "schema": "assay-verify/1",
            "bundle": self.bundle,
            "outcome": {FINE: "proven", WRONG: "wrong", NOT_PROVABLE: "not provable"}[self.code],
            "origin": self.origin,
            "size": self.size,
            "entries": self.entries,
            "problems": [one.as_json() for one in self.problems],
            "more_problems": self.more_problems,
            "proven": self.proven,
            "not_proven": self.not_proven,
            "needs": self.needs,
            "steps": [
                {"index": s.index, "at": s.at, "by": s.by, "kind": s.kind, "says": s.says} for s in self.steps
            ],
        }
