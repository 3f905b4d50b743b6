"""Texts, links and thumbnails of drawn items: from the delivery and nowhere else."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import duckdb
import pytest
from PIL import Image

from assay.annotation.limits import DEFAULT_LIMITS
from assay.judge.document import Json
from assay.judge.drawn_sources import ALL_BYTES, THUMBNAIL_BYTES, THUMBNAIL_SIDE, add_content, pictures_of


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    found.execute("CREATE TABLE content(item VARCHAR, text VARCHAR, link VARCHAR)")
    found.execute("CREATE TABLE manifest(item VARCHAR, text VARCHAR, link VARCHAR)")
    found.execute("CREATE TABLE image(item VARCHAR, width INTEGER, height INTEGER, path VARCHAR)")
    return found


def _item(name: str, width: int | None = 80, height: int | None = 60) -> Json:
    return {"item": name, "width": width, "height": height, "content": None, "link": None}


def _picture(path: Path, size: tuple[int, int] = (80, 60), **more: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.effect_noise(size, 80).convert("RGB").save(path, **more)


def _shown(connection: duckdb.DuckDBPyConnection, folder: Path, *items: Json) -> dict[str, str]:
    return pictures_of(items, connection, [folder], DEFAULT_LIMITS)


def _opened(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def test_text_comes_from_the_first_table_that_has_it(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "INSERT INTO content VALUES ('a', 'a text', NULL), ('it''s', NULL, 'https://media.example/1')"
    )
    connection.execute("INSERT INTO manifest VALUES ('a', 'another', 'x'), ('b', 'of the manifest', NULL)")
    items = [_item("a"), _item("b"), _item("it's"), _item("c")]
    add_content(items, connection, ["content", "manifest"])
    assert [(one["content"], one["link"]) for one in items] == [
        ("a text", None), ("of the manifest", None), (None, "https://media.example/1"), (None, None)
    ]  # fmt: skip


def test_an_image_of_the_folder_is_shown_small_and_without_its_metadata(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    _picture(tmp_path / "images" / "a.jpg", (2000, 1500), exif=exif)
    [address] = _shown(connection, tmp_path, _item("a.jpg", 2000, 1500)).values()
    picture = _opened(address)
    assert max(picture.size) == THUMBNAIL_SIDE
    assert not dict(picture.getexif())
    assert len(base64.b64decode(address.partition(",")[2])) <= THUMBNAIL_BYTES


def test_an_image_is_found_by_the_path_that_its_source_says(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _picture(tmp_path / "night" / "deep" / "a.png")
    connection.execute("INSERT INTO image VALUES ('a', 80, 60, 'night/deep/a.png')")
    assert list(_shown(connection, tmp_path, _item("a"))) == ["a"]


@pytest.mark.parametrize(
    "name", ["../out.png", "/etc/hostname", "..\\out.png", "inner/../../out.png", "\0", "x" * 5000]
)
def test_a_name_never_leads_out_of_the_folder(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, name: str
) -> None:
    _picture(tmp_path / "out.png")
    folder = tmp_path / "delivery"
    folder.mkdir()
    assert _shown(connection, folder, _item(name)) == {}


def test_a_link_out_of_the_folder_is_not_followed(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _picture(tmp_path / "out.png")
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "a.png").symlink_to(tmp_path / "out.png")
    assert _shown(connection, folder, _item("a.png")) == {}


def test_an_image_of_other_proportions_is_left_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _picture(tmp_path / "a.png", (80, 80))
    assert _shown(connection, tmp_path, _item("a.png", 800, 600)) == {}


def test_a_smaller_copy_of_the_image_is_shown(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _picture(tmp_path / "a.png", (80, 60))
    assert list(_shown(connection, tmp_path, _item("a.png", 1600, 1200))) == ["a.png"]


@pytest.mark.parametrize(("said", "shown"), [((60, 80), (60, 80)), ((80, 60), (80, 60))])
def test_an_image_is_turned_as_its_labels_are(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, said: tuple[int, int], shown: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    _picture(tmp_path / "a.jpg", (80, 60), exif=exif)
    [address] = _shown(connection, tmp_path, _item("a.jpg", *said)).values()
    assert _opened(address).size == shown


def test_an_image_gives_its_size_where_no_source_says_it(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    _picture(tmp_path / "a.png", (80, 60))
    item = _item("a.png", None, None)
    _shown(connection, tmp_path, item)
    assert (item["width"], item["height"]) == (80, 60)


@pytest.mark.parametrize("data", [b"", b"no image", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg/>", b"GIF89a"])
def test_what_is_no_image_is_left_out(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert _shown(connection, tmp_path, _item("a.png")) == {}


def test_a_very_large_image_is_not_decoded(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    Image.new("1", (12_000, 9_000)).save(tmp_path / "a.png")
    assert _shown(connection, tmp_path, _item("a.png", 12_000, 9_000)) == {}


def test_all_images_together_stay_within_their_limit(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for number in range(30):
        _picture(tmp_path / f"{number}.jpg", (640, 480), quality=95)
    shown = _shown(connection, tmp_path, *(_item(f"{number}.jpg", 640, 480) for number in range(30)))
    assert 0 < sum(map(len, shown.values())) <= ALL_BYTES
    assert len(shown) < 30
