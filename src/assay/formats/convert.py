"""Convert a delivery to another format, and list what the other format cannot carry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import cast

import duckdb

from assay.annotation.connection import open_connection
from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer
from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.schema_values import Kind

from .delivery import DeliveryFile, find_delivery, readable_paths
from .inputs import format_of
from .located_convert import LOCATED_TARGETS, LocatedTarget, convert_located
from .located_reading import read_if_located
from .losses import Loss, LossReport
from .read import Delivery, read_delivery
from .typed import SEPARATOR
from .write import STUDIO_LAYERS, TARGETS, Target, write_labels

#: Findings of reading that mean something of the source is not in the table.
_LOSSES = {
    "drafts", "results_not_read", "rejected_in_review", "duplicate_rows", "duplicate_answers", "skipped_and_answered",
    "not_a_number", "file_not_read", "signed_link",
}  # fmt: skip


def convert(
    sources: Sequence[Path],
    target: Path,
    to: Target | LocatedTarget,
    *,
    declared: DeliveryFile | None = None,
    layers: Collection[Layer] | None = None,
    strict: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> LossReport:
    """Read ``sources`` and write them to ``target``. Annotators are never lost in silence.

    Raises :class:`InputError` for an unknown format, for a target that is one of the sources, for layers that hold
    nothing, and with ``strict`` when anything would be lost; nothing is written then.
    """
    _refuse_target(sources, target, to)
    declared = declared or find_delivery(list(sources))
    with open_connection(readable=readable_paths(list(sources), declared)) as connection:
        located = read_if_located(sources, connection=connection, declared=declared, limits=limits)
        if located is not None:
            return convert_located(connection, located, target, to, layers=layers, strict=strict)
        if to not in TARGETS:
            raise InputError(
                "these are labels of whole items, without boxes, shapes or spans", file=str(sources[0]), found=to,
                expected=f"one of {', '.join(TARGETS)}",
            )  # fmt: skip
        form: Target = to
        delivery = read_delivery(sources, connection=connection, declared=declared, limits=limits)
        left_out = _left_out(connection, layers)
        losses = (*_read_losses(delivery.findings), *_format_losses(connection, delivery, form, layers))
        if strict and losses:
            raise InputError(
                "the conversion would lose something", file=str(target),
                found="; ".join(one.text for one in losses), expected="no loss, or no --strict",
            )  # fmt: skip
        kind = cast("Kind", delivery.kind)  # located labels were found above
        separator = write_labels(
            connection, target, form, kind=kind, layers=layers, with_content=delivery.has_content
        )
        rows = _written(connection, form, layers)
    read_back = _read_back(delivery, separator, form)
    names = tuple(one.path for one in delivery.inputs)
    return LossReport(names, str(target), to, rows, losses, read_back, left_out)


def inferred_target(target: Path) -> Target | None:
    """The format that the ending of the target means; JSON is Label Studio's."""
    found = format_of(target)
    if found == "json":
        return "label_studio"
    return next((form for form in TARGETS if form == found), None)


def _refuse_target(sources: Sequence[Path], target: Path, to: str) -> None:
    if to not in TARGETS and to not in LOCATED_TARGETS:
        expected = f"one of {', '.join(dict.fromkeys((*TARGETS, *LOCATED_TARGETS)))}"
        raise InputError("this format is not written", found=str(to), expected=expected)
    if any(source.exists() and target.exists() and source.samefile(target) for source in sources):
        raise InputError("a source is never overwritten", file=str(target), expected="another target")
    if not target.parent.is_dir():
        raise InputError("there is no such folder", file=str(target.parent))


def _left_out(connection: duckdb.DuckDBPyConnection, layers: Collection[Layer] | None) -> int:
    """How many annotations lie in layers that were not asked for; refuses when those asked for hold none."""
    found = connection.execute(
        "SELECT layer, count(*) FROM annotation GROUP BY layer ORDER BY layer"
    ).fetchall()
    if layers is None:
        return 0
    if not any(layer in layers for layer, _ in found):
        raise InputError(
            "there is no annotation in the layers asked for", found=", ".join(Layer(code).label for code, _ in found),
            expected=", ".join(layer.label for layer in sorted(layers)),
        )  # fmt: skip
    return sum(int(count) for layer, count in found if layer not in layers)


def _read_losses(findings: Sequence[Finding]) -> list[Loss]:
    losses = []
    for finding in findings:
        if finding.kind in _LOSSES:
            counts = [value for value in finding.evidence.values() if isinstance(value, int)]
            losses.append(Loss(finding.kind, counts[0] if counts else 1, finding.text))
    return losses


def _format_losses(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, to: Target, layers: Collection[Layer] | None
) -> list[Loss]:
    if to in ("csv", "tsv") and delivery.kind == "multi":
        return _blank_losses(connection)
    if to != "label_studio":
        return []
    counts = connection.execute(
        "SELECT layer, count(*), count(*) FILTER (state = ?), count(*) FILTER (round <> 1) FROM annotation "
        "GROUP BY layer ORDER BY layer",
        [int(ItemState.NOT_ANNOTATED)],
    ).fetchall()
    losses = []
    for layer, rows, undone, later in counts:
        if layers is not None and layer not in layers:
            continue
        name = Layer(layer).label
        if layer not in STUDIO_LAYERS:
            text = (
                f"{rows:,} annotations of the layer {name}, with their people: a task has no place for them."
            )
            losses.append(Loss("layer", rows, text))
            continue
        if undone:
            losses.append(Loss("state", undone, f"{undone:,} rows that say an item was not annotated."))
        if later:
            losses.append(Loss("round", later, f"the round of {later:,} annotations of the layer {name}."))
    return losses + _rating_losses(connection, delivery)


def _blank_losses(connection: duckdb.DuckDBPyConnection) -> list[Loss]:
    """The blanks around the labels of a cell are cut when it is read."""
    rows = connection.execute(
        f"SELECT count(*) FROM annotation WHERE regexp_matches(value, '(^|{SEPARATOR})\\s|\\s({SEPARATOR}|$)')"
    ).fetchall()[0][0]
    return [Loss("blanks", int(rows), f"the blanks around labels of {rows:,} sets.")] if rows else []


def _rating_losses(connection: duckdb.DuckDBPyConnection, delivery: Delivery) -> list[Loss]:
    """JSON numbers do not keep leading and trailing zeros, nor more digits than a double holds."""
    if delivery.kind != "rating":
        return []
    rows = connection.execute(
        "SELECT count(*) FROM annotation WHERE value IS NOT NULL AND (regexp_full_match(value, '-?0[0-9]+.*') "
        "OR regexp_full_match(value, '.*[.].*0') OR length(value) > 15)"
    ).fetchall()[0][0]
    return [Loss("digits", int(rows), f"how {rows:,} numbers were written.")] if rows else []


def _written(connection: duckdb.DuckDBPyConnection, to: Target, layers: Collection[Layer] | None) -> int:
    kept = set(Layer) if layers is None else set(layers)
    if to == "label_studio":
        kept &= set(STUDIO_LAYERS)
    listed = ", ".join(str(int(layer)) for layer in sorted(kept)) or "NULL"
    undone = f"AND state <> {ItemState.NOT_ANNOTATED:d}" if to == "label_studio" else ""
    rows = connection.execute(
        f"SELECT count(*) FROM annotation WHERE layer IN ({listed}) {undone}"
    ).fetchall()
    return int(rows[0][0])


def _read_back(delivery: Delivery, separator: str | None, to: Target) -> tuple[str, ...]:
    lines = [f"labels: {delivery.kind}"] if to != "label_studio" or delivery.kind == "multi" else []
    if separator is not None:
        lines.append(f'separator: "{separator}"')
    return tuple(lines)
