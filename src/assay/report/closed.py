"""Which classes, people and slices a vendor may not see: those of little gold, and those that would give them away.

Counts of a whole and of all its parts but one give the part that is missing. So beside every group that rests on
fewer than five gold items the next smallest are closed too, until what is hidden holds at least five together
(complementary suppression, as statistical offices apply it to tables: Cox 1980).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from .fields import Node, child, count, sequence

MINIMUM_GOLD_ITEMS = 5

Sizes = Mapping[str, int]
#: Located labels count gold in items here, because an item holds many objects.
_IN_ITEMS = "gold_items"


@dataclass(frozen=True)
class Closed:
    """Subjects whose figures against gold stay hidden. ``least`` is how many labels hold at least five gold items."""

    classes: frozenset[str]
    annotators: frozenset[str]
    slices: frozenset[tuple[str, str]]
    least: int

    def has(self, kind: str, name: str, attribute: str = "") -> bool:
        """Whether a subject is closed; a slice without its attribute is, when any attribute's is."""
        if kind == "class":
            return name in self.classes
        if kind == "annotator":
            return name in self.annotators
        if kind == "slice" and not attribute:
            return any(value == name for _, value in self.slices)
        return kind == "slice" and (attribute, name) in self.slices


def closed_groups(sizes: Sizes, *, total: int, least: int, before: Collection[str] = ()) -> frozenset[str]:
    """The groups of a partition to hide, so that nothing under ``least`` follows from ``total`` and what is shown.

    ``before`` are hidden already. What the total holds beyond the groups counts as hidden.

    >>> sorted(closed_groups({"day": 60, "dusk": 12, "night": 3}, total=75, least=5))
    ['dusk', 'night']
    """
    shown = {name: size for name, size in sizes.items() if size >= least and name not in before}
    total = max(total, sum(sizes.values()))
    for name in sorted(shown, key=lambda each: (shown[each], each)):
        if not 0 < total - sum(shown.values()) < least:
            break
        del shown[name]
    return frozenset(sizes) - frozenset(shown)


def closed_classes(margins: Sequence[Sizes], *, least: int, of: int | None = None) -> frozenset[str]:
    """The classes to hide, by several margins at once: gold items of a class, and gold items delivered as it.

    A class that was delivered for no gold item can be shown: nothing is in that group. ``of`` is the number of items
    where classes do not exclude each other: there the items without a class are a group as well, and what is hidden
    together rests on no more items than its largest class for certain.
    """
    gold, *others = margins
    closed = {name for name, size in gold.items() if size < least}
    closed |= {name for margin in others for name, size in margin.items() if 0 < size < least}
    if of is not None:
        closed |= {name for margin in margins for name, size in margin.items() if 0 < of - size < least}
    while True:
        found = set(closed)
        for margin in margins:
            filled = {name: size for name, size in margin.items() if size}
            if of is None:
                found |= closed_groups(filled, total=0, least=least, before=found)
            else:
                found |= _beside_small(filled, found, least)
        if found == closed:
            return frozenset(closed)
        closed = found


def _beside_small(sizes: Sizes, closed: Collection[str], least: int) -> set[str]:
    """The smallest class shown, where all that are hidden of classes that overlap are small; else nothing."""
    hidden = [size for name, size in sizes.items() if name in closed]
    shown = [name for name in sizes if name not in closed]
    if not hidden or max(hidden) >= least or not shown:
        return set()
    return {min(shown, key=lambda name: (sizes[name], name))}


def closed_subjects(document: Node) -> Closed:
    """What a report hides from a vendor."""
    gold = child(document, "gold")
    overall = child(gold, "overall")
    labels = _support(overall)
    least = MINIMUM_GOLD_ITEMS * _labels_per_item(document, labels)
    by_slice, by_annotator = child(gold, "by_slice"), child(gold, "by_annotator")
    slices: set[tuple[str, str]] = set()
    for attribute in by_slice:
        closed = closed_groups(_supports(child(by_slice, attribute)), total=labels, least=least)
        slices |= {(attribute, value) for value in closed}
    return Closed(
        _classes(document, gold, least),
        closed_groups(_supports(by_annotator), total=0, least=MINIMUM_GOLD_ITEMS),
        frozenset(slices),
        least,
    )


def _labels_per_item(document: Node, labels: int) -> int:
    """The most labels that one gold item can have among those scored: one, unless each vote is judged by itself."""
    if _IN_ITEMS in child(document, "gold", "overall"):
        return 1
    items = count(child(document, "gold"), "scored") or 0
    if labels <= items or items == 0:
        return 1
    votes = count(child(document, "batch", "votes_per_item"), "max")
    return min(labels - items + 1, votes or labels)


def _classes(document: Node, gold: Node, least: int) -> frozenset[str]:
    by_class, confusion = child(gold, "by_class"), child(gold, "confusion")
    if _IN_ITEMS in child(gold, "overall"):
        return closed_classes([_supports(by_class)], least=least, of=_support(child(gold, "overall")))
    delivered = {name: count(child(by_class, name, "precision"), "labels") or 0 for name in by_class}
    tags = child(document, "batch").get("kind") == "multi"
    of = count(child(gold, "overall"), "support") if tags else None
    closed = closed_classes([_supports(by_class), delivered], least=least, of=of)
    rows = confusion_sizes(confusion)
    if not rows:
        return closed
    classes = [str(each) for each in sequence(confusion, "classes")]
    margins = [dict(zip(classes, sizes, strict=True)) for sizes in rows]
    return closed | closed_classes(margins, least=least)


def confusion_sizes(confusion: Node) -> tuple[list[int], list[int]] | None:
    """Gold items of each class and gold items delivered as each, or None where there is no square matrix."""
    classes = sequence(confusion, "classes")
    matrix = [whole_numbers(row) for row in sequence(confusion, "matrix")]
    if not classes or [len(row) for row in matrix] != [len(classes)] * len(classes):
        return None
    ends = [whole_numbers(confusion.get(key)) or [0] * len(classes) for key in ("undelivered", "undecided")]
    gold = [sum(row) + sum(end[at] for end in ends) for at, row in enumerate(matrix)]
    return gold, [sum(column) for column in zip(*matrix, strict=True)]


def whole_numbers(found: object) -> list[int]:
    """A list of whole numbers; anything else in it reads as zero."""
    if not isinstance(found, (list, tuple)):
        return []
    return [cell if isinstance(cell, int) else 0 for cell in found]


def _supports(subjects: Node) -> dict[str, int]:
    return {name: _support(child(subjects, name)) for name in subjects}


def _support(subject: Node) -> int:
    """Gold items of a subject; of labels of whole items every gold label is one."""
    return count(subject, _IN_ITEMS if _IN_ITEMS in subject else "support") or 0
