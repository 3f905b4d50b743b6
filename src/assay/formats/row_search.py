"""Which files hold spans, regions or the XML of CVAT, looked at by their first lines, packed or not."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Literal, cast

from assay.annotation.archives import open_stream
from assay.annotation.errors import InputError
from assay.annotation.limits import Limits

RowFormat = Literal["bio", "spans", "label_studio", "cvat", "corner_pairs"]

_HEAD = 4096
_TABLES = frozenset({"txt", "tsv"})
_TAGS = frozenset({"conll", "conll2003", "conllu", "conllup", "bio", "iob", "iob2", "bioes", "bilou"})
_WHY = {
    "doccano": "records with lists of [start, end, label] or entities",
    "prodigy": "records of Prodigy with spans",
    "offsets_by_annotator": "a mapping of annotators to offsets in each record",
    "tagged_tokens": "a tag for each token",
    "crowd_units": "units of a crowd platform with marked tokens",
}


def row_format(
    path: Path, name: str, limits: Limits, *, declared: str | None = None, control: str | None = None
) -> tuple[RowFormat, str] | None:
    """The format of a file and why it is taken for that; None for a file of something else."""
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    try:
        if declared in ("bio", "spans", "cvat"):
            return declared, "declared"  # type: ignore[return-value]  # one of the words just listed
        if declared in (None, "label_studio") and ending in ("json", "jsonl", "ndjson"):
            return _json(path, name, limits, declared, control)
        if declared is None and ending in _TAGS | _TABLES:
            if _ask("token_columns", "is_token_columns")(path, name, limits):
                return "bio", "tokens with a column of tags"
            if ending in _TAGS:
                return "bio", f"the ending .{ending}"
        if declared is None and ending == "xml" and _is_cvat(path, limits):
            return "cvat", "XML of CVAT with <annotations>"
    except InputError:
        return None
    return None


def _json(
    path: Path, name: str, limits: Limits, declared: str | None, control: str | None
) -> tuple[RowFormat, str] | None:
    form = (
        cast("str | None", _ask("spans_jsonl", "span_form")(path, name, limits)) if declared is None else None
    )
    if form is not None:
        return "spans", _WHY[form]
    if _ask("label_studio_regions", "holds_regions")(path, name, control, limits=limits):
        return "label_studio", "tasks that answer regions"
    if declared is None and _ask("corner_pairs", "is_corner_mapping")(path, name, limits):
        return "corner_pairs", "a mapping of items to corner pairs"
    return None


def _is_cvat(path: Path, limits: Limits) -> bool:
    with open_stream(path, limits=limits) as stream:
        return b"<annotations" in stream.read(_HEAD)


def _ask(module: str, question: str) -> Callable[..., object]:
    """What a reader says of a file; readers are loaded when a file may be theirs."""
    return cast("Callable[..., object]", getattr(import_module(f"{__package__}.{module}"), question))
