"""What a simulated programme is like: its schema, its people, what is planted in it and how it is delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal, get_args

Kind = Literal["choice", "multi", "rating", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Rule = Literal["votes", "drawn"]
Share = float | Mapping[str, float]
Matrix = tuple[tuple[float, ...], ...]

TOPICS = ("delivery", "refund", "billing", "account", "damaged", "fraud")
TOPIC_SHARES = (0.32, 0.22, 0.17, 0.13, 0.10, 0.06)
MOST_TAGS = 62


def check_share(name: str, value: float) -> None:
    """Raises ValueError unless the value lies between 0 and 1."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is a share between 0 and 1, not {value}")


@dataclass(frozen=True)
class Annotator:
    """One person. ``accuracy`` is the share of the own votes that are right before anything below is planted.

    ``by_class`` replaces it for items of a class. ``noise`` is the share of votes given without looking: drawn evenly
    over the answers, or ``always`` the same one. ``copies`` names a person, or ``gold``, whose answer is taken over in
    a share ``copied`` of the items where there is one. ``drift`` is the change of accuracy from the first to the last
    item. ``mixes_up`` are two classes: nearly all errors on the first call it the second.
    """

    id: str
    accuracy: float | None = None
    by_class: Mapping[str, float] = field(default_factory=dict)
    noise: float = 0.0
    always: str | None = None
    copies: str | None = None
    copied: float = 1.0
    drift: float = 0.0
    mixes_up: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        for name in ("noise", "copied"):
            check_share(f"{name} of {self.id}", getattr(self, name))
        if self.accuracy is not None:
            check_share(f"accuracy of {self.id}", self.accuracy)


@dataclass(frozen=True)
class Slice:
    """An attribute of items with its values and their shares (even where none are given)."""

    name: str
    values: tuple[str, ...]
    shares: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.shares is not None and len(self.shares) != len(self.values):
            raise ValueError(f"slice {self.name} has {len(self.values)} values and {len(self.shares)} shares")


@dataclass(frozen=True)
class HardSlice:
    """Items with this attribute value on which everyone errs ``factor`` times as often."""

    attribute: str
    value: str
    factor: float = 3.0


@dataclass(frozen=True)
class GuidelineGap:
    """A case the guideline does not settle: on items of the first class within the slice, the people of one camp
    answer the second class in a share ``share`` of the items. ``camp`` is the share of people who read it that way."""

    classes: tuple[str, str]
    attribute: str | None = None
    value: str | None = None
    share: float = 0.7
    camp: float = 0.5

    def __post_init__(self) -> None:
        check_share("share of a guideline gap", self.share)
        check_share("camp of a guideline gap", self.camp)


@dataclass(frozen=True)
class Reviewer:
    """Reviews a share of the items and corrects a share ``finds`` of the errors met: 0 is a rubber stamp."""

    id: str = "reviewer-01"
    share: float = 0.2
    finds: float = 0.8

    def __post_init__(self) -> None:
        check_share("share of a reviewer", self.share)
        check_share("finds of a reviewer", self.finds)


@dataclass(frozen=True)
class Final:
    """The label that is paid for. ``votes``: none is delivered, it follows from the votes. ``drawn``: a final layer is
    delivered that is right with the given accuracy (per class; WER is one minus it for texts), whatever the votes are.
    ``confusion`` gives the whole matrix instead, rows are the true class."""

    rule: Rule = "votes"
    accuracy: Share = 0.97
    confusion: Matrix | None = None
    annotator: str = "lead-01"


@dataclass(frozen=True)
class Gold:
    """The gold panel: ``per_class`` items of each class (all there are, if fewer), filled up at random to ``items``.

    ``error`` is the share of gold answers that are wrong. With ``makers``, the file also holds their own answers, each
    right with ``maker_accuracy``.
    """

    items: int = 0
    per_class: int | Mapping[str, int] = 0
    error: float = 0.0
    makers: int = 0
    maker_accuracy: float = 0.97

    def __post_init__(self) -> None:
        check_share("error of gold", self.error)
        check_share("maker_accuracy of gold", self.maker_accuracy)

    def wanted(self, classes: tuple[str, ...]) -> tuple[int, ...]:
        """How many gold items each class has at least."""
        if isinstance(self.per_class, int):
            return (self.per_class,) * len(classes)
        return tuple(self.per_class.get(name, 0) for name in classes)


@dataclass(frozen=True)
class Spec:
    """A programme to simulate. Everything planted is at zero unless said otherwise.

    ``annotators`` is a number of people around ``accuracy`` (``spread`` is the standard deviation of their skills), or
    the people themselves. ``votes_per_item`` people label an item; with ``overlap`` below 1 only that share of items
    gets so many, the rest one. ``accuracy`` may differ by class; ``confusion`` gives the whole matrix of an average
    vote instead. ``shared_errors`` is the chance that a vote follows what makes an item hard for everyone: it moves
    agreement without moving anyone's accuracy. For ``multi``, ``prior`` is how often each tag applies and accuracy the
    share of applying tags that are found; for ``text``, accuracy is the share of words.
    """

    kind: Kind = "choice"
    classes: tuple[str, ...] = TOPICS
    prior: tuple[float, ...] | None = None
    items: int = 1000
    annotators: int | tuple[Annotator, ...] = 8
    accuracy: Share = 0.95
    spread: float = 0.0
    confusion: Matrix | None = None
    confusable: Mapping[tuple[str, str], float] = field(default_factory=dict)
    shared_errors: float = 0.0
    votes_per_item: int = 3
    overlap: float = 1.0
    slices: tuple[Slice, ...] = ()
    hard_slices: tuple[HardSlice, ...] = ()
    guideline_gaps: tuple[GuidelineGap, ...] = ()
    reviewer: Reviewer | None = None
    final: Final = field(default_factory=Final)
    gold: Gold = field(default_factory=Gold)
    missing: float = 0.0
    skipped: float = 0.0
    duplicates: float = 0.0
    level: Literal["nominal", "ordinal", "interval"] = "nominal"
    messages: bool = True
    batch: str = "batch-01"
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("shared_errors", "overlap", "missing", "skipped", "duplicates"):
            check_share(name, getattr(self, name))
        if self.items < 1 or self.votes_per_item < 1:
            raise ValueError("a programme has at least one item and one vote per item")
        if len(self.people) < self.votes_per_item:
            raise ValueError(
                f"{self.votes_per_item} votes per item need as many people, not {len(self.people)}"
            )
        self._check_classes()
        self._check_people()
        self._check_slices()

    def _check_classes(self) -> None:
        if len(set(self.classes)) != len(self.classes) or len(self.classes) < 2:
            raise ValueError("a schema has at least two classes, all different")
        if self.prior is not None and len(self.prior) != len(self.classes):
            raise ValueError(f"{len(self.classes)} classes need as many prior shares, not {len(self.prior)}")
        if self.kind == "rating" and not all(_is_number(name) for name in self.classes):
            raise ValueError("the values of a rating are numbers")
        if self.kind == "multi" and len(self.classes) > MOST_TAGS:
            raise ValueError(f"at most {MOST_TAGS} tags can be simulated")
        if self.kind == "multi" and any("|" in name for name in self.classes):
            raise ValueError("a bar keeps tags apart, so no tag may hold one")
        pairs = [gap.classes for gap in self.guideline_gaps] + list(self.confusable)
        pairs += [person.mixes_up for person in self.people if person.mixes_up]
        for name in (name for pair in pairs for name in pair):
            self._index(name)

    def _check_people(self) -> None:
        ids = [person.id for person in self.people]
        if len(set(ids)) != len(ids):
            raise ValueError("two people have the same id")
        for person in self.people:
            if person.copies not in (None, "gold") and (
                person.copies not in ids or person.copies == person.id
            ):
                raise ValueError(f"{person.id} copies {person.copies}, who is not another annotator")
            if person.always is not None:
                self._index(person.always)

    def _check_slices(self) -> None:
        known = {(one.name, value) for one in self.slices for value in one.values}
        named = [(hard.attribute, hard.value) for hard in self.hard_slices]
        named += [
            (gap.attribute, gap.value or "") for gap in self.guideline_gaps if gap.attribute is not None
        ]
        for pair in named:
            if pair not in known:
                raise ValueError(f"no slice has {pair[0]} = {pair[1]}")

    def _index(self, name: str) -> int:
        if name not in self.classes:
            raise ValueError(f"no class is called {name}")
        return self.classes.index(name)

    @property
    def shares(self) -> tuple[float, ...]:
        """The prior of the classes, adding up to 1; for tags, how often each applies."""
        if self.prior is None and self.classes == TOPICS:
            given: tuple[float, ...] = TOPIC_SHARES
        else:
            given = self.prior or (min(1.0, 1.5 / len(self.classes)),) * len(self.classes)
        if self.kind == "multi":
            return given
        return tuple(share / sum(given) for share in given)

    @property
    def people(self) -> tuple[Annotator, ...]:
        """The annotators; of a bare number, skills lie at even quantiles of a normal distribution."""
        if not isinstance(self.annotators, int):
            return self.annotators
        width = max(2, len(str(self.annotators)))
        ids = [f"annotator-{number + 1:0{width}d}" for number in range(self.annotators)]
        if self.spread == 0:
            return tuple(Annotator(name) for name in ids)
        skills = NormalDist(self.mean_accuracy, self.spread)
        ranks = [
            (number * 7 + 3) % self.annotators if self.annotators % 7 else number
            for number in range(len(ids))
        ]
        found = [skills.inv_cdf((rank + 0.5) / self.annotators) for rank in ranks]
        return tuple(
            Annotator(name, min(max(skill, 0.02), 0.998)) for name, skill in zip(ids, found, strict=True)
        )

    @property
    def mean_accuracy(self) -> float:
        """The share of right votes of an average annotator, before anything is planted."""
        weights = self.shares
        if self.confusion is not None:
            return sum(w * row[i] for i, (w, row) in enumerate(zip(weights, self.confusion, strict=True)))
        each = accuracies(self.accuracy, self.classes)
        return sum(w * a for w, a in zip(weights, each, strict=True)) / sum(weights)


def accuracies(given: Share, classes: tuple[str, ...]) -> tuple[float, ...]:
    """Accuracy of each class; classes that a mapping leaves out have its mean.

    >>> accuracies({"a": 0.75}, ("a", "b")), accuracies(0.5, ("a", "b"))
    ((0.75, 0.75), (0.5, 0.5))
    """
    if not isinstance(given, Mapping):
        return (float(given),) * len(classes)
    mean = sum(given.values()) / len(given)
    return tuple(given.get(name, mean) for name in classes)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
