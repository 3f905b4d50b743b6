"""Answers that are one class of the schema: choices, and ratings on a scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .confusion import affinity, final_confusion, vote_confusion
from .frame import Codes, Flags, Floats, Frame, Stream, pick, pick_by_row, shared_uniforms, stream
from .skills import final_errors, final_gap, gap_votes, person_errors, pressed
from .spec import Annotator, Spec

_TO_THE_MIXED_UP = 0.9


@dataclass(frozen=True)
class Choices:
    """Answers are codes of classes."""

    spec: Spec
    seed: int
    frame: Frame

    @cached_property
    def truth(self) -> Codes:
        """The true class of each item."""
        return pick(stream(self.seed, Stream.TRUTH).random(self.spec.items), np.asarray(self.spec.shares))

    @property
    def stratum(self) -> Codes:
        """The class under which an item is drawn into the gold panel."""
        return self.truth

    def votes(self) -> Codes:
        """The votes, before noise and copies."""
        spec, frame = self.spec, self.frame
        confusion = vote_confusion(spec)
        errors = person_errors(spec, 1 - np.diag(confusion))
        true = self.truth[frame.item]
        whether, which = shared_uniforms(
            stream(self.seed, Stream.VOTES),
            stream(self.seed, Stream.HARDNESS),
            frame.item,
            spec.items,
            spec.shared_errors,
        )
        wrong = whether < pressed(errors[frame.annotator, true], spec, frame)
        label = true.copy()
        label[wrong] = _other_class(confusion, true[wrong], which[wrong])
        self._mix_up(label, true, wrong & (which < _TO_THE_MIXED_UP))
        for code, gap in enumerate(spec.guideline_gaps):
            first, second = self._pair(gap.classes)
            label[gap_votes(spec, self.seed, frame, code) & (true == first)] = second
        return label

    def final(self) -> Codes:
        """The delivered final label of each item, drawn with the stated accuracy."""
        spec, chance = self.spec, stream(self.seed, Stream.FINAL)
        confusion = final_confusion(spec)
        wrong = chance.random(spec.items) < final_errors(
            spec, self.frame, (1 - np.diag(confusion))[self.truth]
        )
        which = chance.random(spec.items)
        label = self.truth.copy()
        label[wrong] = _other_class(confusion, self.truth[wrong], which[wrong])
        for code, gap in enumerate(spec.guideline_gaps):
            first, second = self._pair(gap.classes)
            label[final_gap(spec, self.frame, code, chance) & (self.truth == first)] = second
        return label

    def noisy(self, person: Annotator, chance: np.random.Generator, votes: int) -> Codes:
        """Votes given without looking at the item."""
        if person.always is not None:
            return np.full(votes, self.spec.classes.index(person.always), np.int32)
        return chance.integers(0, len(self.spec.classes), votes, dtype=np.int32)

    def another(self, answers: Codes, chance: np.random.Generator) -> Codes:
        """A different answer for each, near ones more often."""
        return pick_by_row(answers, chance.random(len(answers)), affinity(self.spec))

    def written(self, answers: Codes) -> tuple[Codes, tuple[str, ...]]:
        """Codes of the answers, and the text of each code."""
        return answers, self.spec.classes

    def _pair(self, names: tuple[str, str]) -> tuple[int, int]:
        return self.spec.classes.index(names[0]), self.spec.classes.index(names[1])

    def _mix_up(self, label: Codes, true: Codes, turned: Flags) -> None:
        for code, person in enumerate(self.spec.people):
            if person.mixes_up:
                first, second = self._pair(person.mixes_up)
                label[turned & (self.frame.annotator == code) & (true == first)] = second


def _other_class(confusion: Floats, true: Codes, uniform: Floats) -> Codes:
    shares = confusion.copy()
    np.fill_diagonal(shares, 0)
    never = shares.sum(axis=1) == 0  # an error where the matrix knows none goes anywhere else
    shares[never] = 1 - np.eye(len(shares))[never]
    return pick_by_row(true, uniform, shares)
