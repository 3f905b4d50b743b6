"""The schema as a value: which answers an annotation may give and on which scale they are measured.

Classes have ids that stay when a class is renamed. A label in a file is resolved by name, id or alias to one class.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from .errors import InputError
from .numbers import parse_decimal
from .place import shown

Kind = Literal["choice", "multi", "rating", "text"]
LocatedKind = Literal["boxes", "shapes", "masks", "keypoints", "spans", "fields"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]
NormalForm = Literal["NFC", "NFD", "NFKC", "NFKD"]
AttributeKind = Literal["choice", "multi", "number", "text", "boolean"]

KINDS: tuple[Kind, ...] = get_args(Kind)
LOCATED_KINDS: tuple[LocatedKind, ...] = get_args(LocatedKind)
LEVELS: tuple[Level, ...] = get_args(Level)
FORMS: tuple[NormalForm, ...] = get_args(NormalForm)
ATTRIBUTE_KINDS: tuple[AttributeKind, ...] = get_args(AttributeKind)
POSSIBLE_LEVELS: Mapping[str, tuple[Level, ...]] = {
    "choice": LEVELS,
    "multi": ("nominal",),
    "rating": ("ordinal", "interval", "ratio"),
    "text": ("nominal",),
    **dict.fromkeys(LOCATED_KINDS, ("nominal",)),
}
_LONGEST_NAME = 500
_MOST_POINTS = 1_000
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_Path = tuple[str | int, ...]


class SchemaError(InputError):
    """Raised when a schema contradicts itself; ``path`` leads to the value that does."""

    def __init__(self, message: str, path: _Path, *, found: str | None, expected: str | None) -> None:
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")
        super().__init__(message, place=f"key {place}" if place else None, found=found, expected=expected)
        self.path = path


@dataclass(frozen=True)
class ClassDefinition:
    """One of the answers. ``id`` never changes; ``aliases`` are other texts that mean it in a file."""

    id: str
    name: str
    parent: str | None = None
    aliases: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that means this class."""
        return tuple(dict.fromkeys((self.name, self.id, *self.aliases)))


@dataclass(frozen=True)
class AttributeDefinition:
    """What is said about an annotation beside its class; ``classes`` are the ids it belongs to, all if empty."""

    id: str
    name: str
    kind: AttributeKind = "choice"
    values: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Schema:
    """The answers that are possible and the scale they are measured on. Raises :class:`SchemaError` when built wrong.

    The order of ``classes`` is the order of an ordinal scale. ``low``, ``high`` and ``step`` are the scale of a rating.
    """

    version: str
    kind: Kind | LocatedKind
    level: Level
    classes: tuple[ClassDefinition, ...] = ()
    attributes: tuple[AttributeDefinition, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    step: Decimal | None = None
    #: labels are compared in this Unicode form; None compares them as they are
    normal_form: NormalForm | None = None
    _ids: Mapping[str, str] = field(init=False, repr=False, compare=False, hash=False, default_factory=dict)

    def __post_init__(self) -> None:
        for path, message, found, expected in _problems(self):
            raise SchemaError(message, path, found=found, expected=expected)
        ids = {self._normal(text): one.id for one in self.classes for text in one.texts}
        object.__setattr__(self, "_ids", ids)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes in their order."""
        return tuple(one.name for one in self.classes)

    @property
    def points(self) -> tuple[Decimal, ...]:
        """Every value of a rating with a step, from low to high; empty where any number between them is possible."""
        if self.low is None or self.high is None or self.step is None:
            return ()
        return tuple(
            self.low + number * self.step for number in range(int((self.high - self.low) / self.step) + 1)
        )

    def resolve(self, label_text: str) -> str | None:
        """The id of the class that a label means by name, id or alias; None when the schema has no such class."""
        return self._ids.get(self._normal(label_text))

    def _normal(self, text: str) -> str:
        return text if self.normal_form is None else unicodedata.normalize(self.normal_form, text)


_Problem = tuple[_Path, str, str | None, str | None]


def _problems(schema: Schema) -> Iterator[_Problem]:
    yield from _name_problem(schema.version, ("version",))
    possible = POSSIBLE_LEVELS[schema.kind]
    if schema.level not in possible:
        what = f"{_said(schema, 'is', 'are')} not measured on this level"
        yield ("level",), what, schema.level, "one of " + ", ".join(possible)
    yield from _class_problems(schema)
    yield from _attribute_problems(schema)
    yield from _scale_problems(schema)


def _said(schema: Schema, one: str, many: str) -> str:
    """The kind as the subject of a sentence."""
    return f"{schema.kind} {many}" if schema.kind in LOCATED_KINDS else f"a {schema.kind} {one}"


def _class_problems(schema: Schema) -> Iterator[_Problem]:
    classes = schema.classes
    if schema.kind in ("choice", "multi", *LOCATED_KINDS):
        least = 2 if schema.kind == "choice" else 1
        if len(classes) < least:
            yield (
                ("classes",),
                f"{_said(schema, 'needs', 'need')} classes",
                f"{len(classes)}",
                f"at least {least}",
            )
    elif classes:
        yield (
            ("classes",),
            f"{_said(schema, 'has', 'have')} no classes",
            f"{len(classes)} classes",
            "no classes, or kind: choice",
        )
    owners: dict[str, str] = {}
    for number, one in enumerate(classes):
        path: _Path = ("classes", number)
        yield from _name_problem(one.id, (*path, "id"))
        yield from _name_problem(one.name, (*path, "name"))
        for position, alias in enumerate(one.aliases):
            yield from _name_problem(alias, (*path, "aliases", position))
        for text in one.texts:
            other = owners.setdefault(schema._normal(text), f"{number}")
            if other != f"{number}":
                what = f"{shown(text)} means two classes"
                first = classes[int(other)]
                yield (
                    path,
                    what,
                    f"{shown(first.id)} and {shown(one.id)}",
                    "each name, id and alias for one class",
                )
        if schema.level in ("interval", "ratio") and not _is_number(one.name):
            what = f"a class of a choice on level {schema.level} is a number"
            yield (*path, "name"), what, shown(one.name), "a number, or level: ordinal"
    yield from _parent_problems(classes)


def _parent_problems(classes: Sequence[ClassDefinition]) -> Iterator[_Problem]:
    parents = {one.id: one.parent for one in classes}
    for number, one in enumerate(classes):
        path: _Path = ("classes", number, "parent")
        if one.parent is not None and one.parent not in parents:
            yield path, "the parent is no class of this schema", shown(one.parent), "the id of another class"
    settled: set[str] = set()
    for number, one in enumerate(classes):
        seen: list[str] = []
        above: str | None = one.id
        while above is not None and above not in settled:
            if above in seen:
                chain = " > ".join([*seen[:8], above])
                yield (
                    ("classes", number, "parent"),
                    "classes are their own parents",
                    chain,
                    "a tree of classes",
                )
                break
            seen.append(above)
            above = parents.get(above)
        settled.update(seen)


def _attribute_problems(schema: Schema) -> Iterator[_Problem]:
    ids = {one.id for one in schema.classes}
    seen: set[str] = set()
    for number, one in enumerate(schema.attributes):
        path: _Path = ("attributes", number)
        yield from _name_problem(one.id, (*path, "id"))
        yield from _name_problem(one.name, (*path, "name"))
        if one.id in seen:
            yield (*path, "id"), "two attributes have one id", shown(one.id), "each id once"
        seen.add(one.id)
        if one.kind in ("choice", "multi"):
            if len(set(one.values)) < 2 or len(set(one.values)) < len(one.values):
                yield (
                    (*path, "values"),
                    "the values cannot be chosen from",
                    ", ".join(one.values),
                    "two or more, each once",
                )
        elif one.values:
            yield (
                (*path, "values"),
                f"an attribute of kind {one.kind} has no values",
                ", ".join(one.values),
                None,
            )
        for position, value in enumerate(one.values):
            yield from _name_problem(value, (*path, "values", position))
        for position, of in enumerate(one.classes):
            if of not in ids:
                yield (
                    (*path, "classes", position),
                    "this is no class of the schema",
                    shown(of),
                    "the id of a class",
                )


def _scale_problems(schema: Schema) -> Iterator[_Problem]:
    low, high, step = schema.low, schema.high, schema.step
    if schema.kind != "rating":
        for key, value in (("low", low), ("high", high), ("step", step)):
            if value is not None:
                yield (
                    (key,),
                    f"{_said(schema, 'has', 'have')} no {key}",
                    str(value),
                    "no such key, or kind: rating",
                )
        return
    if low is not None and high is not None and low >= high:
        yield ("high",), "the scale ends before it begins", f"low {low}, high {high}", "low below high"
    if schema.level == "ratio" and low is not None and low < 0:
        yield ("low",), "a ratio scale begins at zero or above", str(low), "low: 0, or level: interval"
    if step is None:
        return
    if low is None or high is None:
        yield ("step",), "a step needs both ends of the scale", None, "low and high"
    elif step <= 0 or low >= high or (high - low) % step != 0 or (high - low) / step > _MOST_POINTS:
        expected = f"a step above 0 that leads from {low} to {high} in at most {_MOST_POINTS} steps"
        yield ("step",), "the step does not lead from low to high", str(step), expected


def _name_problem(text: str, path: _Path) -> Iterator[_Problem]:
    expected = f"1 to {_LONGEST_NAME} characters, without line breaks, without blanks at the ends"
    if not text or len(text) > _LONGEST_NAME or text != text.strip() or _NOT_IN_A_NAME.search(text):
        yield path, "this cannot be a name", shown(text), expected


def _is_number(text: str) -> bool:
    try:
        parse_decimal(text)
    except InputError:
        return False
    return True
