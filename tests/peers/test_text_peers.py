"""Error rates of texts beside jiwer."""

from __future__ import annotations

import jiwer
import numpy as np
import pytest

from assay.measure.text import NormalForm, character_edits, sum_of_edits, word_edits
from tests.peers.randomness import SEEDS

AS_DELIVERED = NormalForm(None)


def texts(seed: int) -> tuple[list[str], list[str]]:
    draw = np.random.default_rng(seed)
    vocabulary = ["là", "thủ", "đô", "a", "the", "cat", "của", "Hà"]
    references = [" ".join(draw.choice(vocabulary, size=draw.integers(1, 9))) for _ in range(20)]
    given = [
        " ".join(word for word in line.split() if draw.random() < 0.8)
        + (" the" if draw.random() < 0.3 else "")
        for line in references
    ]
    return references, given


@pytest.mark.parametrize("seed", SEEDS)
def test_error_rates_equal_jiwer(seed: int) -> None:
    references, given = texts(seed)
    words = sum_of_edits(map(word_edits, references, given, [AS_DELIVERED] * len(given)))
    signs = sum_of_edits(map(character_edits, references, given, [AS_DELIVERED] * len(given)))
    assert words.error_rate() == pytest.approx(jiwer.wer(references, given), abs=1e-9)
    assert words.match_error_rate() == pytest.approx(jiwer.mer(references, given), abs=1e-9)
    assert words.information_kept() == pytest.approx(jiwer.wip(references, given), abs=1e-9)
    assert signs.error_rate() == pytest.approx(jiwer.cer(references, given), abs=1e-9)
