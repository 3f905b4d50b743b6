"""The diarization error rate."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.measure.speakers import SpeechTimes, Turn, diarization_error_rate, speech_times
from assay.measure.undefined import Undefined


def turns(names: str) -> st.SearchStrategy[list[Turn]]:
    turn = st.builds(
        lambda start, length, name: Turn(start, start + length, name),
        st.integers(0, 20),
        st.integers(1, 8),
        st.sampled_from(names),
    )
    return st.lists(turn, max_size=6)


def second_by_second(reference: list[Turn], given_turns: list[Turn]) -> float:
    """The least error over all mappings of speakers, counted in whole seconds."""
    names, others = "ABC", "xyz"

    def at(second: int, among: list[Turn]) -> set[object]:
        return {turn.speaker for turn in among if turn.start <= second < turn.end}

    def errors(mapping: dict[object, object]) -> int:
        total = 0
        for second in range(30):
            said, heard = at(second, reference), at(second, given_turns)
            total += max(len(said), len(heard)) - len({mapping[name] for name in said} & heard)
        return total

    least = min(errors(dict(zip(names, order, strict=True))) for order in permutations(others))
    return least / sum(len(at(second, reference)) for second in range(30))


@given(turns("ABC"), turns("xyz"))
def test_the_rate_is_the_least_over_all_mappings(reference: list[Turn], given_turns: list[Turn]) -> None:
    found = diarization_error_rate(reference, given_turns)
    if reference:
        assert found == pytest.approx(second_by_second(reference, given_turns), abs=1e-12)
    else:
        assert found == Undefined("nobody speaks in the reference")


def test_a_collar_leaves_out_both_sides_of_every_reference_end() -> None:
    reference, late = [Turn(0, 10, "A"), Turn(10, 20, "B")], [Turn(0, 11, "a"), Turn(11, 20, "b")]
    assert diarization_error_rate(reference, late) == 1 / 20
    assert diarization_error_rate(reference, late, collar=1) == 0.5 / 18
    assert diarization_error_rate(reference, late, collar=2) == 0
    with pytest.raises(ValueError, match="collar"):
        diarization_error_rate(reference, late, collar=-1)


def test_recordings_are_added_up_and_not_averaged() -> None:
    short, long = [Turn(0, 1, "A")], [Turn(0, 99, "A")]
    total = speech_times(short, []) + speech_times(long, long)
    assert total.error_rate() == 1 / 100
    assert SpeechTimes() + total == total


def test_a_turn_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Turn(1, 1, "A")
