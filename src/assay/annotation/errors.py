"""The errors that a caller may see. Every refusal names file, place, what was found and what was expected.

AssayError
├── UsageError        the call itself is wrong (unknown option, missing argument)
└── InputError        a file or value is unreadable, hostile or contradictory
    └── LimitError    a counted limit was exceeded while reading
"""

from __future__ import annotations


class AssayError(Exception):
    """Base of every error that Assay raises on purpose."""


class UsageError(AssayError):
    """Raised when a call cannot be understood: bad option, missing argument."""


class InputError(AssayError):
    """Raised when input is unreadable, hostile or contradicts itself; nothing has been stored.

    ``file`` is the path as the caller gave it, ``place`` a line, row or key inside it.
    """

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
        self.message = message
        self.file = file
        self.place = place
        self.found = found
        self.expected = expected

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.place) if part)
        lines = [f"{where}: {self.message}" if where else self.message]
        if self.found is not None:
            lines.append(f"  found:    {self.found}")
        if self.expected is not None:
            lines.append(f"  expected: {self.expected}")
        return "\n".join(lines)


class LimitError(InputError):
    """Raised when a counted limit (bytes, rows, depth, ratio, …) is exceeded while reading."""
