"""Whatever is done to a bundle is noticed, with its place; clean bundles pass."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.ledger.check import check_bundle
from assay.ledger.outcome import FINE, UNREADABLE, WRONG
from assay.ledger.problem import LedgerError
from tests.ledger.programme import LOG_KEY, Programme, build, key, public, standard, write
from tests.ledger.tampering import PARTIAL, TAMPERINGS, Opened, Tampering, forged, keepers_entries

KEYS = [public(LOG_KEY)]


def places(path: Path, **options: object) -> tuple[int, list[str]]:
    """The exit code and the places that are told."""
    try:
        outcome = check_bundle(path, keys=KEYS, **options)  # type: ignore[arg-type]  # passed on
    except LedgerError as error:
        return UNREADABLE, [error.place or error.file or ""]
    return outcome.code, [problem.place for problem in outcome.problems]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A complete bundle (False) and a partial one (True)."""
    folder = tmp_path_factory.mktemp("bundles")
    return {
        False: write(standard().bundle(), folder / "whole.zip"),
        True: write(standard().bundle(indices=PARTIAL), folder / "partial.zip"),
    }


def test_there_are_at_least_forty_ways_to_tamper() -> None:
    assert len(TAMPERINGS) >= 40


@pytest.mark.parametrize("way", TAMPERINGS, ids=lambda way: way.name)
def test_tampering_is_noticed_where_it_was_done(
    way: Tampering, bundles: dict[bool, Path], tmp_path: Path
) -> None:
    opened = Opened(bundles[way.partial])
    before = dict(opened.files)
    way.do(opened)
    assert opened.files != before
    code, found = places(opened.pack(tmp_path / "b.zip"))
    assert code in (WRONG, UNREADABLE)
    assert any(way.place in place for place in found), found


@pytest.mark.parametrize("name", keepers_entries(standard()))
def test_the_keeper_of_the_ledger_cannot_sign_entries_that_break_the_rules(name: str, tmp_path: Path) -> None:
    entries, place = keepers_entries(standard())[name]
    code, found = places(forged(entries, tmp_path / "b.zip"))
    assert code == WRONG
    assert any(place in one for one in found), found


def test_the_keeper_cannot_rewrite_what_somebody_holds_a_checkpoint_of(tmp_path: Path) -> None:
    held = standard().checkpoints[-1]
    other = build(1, outcome="accept")
    code, found = places(write(other.bundle(), tmp_path / "fork.zip"), held=held)
    assert (code, found) == (WRONG, ["the checkpoint you hold"])
    older = Programme(ledger=build(1).ledger)
    older.ledger.entries = older.ledger.entries[:10]
    rolled = forged(older.ledger.entries, tmp_path / "rollback.zip")
    assert places(rolled, held=held) == (WRONG, ["the checkpoint you hold"])
    assert places(rolled) == (FINE, [])


def test_what_a_partial_bundle_leaves_out_is_said(bundles: dict[bool, Path]) -> None:
    outcome = check_bundle(bundles[True], keys=KEYS)
    assert outcome.code == FINE
    assert any("left out" in line and "7 of 18" in line for line in outcome.not_proven)


def test_without_a_key_nothing_is_proven_to_anyone(bundles: dict[bool, Path], tmp_path: Path) -> None:
    outcome = check_bundle(bundles[False])
    assert outcome.code == 3
    assert any("--key" in need for need in outcome.needs)
    other = check_bundle(bundles[False], keys=[public(key("other"))])
    assert other.code == WRONG


def flip(data: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= bit
    return bytes(changed)


def check_flips(path: Path, folder: Path, flips: list[tuple[int, int]]) -> None:
    """Every one of these flips is noticed, and its place is told."""
    data, target = path.read_bytes(), folder / "flipped.zip"
    for at, bit in flips:
        target.write_bytes(flip(data, at, bit))
        code, found = places(target)
        assert code in (WRONG, UNREADABLE), (at, bit)
        assert found, (at, bit)
        assert all(found), (at, bit)


@pytest.mark.parametrize("partial", [False, True])
def test_flipped_bits_are_noticed(partial: bool, bundles: dict[bool, Path], tmp_path: Path) -> None:
    size, dice = bundles[partial].stat().st_size, random.Random(7)
    flips = [(dice.randrange(size), 1 << dice.randrange(8)) for _ in range(400)]
    check_flips(bundles[partial], tmp_path, flips)


@pytest.mark.soak
@pytest.mark.parametrize("partial", [False, True])
def test_ten_thousand_flipped_bits_and_every_byte_are_noticed(
    partial: bool, bundles: dict[bool, Path], tmp_path: Path
) -> None:
    size, dice = bundles[partial].stat().st_size, random.Random(8)
    flips = [(dice.randrange(size), dice.randrange(1, 256)) for _ in range(5_000)]
    check_flips(bundles[partial], tmp_path, [*flips, *((at, 1) for at in range(size))])


@given(st.data())
def test_whatever_is_done_to_the_files_is_noticed_and_never_a_crash(
    bundles: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    opened = Opened(bundles[data.draw(st.booleans())])
    before = dict(opened.files)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(opened.files)))
        old = opened.files[name]
        begin = data.draw(st.integers(0, len(old)))
        end = data.draw(st.integers(begin, min(len(old), begin + data.draw(st.sampled_from([1, 8, 4_000])))))
        piece = st.binary(max_size=8) | st.sampled_from(
            [old[begin:end] * 2, b"\n", b"{}", b"null", b"0", b" "]
        )
        opened.files[name] = old[:begin] + data.draw(piece) + old[end:]
    code, found = places(opened.pack(tmp_path_factory.mktemp("done") / "b.zip"))
    assert (code == FINE) == (opened.files == before), found


def _clean(seed: int, folder: Path) -> None:
    dice = random.Random(seed)
    made = build(
        seed, labels=dice.randrange(12), batches=1 + seed % 3, outcome=dice.choice(["accept", "rework"])
    )
    count = len(made.ledger)
    some = sorted(dice.sample(range(count), dice.randrange(1, count + 1))) if seed % 2 else None
    bundle = made.bundle(indices=some, witness=seed % 3 > 0, earlier=seed % 5 > 0, files=seed % 4 > 0)
    outcome = check_bundle(write(bundle, folder / f"{seed}.zip"), keys=KEYS, held=made.checkpoints[0])
    assert outcome.problems == []
    assert outcome.code == FINE or (some is not None and seed % 5 == 0)


def test_clean_bundles_raise_no_alarm(tmp_path: Path) -> None:
    for seed in range(50):
        _clean(seed, tmp_path)


@pytest.mark.soak
def test_a_thousand_clean_bundles_raise_no_alarm(tmp_path: Path) -> None:
    for seed in range(50, 1_050):
        _clean(seed, tmp_path)


def test_a_bundle_unpacked_into_a_folder_is_the_same_bundle(
    bundles: dict[bool, Path], tmp_path: Path
) -> None:
    for name, data in Opened(bundles[False]).files.items():
        path = tmp_path / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert places(tmp_path / "unpacked") == (FINE, [])
    (tmp_path / "unpacked" / "entries").write_bytes(b"")
    assert places(tmp_path / "unpacked")[0] == WRONG
    (tmp_path / "unpacked" / "keys").unlink()
    (tmp_path / "unpacked" / "keys").symlink_to("/etc/hostname")
    assert places(tmp_path / "unpacked") == (UNREADABLE, ["'keys'"])


def test_the_same_bundle_has_the_same_bytes(bundles: dict[bool, Path], tmp_path: Path) -> None:
    again = write(build(1).bundle(), tmp_path / "again.zip")
    assert again.read_bytes() == bundles[False].read_bytes()


def test_what_is_no_bundle_is_refused_with_its_place(tmp_path: Path, bundles: dict[bool, Path]) -> None:
    data = bundles[False].read_bytes()
    cases = {
        "empty": b"", "text": b"hello", "cut": data[:-30], "half": data[: len(data) // 2], "before": b"x" + data,
        "behind": data + b"x", "twice": data + data,
    }  # fmt: skip
    for name, bad in cases.items():
        path = tmp_path / name
        path.write_bytes(bad)
        code, found = places(path)
        assert (code, bool(found[0])) == (UNREADABLE, True), name
    assert places(tmp_path / "nothing here")[0] == UNREADABLE
