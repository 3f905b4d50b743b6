"""What writers of rows counted as lost, in words; and which of it means that an object is not in the target."""

from __future__ import annotations

from collections.abc import Mapping

from .losses import Loss

#: Objects that the target does not hold at all.
LEFT_OUT: Mapping[str, str] = {
    "no_spans": "{n} objects that are no spans of a text",
    "spans": "{n} spans of texts",
    "fields": "{n} captions and labels of whole images",
    "masks": "{n} masks",
    "polylines": "{n} lines",
    "keypoints": "{n} sets of keypoints",
    "image_size": "{n} objects on images of unknown size: places are written in percent of it",
    "overlapping_spans": "{n} spans that overlap one before them: one line of tags holds one of them",
    "discontinuous_spans": "{n} spans of several parts",
    "no_tokens": "{n} spans that cover no token, or reach out of their text",
}
#: What the target does not say of the objects and answers that it holds.
UNSAID: Mapping[str, str] = {
    "annotator": "whose answers these are: a folder as target keeps a delivery.yaml that says it",
    "layer": "which layer these answers belong to: a folder as target keeps a delivery.yaml that says it",
    "state": "{n} answers that say an item was skipped or not annotated",
    "model_names": "that {n} prelabels are of no model",
    "empty_texts": "{n} items whose text holds no token",
    "no_text": "that {n} items have no text",
    "rotated_boxes": "that {n} outlines are turned boxes",
    "parts": "that the parts of {n} outlines are one object: each becomes an object",
    "holes": "the holes of {n} outlines",
    "frames": "the boxes of {n} objects: they become those around their shapes",
    "outlines": "the outlines of {n} sets of keypoints",
    "visibility": "that {n} keypoints are hidden or not labelled",
    "unlabelled": "that {n} boxes are sets of keypoints of which nobody labelled one",
    "places": "where {n} keypoints lie that nobody labelled",
    "attributes": "the attributes of {n} objects",
    "empty_attributes": "{n} attributes without a value",
    "confidence": "the confidence of {n} objects",
    "texts": "the texts of {n} objects",
    "crowd": "that {n} objects are crowd regions",
    "blanks": "line breaks and runs of blanks in {n} texts: they become one blank, and offsets follow",
    "blanks_in_spans": "the blanks at the ends of {n} spans",
    "characters": "characters in {n} texts that XML cannot hold",
}  # fmt: skip


def losses_in_words(counts: Mapping[str, int]) -> list[Loss]:
    """One loss for each kind that was counted, the most harmful first."""
    words = {**LEFT_OUT, **UNSAID}
    return [
        Loss(kind, counts[kind], words[kind].replace("{n}", f"{counts[kind]:,}") + ".")
        for kind in words if counts.get(kind)
    ]  # fmt: skip


def left_out(counts: Mapping[str, int]) -> int:
    """How many objects are not in the target."""
    return sum(counts.get(kind, 0) for kind in LEFT_OUT)
