"""``assay verify``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.annotation.errors import InputError
from assay.ledger.problem import LedgerError
from assay.ledger.telling import told
from assay.ledger.verify import verify as verify_bundle

from .console import run_app

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="the bundle: one file, or its folder")],
    key: Annotated[
        list[Path] | None,
        typer.Option(help="public key of the ledger, or of a witness (PEM, or name+id+key)"),
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="a checkpoint of this ledger that you kept")] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")] = False,
) -> None:
    """Check a bundle of ledger entries: what is proven, what is wrong and where, what is not proven.

    Exit codes: 0 proven, 1 something is wrong, 2 unreadable, 3 nothing is wrong but a key or proof is missing.

    Example: assay verify batch-07.zip --key buyer.pub
    """
    try:
        outcome = verify_bundle(bundle, keys=key or (), checkpoint=checkpoint)
    except LedgerError as error:
        raise input_error(error) from None
    if json:
        sys.stdout.buffer.write(orjson.dumps(outcome.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        print(told(outcome))
    raise typer.Exit(outcome.code)


def input_error(error: LedgerError) -> InputError:
    """A refusal of the ledger, as every command says it."""
    return InputError(
        error.message, file=error.file, place=error.place, found=error.found, expected=error.expected
    )


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "verify", arguments)
