"""``assay simulate``."""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from assay.annotation.errors import InputError, UsageError
from assay.formats.pseudonyms import HEADER
from assay.formats.small_table import write_small_table
from assay.simulate import PLANTS, TOPICS, Gold, Programme, Spec, plant, simulate
from assay.simulate.located_files import gold_name
from assay.simulate.located_plants import plant_located, with_slices
from assay.simulate.located_programme import LocatedProgramme, simulate_located
from assay.simulate.located_spec import CLASSES, LOCATED, PRIORS, LocatedKind, LocatedSpec, crew
from assay.simulate.spec import KINDS, TOPIC_SHARES

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
    boxes = "boxes"
    shapes = "shapes"
    keypoints = "keypoints"
    spans = "spans"
    fields = "fields"


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
    asked = _Asked(items, annotators, votes, min(gold, items), seed, tuple(plants or ()), messages)
    try:
        located = next((one for one in LOCATED if one == kind.value), None)
        programme = _plain(kind, classes, asked) if located is None else _located(located, classes, asked)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with _new_folder(out) as folder:
        programme.write(folder)
        write_small_table(
            folder / PSEUDONYMS, HEADER, [(name, name) for name in _people(programme)], private=True
        )
    print(text_of(programme, out))


@dataclass(frozen=True)
class _Asked:
    """What was asked for, of any kind of labels."""

    items: int
    people: int
    votes: int
    gold: int
    seed: int
    plants: tuple[str, ...]
    messages: bool


def _plain(kind: Kind, classes: int | None, asked: _Asked) -> Programme:
    names, prior = _classes(kind, classes)
    spec = Spec(
        kind=next(one for one in KINDS if one == kind.value), classes=names, prior=prior, items=asked.items,
        annotators=asked.people, votes_per_item=asked.votes, gold=Gold(items=asked.gold), seed=asked.seed,
        messages=asked.messages,
    )  # fmt: skip
    return simulate(plant(spec, *asked.plants))


def _located(kind: LocatedKind, classes: int | None, asked: _Asked) -> LocatedProgramme:
    names, prior = _located_classes(kind, classes)
    spec = LocatedSpec(
        kind=kind, classes=names, prior=prior, items=asked.items, people=crew(asked.people),
        votes_per_item=asked.votes, gold=Gold(items=asked.gold), seed=asked.seed,
        threshold=1.0 if kind == "spans" else 0.5,
    )  # fmt: skip
    return simulate_located(plant_located(with_slices(spec), *asked.plants))


def _classes(kind: Kind, wanted: int | None) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """Names of the classes and how often they occur: topics of messages, numbers, or as many names as asked for."""
    if kind is Kind.rating:
        return tuple(str(number) for number in range(1, (wanted or _SCALE) + 1)), None
    size = wanted or len(TOPICS)
    if size > len(TOPICS):
        more = (f"class-{number:02d}" for number in range(len(TOPICS) + 1, size + 1))
        return (*TOPICS, *more), None
    return TOPICS[:size], TOPIC_SHARES[:size]


def _located_classes(
    kind: LocatedKind, wanted: int | None
) -> tuple[tuple[str, ...], tuple[float, ...] | None]:
    """The classes of a kind of located labels, as many as asked for."""
    known = CLASSES[kind]
    more = (f"class-{number:02d}" for number in range(len(known) + 1, (wanted or 0) + 1))
    names = (*known, *more)[: wanted or len(known)]
    return names, PRIORS[kind][: len(names)] if len(names) <= len(known) else None


def _people(programme: Programme | LocatedProgramme) -> list[str]:
    """Everyone who labels, under the name that reports will show: these people are invented."""
    reviewer = programme.spec.reviewer if isinstance(programme, Programme) else None
    return [*(person.id for person in programme.spec.people), *([reviewer.id] if reviewer else [])]


@contextmanager
def _new_folder(out: Path) -> Iterator[Path]:
    """A private folder that takes the place of ``out`` when everything in it is written."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError(
            "what is there is not replaced", file=str(out), found="a folder with content" if out.is_dir() else "a file",
            expected="a new folder",
        )  # fmt: skip
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


def text_of(programme: Programme | LocatedProgramme, out: Path) -> str:
    """What was drawn and planted, and the commands that judge it."""
    truth = programme.truth
    items, votes, gold = (cast("Mapping[str, int]", truth[key]) for key in ("items", "votes", "gold"))
    kind, people = programme.spec.kind, len(programme.spec.people)
    given = f"{counted(votes['objects'], 'object')} in " if "objects" in votes else ""
    lines = [
        f"{out}: {counted(items['delivered'], 'item')} of kind {kind}, {given}{counted(votes['all'], 'vote')} "
        f"of {counted(people, 'annotator')}, {counted(gold['items'], 'gold item')}.",
        "",
        "Planted",
    ]
    facts = cast("Sequence[_Json]", truth["planted"])
    lines += [f"  {_fact(fact)}" for fact in facts] or ["  nothing: everybody errs alike and at random"]
    folder = shlex.quote(str(out))
    panel = "gold.csv" if isinstance(programme, Programme) else gold_name(kind)
    against = f" --gold {folder}/{panel} --contract {folder}/contract.yaml" if gold["items"] else ""
    lines += [
        "",
        "Look at it, measure it, judge it",
        f"  assay inspect {folder}",
        *([f"  assay agree {folder} --pseudonyms {folder}/{PSEUDONYMS}"] if kind != "text" else []),
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
