"""``assay demo``: three deliveries judged side by side."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

import typer

from assay.annotation.errors import InputError
from assay.judge.demo import INDEX, Shown, show, write_index

from .console import run_app

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_OURS = frozenset({"accepted", "rework", "needs-evidence", INDEX})


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="folder for the files and reports")] = Path("assay-demo"),
    items: Annotated[int, typer.Option(help="items of each delivery", min=500)] = 5000,
) -> None:
    """Three simulated deliveries with known truth, judged side by side: accepted, rework, needs evidence.

    Example: assay demo --out assay-demo
    """
    _make_room(out)
    begun = time.monotonic()
    shown = []
    print("Three deliveries of customer messages, one contract: may they be accepted and paid for?\n")
    for one in show(out, items):
        shown.append(one)
        print(_card(one), flush=True)
    index = write_index(
        out, shown, f"three deliveries with a known truth, judged in {time.monotonic() - begun:.0f} s"
    )
    print(f"All three on one page: {index.resolve().as_uri()}\n")
    print("Your own file, without a contract:  assay judge labels.csv --gold gold.csv")


def _make_room(out: Path) -> None:
    if not out.exists():
        return
    strange = sorted(p.name for p in out.iterdir() if p.name not in _OURS) if out.is_dir() else [out.name]
    if strange:
        raise InputError(
            "the demonstration would write among other files", file=str(out), found=", ".join(strange[:5]),
            expected="a new folder (--out), or an earlier demonstration",
        )  # fmt: skip
    shutil.rmtree(out)


def _card(one: Shown) -> str:
    verdict = cast("Mapping[str, object]", one.judgement.document["verdict"])
    lines = [f"{one.delivery.title}  ({one.delivery.note})", f"  {verdict['headline']}"]
    rework = cast("Mapping[str, object]", one.judgement.document["rework"])
    for reason in cast("Sequence[Mapping[str, object]]", rework["by_reason"])[:3]:
        lines.append(f"    {reason['items']:>5} items: {reason['text']}")
    for step in cast("Sequence[Mapping[str, object]]", verdict["next"])[:1]:
        lines.append(f"  Next, {step['who']}: {step['what']}")
    lines.append(f"  {(one.folder / 'report' / 'report.html').resolve().as_uri()}")
    return "\n".join(lines) + "\n"


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "demo", arguments)
