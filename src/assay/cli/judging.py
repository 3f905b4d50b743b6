"""``assay judge``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from assay.annotation.errors import InputError, UsageError
from assay.annotation.regular_file import nameable
from assay.formats.small_table import write_whole
from assay.judge.flow import judge_request
from assay.judge.proposal import propose_contract
from assay.judge.request import Request
from assay.judge.saving import PAGE, audience_document, document_bytes, save, staged

from .console import Progress, run_app, summary

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Audience(StrEnum):
    """Who will read the report."""

    buyer = "buyer"
    vendor = "vendor"
    annotator = "annotator"


@app.command()
def judge(
    delivery_files: Annotated[
        list[Path], typer.Argument(metavar="DELIVERY", help="files or folders as delivered")
    ],
    gold: Annotated[
        Path | None, typer.Option(help="settled answers; without them this is a pre-flight")
    ] = None,
    contract: Annotated[
        Path | None, typer.Option(help="contract.yaml; without it the starter template is applied")
    ] = None,
    items: Annotated[
        Path | None, typer.Option(help="manifest: item, slices, stratum, inclusion_probability")
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="schema.yaml: classes, scale")] = None,
    delivery: Annotated[
        Path | None, typer.Option(help="delivery.yaml, if it does not lie in the folder")
    ] = None,
    audience: Annotated[Audience, typer.Option(help="who reads the report")] = Audience.buyer,
    annotator: Annotated[str | None, typer.Option(help="whose scores, for --audience annotator")] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="report.json of an earlier batch, to pool evidence; oldest first"),
    ] = None,
    pseudonyms: Annotated[
        Path | None, typer.Option(help="CSV pseudonym,annotator; read, and written with new people")
    ] = None,
    judged_at: Annotated[
        str | None, typer.Option(help="time to stamp on the report (ISO 8601, or `now`); else none")
    ] = None,
    out: Annotated[
        Path, typer.Option(help="folder of the report; an earlier report in it is replaced")
    ] = Path("assay-report"),
    json: Annotated[
        bool, typer.Option("--json", help="print report.json on stdout and nothing else")
    ] = False,
    write_contract: Annotated[
        Path | None, typer.Option(help="also write a contract proposed from these data")
    ] = None,
    sign: Annotated[
        Path | None, typer.Option(help="Ed25519 private key (PEM); writes report.sig.json for `assay gate`")
    ] = None,
) -> None:
    """Judge a delivery: verdict, report and redo list.

    Example: assay judge delivery/ --gold gold.csv --contract contract.yaml
    """
    if (audience is Audience.annotator) != (annotator is not None):
        raise UsageError("--audience annotator and --annotator go together")
    if write_contract is not None and nameable(write_contract).exists():
        raise InputError(
            "the proposed contract would replace a file", file=str(write_contract), found="a file",
            expected="a new name",
        )  # fmt: skip
    signer = None if sign is None else import_module("assay.cli.signing").Signer(sign)
    progress = Progress()
    with staged(out) as stage:
        judgement = judge_request(
            Request(
                list(delivery_files), gold, contract, items, schema, delivery, audience=audience.value,
                annotator=annotator, earlier=tuple(earlier or ()), pseudonyms=pseudonyms,
                judged_at=_moment(judged_at), command=shlex.join(["assay", "judge", *_told()]), stage=stage,
                progress=progress,
            )
        )  # fmt: skip
        save(judgement, stage, audience=audience.value, annotator=annotator)
        if signer is not None:
            signer.sign(stage, delivery_files, delivery, contract=contract, schema=schema)
        if write_contract is not None:
            write_whole(write_contract, [propose_contract(judgement).encode()])
        document = audience_document(judgement, audience.value, annotator)
    progress.clear()
    if json:
        sys.stdout.buffer.write(document_bytes(document))
    else:
        print(summary(document, str(out / PAGE)))
    raise typer.Exit(judgement.exit_code)


_given: list[str] = []


def _told() -> list[str]:
    """The arguments as given, for the line of the report that recomputes it."""
    return list(_given)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    if text == "now":
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"--judged-at takes a time with a zone such as 2026-11-20T16:00:00Z, or now, not {text!r}"
        )
    return moment


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    _given[:] = arguments
    return run_app(app, "judge", arguments)
