"""Packed files are unpacked whole and counted, or refused with nothing left behind."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.archives import open_stream, unpack_zip
from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import KIB, MIB, Limits

TABLE = b"item,annotator,label\n" + b"".join(b"%d,a%d,cat\n" % (i, i % 7) for i in range(5_000))


def refused(read: Callable[[], object]) -> InputError | None:
    try:
        read()
    except InputError as error:
        return error
    return None


def read_all(path: Path, limits: Limits | None = None) -> bytes:
    with open_stream(path, limits=limits or Limits()) as stream:
        return stream.read()


def zipped(path: Path, entries: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def assert_refused(path: Path, said: str, limits: Limits | None = None) -> InputError:
    """Refused both into a new folder and into one that holds something, with nothing left behind."""
    new, old = path.parent / "new", path.parent / "old"
    old.mkdir(exist_ok=True)
    (old / "kept.txt").write_text("kept")
    for into in (new, old):
        with pytest.raises(InputError, match=said) as caught:
            unpack_zip(path, into, limits=limits or Limits())
        assert caught.value.file == str(path)
    assert not new.exists()
    assert [file.name for file in old.rglob("*")] == ["kept.txt"]
    return caught.value


# streams


@pytest.mark.parametrize("name", ["labels.csv", "labels.csv.gz", "labels.json"])
def test_a_plain_or_packed_file_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(TABLE) if name.endswith(("gz", "json")) else TABLE)
    assert read_all(path) == TABLE
    with open_stream(path) as stream:
        assert stream.readline() == b"item,annotator,label\n"


def test_members_of_one_gzip_file_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(b"a\n") + gzip.compress(b"") + gzip.compress(b"b\n") + b"\0" * 64)
    assert read_all(path) == b"a\nb\n"


@given(st.integers(1, 200))
def test_a_gzip_file_cut_off_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.csv.gz"
    packed = gzip.compress(TABLE)
    path.write_bytes(packed[: len(packed) * cut // 201])
    error = refused(lambda: read_all(path))
    assert error is not None
    assert error.file == str(path)


def test_a_cut_off_gzip_file_says_how_far_it_could_be_read(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(os.urandom(3 * MIB))[:-100])
    with pytest.raises(
        InputError, match=r"labels\.csv\.gz, byte \d{7} of the unpacked file: the gzip file is cut off"
    ):
        read_all(path)


def test_a_changed_byte_is_noticed_by_the_checksum(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    packed = bytearray(gzip.compress(TABLE, compresslevel=0))
    packed[len(packed) // 2] ^= 1
    path.write_bytes(packed)
    with pytest.raises(InputError, match=r"the gzip file is broken\n  found:    CRC check failed"):
        read_all(path)
    path.write_bytes(gzip.compress(TABLE) + b"more")
    with pytest.raises(InputError, match="the gzip file is broken"):
        read_all(path)


@given(st.binary(max_size=80), st.booleans())
def test_arbitrary_bytes_behind_a_gzip_header_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, header: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv.gz"
    path.write_bytes((b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" if header else b"\x1f\x8b") + data)
    error = refused(lambda: read_all(path))
    assert error is None or error.file == str(path)


def test_a_gzip_bomb_is_stopped_early(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb") as stream:
        for _ in range(100):
            stream.write(b"\0" * MIB)
    assert path.stat().st_size < 200 * KIB
    sizes: list[int] = []
    with open_stream(path) as opened, pytest.raises(LimitError, match="far more than it holds"):
        sizes.extend(len(data) for data in iter(lambda: opened.read(MIB), b""))
    assert 15 * MIB < sum(sizes) <= 17 * MIB
    assert len(read_all(path, Limits(unpack_ratio=2_000))) == 100 * MIB


def test_unpacked_bytes_are_limited(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(TABLE))
    assert read_all(path, Limits(unpacked_bytes=len(TABLE))) == TABLE
    with pytest.raises(LimitError, match="too much comes out"):
        read_all(path, Limits(unpacked_bytes=len(TABLE) - 1))


def test_a_file_packed_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(gzip.compress(TABLE)))
    with pytest.raises(InputError, match="packed again"):
        open_stream(path)
    path.write_bytes(gzip.compress(zipped(tmp_path / "a.zip", {"a": b"b"}).read_bytes()))
    with pytest.raises(InputError, match="this packing is not read here") as caught:
        open_stream(path)
    assert caught.value.found == "a zip archive"


def test_other_packings_are_refused_by_name(tmp_path: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("labels.csv"))
    for data, kind in ((bz2.compress(TABLE), "bzip2"), (lzma.compress(TABLE), "xz"), (tar.getvalue(), "tar")):
        path = tmp_path / "labels.csv"
        path.write_bytes(data)
        with pytest.raises(InputError, match="this packing is not read here") as caught:
            open_stream(path)
        assert kind in str(caught.value.found)
        (tmp_path / "labels.csv.gz").write_bytes(data)
        with pytest.raises(InputError, match="the name says gzip"):
            open_stream(tmp_path / "labels.csv.gz")


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, said in (
        (tmp_path, "a folder"),
        (tmp_path / "pipe", "a pipe"),
        (Path("/dev/zero"), "a device"),
        (tmp_path / "nowhere", "there is no such file"),
        (tmp_path / "gone", "there is no such file"),
        (tmp_path / "loop", "cannot be opened"),
        (tmp_path / ("x" * 300), "cannot be opened"),
        (Path("a\0b"), "cannot be opened"),
    ):
        with pytest.raises(InputError, match=said):
            open_stream(path)
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read_all(tmp_path / "link") == b"x"
    (tmp_path / "real").write_bytes(b"xx")
    with pytest.raises(LimitError, match="the file is too large"):
        open_stream(tmp_path / "real", limits=Limits(file_bytes=1))


def test_a_refused_file_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    before = len(os.listdir("/proc/self/fd"))
    for data in (TABLE, gzip.compress(gzip.compress(TABLE)), gzip.compress(TABLE)[:40], bz2.compress(TABLE)):
        path.write_bytes(data)
        assert refused(lambda: read_all(path)) is not None
    assert len(os.listdir("/proc/self/fd")) == before


# archives


def test_an_archive_is_unpacked_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "delivery.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b/", b"")
        archive.writestr("b/labels.csv", TABLE)
        archive.writestr("a.csv", b"x" * 3 * MIB)
        archive.writestr("b/nhãn dán/ê.csv", b"")
    into = tmp_path / "into"
    files = unpack_zip(path, into)
    assert [file.relative_to(into).as_posix() for file in files] == [
        "a.csv",
        "b/labels.csv",
        "b/nhãn dán/ê.csv",
    ]
    assert (into / "b/labels.csv").read_bytes() == TABLE
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(into.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../labels.csv", "leads out of the folder"),
        ("a/../../labels.csv", "leads out of the folder"),
        ("a/..", "leads out of the folder"),
        ("/etc/passwd", "leads out of the folder"),
        ("C:/labels.csv", "leads out of the folder"),
        ("..\\labels.csv", "leads out of the folder"),
        ("a//b.csv", "leads out of the folder"),
        ("./a.csv", "leads out of the folder"),
        ("a\nb.csv", "cannot be used"),
        ("a\x1b[31m.csv", "cannot be used"),
        ("x" * 256, "cannot be used"),
        ("é" * 128, "cannot be used"),
        ("x" * 2_000, "too long or too deep"),
        ("a/" * 20 + "b", "too long or too deep"),
        ("inner.zip", "holds a packed file"),
        ("labels.csv.gz", "holds a packed file"),
        ("labels.TAR", "holds a packed file"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str, said: str) -> None:
    error = assert_refused(zipped(tmp_path / "d.zip", {"first.csv": b"a", name: b"b"}), said)
    assert error.place is not None
    assert error.place.startswith("entry '")


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", {"labels.csvXevil": b"a"})
    path.write_bytes(path.read_bytes().replace(b"csvXevil", b"csv\0evil"))
    assert_refused(path, "cannot be used")


@pytest.mark.parametrize(
    "names",
    [("a.csv", "a.csv"), ("a.csv", "A.csv"), ("ê.csv", "e\u0302.csv"), ("a", "a/"), ("straße", "STRASSE")],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    assert_refused(tmp_path / "d.zip", "two entries of one name")


def test_a_file_that_is_used_as_a_folder_is_refused(tmp_path: Path) -> None:
    assert_refused(zipped(tmp_path / "d.zip", {"a": b"x", "a/b/c.csv": b"y"}), "used as a folder")
    assert_refused(zipped(tmp_path / "d.zip", {"a/b/c.csv": b"y", "A": b"x"}), "used as a folder")


@pytest.mark.parametrize(("kind", "found"), [(stat.S_IFLNK, "a link"), (stat.S_IFIFO, "a special file")])
def test_links_and_special_files_are_refused(tmp_path: Path, kind: int, found: str) -> None:
    entry = zipfile.ZipInfo("labels.csv")
    entry.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert assert_refused(tmp_path / "d.zip", "more than files and folders").found == found


def test_a_link_that_waits_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("precious")
    into = tmp_path / "into"
    into.mkdir()
    (into / "labels.csv").symlink_to(outside)
    with pytest.raises(FileExistsError):
        unpack_zip(zipped(tmp_path / "d.zip", {"labels.csv": b"new"}), into)
    assert outside.read_text() == "precious"
    assert (into / "labels.csv").is_symlink()


def test_an_archive_in_an_archive_is_recognised_by_its_content(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a": b"b"}).read_bytes()
    for data in (inner, gzip.compress(TABLE), bz2.compress(TABLE)):
        assert_refused(
            zipped(tmp_path / "d.zip", {"a.csv": b"ok", "b/labels.csv": data}), "holds a packed file"
        )


def test_a_zip_bomb_is_stopped_early_and_removed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"a.csv": b"\0" * 60 * MIB})
    assert path.stat().st_size < 70 * KIB
    assert_refused(path, "far more than it holds")
    many = zipped(tmp_path / "many.zip", {f"{n}.csv": b"\0" * MIB for n in range(40)})
    assert_refused(many, "far more than it holds")


def test_unpacked_bytes_and_entries_of_an_archive_are_limited(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", {"a.csv": b"1234", "b.csv": b"1234"}, method=zipfile.ZIP_STORED)
    assert_refused(path, "too much comes out", Limits(unpacked_bytes=7))
    assert_refused(path, "too many entries", Limits(archive_entries=1))
    assert len(unpack_zip(path, tmp_path / "into", limits=Limits(unpacked_bytes=8, archive_entries=2))) == 2


def test_a_huge_list_of_entries_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", {"a.csv": b"1"})
    data = bytearray(path.read_bytes())
    struct.pack_into("<HL", data, len(data) - 22 + 10, 0xFFFF, 0xFFFFFFF0)
    path.write_bytes(data)
    assert_refused(path, "too many entries")


def test_entries_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    packed = zlib.compress(b"\0" * 100_000)[2:-4]
    crc = zlib.crc32(b"\0" * 100_000)

    def header(name: bytes) -> bytes:
        return (
            struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(packed), 100_000, len(name), 0)
            + name
        )

    local = header(b"a.csv") + packed
    directory = b"".join(
        struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(packed), 100_000, 5, 0, 0, 0, 0, 0, 0
        )
        + name
        for name in (b"a.csv", b"b.csv")
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(local), 0)
    path.write_bytes(local + directory + end)
    assert_refused(path, "overlap")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_in_an_archive_are_refused(tmp_path: Path, method: int) -> None:
    assert_refused(zipped(tmp_path / "d.zip", {"a.csv": TABLE}, method=method), "packing of an archived file")


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "d.zip", {"a.csv": b"x"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert_refused(path, "encrypted")


@given(st.data())
def test_a_damaged_archive_is_refused_or_gives_what_was_packed(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path = zipped(folder / "d.zip", {"a.csv": TABLE[:300], "b/c.csv": b"xyz"})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    )
    into = folder / "into"
    try:
        files = unpack_zip(path, into)
    except InputError as error:
        assert error.file == str(path)  # noqa: PT017  # which of the two happens is what hypothesis explores
        assert not into.exists()
    else:
        assert {file.read_bytes() for file in files} <= {TABLE[:300], b"xyz", b""}
        assert all(into in file.parents for file in files)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    for data in (b"", b"PK", b"item,label\n", gzip.compress(TABLE), b"PK\x05\x06" + b"\xff" * 18):
        path.write_bytes(data)
        assert refused(lambda: unpack_zip(path, tmp_path / "into")) is not None
        assert not (tmp_path / "into").exists()


def test_two_readers_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv.gz"
    path.write_bytes(gzip.compress(TABLE))
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(read_all(path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [TABLE] * 4
