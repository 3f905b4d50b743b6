"""The words of located labels on a report: kinds of errors, and what an object is called."""

from __future__ import annotations

_ERRORS = {
    "missed": "missed",
    "extra": "extra",
    "wrong_class": "wrong class",
    "loose": "loose",
    "wrong_value": "wrong value",
    "split": "split",
    "merged": "merged",
    "attribute": "attribute",
    "boundary": "boundary",
    "alone": "one only",
}
_MEANINGS = {
    "missed": "in gold, not delivered",
    "extra": "delivered, not in gold",
    "wrong_class": "the same place, another class",
    "loose": "the same class, too little overlap",
    "wrong_value": "the same field, another value",
    "split": "one object drawn in parts",
    "merged": "several objects drawn as one",
    "attribute": "the same object, another attribute",
    "boundary": "the same object, its edge elsewhere",
    "alone": "marked by one of two people",
}
_BETWEEN = {"missed": "one only", "extra": "one only", "wrong_class": "another class"}
_NOUNS = {
    "boxes": "box",
    "shapes": "shape",
    "masks": "mask",
    "keypoints": "object",
    "spans": "span",
    "fields": "field",
}


def error_word(kind: str, *, of_gold: bool = True) -> str:
    """A kind of error in words: wrong class. Between two people nobody is wrong, one stands alone."""
    if not of_gold and kind in _BETWEEN:
        return _BETWEEN[kind]
    return _ERRORS.get(kind, kind.replace("_", " "))


def error_meaning(kind: str) -> str:
    """What a kind of error is, against gold or between two people."""
    return _MEANINGS.get(kind, "")


def object_noun(kind: str) -> str:
    """What one object of a kind of located labels is called; the empty text for other labels."""
    return _NOUNS.get(kind, "")


def nouns(noun: str) -> str:
    """Several of them: boxes, spans."""
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"
