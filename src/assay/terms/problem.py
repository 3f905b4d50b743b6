"""What is wrong with a contract, all of it at once.

InputError
└── ContractError     a contract is unreadable, vague or undecidable
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assay.annotation.errors import InputError

_LINE: Final = re.compile(r"line ([0-9]+)")


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a contract from being decided: where it stands, what it is, and what would mend it."""

    place: str
    what: str
    remedy: str

    def __str__(self) -> str:
        text = f"{self.place}: {self.what}" if self.place else self.what
        return f"{text}\n    remedy: {self.remedy}" if self.remedy else text


class ContractError(InputError):
    """Raised when a contract cannot be decided; ``problems`` holds every reason with its remedy."""

    def __init__(self, problems: Sequence[Problem], *, file: str | None = None) -> None:
        problems = sorted(problems, key=_line)
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"the contract has {count}{listed}", file=file)
        self.problems = tuple(problems)


def _line(problem: Problem) -> float:
    """The line a problem stands on; what stands on none comes last."""
    line = _LINE.match(problem.place)
    return int(line[1]) if line else math.inf


def as_problem(error: InputError) -> Problem:
    """A refusal of a single value as a problem among others."""
    what = error.message if error.found is None else f"{error.message}: found {error.found}"
    return Problem(error.place or "", what, "" if error.expected is None else f"write {error.expected}")
