"""``assay gate``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.ledger.gate import gate as gate_files
from assay.ledger.keys import load_public_key
from assay.ledger.problem import LedgerError
from assay.ledger.telling import gate_told

from .console import run_app
from .verifying import input_error

app = typer.Typer(add_completion=False, rich_markup_mode=None)


class Require(StrEnum):
    """What opens the gate."""

    accept = "accept"
    concession = "concession"


@app.command()
def gate(
    dataset: Annotated[list[Path], typer.Argument(metavar="DATASET", help="the files or folders to use")],
    report: Annotated[
        Path, typer.Option(help="report.sig.json, its folder, the report.json beside it, or a bundle")
    ],
    key: Annotated[
        Path | None, typer.Option(help="public key of who may accept (PEM, or name+id+key)")
    ] = None,
    require: Annotated[
        Require, typer.Option(help="what opens the gate; concession also lets through what people accepted")
    ] = Require.accept,
    json: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")] = False,
) -> None:
    """Let files through only if they carry a signed verdict that accepts exactly these files. Needs no gold.

    Exit codes: 0 open, 1 closed, 2 unreadable, 3 not provable (no signature, no key, no contract).

    Example: assay gate labels.csv --report report/report.sig.json --key buyer.pub
    """
    try:
        gated = gate_files(
            dataset, report, key=load_public_key(key) if key is not None else None, require=require.value
        )
    except LedgerError as error:
        raise input_error(error) from None
    if json:
        sys.stdout.buffer.write(orjson.dumps(gated.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print(gate_told(gated))
    raise typer.Exit(gated.code)


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "gate", arguments)
