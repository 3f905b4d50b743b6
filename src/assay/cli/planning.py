"""``assay plan``: odds, sizes and costs before anyone signs."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import orjson
import typer

from assay.annotation.errors import InputError, UsageError
from assay.judge.flow import prepare_sources
from assay.judge.gold_plan import gold_plan
from assay.judge.odds import POINTS, contract_odds
from assay.judge.odds_setting import Setting
from assay.judge.request import Request
from assay.judge.sample_plan import UNASSIGNED, SamplePlan, commitment, draw_sample, new_seed
from assay.judge.shares import Like, delivered_like, found_on_items
from assay.judge.sources import read_sources
from assay.terms.contract import Contract, load_contract
from assay.terms.templates import TEMPLATES, load_template

from .console import Progress, run_app
from .odds_table import curve, odds_table

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Odds, sizes and costs before anyone signs.",
    no_args_is_help=True,
)


@app.command()
def contract(
    path: Annotated[Path | None, typer.Argument(metavar="CONTRACT", help="contract.yaml")] = None,
    template: Annotated[str | None, typer.Option(help=f"one of {', '.join(TEMPLATES)}")] = None,
    like: Annotated[
        Path | None, typer.Option(help="a delivery whose classes and shares the batches should have")
    ] = None,
    items: Annotated[int | None, typer.Option(help="items of a batch", min=20)] = None,
    annotators: Annotated[int, typer.Option(help="people who work on it", min=1)] = 8,
    gold: Annotated[int | None, typer.Option(help="gold items in a batch", min=0)] = None,
    gold_per_class: Annotated[int | None, typer.Option(help="at least so many of each class", min=0)] = None,
    objects: Annotated[
        float | None, typer.Option(help="objects on an item, of located labels; else 5", min=0.1, max=100)
    ] = None,
    runs: Annotated[int, typer.Option(help="batches simulated at each quality", min=10, max=10_000)] = 100,
    points: Annotated[
        str | None, typer.Option(help="true qualities in points above the floors, as in -5,0,3")
    ] = None,
    seed: Annotated[int, typer.Option(help="another seed draws other batches")] = 1,
    json: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")] = False,
) -> None:
    """The share of batches a contract accepts, sends back or cannot decide, at several true qualities.

    Example: assay plan contract contract.yaml --items 5000 --runs 200
    """
    agreed = _contract(path, template)
    known = _like(like)
    setting = Setting(
        classes=known.classes,
        shares=known.shares,
        per_item=objects or known.per_item,
        items=items,
        people=annotators,
        gold_items=gold,
        gold_per_class=gold_per_class,
    )
    progress = Progress()
    odds = contract_odds(agreed, setting, points=_points(points), runs=runs, seed=seed, progress=progress)
    progress.clear()
    if json:
        sys.stdout.buffer.write(
            orjson.dumps(odds.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
    else:
        print(odds_table(odds))
        print(curve(odds))


@app.command()
def gold(
    path: Annotated[Path | None, typer.Argument(metavar="CONTRACT", help="contract.yaml")] = None,
    template: Annotated[str | None, typer.Option(help=f"one of {', '.join(TEMPLATES)}")] = None,
    like: Annotated[Path | None, typer.Option(help="a delivery whose class shares to expect")] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON document and nothing else")] = False,
) -> None:
    """How much gold a contract needs: by the rarest class, drawn at random or by class.

    Example: assay plan gold contract.yaml --like last-delivery.csv
    """
    agreed = _contract(path, template)
    plan = gold_plan(agreed, found_on_items(agreed, _like(like)))
    if json:
        sys.stdout.buffer.write(
            orjson.dumps(plan.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
        return
    if like is None:
        print("No delivery was given (--like), so these are the classes of the demonstration.\n")
    width = max(len(c.name) for c in plan.classes)
    print(f"{'class':<{width}}  {'share':>7}  {'needs':>6}  {'at random':>10}  {'± at 0.95':>9}")
    for c in plan.classes:
        print(f"{c.name:<{width}}  {c.share:>7.2%}  {c.positives:>6,}  {c.drawn:>10,}  {c.half_width:>9.3f}")
    print(
        f"\nDrawn by class: {plan.by_class:,} gold items are enough for every class "
        f"(± {plan.overall_half_width:.3f} overall, about {plan.hours:.0f} hours of gold makers).\n"
        f"Drawn at random: {plan.at_random:,} items, to find the rarest class "
        "often enough in 95 of 100 draws."
    )


@app.command()
def sample(
    delivery_files: Annotated[
        list[Path] | None, typer.Argument(metavar="DELIVERY", help="files or folders as delivered")
    ] = None,
    contract: Annotated[Path | None, typer.Option(help="contract.yaml with measurement.sample")] = None,
    template: Annotated[str | None, typer.Option(help=f"one of {', '.join(TEMPLATES)}")] = None,
    seed_file: Annotated[
        Path, typer.Option(help="the secret seed; made by --commit, used after delivery")
    ] = Path("sample.seed"),
    commit: Annotated[
        bool, typer.Option("--commit", help="make a seed and print what to hand over before delivery")
    ] = False,
    size: Annotated[
        int | None, typer.Option(help="items to draw instead of the contract's share", min=1)
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="schema.yaml")] = None,
    delivery: Annotated[Path | None, typer.Option(help="delivery.yaml")] = None,
    out: Annotated[
        Path, typer.Option(help="the sample: a manifest with strata, chances and assignments")
    ] = Path("sample.csv"),
) -> None:
    """Draw the items to measure after delivery, with a seed that was committed before it.

    Example: assay plan sample --commit, then assay plan sample delivery/ --contract contract.yaml
    """
    if commit:
        _commit(seed_file)
        return
    if not delivery_files:
        raise UsageError("name the delivery to draw from, or --commit a seed before it arrives")
    seed = _read_seed(seed_file)
    agreed = _contract(contract, template)
    _refuse_existing(out)
    request = Request(list(delivery_files), schema=schema, delivery=delivery, progress=Progress())
    plan = draw_sample(prepare_sources(request, read_sources(request)), agreed, seed, items=size)
    _write_sample(plan, out)
    print(f"{plan.drawn:,} of {len(plan.rows):,} items drawn, {plan.people_per_item} blind votes each.\n")
    width = max(len(s.name) for s in plan.strata)
    for s in plan.strata:
        print(f"  {s.name:<{width}}  {s.drawn:>6,} of {s.items:>8,}  ({s.probability:.1%})")
    print(f"\nSeed commitment {commitment(seed)}\nManifest of the sample: {out}")


def _contract(path: Path | None, template: str | None) -> Contract:
    if (path is None) == (template is None):
        raise UsageError("name a contract, or a template with --template")
    if path is not None:
        return load_contract(path)
    if template not in TEMPLATES:
        raise UsageError(f"there is no template {template!r}; known are {', '.join(TEMPLATES)}")
    return load_template(template)


def _like(path: Path | None) -> Like:
    return Like() if path is None else delivered_like(path)


def _points(text: str | None) -> tuple[float, ...]:
    if text is None:
        return POINTS
    try:
        return tuple(float(part) / 100 for part in text.split(","))
    except ValueError:
        raise UsageError(f"--points takes numbers such as -5,0,3, not {text!r}") from None


def _commit(path: Path) -> None:
    _refuse_existing(path)
    seed = new_seed()
    path.touch(mode=0o600)
    path.write_text(seed + "\n", encoding="ascii")
    print(
        f"Seed in {path}: keep it secret until the batch is delivered.\nCommitment to hand over now: {commitment(seed)}"
    )


def _read_seed(path: Path) -> str:
    if not path.is_file():
        raise InputError(
            "there is no committed seed",
            file=str(path),
            found="no such file",
            expected="assay plan sample --commit before the delivery",
        )
    return path.read_text(encoding="ascii", errors="replace").strip()


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError(
            "this file would be replaced", file=str(path), found="a file that exists", expected="a new name"
        )


def _write_sample(plan: SamplePlan, out: Path) -> None:
    """Every item with stratum and chance; those drawn carry who labels them, separated by a bar."""
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["item", "stratum", "inclusion_probability", "assigned_to"])
        for row in plan.rows:
            writer.writerow(
                [
                    row.item,
                    row.stratum,
                    f"{row.probability:.12g}",
                    (row.assigned_to or UNASSIGNED) if row.drawn else "",
                ]
            )


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "plan", arguments)
