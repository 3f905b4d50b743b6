"""One programme in memory: arrays of votes, final labels, gold and slices, all from a specification and a seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .choices import Choices
from .frame import Codes, Flags, Frame, Stream, frame_of, stream
from .spec import Annotator, Spec
from .tags import Tags
from .transcripts import Transcripts

Answers = NDArray[
    Any
]  # codes of classes or texts (32 bits) or sets of tags (64 bits); only the kind knows which

NOTHING = -1
"""Stands where there is no label: a skipped vote, an item that was not delivered."""


class Answering(Protocol):
    """What a kind of label must be able to say. ``Choices``, ``Tags`` and ``Transcripts`` do."""

    @property
    def truth(self) -> Answers:
        """The right answer of each item."""
        ...

    @property
    def stratum(self) -> Codes:
        """The class under which each item is drawn into the gold panel, or -1."""
        ...

    def votes(self) -> Answers:
        """The votes, before noise and copies."""
        ...

    def final(self) -> Answers:
        """The final label of each item where it is drawn."""
        ...

    def noisy(self, person: Annotator, chance: np.random.Generator, votes: int) -> Answers:
        """Votes given without looking."""
        ...

    def another(self, answers: Answers, chance: np.random.Generator) -> Answers:
        """A different answer for each."""
        ...

    def written(self, answers: Answers) -> tuple[Codes, tuple[str, ...]]:
        """Codes of the answers, and the text of each code."""
        ...


@dataclass(frozen=True)
class Draw:
    """A programme in memory. Labels are codes into ``values``, ``NOTHING`` where there is none.

    Votes are sorted by (item, annotator), annotators are codes into ``people``. ``final`` has a label per item where a
    final layer is delivered. ``gold_label`` is what the gold panel says of ``gold_item`` (ascending), and each row of
    ``gold_makers`` what one of its makers said. ``truth`` is what is right. ``repeated`` are positions of votes that
    are delivered twice. ``stratum`` is the class under which an item could be drawn into the panel.
    """

    spec: Spec
    seed: int
    values: tuple[str, ...]
    people: tuple[str, ...]
    truth: Codes
    stratum: Codes
    delivered: Flags
    slices: Mapping[str, Codes]
    item: Codes
    annotator: Codes
    label: Codes
    final: Codes | None
    review_item: Codes
    review_label: Codes
    gold_item: Codes
    gold_label: Codes
    gold_makers: NDArray[np.int32]
    repeated: NDArray[np.int64]


def draw_votes(spec: Spec, seed: int | None = None) -> Draw:
    """Draw a programme; the same specification and seed give the same arrays."""
    seed = spec.seed if seed is None else seed
    frame = frame_of(spec, seed)
    kind = _answering(spec, seed, frame)
    gold_item = _gold_items(spec, seed, kind.stratum)
    gold = _gold_answers(spec, seed, kind, gold_item)
    votes = _dishonest(spec, seed, frame, kind, kind.votes(), gold_item, gold)
    final = kind.final() if spec.final.rule == "drawn" else kind.truth[:0]
    review_item, review = _reviews(spec, seed, frame, kind, votes)
    makers = _makers(spec, seed, kind, gold_item)
    parts = [kind.truth, votes, final, review, gold, makers]
    codes, values = kind.written(np.concatenate(parts))
    truth, label, final_, review_, gold_, makers_ = np.split(
        codes, np.cumsum([len(part) for part in parts])[:-1]
    )
    label = label.copy()
    if spec.skipped:
        label[stream(seed, Stream.SKIPPED).random(len(label)) < spec.skipped] = NOTHING
    return Draw(
        spec=spec,
        seed=seed,
        values=values,
        people=tuple(person.id for person in spec.people),
        truth=truth,
        stratum=kind.stratum,
        delivered=frame.delivered,
        slices=frame.slices,
        item=frame.item,
        annotator=frame.annotator,
        label=label,
        final=np.where(frame.delivered, final_, NOTHING).astype(np.int32)
        if spec.final.rule == "drawn"
        else None,
        review_item=review_item,
        review_label=review_,
        gold_item=gold_item,
        gold_label=gold_,
        gold_makers=makers_.reshape(spec.gold.makers, len(gold_item)),
        repeated=_repeated(spec, seed, len(label)),
    )


def _answering(spec: Spec, seed: int, frame: Frame) -> Answering:
    if spec.kind == "multi":
        return Tags(spec, seed, frame)
    if spec.kind == "text":
        return Transcripts(spec, seed, frame)
    return Choices(spec, seed, frame)


def _gold_items(spec: Spec, seed: int, stratum: Codes) -> Codes:
    """The gold panel: so many of each class, then any until it is full."""
    order = stream(seed, Stream.GOLD).permutation(spec.items)
    chosen = np.zeros(spec.items, bool)
    if spec.gold.per_class:
        ordered = stratum[order]
        for code, wanted in enumerate(spec.gold.wanted(spec.classes)):
            chosen[order[np.flatnonzero(ordered == code)[:wanted]]] = True
    lacking = min(spec.gold.items, spec.items) - int(chosen.sum())
    if lacking > 0:
        chosen[order[~chosen[order]][:lacking]] = True
    return np.flatnonzero(chosen).astype(np.int32)


def _gold_answers(spec: Spec, seed: int, kind: Answering, items: Codes) -> Answers:
    chance = stream(seed + 1, Stream.GOLD)
    answers = kind.truth[items].copy()
    wrong = chance.random(len(items)) < spec.gold.error
    if wrong.any():
        answers[wrong] = kind.another(answers[wrong], chance)
    return answers


def _makers(spec: Spec, seed: int, kind: Answering, items: Codes) -> Answers:
    chance = stream(seed, Stream.MAKERS)
    answers = np.tile(kind.truth[items], spec.gold.makers)
    wrong = chance.random(len(answers)) >= spec.gold.maker_accuracy
    if wrong.any():
        answers[wrong] = kind.another(answers[wrong], chance)
    return answers


def _dishonest(
    spec: Spec, seed: int, frame: Frame, kind: Answering, votes: Answers, gold_item: Codes, gold: Answers
) -> Answers:
    """Replace votes that were given without looking, then those that were taken over from elsewhere."""
    noise, copies = stream(seed, Stream.NOISE), stream(seed, Stream.COPIES)
    codes = {person.id: code for code, person in enumerate(spec.people)}
    for person in spec.people:
        if person.noise:
            own = np.flatnonzero(frame.annotator == codes[person.id])
            blind = own[noise.random(len(own)) < person.noise]
            votes[blind] = kind.noisy(person, noise, len(blind))
    for person in spec.people:
        if person.copies is None:
            continue
        answer, known = np.zeros(spec.items, votes.dtype), np.zeros(spec.items, bool)
        if person.copies == "gold":
            answer[gold_item], known[gold_item] = gold, True
        else:
            source = frame.annotator == codes[person.copies]
            answer[frame.item[source]], known[frame.item[source]] = votes[source], True
        own = np.flatnonzero(frame.annotator == codes[person.id])
        taken = own[known[frame.item[own]] & (copies.random(len(own)) < person.copied)]
        votes[taken] = answer[frame.item[taken]]
    return votes


def _reviews(spec: Spec, seed: int, frame: Frame, kind: Answering, votes: Answers) -> tuple[Codes, Answers]:
    """What the reviewer makes of the first vote on an item: it stays, or a noticed error is put right."""
    if spec.reviewer is None or not len(votes):
        return frame.item[:0], votes[:0]
    chance = stream(seed, Stream.REVIEW)
    first = np.flatnonzero(np.diff(frame.item, prepend=-1))
    seen = first[chance.random(len(first)) < spec.reviewer.share]
    items = frame.item[seen]
    noticed = chance.random(len(seen)) < spec.reviewer.finds
    return items, np.where(noticed, kind.truth[items], votes[seen]).astype(votes.dtype)


def _repeated(spec: Spec, seed: int, votes: int) -> NDArray[np.int64]:
    if not spec.duplicates:
        return np.zeros(0, np.int64)
    return np.flatnonzero(stream(seed, Stream.DUPLICATES).random(votes) < spec.duplicates)
