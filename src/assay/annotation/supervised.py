"""Runs a whole command in one child process with limits, so that a hostile file can end the child and nothing else.

The parent holds no data. It passes signals on, waits, removes the temporary files of the child however it ended, and
turns every end into one exit code and, where something went wrong, one sentence and a report without input data.
"""

from __future__ import annotations

import errno
import faulthandler
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType

from .crash_report import describe_error, write_report
from .errors import AssayError
from .limits import bytes_text

REFUSED, FAILED, INTERRUPTED = 2, 4, 130

_GRACE_SECONDS = 5  # after being asked to stop, before being made to
_SAME_KEYSTROKE_SECONDS = 0.5  # one Ctrl-C may arrive more than once
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MESSAGE_BYTES = 16_000  # fits into a pipe that nobody reads yet
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class _Ending:
    """How the child ended, as it says itself."""

    code: int
    kind: str = ""
    text: str = ""
    trace: str = ""


def run_supervised(work: Callable[[], int], *, memory_bytes: int | None, cpu_seconds: int | None) -> int:
    """Run ``work`` in a child process and return the exit code of the whole command.

    The code that ``work`` returns is handed through. An :class:`AssayError` is printed and gives 2; lack of memory or
    disk, a kill and any other error give 4 with a report in the system's folder for temporary files; being
    interrupted gives 130. Call it before threads exist and before heavy imports.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        workspace = tempfile.mkdtemp(prefix="assay-run-")
    except OSError as error:
        _say(f"There is no folder for temporary files: {error.strerror}.")
        return FAILED
    try:
        return _Supervisor(workspace, memory_bytes, cpu_seconds).run(work)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


class _Supervisor:
    """The parent's side: one child, its signals and its end."""

    def __init__(self, workspace: str, memory_bytes: int | None, cpu_seconds: int | None) -> None:
        self._workspace = workspace
        self._memory_bytes, self._cpu_seconds = memory_bytes, cpu_seconds
        self._reports = tempfile.gettempdir()
        self._child: int | None = None
        self._asked: int | None = None
        self._asked_at = 0.0

    def run(self, work: Callable[[], int]) -> int:
        lifeline, held = os.pipe()
        message, told = os.pipe()
        before = self._catch_signals()
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)  # until both sides have their handlers
        child = os.fork()
        if child == 0:
            os.close(held)
            os.close(message)
            _Child(self._workspace, lifeline, told, before).run(work, self._memory_bytes, self._cpu_seconds)
        self._child = child
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        os.close(lifeline)
        os.close(told)
        try:
            if self._asked is not None:  # while there was no child to tell
                self._ask(child, self._asked)
            _, status, usage = os.wait4(child, 0)
            self._child = None
            return self._end(status, usage, _ending(message, status))
        finally:
            signal.alarm(0)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(held)
            os.close(message)

    def _catch_signals(self) -> dict[int, _Handler]:
        if threading.current_thread() is not threading.main_thread():
            return {}
        before: dict[int, _Handler] = {signal.SIGALRM: signal.signal(signal.SIGALRM, self._make_stop)}
        for number in _STOP_SIGNALS:
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup and background shells ignore some of them
                before[number] = signal.signal(number, self._stop)
        return before

    def _stop(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked is None:
            self._asked, self._asked_at = number, now
            if self._child is not None:
                self._ask(self._child, number)
        elif now - self._asked_at > _SAME_KEYSTROKE_SECONDS:
            self._make_stop(number, None)

    def _ask(self, child: int, number: int) -> None:
        os.kill(child, number)
        signal.alarm(_GRACE_SECONDS)

    def _make_stop(self, _: int, __: FrameType | None) -> None:
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)

    def _end(self, status: int, usage: resource.struct_rusage, ending: _Ending) -> int:
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        # Whoever asked for an end and got one other than success was interrupted, whatever the work made of it.
        stopped = self._asked is not None and (killed is not None or ending.code != 0)
        if stopped or ending.kind == "interrupted" or killed == signal.SIGINT:
            _say("Interrupted.")
            return INTERRUPTED
        if killed is not None:
            return self._fail(self._why_killed(killed), ending, usage, killed)
        if ending.kind == "refused":
            _say(ending.text)
        elif ending.kind == "reader gone":
            _say("The program that read the output ended before the output did.")
        elif ending.kind == "memory":
            limit = (
                f" than the limit of {bytes_text(self._memory_bytes)}"
                if self._memory_bytes
                else " than there is"
            )
            return self._fail(f"More memory was needed{limit}", ending, usage)
        elif ending.kind == "disk":
            return self._fail(f"What was to be written did not fit on the disk{ending.text}", ending, usage)
        elif ending.kind == "crash":
            return self._fail(f"An error inside Assay ended the command ({ending.text})", ending, usage)
        return ending.code

    def _why_killed(self, number: int) -> str:
        if number == signal.SIGXCPU:
            return f"More than {self._cpu_seconds} seconds of processor time were needed"
        name = signal.Signals(number).name
        if number == signal.SIGKILL:
            return "The command was killed from outside (SIGKILL), most often because the machine ran out of memory"
        if number == signal.SIGABRT and self._memory_bytes:
            limit = bytes_text(self._memory_bytes)
            return f"The command broke down ({name}), most often because {limit} of memory were not enough"
        return f"The command broke down ({name})"

    def _fail(
        self, why: str, ending: _Ending, usage: resource.struct_rusage, killed: int | None = None
    ) -> int:
        facts = {
            "ended by": why,
            "memory limit": bytes_text(self._memory_bytes) if self._memory_bytes else "none",
            "memory used at most": bytes_text(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)),
            "processor time": f"{usage.ru_utime + usage.ru_stime:.1f} s of {self._cpu_seconds or 'any'}",
        }
        trace = ending.trace
        if killed is not None:
            trace = _read_start(os.path.join(self._workspace, _Child.FAULTS))
        path = write_report(self._reports, facts, trace)
        where = f"a report without your data is in {path}" if path else "no report of it could be written"
        _say(f"{why}; {where}.")
        return FAILED


class _Child:
    """The child's side: limits, the work, and a word to the parent about how it ended."""

    FAULTS = "faults"

    def __init__(self, workspace: str, lifeline: int, told: int, before: dict[int, _Handler]) -> None:
        self._workspace, self._lifeline, self._told, self._before = workspace, lifeline, told, before

    def run(self, work: Callable[[], int], memory_bytes: int | None, cpu_seconds: int | None) -> None:
        """Never returns: ends the process, whatever happens."""
        code = FAILED
        try:
            ending = _outcome(lambda: self._limited(work, memory_bytes, cpu_seconds))
            code = ending.code
            if ending.kind:
                written = "\0".join((ending.kind, ending.text, ending.trace)).encode(
                    errors="backslashreplace"
                )
                os.write(self._told, written[:_MESSAGE_BYTES])
        finally:
            os._exit(code)

    def _limited(self, work: Callable[[], int], memory_bytes: int | None, cpu_seconds: int | None) -> int:
        self._prepare()
        _limit(memory_bytes, cpu_seconds)
        return work()

    def _prepare(self) -> None:
        os.environ["TMPDIR"] = tempfile.tempdir = self._workspace
        for number in self._before:
            stop = number in _STOP_SIGNALS
            signal.signal(number, _interrupt if stop else signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        faults = open(os.path.join(self._workspace, self.FAULTS), "wb")  # noqa: SIM115  # open until the process ends
        faulthandler.enable(faults)
        threading.Thread(target=self._end_with_parent, daemon=True).start()

    def _end_with_parent(self) -> None:
        """The parent holds the other end of the pipe open for as long as it lives."""
        os.read(self._lifeline, 1)
        shutil.rmtree(self._workspace, ignore_errors=True)
        os.kill(os.getpid(), signal.SIGKILL)


def _interrupt(number: int, _: FrameType | None) -> None:
    for one in _STOP_SIGNALS:
        signal.signal(one, signal.SIG_IGN)  # a second one would interrupt the cleaning up after the first
    raise KeyboardInterrupt


def _limit(memory_bytes: int | None, cpu_seconds: int | None) -> None:
    _lower(resource.RLIMIT_CORE, 0, hard=True)
    if memory_bytes is not None:
        _lower(resource.RLIMIT_AS, memory_bytes)
    if cpu_seconds is not None:
        _lower(resource.RLIMIT_CPU, cpu_seconds)


def _lower(what: int, limit: int, *, hard: bool = False) -> None:
    soft_now, hard_now = resource.getrlimit(what)
    allowed = [limit] + [one for one in (soft_now, hard_now) if one != resource.RLIM_INFINITY]
    resource.setrlimit(what, (min(allowed), min(allowed) if hard else hard_now))


def _lift_memory_limit() -> None:
    """The last words of the child need a little memory."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _outcome(work: Callable[[], int]) -> _Ending:
    try:
        try:
            code: object = work()
        except SystemExit as asked:
            if isinstance(asked.code, str):
                return _Ending(REFUSED, "refused", asked.code)
            code = 0 if asked.code is None else asked.code
        sys.stdout.flush()
        sys.stderr.flush()
        if not isinstance(code, int) or not 0 <= code <= 255:
            return _Ending(FAILED, "crash", "no exit code")
        return _Ending(code)
    except BaseException as error:  # every end of the work becomes an exit code
        try:
            _lift_memory_limit()
            return _ending_of(error)
        except MemoryError:
            return _Ending(FAILED, "memory")


def _ending_of(error: BaseException) -> _Ending:
    if isinstance(error, KeyboardInterrupt):
        return _Ending(INTERRUPTED, "interrupted")
    if isinstance(error, AssayError):
        return _Ending(REFUSED, "refused", str(error))
    if isinstance(error, BrokenPipeError):
        return _Ending(FAILED, "reader gone")
    trace = describe_error(error)
    # DuckDB reports with its own classes, which this module must not import; a full disk is only in their text.
    name, text = type(error).__name__, str(error) if type(error).__module__ in ("duckdb", "_duckdb") else ""
    if (isinstance(error, OSError) and error.errno in _FULL) or "No space left" in text:
        path = f": {error.filename}" if isinstance(error, OSError) and error.filename else ""
        return _Ending(FAILED, "disk", path, trace)
    if isinstance(error, MemoryError) or name == "OutOfMemoryException" or "bad_alloc" in text:
        return _Ending(FAILED, "memory", "", trace)
    return _Ending(FAILED, "crash", name, trace)


def _ending(message: int, status: int) -> _Ending:
    os.set_blocking(message, False)
    try:
        kind, text, trace = os.read(message, _MESSAGE_BYTES).decode(errors="replace").split("\0", 2)
    except (BlockingIOError, ValueError):
        kind, text, trace = "", "", ""
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else FAILED
    return _Ending(code, kind, text, trace)


def _read_start(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(_MESSAGE_BYTES)
    except OSError:
        return ""


def _say(sentence: str) -> None:
    """Speak on stderr. What a refusal quotes from a file must not reach the terminal as a command to it."""
    shown = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in sentence)
    try:
        sys.stderr.write(shown + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more; the exit code still speaks


_Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None
