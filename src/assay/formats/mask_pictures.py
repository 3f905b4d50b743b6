"""Masks as pictures: the values of one PNG, decoded within limits, and which of black and white is the object."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from assay.annotation.errors import InputError, LimitError
from assay.annotation.place import shown

#: The largest mask that is decoded, in pixels.
MOST_PIXELS = 1 << 26
_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16", "I;16B")
_MIDDLE = 128

Values = npt.NDArray[np.int32]
Pixels = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sides:
    """How much of a mask is dark, of the whole picture and of its border, as shares; ``gray`` pixels are neither."""

    dark: float
    dark_border: float
    gray: int


def values_of(data: bytes, *, file: str, indexed: bool) -> Values:
    """The values of a picture, rows first: its brightness from 0 to 255, or with ``indexed`` its numbers as they stand.

    Of brightness, pixels that are more transparent than not are white, and a picture of 0 and 1 is black and white.
    Raises :class:`InputError` for what is no PNG or is damaged, :class:`LimitError` for more pixels than are decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
                _refuse_size(picture.size, file)
                if picture.mode not in _MODES:
                    raise InputError("this kind of PNG is not read", file=file, found=picture.mode)
                return _numbers(picture, file) if indexed else _brightness(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(
            "the picture cannot be decoded", file=file, found=shown(str(error)), expected="a PNG"
        ) from None


def _refuse_size(size: tuple[int, int], file: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise LimitError(
            "a mask is too large", file=file, found=f"{width} by {height} pixels",
            expected=f"at most {MOST_PIXELS:,} pixels",
        )  # fmt: skip


def _numbers(picture: Image.Image, file: str) -> Values:
    if picture.mode in ("RGB", "RGBA", "LA"):
        raise InputError(
            "the numbers of classes or objects stand in one channel", file=file, found=picture.mode,
            expected="a PNG with a palette, or in shades of gray",
        )  # fmt: skip
    return np.asarray(picture).astype(np.int32)


def _brightness(picture: Image.Image) -> Values:
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.int32)
        return values if values.max(initial=0) <= 255 else values >> 8
    gray = np.asarray(picture.convert("L")).astype(np.int32)
    if picture.mode in ("LA", "RGBA"):
        gray = np.where(np.asarray(picture.getchannel("A")) < _MIDDLE, 255, gray)
    return gray * 255 if gray.max(initial=0) == 1 else gray


def sides_of(values: Values) -> Sides:
    """What speaks for black or white as the object: it rarely fills the picture and rarely touches the border."""
    dark = dark_pixels(values)
    border = np.concatenate((dark[0], dark[-1], dark[:, 0], dark[:, -1]))
    gray = int(np.count_nonzero((values > 0) & (values < 255)))
    return Sides(float(dark.mean()), float(border.mean()), gray)


def dark_pixels(values: Values) -> Pixels:
    """The pixels that are nearer to black than to white."""
    dark: Pixels = values < _MIDDLE
    return dark
