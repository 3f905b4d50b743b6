"""What can be wrong with a ledger, a bundle or a signature.

LedgerError   something cannot be read, or a call asks for what may not be; it names file, place, found and expected
Problem       one thing that is wrong in something that can be read: collected and shown together, never raised
"""

from __future__ import annotations

from dataclasses import dataclass


class LedgerError(Exception):
    """Raised when bytes are not what they have to be, or when an entry may not be appended."""

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        place: str | None = None,
        found: str | None = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.file, self.place = message, file, place
        self.found, self.expected = found, expected

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.place) if part)
        return lines_of(f"{where}: {self.message}" if where else self.message, self.found, self.expected)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where, what, what was found and what was expected there."""

    place: str
    message: str
    found: str | None = None
    expected: str | None = None

    def __str__(self) -> str:
        return lines_of(f"{self.place}: {self.message}", self.found, self.expected)

    def as_json(self) -> dict[str, object]:
        """The problem as ``assay verify --json`` prints it."""
        return {
            "place": self.place,
            "message": self.message,
            "found": self.found,
            "expected": self.expected,
        }


def problem_of(error: LedgerError, place: str) -> Problem:
    """The problem that an error tells of, at a place of the whole."""
    inside = f"{place}, {error.place}" if error.place else place
    return Problem(inside, error.message, error.found, error.expected)


def lines_of(first: str, found: str | None, expected: str | None) -> str:
    """A sentence, and below it what was found and what was expected, where there is something to say."""
    lines = [first]
    if found is not None:
        lines.append(f"  found:    {found}")
    if expected is not None:
        lines.append(f"  expected: {expected}")
    return "\n".join(lines)


def shown(text: str | bytes, most: int = 60) -> str:
    """A piece of input as a message shows it: quoted, escaped and short."""
    quoted = ascii(text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text)
    return quoted if len(quoted) <= most else f"{quoted[:most]}…"
