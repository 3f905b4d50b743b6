"""Run lengths of binary masks as COCO writes them: column by column, the first run counts zeros.

``counts`` is a list of whole numbers, or a text in which each number takes one or more characters of six bits, and
every number from the fourth on is the difference to the one two before it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from assay.annotation.errors import InputError, LimitError

Counts = npt.NDArray[np.int64]

#: The largest mask that is read, in pixels.
MOST_PIXELS = 1 << 30
_DIGIT, _MORE, _SIGN, _BASE = 31, 32, 16, 48
_MOST_DIGITS = 7


def counts_of_text(text: str) -> Counts:
    """The run lengths that a compressed text writes. Raises :class:`InputError` for other characters.

    >>> counts_of_text("51:").tolist()
    [5, 1, 10]
    """
    try:
        codes = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - _BASE
    except UnicodeEncodeError:
        raise InputError("the run lengths are no ASCII text", expected="COCO's compressed counts") from None
    if not codes.size:
        return codes
    if codes.min() < 0 or codes.max() > 63 or codes[-1] & _MORE:
        raise InputError("the compressed run lengths are broken", expected="COCO's compressed counts")
    ends = np.flatnonzero(codes & _MORE == 0)
    begins = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    lengths = ends - begins + 1
    if lengths.max() > _MOST_DIGITS:
        raise InputError("a run length is too large", expected="at most 32 bits")
    digit = np.arange(codes.size) - np.repeat(begins, lengths)
    numbers = np.add.reduceat((codes & _DIGIT) << (5 * digit), begins)
    numbers -= np.where(codes[ends] & _SIGN, np.int64(1) << (5 * lengths), 0)
    # From the fourth number on each is written as the difference to the one two places before.
    for parity in (1, 2):
        numbers[parity::2] = np.cumsum(numbers[parity::2])
    return numbers


def text_of_counts(counts: Counts | Sequence[int]) -> str:
    """The compressed text of run lengths.

    >>> text_of_counts([5, 1, 10])
    '51:'
    """
    runs = np.asarray(counts, np.int64)
    numbers = runs.copy()
    numbers[3:] -= runs[1:-2]
    characters: list[str] = []
    for number in numbers.tolist():
        rest = number
        while True:
            digit = rest & _DIGIT
            rest >>= 5
            more = rest != (-1 if digit & _SIGN else 0)
            characters.append(chr((digit | _MORE if more else digit) + _BASE))
            if not more:
                break
    return "".join(characters)


def checked_counts(size: Sequence[object], counts: object) -> tuple[int, int, Counts]:
    """Height, width and run lengths of a mask as delivered, compressed or not.

    Raises :class:`InputError` unless the runs are not negative and sum to height times width.
    """
    height, width = checked_size(size)
    if isinstance(counts, str):
        runs = counts_of_text(counts)
    elif isinstance(counts, list) and all(type(one) is int for one in counts):
        runs = _whole_numbers(counts)
    else:
        raise InputError("a mask has no run lengths", expected="counts: a list of whole numbers, or a text")
    if runs.size and runs.min() < 0:
        raise InputError("a run length is negative", found=str(int(runs.min())))
    total = int(runs.sum())
    if total != height * width:
        raise InputError(
            "the run lengths do not fill the mask", found=f"{total} pixels",
            expected=f"{height} × {width} = {height * width}",
        )  # fmt: skip
    return height, width, runs


def checked_size(size: object) -> tuple[int, int]:
    """Height and width of a mask."""
    if not (isinstance(size, (list, tuple)) and len(size) == 2 and all(type(one) is int for one in size)):
        raise InputError("a mask has no size", expected="size: [height, width]")
    height, width = size
    if height < 0 or width < 0:
        raise InputError("the size of a mask is negative", found=f"{height} × {width}")
    if height * width > MOST_PIXELS:
        raise LimitError("a mask is too large", found=f"{height} × {width}", expected=f"{MOST_PIXELS} pixels")
    return height, width


def _whole_numbers(counts: list[int]) -> Counts:
    if any(not 0 <= one <= MOST_PIXELS for one in counts):
        raise InputError("a run length is negative or too large", expected=f"0 to {MOST_PIXELS}")
    return np.array(counts, np.int64)


def mask_of_counts(height: int, width: int, counts: Counts | Sequence[int]) -> npt.NDArray[np.bool_]:
    """The mask, ``height`` rows of ``width`` pixels."""
    runs = np.asarray(counts, np.int64)
    values = np.arange(runs.size) % 2 == 1
    return np.repeat(values, runs).reshape(width, height).T


def counts_of_mask(mask: npt.NDArray[np.bool_]) -> Counts:
    """The run lengths of a mask, column by column.

    >>> counts_of_mask(np.array([[False, True], [True, True]])).tolist()
    [1, 3]
    """
    flat = np.asarray(mask, np.bool_).T.ravel()
    if not flat.size:
        return np.zeros(0, np.int64)
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate((np.zeros(1, np.int64), changes, np.array([flat.size]))))
    return np.concatenate((np.zeros(1, np.int64), runs)) if flat[0] else runs


def area_of_counts(counts: Counts | Sequence[int]) -> int:
    """How many pixels the mask covers."""
    return int(np.asarray(counts, np.int64)[1::2].sum())


def box_of_counts(height: int, counts: Counts | Sequence[int]) -> tuple[float, float, float, float]:
    """The box x, y, w, h around the covered pixels; zeros for an empty mask."""
    runs = np.asarray(counts, np.int64)
    ends = np.cumsum(runs)[1::2]
    begins = ends - runs[1::2]
    covered = ends > begins
    begins, last = begins[covered], ends[covered] - 1
    if not begins.size or not height:
        return 0.0, 0.0, 0.0, 0.0
    left, right = int(begins[0] // height), int(last[-1] // height)
    wraps = begins // height != last // height
    if wraps.any():  # a run over several columns touches the lowest row of one and the highest of the next
        top, bottom = 0, height - 1
    else:
        top, bottom = int((begins % height).min()), int((last % height).max())
    return float(left), float(top), float(right - left + 1), float(bottom - top + 1)
