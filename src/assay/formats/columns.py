"""Which column of a table is the item, which the annotator, which the label: as declared, or by known words.

Detection never looks at more than the first row and names what it found; where two columns could play a part, or
none, the table is refused with the line that settles it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assay.annotation.errors import InputError
from assay.annotation.place import shown

#: Parts a column may play in a delivery; ``-`` in a list of columns means "not read".
DELIVERY_ROLES = ("item", "annotator", "label", "layer", "state", "round", "text", "link")
GOLD_ROLES = ("item", "label", "maker", "compartment")
MANIFEST_ROLES = ("item", "stratum", "inclusion_probability", "assigned_to", "text", "link")

_NOUNS = (
    "task", "unit", "question", "sentence", "document", "doc", "example", "sample", "instance", "object", "image",
    "clip", "audio", "tweet", "post", "content", "text", "file",
)  # fmt: skip
_PEOPLE = (
    "worker", "performer", "user", "labeler", "labeller", "rater", "coder", "judge", "contributor", "reviewer",
)  # fmt: skip
_ITEM = (
    ("item", "item_id"),
    (*(f"{noun}_id" for noun in _NOUNS), "orig_id"),
    (*(noun for noun in _NOUNS if noun != "text"), "filename", "file_name", "url", "id"),
)
_ANNOTATOR = (
    ("annotator", "annotator_id"),
    (
        *_PEOPLE, *(f"{noun}_id" for noun in _PEOPLE), "username", "user_name", "completed_by", "created_by",
        "labeled_by", "labelled_by", "annotated_by",
    ),
)  # fmt: skip
_LABEL = (
    ("label",),
    (
        "response", "answer", "class", "category", "choice", "judgment", "judgement", "vote", "rating", "score",
        "worker_answer", "workeranswer", "transcription", "transcript", "translation", "annotation",
    ),
    ("value", "result", "output"),
)  # fmt: skip
_TRUTH = (
    "gold", "truth", "true", "gold_label", "true_label", "ground_truth", "true_answer", "trueanswer", "reference",
    "correct", "correct_answer",
)  # fmt: skip

_DELIVERY_WORDS: Mapping[str, Sequence[Sequence[str]]] = {
    "item": _ITEM,
    "annotator": _ANNOTATOR,
    "label": _LABEL,
    "layer": (("layer",),),
    "state": (("annotation_state",),),
    "round": (("round",),),
    "text": (("text",),),
    "link": (("link",),),
}
_GOLD_WORDS: Mapping[str, Sequence[Sequence[str]]] = {
    "item": _ITEM,
    "label": (_TRUTH, *_LABEL),
    "maker": (("maker",), ("expert",)),
    "compartment": (("compartment",),),
}
_MANIFEST_WORDS: Mapping[str, Sequence[Sequence[str]]] = {
    "item": _ITEM,
    **{role: ((role,),) for role in MANIFEST_ROLES[1:]},
}
WORDS = {"delivery": _DELIVERY_WORDS, "gold": _GOLD_WORDS, "manifest": _MANIFEST_WORDS}
_DECLARED_IN = {"delivery": "delivery.yaml", "gold": "gold.yaml", "manifest": "`items:` of delivery.yaml"}
_DECISIVE = ("item", "annotator", "label", "maker")
_TOLOKA = {"input": "item", "output": "label"}


@dataclass(frozen=True)
class ColumnPlan:
    """Role → 0-based position, whether the first row is a header, and whether anyone declared it."""

    roles: Mapping[str, int]
    header: bool
    declared: bool

    def position(self, role: str) -> int | None:
        """The position of the column that plays a part, None if no column does."""
        return self.roles.get(role)


def word_of(name: str) -> str:
    """The header as a bare word, singular and without the prefixes of common exports.

    >>> [word_of(n) for n in ("!amt_worker_ids", "ASSIGNMENT:worker_id", "taskId", "Item ID", "completed by", "Class")]
    ['worker_id', 'worker_id', 'task_id', 'item_id', 'completed_by', 'class']
    """
    text = unicodedata.normalize("NFKC", name).strip()
    text = re.sub(r"^(INPUT|OUTPUT|ASSIGNMENT|GOLDEN):", "", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text).casefold()
    text = re.sub(r"[^\w]+", "_", text).strip("_").removeprefix("amt_")
    return re.sub(r"(?<=[^s])s$", "", text)


def plan_columns(
    first_row: Sequence[str],
    *,
    subject: str,
    declared: Mapping[str, str | int] | None,
    header: bool | None,
    required: Iterable[str],
    file: str,
) -> ColumnPlan:
    """Decide which column plays which part in a table of ``subject`` (``delivery``, ``gold`` or ``manifest``).

    ``declared`` maps a role to a name or a 1-based position. Raises :class:`InputError` with the names found and the
    ``columns:`` line to write when a required part has no column or more than one.
    """
    words = WORDS[subject]
    if declared is not None:
        return _declared(first_row, declared, header, words, tuple(required), file)
    if header is False:
        raise _refusal("the columns of a table without a header must be declared", first_row, subject, file)
    return _detected(first_row, subject, tuple(required), file)


def suggestion(first_row: Sequence[str], words: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """The ``columns:`` line to start from: known headers in their place, the missing parts where there is room.

    >>> suggestion(["w1", "url7", "G", "1"], WORDS["delivery"])
    'columns: [annotator, item, label, -]'
    >>> suggestion(["task", "who", "verdict"], WORDS["delivery"])
    'columns: [item, annotator, label]'
    """
    places: dict[int, str] = {}
    for role, tiers in words.items():
        matches = _matches(first_row, tiers)
        if len(matches) == 1 and matches[0] not in places:
            places[matches[0]] = role
    parts = (
        ("annotator", "item", "label") if "annotator" in words and len(first_row) > 2 else ("item", "label")
    )
    missing = [role for role in parts if role in words and role not in places.values()]
    for at in range(len(first_row)):
        if at not in places and missing:
            places[at] = missing.pop(0)
    return f"columns: [{', '.join(places.get(at, '-') for at in range(min(len(first_row), 12)))}]"


def _declared(
    first_row: Sequence[str],
    declared: Mapping[str, str | int],
    header: bool | None,
    words: Mapping[str, Sequence[Sequence[str]]],
    required: tuple[str, ...],
    file: str,
) -> ColumnPlan:
    unknown = sorted(set(declared) - set(words))
    if unknown:
        raise InputError(
            "a column is declared for a part that does not exist",
            file=file, place="columns", found=", ".join(unknown), expected=", ".join(words),
        )  # fmt: skip
    missing = [role for role in required if role not in declared]
    if missing:
        raise InputError(
            f"no column is declared for: {', '.join(missing)}",
            file=file, place="columns", found=", ".join(declared), expected=", ".join(required),
        )  # fmt: skip
    roles = {role: _locate(first_row, role, column, header, file) for role, column in declared.items()}
    by_name = any(isinstance(column, str) and column in first_row for column in declared.values())
    if header is None:
        header = by_name or all(
            any(word_of(first_row[at]) in tier for tier in words[role]) for role, at in roles.items()
        )
    return ColumnPlan(roles, header, True)


def _locate(first_row: Sequence[str], role: str, column: str | int, header: bool | None, file: str) -> int:
    if isinstance(column, str) and header is not False:
        found = [at for at, name in enumerate(first_row) if name == column]
        if len(found) > 1:
            raise InputError(
                f"the column declared for {role} occurs {len(found)} times in the header",
                file=file, place="line 1", found=shown(column), expected="a name that occurs once, or a position",
            )  # fmt: skip
        if found:
            return found[0]
    if isinstance(column, str) and not re.fullmatch("[1-9][0-9]{0,3}", column):
        raise InputError(
            f"there is no column for {role} with the declared name",
            file=file, place="line 1", found=_listed(first_row), expected=f"a column {shown(column)}",
        )  # fmt: skip
    position = int(column)
    if not 1 <= position <= len(first_row):
        raise InputError(
            f"the position declared for {role} is outside the table",
            file=file, place="line 1", found=f"{len(first_row)} columns: {_listed(first_row)}",
            expected=f"at least {position} columns",
        )  # fmt: skip
    return position - 1


def _detected(first_row: Sequence[str], subject: str, required: tuple[str, ...], file: str) -> ColumnPlan:
    words = WORDS[subject]
    roles: dict[str, int] = {}
    toloka = _toloka(first_row)
    for role, tiers in words.items():
        matches = [toloka[role]] if role in toloka else _matches(first_row, tiers)
        if len(matches) > 1 and role in _DECISIVE:
            names = _listed([first_row[at] for at in matches])
            raise _refusal(f"more than one column could be the {role}: {names}", first_row, subject, file)
        if len(matches) == 1 and matches[0] not in roles.values():
            roles[role] = matches[0]
    missing = [role for role in required if role not in roles]
    if missing:
        raise _refusal(f"no column is known to be the {' or the '.join(missing)}", first_row, subject, file)
    return ColumnPlan(roles, True, False)


def _toloka(first_row: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for prefix, role in _TOLOKA.items():
        columns = [at for at, name in enumerate(first_row) if name.casefold().startswith(f"{prefix}:")]
        if len(columns) == 1:
            found[role] = columns[0]
    return found if len(found) == len(_TOLOKA) else {}


def _matches(first_row: Sequence[str], tiers: Sequence[Sequence[str]]) -> list[int]:
    found = [word_of(name) for name in first_row]
    for tier in tiers:
        matches = [at for at, word in enumerate(found) if word in tier]
        if matches:
            return matches
    return []


def _refusal(message: str, first_row: Sequence[str], subject: str, file: str) -> InputError:
    line = suggestion(first_row, WORDS[subject])
    return InputError(
        message,
        file=file,
        place="line 1",
        found=_listed(first_row),
        expected=f"known headers, or in {_DECLARED_IN[subject]} the columns in their order, such as `{line}`",
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names[:12]) + (", …" if len(names) > 12 else "")
