"""A command that is killed, starved, stopped or broken ends with the promised code and one sentence."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")

PREFACE = """\
import os, sys, time, signal, resource
from assay.annotation import supervised
from assay.annotation.errors import InputError, LimitError
from assay.annotation.supervised import run_supervised
MIB = 1 << 20
"""


def _hears_signals() -> None:
    """What runs the tests may ignore signals (nohup does), and children would inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Command:
    """A real command in its own process, with its own folder for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._started: list[subprocess.Popen[str]] = []

    def start(
        self,
        work: str,
        *,
        memory: str = "None",
        cpu: str = "None",
        stdout: int = subprocess.PIPE,
        before: str = "",
    ) -> subprocess.Popen[str]:
        script = self.folder / "command.py"
        body = textwrap.indent(textwrap.dedent(work), "    ")
        script.write_text(
            f"{PREFACE}{before}\ndef work() -> int:\n{body}\n\n"
            f"sys.exit(run_supervised(work, memory_bytes={memory}, cpu_seconds={cpu}))\n"
        )
        environment = {**os.environ, "TMPDIR": str(self.temporary), "FOLDER": str(self.folder)}
        process = subprocess.Popen(
            [sys.executable, str(script)], stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment,
            preexec_fn=_hears_signals,
        )  # fmt: skip
        self._started.append(process)
        return process

    def stop(self) -> None:
        """End what a failed test left running."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def run(self, work: str, **options: str) -> tuple[int, str, str]:
        process = self.start(work, **options)  # type: ignore[arg-type]  # only texts are passed here
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def report(self, err: str) -> str:
        """The report that the last line names; it is the only thing left of the command."""
        found = re.search(r"a report without your data is in (\S+)\.\n$", err)
        assert found, err
        path = Path(found[1])
        assert list(self.temporary.iterdir()) == [path]
        assert path.stat().st_mode & 0o077 == 0
        return path.read_text()

    def nothing_left(self) -> bool:
        return list(self.temporary.iterdir()) == []


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path)
    yield command
    command.stop()


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def child_pid(command: Command) -> int:
    path = command.folder / "pid"
    wait_for(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


WAIT = 'open(os.environ["FOLDER"] + "/pid", "w").write(f"{os.getpid()}\\n")\n'
CLEANED = """
try:
    open(os.environ["FOLDER"] + "/pid", "w").write(f"{os.getpid()}\\n")
    time.sleep(60)
finally:
    time.sleep(0.2)
    open(os.environ["FOLDER"] + "/cleaned", "w").close()
"""


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 130])
def test_the_code_of_the_work_is_handed_through(command: Command, code: int) -> None:
    assert command.run(f'print("out"); print("err", file=sys.stderr); return {code}') == (
        code,
        "out\n",
        "err\n",
    )
    assert command.nothing_left()


@pytest.mark.parametrize(("asked", "code"), [("0", 0), ("", 0), ("3", 3), ("'no such option'", 2)])
def test_a_work_that_exits_by_itself_has_that_code(command: Command, asked: str, code: int) -> None:
    found, _, err = command.run(f"sys.exit({asked})")
    assert (found, err) == (code, "no such option\n" if code == 2 else "")


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_a_killed_child_is_an_internal_error_with_a_report(command: Command, number: str) -> None:
    process = command.start(
        WAIT
        + 'open(os.environ["TMPDIR"] + "/spill", "w").write("data"); signal.signal(signal.SIGTERM, signal.SIG_DFL)\n'
        'open(os.environ["FOLDER"] + "/ready", "w").close()\ntime.sleep(60)'
    )
    wait_for((command.folder / "ready").exists)
    assert len(list(command.temporary.glob("assay-run-*/spill"))) == 1
    os.kill(child_pid(command), getattr(signal, number))
    _, err = process.communicate(timeout=30)
    assert process.returncode == 4
    assert number in err
    assert err.count("\n") == 1
    assert number in command.report(err)


def test_lack_of_memory_is_an_internal_error_with_a_report(command: Command) -> None:
    work = """
        def fill_the_memory(secret):
            return [secret * MIB for _ in range(100_000)]
        return len(fill_the_memory(b"item-4711"))
    """
    code, _, err = command.run(work, memory="512 * MIB")
    assert code == 4
    assert err.startswith("More memory was needed than the limit of 512 MiB; a report")
    report = command.report(err)
    assert "fill_the_memory" in report
    assert "builtins.MemoryError" in report
    assert "4711" not in report


@pytest.mark.parametrize(
    "allocate",
    [
        "import numpy; return int(numpy.ones(10**9).sum())",
        "import duckdb; c = duckdb.connect(config={'memory_limit': '30MB', 'max_temp_directory_size': '0KB', 'threads': 1}); "
        "c.execute(\"SELECT string_agg(md5(range::VARCHAR), ',') FROM range(5000000)\").fetchall()",
        "return len('x' * (4 << 30))",
    ],
)
def test_lack_of_memory_is_recognised_whoever_runs_out_of_it(command: Command, allocate: str) -> None:
    code, _, err = command.run(allocate, memory="1500 * MIB")
    assert (code, err.split(" than")[0]) == (4, "More memory was needed")
    assert command.report(err)


def test_a_file_that_outgrows_its_limit_is_a_full_disk(command: Command) -> None:
    work = """
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        with open(os.environ["FOLDER"] + "/report.json", "w") as stream:
            stream.write("x" * 5000)
        return 0
    """
    code, _, err = command.run(work)
    assert code == 4
    assert err.startswith("What was to be written did not fit on the disk")
    assert "OSError" in command.report(err)


def test_a_full_device_behind_the_output_is_no_success(command: Command) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    process = command.start('print("x" * 10); return 0', stdout=full)
    os.close(full)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 4
    assert "did not fit on the disk" in err


@pytest.fixture
def small_disk(command: Command) -> Iterator[Path]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(command.temporary)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk needs rights that the tests do not have here")
    yield command.temporary
    subprocess.run(["umount", str(command.temporary)], check=True)


def test_a_really_full_disk_is_said_even_where_no_report_fits(command: Command, small_disk: Path) -> None:
    work = """
        with open(os.environ["TMPDIR"] + "/../report.json", "wb") as stream:
            for _ in range(1000):
                stream.write(b"x" * 1000)
                stream.flush()
        return 0
    """
    code, _, err = command.run(work)
    assert code == 4
    assert err == "What was to be written did not fit on the disk; no report of it could be written.\n"
    assert [path.name for path in small_disk.iterdir()] == ["report.json"]


def test_too_much_processor_time_ends_the_command(command: Command) -> None:
    code, _, err = command.run("while True: pass", cpu="1")
    assert code == 4
    assert err.startswith("More than 1 seconds of processor time were needed; a report")
    assert "of 1" in command.report(err)


def test_a_crash_names_its_place_and_not_its_data(command: Command) -> None:
    work = """
        def read_labels(label):
            try:
                return {}[label]
            except KeyError as missing:
                raise ValueError(f"no {label}") from missing
        return read_labels("Nguyen-4711")
    """
    code, _, err = command.run(work)
    assert code == 4
    assert err.startswith("An error inside Assay ended the command (ValueError); a report")
    report = command.report(err)
    assert "read_labels" in report
    assert "builtins.KeyError" in report
    assert "4711" not in report + err
    assert str(command.folder) not in report
    assert "Traceback" not in err


def test_a_broken_library_is_reported_with_the_code_that_called_it(command: Command) -> None:
    work = """
        import ctypes
        def call_the_library(): ctypes.string_at(0)
        call_the_library()
    """
    code, _, err = command.run(work)
    assert code == 4
    assert "SIGSEGV" in err
    assert "call_the_library" in command.report(err)


def test_a_refusal_is_printed_as_it_is(command: Command) -> None:
    work = 'raise LimitError("too many rows", file="labels.csv", place="line 7", found="8", expected="7")'
    assert command.run(work) == (2, "", "labels.csv, line 7: too many rows\n  found:    8\n  expected: 7\n")
    assert command.nothing_left()


@pytest.mark.parametrize("code", ["None", "'0'", "256", "-1"])
def test_a_work_without_a_code_is_no_success(command: Command, code: str) -> None:
    assert command.run(f"return {code}")[0] == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("swallowed", [False, True])
def test_an_interrupted_command_cleans_up_and_says_so(command: Command, number: int, swallowed: bool) -> None:
    process = command.start(
        CLEANED.replace("finally", "except KeyboardInterrupt: return 1\nfinally") if swallowed else CLEANED
    )
    child_pid(command)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "Interrupted.\n")
    assert (command.folder / "cleaned").exists()
    assert command.nothing_left()


def test_one_keystroke_reaches_the_whole_group_and_counts_once(command: Command) -> None:
    process = command.start(CLEANED)
    child = child_pid(command)
    for target in (process.pid, child, process.pid):
        os.kill(target, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert (command.folder / "cleaned").exists()


DEAF = WAIT + "for number in (2, 15): signal.signal(number, signal.SIG_IGN)\n" + WAIT.replace("/pid", "/deaf")


def test_a_child_that_does_not_listen_is_made_to_stop(command: Command) -> None:
    process = command.start(DEAF + "time.sleep(60)", before="supervised._GRACE_SECONDS = 1")
    wait_for((command.folder / "deaf").exists)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "Interrupted.\n")


def test_a_second_keystroke_stops_at_once(command: Command) -> None:
    process = command.start(DEAF + "time.sleep(60)", before="supervised._GRACE_SECONDS = 50")
    wait_for((command.folder / "deaf").exists)
    process.send_signal(signal.SIGINT)
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_an_ignored_signal_stays_ignored(command: Command) -> None:
    process = command.start(
        WAIT + "time.sleep(1); return 3", before="signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    )
    child = child_pid(command)
    for target in (process.pid, child):
        os.kill(target, signal.SIGHUP)
    process.communicate(timeout=30)
    assert process.returncode == 3


def test_a_child_does_not_outlive_its_parent(command: Command) -> None:
    process = command.start(WAIT + "time.sleep(60)")
    child = child_pid(command)
    process.kill()
    process.communicate(timeout=30)
    wait_for(lambda: not is_running(child))
    wait_for(command.nothing_left)


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_reader_that_leaves_early_is_told_in_one_sentence(command: Command) -> None:
    reader, writer = os.pipe()
    process = command.start('print("x" * 10); return 0', stdout=writer)
    os.close(reader)
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (4, "The program that read the output ended before the output did.\n")


def test_the_child_leaves_no_core_and_has_its_own_temporary_folder(command: Command) -> None:
    work = """
        import tempfile
        print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_AS)[0] // MIB)
        with tempfile.NamedTemporaryFile(delete=False) as stream:
            print(os.path.dirname(stream.name) == os.environ["TMPDIR"], os.path.basename(os.environ["TMPDIR"])[:10])
        return 0
    """
    code, out, _ = command.run(work, memory="700 * MIB")
    assert (code, out) == (0, "(0, 0) 700\nTrue assay-run-\n")
    assert command.nothing_left()


def test_a_lower_limit_of_the_caller_is_kept(command: Command) -> None:
    code, out, _ = command.run(
        "print(resource.getrlimit(resource.RLIMIT_AS)[0] // MIB); return 0",
        memory="900 * MIB",
        before="resource.setrlimit(resource.RLIMIT_AS, (800 * MIB, 800 * MIB))",
    )
    assert (code, out) == (0, "800\n")


def test_no_folder_for_temporary_files_is_said(command: Command) -> None:
    before = "import tempfile\ndef full(**_): raise OSError(28, 'No space left on device')\ntempfile.mkdtemp = full"
    code, _, err = command.run("return 0", before=before)
    assert (code, err) == (4, "There is no folder for temporary files: No space left on device.\n")


def test_what_every_command_imports_is_light() -> None:
    script = (
        "import sys; before = set(sys.modules);"
        "import assay.annotation.errors, assay.annotation.limits, assay.annotation.supervised;"
        "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not {"duckdb", "numpy", "orjson", "yaml", "scipy", "rich", "typer", "asyncio", "email"} & set(
        eval(out)
    )
