"""What entries have to say together: parents that came before and are of the right kind, nothing counted twice."""

from __future__ import annotations

from collections import Counter

from .entries import Entry
from .kinds import KINDS
from .problem import Problem

_NAMES = list(KINDS)
_NUMBERS = {name: number for number, name in enumerate(_NAMES)}


class History:
    """The entries of a ledger, or some of them, in their order.

    ``is_complete``: all entries from the first are here, so a parent that is not is wrong; else it is a gap.
    """

    def __init__(self, *, is_complete: bool) -> None:
        self._is_complete = is_complete
        self._known: dict[bytes, int] = {}  # leaf hash → index * kinds + kind: a million entries stay small
        self._ids: set[int] = set()
        self._latest: dict[tuple[str, ...], str] = {}
        self._verdicts: dict[str, str] = {}  # leaf hash → outcome
        self.kinds: Counter[str] = Counter()
        self.gaps: Counter[str] = Counter()

    def find(self, leaf: str) -> tuple[int, str] | None:
        """Index and kind of an entry by its leaf hash."""
        packed = self._known.get(bytes.fromhex(leaf))
        return None if packed is None else (packed // len(_NAMES), _NAMES[packed % len(_NAMES)])

    def check(self, entry: Entry) -> list[Problem]:
        """What is wrong with the next entry, seen from those before it; nothing is added."""
        kind = KINDS[entry.kind]
        wrong = []
        if int(entry.id.replace("-", ""), 16) in self._ids:
            wrong.append(Problem("id", "an entry of this id is there already", entry.id, "each id once"))
        for role, leaf in entry.named():
            allowed = kind.parents.get(role) or kind.may[role]
            found = self.find(leaf)
            if found is None:
                if self._is_complete:
                    wrong.append(
                        Problem(
                            f"parents.{role}", "no earlier entry has this hash", leaf, " or ".join(allowed)
                        )
                    )
            elif found[1] not in allowed:
                wrong.append(
                    Problem(
                        f"parents.{role}",
                        "the entry named is of another kind",
                        found[1],
                        " or ".join(allowed),
                    )
                )
        return wrong + self._repeated(entry) + self._misjudged(entry)

    def add(self, index: int, entry: Entry) -> None:
        """Take up an entry."""
        for role, leaf in entry.named():
            if self.find(leaf) is None:
                self.gaps[f"{entry.kind} → {role}"] += 1
        self._known[bytes.fromhex(entry.hash)] = index * len(_NAMES) + _NUMBERS[entry.kind]
        self._ids.add(int(entry.id.replace("-", ""), 16))
        self.kinds[entry.kind] += 1
        if entry.kind == "verdict":
            self._verdicts[entry.hash] = str(entry.facts["outcome"])
        if (key := _once(entry)) is not None:
            self._latest[key] = entry.hash

    def _repeated(self, entry: Entry) -> list[Problem]:
        """An entry about what an earlier one settled has to name that one: nothing is counted or decided twice."""
        key = _once(entry)
        latest = self._latest.get(key) if key is not None else None
        if latest is None or entry.parent("before") == latest:
            return []
        index = (self.find(latest) or (0, ""))[0]
        message = f"entry {index} settled this already"
        return [Problem("parents.before", message, entry.parent("before") or "nothing", latest)]

    def _misjudged(self, entry: Entry) -> list[Problem]:
        """A decision that confirms repeats the verdict, a concession accepts, and a departure gives its reason."""
        if entry.kind != "decision":
            return []
        decision, outcome = str(entry.facts["decision"]), str(entry.facts["outcome"])
        verdict = self._verdicts.get(entry.parent("verdict") or "", outcome)
        expected = {"confirm": verdict, "concession": "accept"}.get(decision, outcome)
        wrong = []
        if outcome != expected:
            message = f"a {decision} cannot have this outcome"
            wrong.append(Problem("facts.outcome", message, outcome, expected))
        if decision != "confirm" and "reason" not in entry.facts:
            message = f"{decision} without a reason"
            wrong.append(Problem("facts.reason", message, "nothing", "a commitment to the reason"))
        return wrong


def _once(entry: Entry) -> tuple[str, ...] | None:
    names = KINDS[entry.kind].once
    if not names:
        return None
    values = [
        str(entry.parents.get(name.removeprefix("parents."))) if name.startswith("parents.")
        else str(entry.facts[name])
        for name in names
    ]  # fmt: skip
    return (entry.kind, *values)
