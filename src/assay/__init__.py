"""Assay: whether delivered labels may be accepted and paid for, decided from evidence that both sides can check."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .annotation.errors import AssayError, InputError, LimitError, UsageError
    from .judge.api import Report, Verdict, judge

__all__ = ["AssayError", "InputError", "LimitError", "Report", "UsageError", "Verdict", "judge"]

_HOMES = {
    "AssayError": ".annotation.errors",
    "InputError": ".annotation.errors",
    "LimitError": ".annotation.errors",
    "UsageError": ".annotation.errors",
    "Report": ".judge.api",
    "Verdict": ".judge.api",
}


def __getattr__(name: str) -> object:
    """Load a public name from its home when it is first asked for, so that ``import assay`` costs nothing."""
    if name == "judge":
        return import_module(".judge", __name__)
    if name not in _HOMES:
        raise AttributeError(f"module 'assay' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
