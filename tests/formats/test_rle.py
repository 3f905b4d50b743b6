from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from assay.annotation.errors import InputError
from assay.formats.rle import (
    area_of_counts,
    box_of_counts,
    checked_counts,
    counts_of_mask,
    counts_of_text,
    mask_of_counts,
    text_of_counts,
)

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


@given(MASKS)
def test_a_mask_survives_both_forms_of_run_lengths(mask: np.ndarray) -> None:
    counts = counts_of_mask(mask)
    assert counts_of_text(text_of_counts(counts)).tolist() == counts.tolist()
    height, width, checked = checked_counts(list(mask.shape), text_of_counts(counts))
    assert (mask_of_counts(height, width, checked) == mask).all()
    assert area_of_counts(counts) == np.count_nonzero(mask)


@given(MASKS)
def test_the_box_is_the_one_around_the_covered_pixels(mask: np.ndarray) -> None:
    rows, columns = np.nonzero(mask)
    expected = (0, 0, 0, 0)
    if rows.size:
        expected = (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    assert box_of_counts(mask.shape[0], counts_of_mask(mask)) == expected


def test_runs_go_down_the_columns_and_begin_with_zeros() -> None:
    mask = np.array([[False, True, True], [False, False, True]])
    assert counts_of_mask(mask).tolist() == [2, 1, 1, 2]
    assert counts_of_mask(~mask).tolist() == [0, 2, 1, 1, 2]


def test_the_text_is_the_one_of_the_published_codec() -> None:
    assert counts_of_text("51:").tolist() == [5, 1, 10]


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ([6, 11], [51, 5, 9]),
        ([6, 11], [51, 5, 11]),
        ([6, 11], [70, -4]),
        ([6, 11], [6.5, 59.5]),
        ([6, 11], None),
        ([6, 11], "51"),
        ([6, 11], "\x00"),
        ([6, 11], "é"),
        ([6, 11], "oooooooooooooooo"),
        ([6, 11], [2**70, 5]),
        ([6], [6]),
        ([-6, -11], [66]),
        ([10**9, 10**9], [10**18]),
        ([True, True], [1]),
    ],
)
def test_what_does_not_fill_the_mask_is_refused(size: list[object], counts: object) -> None:
    with pytest.raises(InputError):
        checked_counts(size, counts)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InputError):
        assert counts_of_text(text).ndim == 1
