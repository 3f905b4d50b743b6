"""Names of people stay with their organisation: reports say ``annotator-01``, a file of its own says who that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.annotation.errors import InputError
from assay.annotation.place import shown

from .annotation_table import NOBODY
from .small_table import read_small_table, write_small_table

HEADER = ("pseudonym", "annotator")
_OURS = re.compile(r"annotator-([0-9]{1,9})")


def assign_pseudonyms(annotators: Sequence[str], mapping: Path | None) -> dict[str, str]:
    """What :func:`propose_pseudonyms` proposes, kept in the ``mapping``."""
    names = propose_pseudonyms(annotators, mapping)
    keep_pseudonyms(names, mapping)
    return names


def propose_pseudonyms(annotators: Sequence[str], mapping: Path | None) -> dict[str, str]:
    """Annotator → pseudonym for everyone named, in the order given; models and the unnamed keep what they are.

    With a ``mapping`` (CSV ``pseudonym,annotator``) known people keep their pseudonym and new ones follow; nothing is
    written. Without one, the numbers follow the order of ``annotators``: give them by number of labels and then by id,
    and the same delivery always gets the same ones.

    >>> propose_pseudonyms(["w7", "w3", "model:v2"], None)
    {'w7': 'annotator-01', 'w3': 'annotator-02', 'model:v2': 'model:v2'}
    """
    known = read_pseudonyms(mapping) if mapping is not None and mapping.exists() else {}
    people = [name for name in dict.fromkeys(annotators) if _is_person(name)]
    taken = set(known.values())
    number = max((int(found[1]) for found in map(_OURS.fullmatch, taken) if found), default=0)
    assigned = dict(known)
    for name in people:
        if name not in assigned:
            number += 1
            assigned[name] = f"annotator-{number:02d}"
    return {name: assigned.get(name, name) for name in dict.fromkeys(annotators)}


def keep_pseudonyms(names: Mapping[str, str], mapping: Path | None) -> None:
    """Append the people of ``names`` whom the mapping does not know; the file is written whole, if it changes."""
    if mapping is None:
        return
    known = read_pseudonyms(mapping) if mapping.exists() else {}
    kept = known | {name: code for name, code in names.items() if _is_person(name)}
    if kept != known:
        rows = sorted(((code, name) for name, code in kept.items()), key=_by_number)
        write_small_table(mapping, HEADER, rows, private=True)


def read_pseudonyms(mapping: Path) -> dict[str, str]:
    """Annotator → pseudonym as a mapping file says. Raises :class:`InputError` when one of either stands twice."""
    found: dict[str, str] = {}
    for line, (code, name) in read_small_table(mapping, HEADER):
        if not code or not name or name in found or code in found.values():
            raise InputError(
                "a pseudonym or an annotator is empty or stands twice", file=str(mapping), place=f"line {line}",
                found=f"{shown(code)} for {shown(name)}", expected="one pseudonym for each annotator",
            )  # fmt: skip
        found[name] = code
    return found


def _is_person(name: str) -> bool:
    return name != NOBODY and not name.startswith("model:")


def _by_number(row: tuple[str, str]) -> tuple[int, str]:
    ours = _OURS.fullmatch(row[0])
    return (int(ours[1]) if ours else 0, row[0])
