"""Who spoke when: the diarization error rate under the best one-to-one mapping of speakers."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from .undefined import Undefined, ratio


@dataclass(frozen=True)
class Turn:
    """A stretch of time in which one speaker speaks."""

    start: float
    end: float
    speaker: Hashable

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError("a turn ends after it starts")


@dataclass(frozen=True)
class SpeechTimes:
    """The state of the error rate, in units of time; recordings are added up."""

    missed: float = 0.0
    false_alarm: float = 0.0
    confused: float = 0.0
    reference: float = 0.0

    def __add__(self, other: SpeechTimes) -> SpeechTimes:
        """The times of both recordings together; each keeps its own mapping of speakers."""
        return SpeechTimes(
            self.missed + other.missed,
            self.false_alarm + other.false_alarm,
            self.confused + other.confused,
            self.reference + other.reference,
        )

    def error_rate(self) -> float | Undefined:
        """(missed + false alarm + confused) / speech in the reference."""
        return ratio(
            self.missed + self.false_alarm + self.confused, self.reference, "nobody speaks in the reference"
        )


def speech_times(reference: Sequence[Turn], given: Sequence[Turn], *, collar: float = 0.0) -> SpeechTimes:
    """What a segmentation misses, adds and confuses; overlapping speech counts once per speaker.

    ``collar`` is the width of the zone around every end of a reference turn that is left out, half on each side
    (some scorers give the half). The mapping of speakers maximises the time spoken together.
    """
    if collar < 0:
        raise ValueError("a collar is not negative")
    stretches = _stretches(reference, given, collar)
    pairs = _best_pairs(stretches)
    missed, false_alarm, confused, total = [], [], [], []
    for seconds, said, heard in stretches:
        right = sum(speaker in pairs and pairs[speaker] in heard for speaker in said)
        missed.append(seconds * max(0, len(said) - len(heard)))
        false_alarm.append(seconds * max(0, len(heard) - len(said)))
        confused.append(seconds * (min(len(said), len(heard)) - right))
        total.append(seconds * len(said))
    return SpeechTimes(*(math.fsum(times) for times in (missed, false_alarm, confused, total)))


def diarization_error_rate(
    reference: Sequence[Turn], given: Sequence[Turn], *, collar: float = 0.0
) -> float | Undefined:
    """The share of the speech in the reference that is missed, added or given to the wrong speaker.

    Source: NIST Rich Transcription evaluations, 2003 on.

    >>> reference = [Turn(0, 10, "A"), Turn(12, 20, "B"), Turn(24, 27, "A"), Turn(30, 40, "C")]
    >>> given = [Turn(2, 13, "a"), Turn(13, 14, "d"), Turn(14, 20, "b"), Turn(22, 38, "c"), Turn(38, 40, "d")]
    >>> round(diarization_error_rate(reference, given), 4)
    0.5161
    """
    return speech_times(reference, given, collar=collar).error_rate()


_Stretch = tuple[float, frozenset[Hashable], frozenset[Hashable]]


def _stretches(reference: Sequence[Turn], given: Sequence[Turn], collar: float) -> list[_Stretch]:
    """Stretches of time in which nothing changes, outside the collars: duration, speakers there, speakers given."""
    ends = sorted({end for turn in reference for end in (turn.start, turn.end)})
    marks = {mark for end in ends for mark in (end - collar / 2, end + collar / 2)}
    marks |= {mark for turn in (*reference, *given) for mark in (turn.start, turn.end)}
    found = []
    for start, end in pairwise(sorted(marks)):
        middle = (start + end) / 2
        if any(abs(middle - mark) < collar / 2 for mark in ends):
            continue
        said, heard = (
            frozenset(turn.speaker for turn in turns if turn.start < middle < turn.end)
            for turns in (reference, given)
        )
        found.append((end - start, said, heard))
    return found


def _best_pairs(stretches: Sequence[_Stretch]) -> dict[Hashable, Hashable]:
    """The mapping of speakers, reference to given, that maximises the time in which both speak."""
    names = sorted({name for _, said, _ in stretches for name in said}, key=str)
    others = sorted({name for _, _, heard in stretches for name in heard}, key=str)
    together = np.zeros((len(names), len(others)))
    for seconds, said, heard in stretches:
        for one in said:
            for other in heard:
                together[names.index(one), others.index(other)] += seconds
    rows, columns = linear_sum_assignment(together, maximize=True)
    return {names[row]: others[column] for row, column in zip(rows, columns, strict=True)}
