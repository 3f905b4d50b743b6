"""``assay simulate``."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from assay.annotation.errors import InputError, UsageError
from assay.formats.pseudonyms import HEADER
from assay.formats.small_table import write_small_table
from assay.simulate import PLANTS, TOPICS, Gold, Programme, Spec, plant, simulate
from assay.simulate.spec import TOPIC_SHARES

from .console import run_app
from .layout import counted

app = typer.Typer(add_completion=False, rich_markup_mode=None)

PSEUDONYMS = "pseudonyms.csv"
_SCALE = 5
_Json = Mapping[str, object]


class Kind(StrEnum):
    """What people are asked for."""

    choice = "choice"
    multi = "multi"
    rating = "rating"
    text = "text"


@app.command(epilog="Plants: " + ", ".join(PLANTS))
def draw(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="folder to write; one that holds anything is refused")
    ],
    kind: Annotated[Kind, typer.Option(help="kind of labels")] = Kind.choice,
    items: Annotated[int, typer.Option(min=1, max=100_000_000, help="items of the batch")] = 1000,
    classes: Annotated[
        int | None, typer.Option(min=2, max=1000, help="classes; else 6, or 5 of a rating")
    ] = None,
    annotators: Annotated[int, typer.Option(min=1, max=10_000, help="people who label")] = 8,
    votes: Annotated[int, typer.Option(min=1, max=100, help="blind votes on each item")] = 3,
    gold: Annotated[int, typer.Option(min=0, help="gold items, at most all")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="another seed draws another programme")] = 1,
    plants: Annotated[
        list[str] | None, typer.Option("--plant", metavar="NAME", help="plant this; may be repeated")
    ] = None,
    messages: Annotated[bool, typer.Option(help="write an invented message for each item")] = True,
) -> None:
    """Write a programme whose truth is known: labels, gold, manifest, schema, contract, and what was planted.

    Example: assay simulate programme --items 2000 --plant spammer --plant guideline-gap
    """
    names, prior = _classes(kind, classes)
    try:
        spec = Spec(
            kind=kind.value, classes=names, prior=prior, items=items, annotators=annotators, votes_per_item=votes,
            gold=Gold(items=min(gold, items)), seed=seed, messages=messages,
        )  # fmt: skip
        spec = plant(spec, *plants or ())
    except ValueError as error:
        raise UsageError(str(error)) from error
    programme = simulate(spec)
    with _new_folder(out) as folder:
        programme.write(folder)
        write_small_table(
            folder / PSEUDONYMS, HEADER, [(name, name) for name in _people(programme)], private=True
        )
    print(text_of(programme, out))


def _classes(kind: Kind, wanted: int | None) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """Names of the classes and how often they occur: topics of messages, numbers, or as many names as asked for."""
    if kind is Kind.rating:
        return tuple(str(number) for number in range(1, (wanted or _SCALE) + 1)), None
    size = wanted or len(TOPICS)
    if size > len(TOPICS):
        more = (f"class-{number:02d}" for number in range(len(TOPICS) + 1, size + 1))
        return (*TOPICS, *more), None
    return TOPICS[:size], TOPIC_SHARES[:size]


def _people(programme: Programme) -> list[str]:
    """Everyone who labels, under the name that reports will show: these people are invented."""
    reviewer = programme.spec.reviewer
    return [*(person.id for person in programme.spec.people), *([reviewer.id] if reviewer else [])]


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """A private folder that takes the place of ``out`` when everything in it is written."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError(
            "there is something already, and it is not replaced", file=str(out), expected="a new folder"
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise InputError(
            "the programme cannot be written here", file=str(out), found=error.strerror
        ) from error
    try:
        yield folder
        folder.chmod(0o755)
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def text_of(programme: Programme, out: Path) -> str:
    """What was drawn and planted, and the commands that judge it."""
    truth = programme.truth
    items, votes, gold = (cast("Mapping[str, int]", truth[key]) for key in ("items", "votes", "gold"))
    people = len(programme.spec.people)
    lines = [
        f"{out}: {counted(items['delivered'], 'item')} of kind {programme.spec.kind}, {counted(votes['all'], 'vote')} "
        f"of {counted(people, 'annotator')}, {counted(gold['items'], 'gold item')}.",
        "",
        "Planted",
    ]
    facts = cast("Sequence[_Json]", truth["planted"])
    lines += [f"  {_fact(fact)}" for fact in facts] or ["  nothing: everybody errs alike and at random"]
    folder = shlex.quote(str(out))
    against = f" --gold {folder}/gold.csv --contract {folder}/contract.yaml" if gold["items"] else ""
    lines += [
        "",
        "Look at it, measure it, judge it",
        f"  assay inspect {folder}",
        *(
            [f"  assay agree {folder} --pseudonyms {folder}/{PSEUDONYMS}"]
            if programme.spec.kind != "text"
            else []
        ),
        f"  assay judge {folder}{against} --pseudonyms {folder}/{PSEUDONYMS}",
        "",
        f"What is true of it: {out / 'truth.json'}",
    ]
    return "\n".join(lines)


def _fact(fact: _Json) -> str:
    """One planted thing: what, in whom or where, and how strong."""
    subject = fact.get("annotator") or fact.get("reviewer")
    parts = []
    for key, value in fact.items():
        if key in ("what", "annotator", "reviewer"):
            continue
        parts.append(f"{key.replace('_', ' ')} {_value(value)}")
    return f"{fact['what']}: " + ", ".join([*([str(subject)] if subject else []), *parts])


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return " and ".join(f"{key} = {one}" for key, one in value.items())
    if isinstance(value, list):
        return " / ".join(str(one) for one in value)
    return str(value)


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    return run_app(app, "simulate", arguments)
