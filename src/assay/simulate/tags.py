"""Answers that are sets of classes, one bit each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .frame import Codes, Flags, Floats, Frame, Stream, shared_uniforms, stream
from .skills import final_errors, final_gap, gap_votes, person_errors, pressed
from .spec import Annotator, Spec, accuracies

Sets = NDArray[np.int64]
SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Tags:
    """Answers are sets of bits, in the order of the classes."""

    spec: Spec
    seed: int
    frame: Frame

    @cached_property
    def truth(self) -> Sets:
        """The tags that apply to each item."""
        return self._drawn(stream(self.seed, Stream.TRUTH), self.spec.items)

    @property
    def stratum(self) -> Codes:
        """The rarest tag that applies, or none (-1): under it an item is drawn into the gold panel."""
        found = np.full(self.spec.items, -1, np.int32)
        for bit in np.argsort(self.spec.shares)[::-1]:
            found[_has(self.truth, int(bit))] = bit
        return found

    def votes(self) -> Sets:
        """The votes, before noise and copies."""
        spec, frame = self.spec, self.frame
        errors = person_errors(spec, 1 - np.asarray(accuracies(spec.accuracy, spec.classes)))
        own, common = stream(self.seed, Stream.VOTES), stream(self.seed, Stream.HARDNESS)
        true = self.truth[frame.item]
        found = np.zeros(len(true), np.int64)
        for bit, share in enumerate(spec.shares):
            missed = pressed(errors[frame.annotator, bit], spec, frame)
            uniform, _ = shared_uniforms(own, common, frame.item, spec.items, spec.shared_errors)
            found |= _perceived(_has(true, bit), uniform, missed, share) << bit
        for code, gap in enumerate(spec.guideline_gaps):
            self._turn(found, true, gap_votes(spec, self.seed, frame, code), gap.classes)
        return found

    def final(self) -> Sets:
        """The delivered final tags of each item, drawn with the stated accuracy."""
        spec, chance = self.spec, stream(self.seed, Stream.FINAL)
        found = np.zeros(spec.items, np.int64)
        right = accuracies(spec.final.accuracy, spec.classes)
        for bit, share in enumerate(spec.shares):
            missed = final_errors(spec, self.frame, np.full(spec.items, 1 - right[bit]))
            found |= _perceived(_has(self.truth, bit), chance.random(spec.items), missed, share) << bit
        for code, gap in enumerate(spec.guideline_gaps):
            self._turn(found, self.truth, final_gap(spec, self.frame, code, chance), gap.classes)
        return found

    def noisy(self, person: Annotator, chance: np.random.Generator, votes: int) -> Sets:
        """Tags given without looking at the item."""
        if person.always is not None:
            return np.full(votes, 1 << self.spec.classes.index(person.always), np.int64)
        return self._drawn(chance, votes)

    def another(self, answers: Sets, chance: np.random.Generator) -> Sets:
        """Each answer with one tag given or taken away."""
        return answers ^ (np.int64(1) << chance.integers(0, len(self.spec.classes), len(answers)))

    def written(self, answers: Sets) -> tuple[Codes, tuple[str, ...]]:
        """Codes of the answers, and the tags of each code in order; no tag is the empty text."""
        distinct, codes = np.unique(answers, return_inverse=True)
        classes = list(enumerate(self.spec.classes))
        texts = (sorted(name for bit, name in classes if tags >> bit & 1) for tags in distinct.tolist())
        return codes.astype(np.int32), tuple(SEPARATOR.join(names) for names in texts)

    def _drawn(self, chance: np.random.Generator, size: int) -> Sets:
        found = np.zeros(size, np.int64)
        for bit, share in enumerate(self.spec.shares):
            found |= (chance.random(size) < share).astype(np.int64) << bit
        return found

    def _turn(self, answers: Sets, true: Sets, turned: Flags, names: tuple[str, str]) -> None:
        first, second = (self.spec.classes.index(name) for name in names)
        turned = turned & _has(true, first)
        answers[turned] = answers[turned] & ~np.int64(1 << first) | np.int64(1 << second)


def _has(tags: Sets, bit: int) -> Flags:
    return np.asarray((tags >> bit & 1).astype(bool))


def _perceived(applies: Flags, uniform: Floats, missed: Floats, share: float) -> Sets:
    """Whether a tag is given. As many false tags as missed ones, so that recall, precision and F1 are one number."""
    false = missed * (share / (1 - share)) if share < 1 else missed
    return np.where(applies, uniform >= missed, uniform < false).astype(np.int64)
