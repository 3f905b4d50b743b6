"""``assay agree``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from assay.annotation.errors import UsageError
from assay.judge.agree import METRICS, AgreeRequest, agree
from assay.judge.located_agree import LOCATED_METRICS
from assay.terms.defaults import MINIMUM_POSITIVES

from .console import Progress, run_app
from .layout import counted, interval, name, number, print_document, printable, table

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_WORST_PAIRS = 10
_MOST_CLASSES = 40
_Json = Mapping[str, object]


class Level(StrEnum):
    """What the differences between two labels mean."""

    nominal = "nominal"
    ordinal = "ordinal"
    interval = "interval"
    ratio = "ratio"


@app.command(epilog="Metrics: " + ", ".join((*METRICS, *LOCATED_METRICS)))
def measure(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="files or folders as delivered")],
    item: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="name or position of the column of items")
    ] = None,
    annotator: Annotated[str | None, typer.Option(metavar="COLUMN", help="the column of annotators")] = None,
    label: Annotated[str | None, typer.Option(metavar="COLUMN", help="the column of labels")] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="whether the first row names the columns; else found out"),
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="only this metric, everywhere; may be repeated")
    ] = None,
    level: Annotated[
        Level | None, typer.Option(help="what differences between labels mean; else as declared")
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="located labels: the overlap from which two objects are the same"),
    ] = None,
    schema: Annotated[Path | None, typer.Option(help="schema.yaml: classes, their order, scale")] = None,
    delivery: Annotated[
        Path | None, typer.Option(help="delivery.yaml, if it does not lie in the folder")
    ] = None,
    pseudonyms: Annotated[
        Path | None, typer.Option(help="CSV pseudonym,annotator; read, and written with new people")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="print one JSON document on stdout and nothing else")
    ] = False,
) -> None:
    """Agreement between annotators: overall, per class and per pair, with intervals.

    Example: assay agree labels.csv --item task --annotator worker --label answer --level ordinal
    """
    columns = {"item": item, "annotator": annotator, "label": label}
    given = {name: column for name, column in columns.items() if column is not None}
    if given and len(given) < len(columns):
        missing = ", ".join(f"--{name}" for name in columns if name not in given)
        raise UsageError(f"--item, --annotator and --label go together; missing: {missing}")
    if threshold is not None and not 0 < threshold <= 1:
        raise UsageError(f"--threshold is an overlap above 0 and at most 1, not {threshold:g}")
    progress = Progress()
    asked = AgreeRequest(
        list(files), {role: _column(text) for role, text in given.items()} or None, header,
        level.value if level else None, tuple(metric or ()), threshold, schema, delivery, pseudonyms, progress,
    )  # fmt: skip
    document = agree(asked)
    progress.clear()
    if json:
        print_document(document)
    else:
        print(text_of(document))


def _column(text: str) -> str | int:
    """A column by its name, or by its position where a number is given."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else text


def text_of(document: _Json) -> str:
    """The agreement document as a screenful of text."""
    batch, agreement = _mapping(document["batch"]), _mapping(document["agreement"])
    people, items, votes = (cast("int", batch[key]) for key in ("annotators", "items", "labels"))
    several = f"{batch['items_with_two_votes']:,} items with two or more"
    head = f"{counted(people, 'annotator')}, {counted(items, 'item')}, "
    if "located" in document:
        located = _mapping(document["located"])
        lines = [
            f"{head}{counted(votes, 'object')}, {several} people; {batch['kind']}",
            f"the same from an overlap of {located['threshold']:g}: {located['overlap']}",
        ]
    else:
        votes_text = counted(votes, "blind first-pass vote")
        lines = [f"{head}{votes_text}, {several} votes; {batch['kind']}, {batch['level']} level"]
    lines += _overall(_mapping(agreement["overall"]))
    if "instance_alpha" in _mapping(agreement["overall"]):
        lines += ["", str(_mapping(document["located"])["instance_alpha_sentence"])]
    lines += _classes(_mapping(agreement["by_class"]))
    lines += _pairs(cast("Sequence[_Json]", agreement["pairs"]), cast("int", agreement["pairs_left_out"]))
    findings = cast("Sequence[_Json]", document["findings"])
    lines += ["", "Findings", *(f"  {printable(str(f['text']))}" for f in findings)] if findings else []
    return "\n".join(lines)


def _mapping(value: object) -> _Json:
    return cast("_Json", value)


def _overall(figures: _Json) -> list[str]:
    rows = []
    for metric in sorted(figures, key=lambda metric: metric not in ("krippendorff_alpha", "pairwise_f1")):
        figure = _mapping(figures[metric])
        why = f"does not exist: {figure['reason']}" if figure["value"] is None else ""
        rows.append([metric, number(figure["value"]), interval(figure), f"{figure['units']:,}", why])
    return (
        ["", "Overall", *table(["", "value", "95% interval", "items", ""], rows, right=[1, 3])]
        if rows
        else []
    )


def _classes(by_class: _Json) -> list[str]:
    """Classes, the lowest of the first metric first; those with too few positives to be ranked come after them."""
    metrics = list(dict.fromkeys(metric for figures in by_class.values() for metric in _mapping(figures)))
    if not metrics:
        return []
    shown = sorted(by_class.items(), key=lambda entry: _rank(_mapping(_mapping(entry[1])[metrics[0]])))
    header, right = ["", "positives"], [1]
    for metric in metrics:
        right.append(len(header))
        header += [metric, "95% interval"] if _has_room(metrics, metric) else [metric]
    rows = [
        [name(entry), *_class_cells(_mapping(figures), metrics)] for entry, figures in shown[:_MOST_CLASSES]
    ]
    lines = ["", "By class, the lowest first", *table([*header, ""], rows, right=right)]
    if len(shown) > _MOST_CLASSES:
        lines.append(f"  … and {len(shown) - _MOST_CLASSES:,} more classes; --json has them all")
    few = sum(_rank(_mapping(_mapping(figures)[metrics[0]]))[0] for _, figures in shown)
    if few:
        lines.append(
            f"  {counted(few, 'class', 'classes')} with under {MINIMUM_POSITIVES} positives: last, not ranked"
        )
    return lines


def _rank(figure: _Json) -> tuple[bool, float]:
    """Whether a class has too little evidence to be ranked, and its place among its like."""
    positives, value = cast("int", figure["positives"]), figure["value"]
    if positives < MINIMUM_POSITIVES or not isinstance(value, float):
        return True, -float(positives)
    return False, value


def _class_cells(figures: _Json, metrics: Sequence[str]) -> list[str]:
    first = _mapping(figures[metrics[0]])
    cells = [f"{first['positives']:,}"]
    for metric in metrics:
        figure = _mapping(figures[metric])
        cells.append(number(figure["value"]))
        cells += [interval(figure)] if _has_room(metrics, metric) else []
    return [*cells, f"does not exist: {first['reason']}" if first["value"] is None else ""]


def _has_room(metrics: Sequence[str], metric: str) -> bool:
    """Whether the interval of a metric stands beside it: a few metrics, and not how often a class was used."""
    return len(metrics) <= 3 and metric != "prevalence"


def _pairs(pairs: Sequence[_Json], left_out: int) -> list[str]:
    """The worst pairs that can be judged: those who share enough items."""
    if not pairs:
        return []
    first = str(pairs[0]["metric"])
    every = [pair for pair in pairs if pair["metric"] == first]
    metrics = list(dict.fromkeys(str(pair["metric"]) for pair in pairs))
    found = {(pair["a"], pair["b"], pair["metric"]): pair for pair in pairs}
    judged = [
        pair
        for pair in every
        if cast("int", pair["units"]) >= MINIMUM_POSITIVES and pair["value"] is not None
    ]
    rows = []
    for pair in (judged or every)[:_WORST_PAIRS]:
        others = [number(found[pair["a"], pair["b"], metric]["value"]) for metric in metrics[1:]]
        named = f"{name(str(pair['a']))} · {name(str(pair['b']))}"
        percent = [number(pair["percent_agreement"])] if "percent_agreement" in pair else []
        rows.append([named, number(pair["value"]), interval(pair), *others, *percent, f"{pair['units']:,}"])
    total = len(every) + left_out
    title = f"Worst pairs of {total:,}" if total > 1 else "The pair"
    same = ["same label"] if "percent_agreement" in every[0] else []
    header = ["", first, "95% interval", *metrics[1:], *same, "items"]
    listed = table(header, rows, right=[1, *range(3, len(header))]) if rows else []
    few = len(every) - len(judged)
    note = f"  {counted(few, 'pair')} with under {MINIMUM_POSITIVES} items in common, or without a figure: not ranked"
    return ["", title, *listed, *([note] if few and judged else [])]


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "agree", arguments)
