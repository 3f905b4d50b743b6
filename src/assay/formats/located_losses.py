"""What COCO, Pascal VOC and YOLO cannot say about the objects at hand, counted exactly before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState, Layer

from .annotation_table import NOBODY
from .located_answers import where_layers
from .located_groups import class_rows, numbers_of_classes
from .losses import Loss
from .voc_write import WRITTEN as IN_VOC
from .yolo_write import WRITTEN, Plan

#: Findings of reading that mean something of the source is not in the tables, or was taken on trust.
_LOSSES = frozenset(
    {
        "file_not_read", "keys_not_read", "broken_outline", "panoptic_masks", "root_category", "class_listed_twice",
        "name_leads_outside", "voc_profile_assumed", "voc_profile_contradicted", "yolo_value_assumed",
        "yolo_task_assumed", "image_size_differs", "drafts", "rejected_in_review", "rejected_suggestions",
        "results_not_read", "shape_not_read", "relation_lost", "broken_tags", "image_rotated", "signed_link",
        "different_objects_again",
    }
)  # fmt: skip
_KINDS = {
    "rotated_box": "rotated boxes", "polygon": "outlines", "polyline": "lines", "mask": "masks",
    "keypoints": "sets of keypoints", "span": "spans", "field": "captions and labels of whole images",
}  # fmt: skip
_BLANK = "regexp_matches({0}, '^\\s|\\s$')"


def losses_of(
    connection: duckdb.DuckDBPyConnection,
    to: str,
    findings: Sequence[Finding],
    *,
    layers: Collection[Layer] | None,
    plan: Plan | None,
) -> list[Loss]:
    """Everything that a conversion to ``to`` loses, the most harmful first."""
    counting = _Counting(connection, where_layers(layers))
    read = read_losses(findings)
    by_target = {"coco": _coco, "voc": _voc, "yolo": _yolo}
    found = counting.states() + by_target[to](counting, plan or Plan("detect"))
    return [one for one in (*read, *found) if one.count]


def read_losses(findings: Sequence[Finding]) -> list[Loss]:
    """What reading did not take from the source, or took on trust."""
    return [_of_finding(one) for one in findings if one.kind.partition(":")[0] in _LOSSES]


def _of_finding(finding: Finding) -> Loss:
    counts = [value for value in finding.evidence.values() if isinstance(value, int)]
    return Loss(finding.kind, counts[0] if counts else 1, finding.text)


class _Counting:
    """Counts objects of the layers that are written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, where: str) -> None:
        self.connection = connection
        self.where = where

    def count(self, condition: str, source: str = "object") -> int:
        """How many objects fulfil a condition."""
        rows = self.connection.execute(
            f"SELECT count(*) FROM {source} WHERE ({self.where}) AND ({condition})"
        ).fetchall()
        return int(rows[0][0])

    def states(self) -> list[Loss]:
        """Answers that no format of images can say, and rounds."""
        worked = (int(ItemState.EMPTY), int(ItemState.ANNOTATED))
        undone = self.count(f"state NOT IN {worked}", "annotation")
        return [
            Loss("state", undone, f"{undone:,} answers that say an item was skipped or not annotated."),
        ]

    def loss(self, kind: str, condition: str, text: str) -> Loss:
        """A loss of the objects that fulfil a condition; ``{}`` in the text stands for their number."""
        count = self.count(condition)
        return Loss(kind, count, text.format(f"{count:,}"))

    def kinds(self, kinds: Collection[str], text: str, *, written: str = "true") -> list[Loss]:
        """A loss for each kind of object; the text has places for the count and the name of the kind."""
        rows = self.connection.execute(
            f"SELECT kind, count(*) FROM object WHERE ({self.where}) AND ({written}) GROUP BY kind ORDER BY kind"
        ).fetchall()
        return [
            Loss(str(kind), int(count), text.format(f"{count:,}", _KINDS.get(str(kind), "boxes")))
            for kind, count in rows if kind in kinds
        ]  # fmt: skip

    def classes(self, *, keeps_list: bool) -> list[Loss]:
        """Numbers, parents and keypoints of classes, and classes that nobody used where there is no list of them."""
        rows = class_rows(self.connection)
        parents = sum(parent is not None for _, _, parent, _ in rows)
        losses = [Loss("class_parents", parents, f"the parents of {parents:,} classes.")]
        if not keeps_list:
            numbers = sum(number is not None for _, number, _, _ in rows)
            losses.append(Loss("class_numbers", numbers, f"the numbers of {numbers:,} classes."))
            used = {str(row[0]) for row in self.connection.execute(
                f"SELECT DISTINCT class FROM object WHERE ({self.where}) AND {IN_VOC}").fetchall()}  # fmt: skip
            unused = sum(name not in used for name, _, _, _ in rows)
            losses.append(Loss("unused_classes", unused, f"{unused:,} classes that no written object has."))
        return losses


def _coco(counting: _Counting, plan: Plan) -> list[Loss]:
    losses = counting.kinds({"polyline", "span"}, "{} {}: COCO has no place for them.")
    losses += counting.kinds({"rotated_box"}, "that {} {} are boxes: they become outlines of four points.")
    losses.append(
        counting.loss(
            "holes", "kind = 'polygon' AND contains(shape, '\"holes\":[[')", "the holes of {} outlines."
        )
    )
    losses.append(counting.loss("text", "text IS NOT NULL AND kind <> 'field'", "the texts of {} objects."))
    rows = class_rows(counting.connection)
    if numbers_of_classes(rows) is None and any(number is not None for _, number, _, _ in rows):
        losses.append(
            Loss("class_numbers", len(rows), f"the numbers of {len(rows):,} classes: they are numbered anew.")
        )
    return losses


def _voc(counting: _Counting, plan: Plan) -> list[Loss]:
    losses = counting.kinds({"span", "field"}, "{} {}: Pascal VOC has no place for them.")
    losses.append(counting.loss("crowd", "crowd", "{} crowd regions: Pascal VOC has no place for them."))
    losses += counting.kinds(
        {"rotated_box", "polygon", "polyline", "mask", "keypoints"}, "the shape of {} {}: boxes around them are left.",
        written=IN_VOC,
    )  # fmt: skip
    losses.append(
        counting.loss("confidence", "confidence IS NOT NULL AND NOT crowd", "the confidence of {} objects.")
    )
    losses.append(counting.loss("text", f"text IS NOT NULL AND {IN_VOC}", "the texts of {} objects."))
    losses += [*counting.classes(keeps_list=False), _voc_rounding(counting)]
    blank = counting.loss(
        "blanks",
        f"{_BLANK.format('class')} OR {_BLANK.format('item')}",
        "the blanks around the names of {} objects.",
    )
    return [*losses, blank]


def _voc_rounding(counting: _Counting) -> Loss:
    edges = ("x", "x + w", "y", "y + h")
    moved = "greatest(" + ", ".join(f"abs(floor({edge} + 0.5) - ({edge}))" for edge in edges) + ")"
    thin = "floor(x + w + 0.5) <= floor(x + 0.5) OR floor(y + h + 0.5) <= floor(y + 0.5)"
    rows = counting.connection.execute(
        f"SELECT count(*) FILTER (m > 0 OR thin), max(m), count(*) FILTER (thin) FROM (SELECT {moved} AS m, "
        f"({thin}) AS thin FROM object WHERE ({counting.where}) AND {IN_VOC})"
    ).fetchall()[0]
    count, most, widened = int(rows[0]), float(rows[1] or 0), int(rows[2])
    text = f"fractions of a pixel: the edges of {count:,} boxes move by at most {most:.3f} px."
    if widened:
        text += f" {widened:,} of these boxes are thinner than a pixel and become one pixel wide."
    return Loss("rounding", count, text)


def _yolo(counting: _Counting, plan: Plan) -> list[Loss]:
    losses = counting.kinds({"polyline", "span", "field"}, "{} {}: YOLO has no place for them.")
    losses.append(counting.loss("crowd", "crowd", "{} crowd regions: YOLO has no place for them."))
    losses += counting.kinds({"mask"}, "the shape of {} {}: the boxes around them are left.", written=WRITTEN)
    if plan.task != "pose":
        losses += counting.kinds(
            {"keypoints"}, "the points of {} {}: the boxes around them are left.", written=WRITTEN
        )
    elif counting.count(f"contains(shape, '\"outline\":') AND {WRITTEN}"):
        losses.append(
            counting.loss(
                "outline", "contains(shape, '\"outline\":')", "the outlines of {} sets of keypoints."
            )
        )
    if plan.task == "segment":
        losses += counting.kinds(
            {"rotated_box"}, "that {} {} are boxes: they become outlines of four points.", written=WRITTEN
        )
    losses.append(
        counting.loss(
            "parts",
            f"kind = 'polygon' AND contains(shape, '],[') AND {WRITTEN}",
            "all but the largest part of {} outlines of several parts.",
        )
    )
    losses.append(
        counting.loss(
            "holes", "kind = 'polygon' AND contains(shape, '\"holes\":[[')", "the holes of {} outlines."
        )
    )
    losses.append(
        counting.loss("attributes", f"attributes IS NOT NULL AND {WRITTEN}", "the attributes of {} objects.")
    )
    losses.append(
        counting.loss("confidence", f"confidence IS NOT NULL AND {WRITTEN}", "the confidence of {} objects.")
    )
    losses.append(counting.loss("text", f"text IS NOT NULL AND {WRITTEN}", "the texts of {} objects."))
    rows = class_rows(counting.connection)
    renumbered = sum(number is not None and number != str(at) for at, (_, number, _, _) in enumerate(rows))
    losses.append(
        Loss("class_numbers", renumbered, f"the numbers of {renumbered:,} classes: YOLO numbers them from 0.")
    )
    return [
        *losses,
        *counting.classes(keeps_list=True),
        _point_names(counting, plan),
        _yolo_rounding(counting),
    ]


def _point_names(counting: _Counting, plan: Plan) -> Loss:
    named = sum(points is not None for _, _, _, points in class_rows(counting.connection))
    lost = 0 if plan.point_names else named
    return Loss("point_names", lost, f"the names of the keypoints of {lost:,} classes.")


def _yolo_rounding(counting: _Counting) -> Loss:
    rows = counting.connection.execute(
        "SELECT count(*), max(greatest(coalesce(i.width, 1), coalesce(i.height, 1))) FROM object LEFT JOIN image AS i "
        f"USING (item) WHERE ({counting.where}) AND {WRITTEN}"
    ).fetchall()[0]
    count, largest = int(rows[0]), float(rows[1] or 0)
    text = (
        f"digits behind the sixth: the edges of {count:,} objects move by at most {largest * 0.75e-6:.6f} px."
    )
    return Loss("rounding", count, text)


def people_losses(connection: duckdb.DuckDBPyConnection, where: str) -> list[Loss]:
    """What one COCO file of several people does not say: who looked at an item and drew nothing, who has no name."""
    rows = connection.execute(
        f"SELECT count(*) FROM annotation WHERE ({where}) AND state = {ItemState.EMPTY:d}"
    ).fetchall()
    empty = int(rows[0][0])
    unnamed = connection.execute(
        f"SELECT count(*) FROM annotation WHERE ({where}) AND annotator = ?", [NOBODY]
    ).fetchall()
    nobody = int(unnamed[0][0])
    text = f"who looked at an item and drew nothing, {empty:,} times: a folder as target keeps a file for each person."
    return [
        one for one in (
            Loss("empty", empty, text),
            Loss("unnamed", nobody, f"that {nobody:,} answers are of nobody in particular."),
        ) if one.count
    ]  # fmt: skip
