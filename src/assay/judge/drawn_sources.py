"""What drawn items look like: their text and link from the delivery, their image as a thumbnail from its folder."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import duckdb
from PIL import Image, ImageOps

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from assay.annotation.regular_file import open_regular

from .document import Json

MOST_CONTENT = 20_000
#: The longer side of an embedded image in pixels, its size and that of all together in bytes.
THUMBNAIL_SIDE, THUMBNAIL_BYTES, ALL_BYTES = 640, 120_000, 2_500_000
#: A JPEG is decoded at a fraction of its size, any other image as a whole.
_MOST_PIXELS, _MOST_JPEG_PIXELS = 24_000_000, 120_000_000
_MOST_FILE_BYTES = 64 * 1024 * 1024
_MOST_FOLDERS = 200
_FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "GIF")
_QUALITIES = (72, 50, 30)
_TURNED = (5, 6, 7, 8)
_NEARLY = 0.005
_ORIENTATION = 0x0112


def add_content(drawn: Sequence[Json], connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    """Give drawn items their text (``content``) and link, see :func:`show_content`."""
    _add(drawn, connection, tables, "content")


def show_content(
    exemplars: Sequence[Json], connection: duckdb.DuckDBPyConnection, tables: Sequence[str]
) -> None:
    """Give exemplars their text (at most ``MOST_CONTENT`` code points) and link, from the first table that has any.

    ``tables`` have the columns ``item``, ``text`` and ``link``: ``content``, then ``manifest`` where there is one.
    """
    _add(exemplars, connection, tables, "text")


def _add(
    items: Sequence[Json], connection: duckdb.DuckDBPyConnection, tables: Sequence[str], key: str
) -> None:
    listed = sorted({str(item["item"]) for item in items})
    found: dict[str, tuple[str | None, str | None]] = {}
    for table in tables if listed else ():
        rows = connection.execute(
            f"SELECT item, left(text, {MOST_CONTENT}), link FROM {table} "
            "WHERE item IN (SELECT unnest(?)) AND (text IS NOT NULL OR link IS NOT NULL)",
            [listed],
        ).fetchall()
        for item, text, link in rows:
            found.setdefault(str(item), (text, link))
    for one in items:
        one[key], one["link"] = found.get(str(one["item"]), (None, None))


def pictures_of(
    drawn: Sequence[Json],
    connection: duckdb.DuckDBPyConnection,
    deliveries: Sequence[object],
    limits: Limits,
) -> dict[str, str]:
    """Thumbnails of drawn items as data addresses, by item, for images that lie in a delivered folder.

    An image of other proportions than the labels say is left out. One whose size no source says gives it to its item.
    """
    folders = [one for one in deliveries if isinstance(one, Path) and one.is_dir()]
    names = _paths(drawn, connection) if folders and drawn else {}
    places = [place for folder in folders for place in _places(folder)]
    pictures: dict[str, str] = {}
    left = ALL_BYTES
    for item in drawn:
        identity = str(item["item"])
        found = _first_picture(item, names.get(identity, [identity]), places, limits)
        if found is not None and len(found) <= left:
            pictures[identity] = found
            left -= len(found)
    return pictures


def _paths(drawn: Sequence[Json], connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Where the image of each item may lie: the path its source says, and its name."""
    names = {str(item["item"]): [str(item["item"])] for item in drawn}
    rows = connection.execute(
        "SELECT item, path FROM image WHERE item IN (SELECT unnest(?)) AND path IS NOT NULL", [list(names)]
    )
    for item, path in rows.fetchall():
        names[str(item)].insert(0, str(path))
    return names


def _places(folder: Path) -> list[tuple[Path, Path]]:
    """A delivered folder and the folders in it, each with the folder that may not be left."""
    root = folder.resolve()
    try:
        inner = sorted(one for one in root.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError:
        inner = []
    return [(root, place) for place in [root, *inner[:_MOST_FOLDERS]]]


def _first_picture(
    item: Json, names: Sequence[str], places: Sequence[tuple[Path, Path]], limits: Limits
) -> str | None:
    for path in _candidates(names, places):
        try:
            shown = _thumbnail(path, item, limits)
        except (OSError, ValueError, SyntaxError, InputError, Image.DecompressionBombError):
            shown = None
        if shown is not None:
            return shown
    return None


def _candidates(names: Sequence[str], places: Sequence[tuple[Path, Path]]) -> Iterator[Path]:
    """Existing files under the names and below the folders; a name that leads out of its folder is passed over."""
    for root, place in places:
        for name in names:
            for relative in dict.fromkeys((PurePosixPath(name), PurePosixPath(PurePosixPath(name).name))):
                try:
                    path = (place / relative).resolve()
                    if path.is_relative_to(root) and path.is_file():
                        yield path
                except (OSError, ValueError, RuntimeError):
                    continue


def _thumbnail(path: Path, item: Json, limits: Limits) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.stat().st_size > _MOST_FILE_BYTES:
            return None
        with open_regular(path, limits=limits) as stream, Image.open(stream, formats=_FORMATS) as picture:
            stored = picture.size
            turned = picture.getexif().get(_ORIENTATION) in _TURNED
            most = _MOST_JPEG_PIXELS if picture.format == "JPEG" else _MOST_PIXELS
            if stored[0] * stored[1] > most or not _fits(item, stored, turned=turned):
                return None
            picture.draft("RGB", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            small = picture.convert("RGB")
            if turned and not _fits(item, stored, turned=False):
                small = ImageOps.exif_transpose(small)
    if item["width"] is None:
        item["width"], item["height"] = stored
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _encoded(small)


def _fits(item: Json, stored: tuple[int, int], *, turned: bool) -> bool:
    """Whether labels of the item lie on an image of this size, or on a larger or smaller copy of it."""
    width, height = item["width"], item["height"]
    if not isinstance(width, int) or not isinstance(height, int):
        return True
    wide, high = stored[::-1] if turned and (width > height) != (stored[0] > stored[1]) else stored
    return abs(width * high - height * wide) <= _NEARLY * width * high


def _encoded(picture: Image.Image) -> str | None:
    for quality in _QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= THUMBNAIL_BYTES:
            return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
    return None
