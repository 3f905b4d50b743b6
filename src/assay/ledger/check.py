"""Checking a bundle from end to end: every byte of it is bound to the root that the ledger signed, or it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .bundle import MARK
from .check_files import FILE, OPENING, ROWS, check_files, check_rows
from .check_heads import check_earlier, check_held, check_signatures, check_trust, read_checkpoint, read_keys
from .checkpoint import Checkpoint
from .container import Container, opened, read_all
from .entries import MOST_BYTES, read_entry
from .history import History
from .kinds import KINDS
from .leaves import Rebuilt, read_leaves, read_subtrees
from .note import NoteKey
from .outcome import MOST_STEPS, Outcome, Step
from .problem import LedgerError, Problem
from .tree import leaf_hash

_PARTS = ("bundle.json", "checkpoint", "entries", "keys", "tree")
_DECIDING = frozenset({"delivery", "verdict", "decision"})
_SINGLE_LABELS = frozenset({"annotation", "review", "adjudication"})


def check_bundle(
    path: Path, *, keys: Sequence[NoteKey | bytes] = (), held: Checkpoint | None = None
) -> Outcome:
    """Check a bundle; ``keys`` are public keys that the reader trusts, ``held`` a checkpoint that the reader kept.

    Raises :class:`LedgerError` only for what is no bundle at all; whatever is wrong inside is in the outcome.
    """
    outcome = Outcome(str(path))
    with opened(path) as container:
        _check_parts(outcome, container)
        for problem in container.damaged():
            outcome.wrong(problem, "")
        try:
            known = read_keys(container)
        except LedgerError as error:
            outcome.wrong(error, "keys")
            known = []
        try:
            head = read_checkpoint(container, "checkpoint")
        except LedgerError as error:
            outcome.wrong(error, "checkpoint")
            return outcome
        outcome.origin, outcome.size = head.origin, head.size
        fitting = check_signatures(outcome, head, known, "checkpoint")
        check_trust(outcome, head, fitting, keys)
        continued, earlier_signers = check_earlier(outcome, container, head, known)
        for key in known:
            if key not in fitting | earlier_signers:
                outcome.wrong(Problem("keys", "a key that signed nothing here", key.name), "")
        pass_over = _Pass(outcome, container, head, held)
        pass_over.run()
        if held is not None and pass_over.ended:
            check_held(outcome, head, held, pass_over.roots, continued)
        if pass_over.ended:
            check_files(outcome, container, outcome.kept)
            check_rows(outcome, container, outcome.kept)
    _tell_limits(outcome)
    return outcome


def _check_parts(outcome: Outcome, container: Container) -> None:
    """The files that have to be there are, and no others that nothing would check."""
    names = set(container.names())
    missing = [name for name in _PARTS if name not in names]
    if missing:
        raise LedgerError(
            "this is no bundle", found=f"without {', '.join(missing)}", expected=", ".join(_PARTS)
        )
    if (mark := read_all(container, "bundle.json", 1024)) != MARK:
        raise LedgerError(
            "this is no bundle of this version",
            place="bundle.json",
            found=repr(mark[:60]),
            expected=repr(MARK),
        )
    for name in sorted(names - set(_PARTS)):
        if not _belongs(name, names):
            outcome.wrong(Problem(name, "a file that belongs to nothing in the bundle"), "")


def _belongs(name: str, names: set[str]) -> bool:
    stem = name.rpartition(".")[0]
    if name.startswith("earlier/"):
        return f"{stem}.checkpoint" in names and name in (f"{stem}.checkpoint", f"{stem}.proof")
    if name.startswith("rows/"):
        return ROWS.fullmatch(name) is not None and f"{stem}.leaves" in names
    if name.endswith(".salt"):
        role = stem.rpartition("/")[2]
        return stem in names and any(role in kind.opened for kind in KINDS.values())
    return FILE.fullmatch(name) is not None


class _Pass:
    """One pass over the entries: their bytes, their place in the tree, what they say, what they say together."""

    def __init__(
        self, outcome: Outcome, container: Container, head: Checkpoint, held: Checkpoint | None
    ) -> None:
        self._outcome, self._container, self._head = outcome, container, head
        self._wanted = {
            int(found[1])
            for name in container.names()
            if (found := FILE.fullmatch(name) or ROWS.fullmatch(name))
        }
        self._watched = {held.size} if held is not None else set()
        self._history = History(is_complete=container.size("tree") == 0)
        self._last, self._back = "", 0
        self.roots: dict[int, bytes] = {}
        self.ended = False

    def run(self) -> None:
        """Read all entries; what is wrong goes into the outcome, with the entry it is wrong with."""
        outcome, head = self._outcome, self._head
        with self._container.open("entries") as leaves, self._container.open("tree") as tree:
            rebuilt = Rebuilt(read_subtrees(tree), head.size, self._watched)
            try:
                for index, data, stated in read_leaves(leaves, MOST_BYTES):
                    self._take(index, data, stated)
                    try:
                        rebuilt.leaf(index, stated)
                    except LedgerError as error:
                        outcome.wrong(error, f"tree, before entry {index}")
                        return
                root = rebuilt.root()
            except LedgerError as error:
                outcome.wrong(error, "entries" if error.place and "record" in error.place else "tree")
                return
        self.roots, self.ended = rebuilt.roots, True
        if root != head.root:
            message = "the entries are not those that the ledger signed"
            place = "entries and tree"
            outcome.wrong(Problem(place, message, f"root {root.hex()}", f"root {head.root.hex()}"), "")
        elif not outcome.problems:
            self._tell()

    def _take(self, index: int, data: bytes, stated: bytes) -> None:
        outcome = self._outcome
        outcome.entries += 1
        place = f"entry {index}"
        if (found := leaf_hash(data)) != stated:
            outcome.wrong(Problem(place, "the entry was changed", found.hex(), stated.hex()), "")
            return
        try:
            entry = read_entry(data)
        except LedgerError as error:
            outcome.wrong(error, place)
            return
        self._back += entry.at < self._last
        self._last = entry.at
        for problem in self._history.check(entry):
            outcome.wrong(problem, place)
        self._history.add(index, entry)
        if index in self._wanted or entry.kind in _DECIDING:
            outcome.kept[index] = entry
        if entry.kind not in _SINGLE_LABELS and len(outcome.steps) < MOST_STEPS:
            outcome.steps.append(Step(index, entry.at, entry.by, entry.kind, entry.says))

    def _tell(self) -> None:
        outcome = self._outcome
        counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self._history.kinds.items()))
        outcome.proven.append(
            f"{outcome.entries:,} of {outcome.size:,} entries are here, bytes and places as they were signed: "
            f"{counts or 'none'}."
        )
        outcome.proven.append(
            "Each entry names what it rests on, nothing was settled twice, and no id is used twice."
        )
        if self._back:
            outcome.not_proven.append(
                f"When things happened, more than usual: {self._back:,} times an entry is older than the one before it."
            )
        for gap, count in sorted(self._history.gaps.items()):
            said = f"{count:,} entries are" if count != 1 else "one entry is"
            outcome.not_proven.append(f"What {said} about ({gap}): named, and not in the bundle.")


def _tell_limits(outcome: Outcome) -> None:
    if not outcome.is_complete:
        outcome.not_proven.append(
            f"That nothing was left out: the bundle shows {outcome.entries:,} of {outcome.size:,} entries."
        )
    if any(step.kind == "opened" for step in outcome.steps):
        outcome.not_proven.append(
            f"That an opened answer is right; only that it was fixed before ({OPENING})."
        )
    outcome.not_proven += [
        "Who the people behind the pseudonyms are, and that what they entered is true.",
        "That the times are right: they are the clock of whoever keeps the ledger; only the order is fixed.",
        "That figures follow from the files: judge the files again with `assay judge`, or check counts.json.",
    ]
