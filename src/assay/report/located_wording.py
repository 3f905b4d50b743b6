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
}
_MEANINGS = {
    "missed": "in gold, not delivered",
    "extra": "delivered, not in gold",
    "wrong_class": "the right place, another class",
    "loose": "the right class, too little overlap",
    "wrong_value": "the right field, another value",
    "split": "one object drawn in parts",
    "merged": "several objects drawn as one",
    "attribute": "the right object, another attribute",
    "boundary": "the right object, its edge elsewhere",
}
_BETWEEN = {"missed": "only the first person has it", "extra": "only the second person has it"}
_NOUNS = {
    "boxes": "box",
    "shapes": "shape",
    "masks": "mask",
    "keypoints": "object",
    "spans": "span",
    "fields": "field",
}


def error_word(kind: str, *, of_gold: bool = True) -> str:
    """A kind of error in words: wrong class. Between two people nobody missed anything, one stands alone."""
    if not of_gold and kind in _BETWEEN:
        return "one only"
    return _ERRORS.get(kind, kind.replace("_", " "))


def error_meaning(kind: str, *, between: bool = False) -> str:
    """What a kind of error is, against gold or between two people."""
    return (_BETWEEN.get(kind) if between else None) or _MEANINGS.get(kind, "")


def object_noun(kind: str) -> str:
    """What one object of a kind of located labels is called; the empty text for other labels."""
    return _NOUNS.get(kind, "")


def nouns(noun: str) -> str:
    """Several of them: boxes, spans."""
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"
