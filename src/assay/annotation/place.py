"""Where in an input something stands, so that every refusal can say it."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import InputError, LimitError

_SHOWN = 80


@dataclass(frozen=True)
class Place:
    """A file and a place in it: ``Place("labels.csv", "line 7, column label")``."""

    file: str | None = None
    place: str | None = None

    def refuse(self, message: str, *, found: str | None = None, expected: str | None = None) -> InputError:
        """The error to raise when what stands here cannot be accepted."""
        return InputError(message, file=self.file, place=self.place, found=found, expected=expected)

    def exceed(self, message: str, *, found: str | None = None, expected: str | None = None) -> LimitError:
        """The error to raise when what stands here is larger than a limit allows."""
        return LimitError(message, file=self.file, place=self.place, found=found, expected=expected)


NOWHERE = Place()


def shown(text: str) -> str:
    """The text between quotes as an error prints it: one line, no control characters, at most 80 characters.

    >>> shown("a\\nb")
    "'a\\\\nb'"
    """
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return ascii(cut) if not cut.isprintable() else f"'{cut}'"
