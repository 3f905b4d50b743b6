"""Pictures beside their labels: which there are, and how large; only the head of one is read, it is never decoded."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from assay.annotation.regular_file import open_regular

from .located_search import MEDIA

_FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF")


def picture_size(path: Path, limits: Limits) -> tuple[int, int] | None:
    """Width and height as stored, before any rotation its metadata asks for; None for what is no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with open_regular(path, limits=limits) as stream, Image.open(stream, formats=_FORMATS) as picture:
                return picture.size
    except (OSError, ValueError, SyntaxError, InputError, Image.DecompressionBombError):
        return None


def pictures(files: Iterable[Path]) -> dict[str, Path]:
    """Pictures by the name without its ending; a name that two of them have is left out."""
    found: dict[str, Path] = {}
    twice = set()
    for path in files:
        if path.suffix.lower() in MEDIA:
            if path.stem in found:
                twice.add(path.stem)
            found[path.stem] = path
    return {stem: path for stem, path in found.items() if stem not in twice}
