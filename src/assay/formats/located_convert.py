"""Converting located labels: one folder or file for each person, with a delivery.yaml that says whose is which."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import duckdb

from assay.annotation.errors import InputError
from assay.annotation.layers import Layer

from .coco_write import write_coco
from .delivery import FILE_NAME
from .delivery_write import DeliveredFile, write_delivery
from .located_answers import where_layers
from .located_groups import Group, Item, groups_of
from .located_losses import losses_of, people_losses, read_losses
from .losses import Loss, LossReport
from .row_convert import ROW_TARGETS, RowTarget, is_file_target, refuse_mixed, refuse_other_kind, write_rows
from .row_losses import left_out, losses_in_words
from .small_table import write_small_table
from .voc_write import PROFILE, write_voc
from .voc_write import WRITTEN as IN_VOC
from .yolo_write import WRITTEN as IN_YOLO
from .yolo_write import Plan, plan_of, write_yolo

if TYPE_CHECKING:
    from .located import LocatedDelivery

ImageTarget = Literal["coco", "voc", "yolo"]
LocatedTarget = ImageTarget | RowTarget

IMAGE_TARGETS: tuple[ImageTarget, ...] = get_args(ImageTarget)
LOCATED_TARGETS: tuple[LocatedTarget, ...] = (*IMAGE_TARGETS, *ROW_TARGETS)
_SIZES = "items.csv"


def convert_located(
    connection: duckdb.DuckDBPyConnection,
    delivery: LocatedDelivery,
    target: Path,
    to: str,
    *,
    layers: Collection[Layer] | None,
    strict: bool,
) -> LossReport:
    """Write what was read. Raises :class:`InputError` for another format and, with ``strict``, for any loss."""
    if to not in LOCATED_TARGETS:
        raise InputError(
            "boxes and shapes are not written in this format", file=str(target), found=to,
            expected=f"one of {', '.join(LOCATED_TARGETS)}",
        )  # fmt: skip
    groups = groups_of(connection, layers)
    relative = any(finding.kind == "image_size_unknown" for finding in delivery.findings)
    _refuse_unwritable(connection, target, to, groups, relative=relative)
    if to in ROW_TARGETS:
        return _convert_rows(connection, delivery, target, to, groups, layers, strict=strict)
    where = where_layers(layers)
    plan = plan_of(connection, where) if to == "yolo" else None
    losses = losses_of(connection, to, delivery.findings, layers=layers, plan=plan)
    is_file = to == "coco" and target.suffix.lower() == ".json"
    if is_file and len(groups) > 1:
        losses += people_losses(connection, where)
    if strict and losses:
        raise _would_lose(target, losses)
    if is_file:
        write_coco(connection, target, groups)
    else:
        _write_folder(connection, target, to, groups, plan, relative=relative)
    return _report(connection, delivery, target, to, losses, layers, is_file=is_file)


def _convert_rows(
    connection: duckdb.DuckDBPyConnection, delivery: LocatedDelivery, target: Path, to: RowTarget,
    groups: Sequence[Group], layers: Collection[Layer] | None, *, strict: bool,
) -> LossReport:  # fmt: skip
    """Write beside the target first, because these writers count what is lost while they write."""
    refuse_mixed(target, to, groups)
    is_file = is_file_target(to, target)
    with tempfile.TemporaryDirectory(prefix=f".{target.name[:64]}-", dir=target.parent) as beside:
        made = Path(beside) / target.name
        counts = write_rows(connection, made, to, groups, layers)
        losses = [*read_losses(delivery.findings), *losses_in_words(counts)]
        if strict and losses:
            raise _would_lose(target, losses)
        made.replace(target)
    where = where_layers(layers)
    rows, left = connection.execute(
        f"SELECT count(*) FILTER (({where})), count(*) FILTER (NOT ({where})) FROM object"
    ).fetchall()[0]
    names = tuple(one.path for one in delivery.inputs)
    back = () if is_file else (f"what {target.name}/{FILE_NAME} says",)
    return LossReport(names, str(target), to, int(rows) - left_out(counts), tuple(losses), back, int(left))


def _would_lose(target: Path, losses: Sequence[Loss]) -> InputError:
    return InputError(
        "the conversion would lose something", file=str(target), found="; ".join(one.text for one in losses),
        expected="no loss, or no --strict",
    )  # fmt: skip


def _refuse_unwritable(
    connection: duckdb.DuckDBPyConnection, target: Path, to: str, groups: Sequence[Group], *, relative: bool
) -> None:
    refuse_other_kind(connection, target, to)
    if relative and to != "yolo":
        raise InputError(
            "the sizes of the images are needed to count pixels", file=str(target),
            found="coordinates that are shares of width and height",
            expected="a manifest with the columns item, width and height: `items: {path: items.csv}` in delivery.yaml, "
            "or the pictures beside the labels",
        )  # fmt: skip
    if to == "coco" and target.suffix.lower() == ".json" and len({group.layer for group in groups}) > 1:
        raise InputError(
            "one COCO file holds one layer", file=str(target),
            found=", ".join(sorted({group.layer.label for group in groups})),
            expected="--layer, or a folder as target: it holds a file for each person and layer",
        )  # fmt: skip
    repeated = connection.execute(
        "SELECT item, annotator FROM annotation GROUP BY item, annotator, layer HAVING count(*) > 1 LIMIT 1"
    ).fetchall()
    if repeated:
        raise InputError("an item was answered in several rounds", found=f"item {repeated[0][0]}")


def _write_folder(
    connection: duckdb.DuckDBPyConnection, target: Path, to: str, groups: Sequence[Group], plan: Plan | None,
    *, relative: bool,
) -> None:  # fmt: skip
    """Write into a folder beside the target first: the target appears complete or not at all."""
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        items: dict[str, Item] = {}
        paths = [_path(group, to, single=len(groups) == 1) for group in groups]
        for group, path in zip(groups, paths, strict=True):
            if to == "coco":
                write_coco(connection, partial / path, [group])
            elif to == "voc":
                write_voc(connection, partial / path, group)
            elif plan is not None:
                items |= write_yolo(connection, partial / path, group, plan, relative=relative)
        sized = [(one.name, one.width, one.height) for one in items.values() if one.width is not None]
        if sized:
            write_small_table(partial / _SIZES, ("item", "width", "height"), sized)
        profile = PROFILE if to == "voc" else plan.task if plan is not None else None
        declared = [f"format: {to}"] + ([f"profile: {profile}"] if profile else [])
        files = [
            DeliveredFile(path, declared, group.annotator if group.is_named else None, group.layer)
            for group, path in zip(groups, paths, strict=True)
        ]
        write_delivery(partial / FILE_NAME, files, sizes=_SIZES if sized else None)
        partial.chmod(0o755)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _path(group: Group, to: str, *, single: bool) -> str:
    if to == "coco":
        return f"{group.folder}.json"
    last = {"voc": "Annotations", "yolo": "data"}[to]
    return last if single else f"{group.folder}/{last}" if to == "voc" else group.folder


def _report(
    connection: duckdb.DuckDBPyConnection, delivery: LocatedDelivery, target: Path, to: str,
    losses: Sequence[Loss], layers: Collection[Layer] | None, *, is_file: bool,
) -> LossReport:  # fmt: skip
    written = {"coco": "kind NOT IN ('polyline', 'span')", "voc": IN_VOC, "yolo": IN_YOLO}[to]
    where = where_layers(layers)
    rows, left = connection.execute(
        f"SELECT count(*) FILTER (({where}) AND ({written})), count(*) FILTER (NOT ({where})) FROM object"
    ).fetchall()[0]
    names = tuple(one.path for one in delivery.inputs)
    back = () if is_file else (f"what {target.name}/{FILE_NAME} says",)
    return LossReport(names, str(target), to, int(rows), tuple(losses), back, int(left))
