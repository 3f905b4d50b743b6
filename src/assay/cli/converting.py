"""``assay convert``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from assay.annotation.errors import InputError, UsageError
from assay.annotation.layers import Layer
from assay.formats.convert import convert, inferred_target
from assay.formats.delivery import load_delivery
from assay.formats.located_convert import LOCATED_TARGETS, LocatedTarget
from assay.formats.write import TARGETS, Target

from .console import run_app
from .layout import print_document, printable

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_ALL = tuple(dict.fromkeys((*TARGETS, *LOCATED_TARGETS)))
#: Another way to write a name.
_ALIAS = {"label-studio": "label_studio"}
Format = StrEnum("Format", {target: target for target in (*_ALL, *_ALIAS)})  # type: ignore[misc]  # one list of formats
LayerName = StrEnum("LayerName", {layer.label: layer.label for layer in Layer})  # type: ignore[misc]


@app.command()
def write(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="file or folder as delivered")],
    target: Annotated[
        Path, typer.Argument(metavar="DST", help="file or folder to write; an existing one is not replaced")
    ],
    to: Annotated[
        Format | None, typer.Option(help="format to write; else the one the ending of DST means")
    ] = None,
    layer: Annotated[
        list[LayerName] | None, typer.Option(help="write only this layer; may be repeated")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="write nothing if anything would be lost")] = False,
    delivery: Annotated[
        Path | None, typer.Option(help="delivery.yaml, if it does not lie in the folder")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print the loss report as one JSON document")] = False,
) -> None:
    """Write a delivery in another format and list what that format cannot hold.

    Example: assay convert labels.csv labels.parquet --to parquet
    """
    if target.exists():
        raise InputError(
            "there is something already, and it is not replaced", file=str(target), expected="a new name"
        )
    named = None if to is None else _ALIAS.get(to.value, to.value)
    form = cast("Target | LocatedTarget | None", named) if named is not None else inferred_target(target)
    if form is None:
        raise UsageError(f"the ending of {target.name} means no format; say --to {'|'.join(_ALL)}")
    report = convert(
        [source], target, form,
        declared=load_delivery(delivery) if delivery is not None else None,
        layers=[Layer[one.value.upper()] for one in layer] if layer else None,
        strict=strict,
    )  # fmt: skip
    if json:
        print_document(report.as_json())
    else:
        print("\n".join(printable(line) for line in report.lines()))


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "convert", arguments)
