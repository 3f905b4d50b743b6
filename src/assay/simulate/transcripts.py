"""Answers that are short texts, written down word by word with a known share of wrong words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .frame import Codes, Floats, Frame, Stream, pick, stream
from .skills import final_errors, person_errors, pressed
from .spec import Annotator, Spec, accuracies
from .wording import messages

_INSTEAD = ("table", "river", "seven", "often", "quiet", "garden", "under", "paper", "stone", "maybe")
_LEFT_OUT = 0.3  # of the wrong words; the others are replaced


@dataclass(frozen=True)
class Transcripts:
    """Answers are numbers of texts in a list that grows; ``classes`` are what the texts are about.

    A wrong word is left out or replaced by a word that no message holds, so that each is one edit.
    """

    spec: Spec
    seed: int
    frame: Frame
    _texts: list[str] = field(default_factory=list)
    _codes: dict[str, int] = field(default_factory=dict)

    @cached_property
    def stratum(self) -> Codes:
        """The topic of each item, under which it is drawn into the gold panel."""
        return pick(stream(self.seed, Stream.TRUTH).random(self.spec.items), np.asarray(self.spec.shares))

    @cached_property
    def truth(self) -> Codes:
        """What was really said, per item."""
        chance = stream(self.seed, Stream.MESSAGES)
        said = messages(self.spec, self.stratum.tolist(), [-1] * self.spec.items, chance)
        return self._coded(said)

    def votes(self) -> Codes:
        """The transcripts, before noise and copies."""
        spec, frame = self.spec, self.frame
        errors = person_errors(spec, 1 - np.asarray(accuracies(spec.accuracy, spec.classes)))
        wrong = pressed(errors[frame.annotator, self.stratum[frame.item]], spec, frame)
        return self._misheard(self.truth[frame.item], wrong, stream(self.seed, Stream.VOTES))

    def final(self) -> Codes:
        """The delivered final transcript of each item."""
        spec = self.spec
        wrong = 1 - np.asarray(accuracies(spec.final.accuracy, spec.classes))[self.stratum]
        return self._misheard(
            self.truth, final_errors(spec, self.frame, wrong), stream(self.seed, Stream.FINAL)
        )

    def noisy(self, person: Annotator, chance: np.random.Generator, votes: int) -> Codes:
        """Texts given without listening: the transcript of some other item."""
        return self.truth[chance.integers(0, self.spec.items, votes)]

    def another(self, answers: Codes, chance: np.random.Generator) -> Codes:
        """Each text with about one word in ten wrong."""
        return self._misheard(answers, np.full(len(answers), 0.1), chance)

    def written(self, answers: Codes) -> tuple[Codes, tuple[str, ...]]:
        """Codes of the answers, and the text of each code."""
        return answers, tuple(self._texts)

    def _coded(self, texts: list[str]) -> Codes:
        for text in texts:
            if text not in self._codes:
                self._codes[text] = len(self._texts)
                self._texts.append(text)
        return np.array([self._codes[text] for text in texts], np.int32)

    def _misheard(self, answers: Codes, wrong: Floats, chance: np.random.Generator) -> Codes:
        heard = []
        for code, share in zip(answers.tolist(), wrong.tolist(), strict=True):
            words = self._texts[code].split(" ")
            fate = chance.random(len(words)).tolist()
            other = chance.integers(0, len(_INSTEAD), len(words)).tolist()
            kept = (
                word if luck >= share else _INSTEAD[number] if luck >= share * _LEFT_OUT else ""
                for word, luck, number in zip(words, fate, other, strict=True)
            )
            heard.append(" ".join(word for word in kept if word))
        return self._coded(heard)
