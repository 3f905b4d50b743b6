"""A report of a failure that can be sent to others: where it happened in the code, and nothing of the input."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping
from types import TracebackType

_FRAMES = 60
_CAUSES = 5


def describe_error(error: BaseException) -> str:
    """The types of an error and its causes and the lines of code they came through; never their messages."""
    parts = []
    cause: BaseException | None = error
    for _ in range(_CAUSES):
        if cause is None:
            break
        parts.append(
            "\n".join([*_frames(cause.__traceback__), f"{type(cause).__module__}.{type(cause).__name__}"])
        )
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n\nwhile handling or because of\n\n".join(parts)


def write_report(folder: str, facts: Mapping[str, str], trace: str) -> str | None:
    """Write a report that only its owner can read into the folder; its path, or None where that fails."""
    lines = [
        "Assay could not finish a command. This report holds no data of its input.",
        "",
        f"{'when':<20} {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        f"{'python':<20} {sys.version.split()[0]} on {sys.platform}",
        *(f"{name:<20} {fact}" for name, fact in facts.items()),
        "",
        trace or "The code that ran last is not known.",
        "",
    ]
    path = ""
    try:
        descriptor, path = tempfile.mkstemp(prefix="assay-crash-", suffix=".txt", dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write("\n".join(lines))
    except OSError:
        if path:
            os.unlink(path)
        return None
    return path


def _frames(trace: TracebackType | None) -> list[str]:
    frames = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"  {_short(code.co_filename)}:{trace.tb_lineno} in {code.co_qualname}")
        trace = trace.tb_next
    if len(frames) > _FRAMES:
        frames[_FRAMES // 2 : -_FRAMES // 2] = ["  ..."]
    return frames


def _short(path: str) -> str:
    """The path inside its package: who installed it where is nobody's business."""
    parts = path.replace(os.sep, "/").split("/")
    return "/".join(parts[-3:])
