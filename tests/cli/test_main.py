from __future__ import annotations

from pathlib import Path

import pytest

from .commands import COMMANDS, assay, refused, start


def test_help_lists_every_command_and_the_exit_codes(tmp_path: Path) -> None:
    done = assay("--help", folder=tmp_path, expected=0)
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    assert "3 not provable" in done.out
    assert assay("help", folder=tmp_path).out == done.out


def test_without_a_command_the_help_is_shown_and_the_call_counts_as_wrong(tmp_path: Path) -> None:
    done = assay(folder=tmp_path, expected=2)
    assert "Commands:" in done.out


def test_the_version_is_one_line(tmp_path: Path) -> None:
    assert assay("--version", folder=tmp_path, expected=0).out.startswith("assay ")


def test_an_unknown_command_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    refused(assay("jugde", folder=tmp_path), "jugde", "judge", "simulate")


@pytest.mark.parametrize("name", [*COMMANDS, "plan contract", "plan gold", "plan sample"])
def test_every_command_has_help_with_an_example(name: str, tmp_path: Path) -> None:
    done = assay(*name.split(), "--help", folder=tmp_path, expected=0)
    if name != "plan":
        assert f"Example: assay {name}" in done.out


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "plan"])
def test_an_unknown_option_is_bad_usage(name: str, tmp_path: Path) -> None:
    refused(assay(name, "--colour", "red", folder=tmp_path), "--colour")


def test_a_terminal_without_our_characters_still_gets_its_text(programme: Path, tmp_path: Path) -> None:
    done = assay("agree", programme, folder=tmp_path, env={"PYTHONIOENCODING": "ascii"}, expected=0)
    assert "krippendorff_alpha" in done.out


@pytest.mark.parametrize("command", ["agree", "inspect"])
def test_what_files_say_reaches_no_terminal_as_a_command_to_it(command: str, tmp_path: Path) -> None:
    text = 'item,annotator,label\ni1,ann,"\x1b[2Jred"\ni1,bob,blue\ni2,ann,blue\ni2,bob,blue\n'
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    done = assay(command, "labels.csv", folder=tmp_path, expected=0)
    assert "\x1b" not in done.out
    assert "red" in done.out


def test_a_refusal_quotes_no_control_characters(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("item,annotator,label\ni1,ann,x\ni1,ann,y\n", encoding="utf-8")
    (tmp_path / "odd\x1b[2J.csv").write_text("item,annotator,label\ni1,ann,x\ni1,ann,y\n", encoding="utf-8")
    done = assay("agree", "odd\x1b[2J.csv", folder=tmp_path, expected=2)
    assert "\x1b" not in done.err


def test_a_reader_that_goes_away_is_no_verdict(programme: Path, tmp_path: Path) -> None:
    running, _ = start("agree", programme, "--json", folder=tmp_path)
    assert running.stdout is not None
    running.stdout.close()
    assert running.wait(timeout=60) == 4
    assert running.stderr is not None
    assert "ended before the output did" in running.stderr.read()
    running.stderr.close()
