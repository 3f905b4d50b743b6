"""Ways to tamper with a bundle. Whoever does it knows the format: checksums, framing and leaf hashes are made to fit
again wherever a secret is not needed for it. Each way names the place that has to be told.
"""

from __future__ import annotations

import base64
import io
import json
import re
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assay.ledger.bundle import bundle_of
from assay.ledger.canonical import canonical
from assay.ledger.checkpoint import checkpoint_text, parse_checkpoint, sign_checkpoint
from assay.ledger.container import write_container
from assay.ledger.entries import entry_bytes
from assay.ledger.leaves import leaf_records, read_leaves
from assay.ledger.log import Ledger
from assay.ledger.note import WITNESS, NoteKey, sign_note
from assay.ledger.tree import Tree, leaf_hash
from tests.ledger.programme import LOG_KEY, ORIGIN, Programme, build, key, public, report_json, write

PARTIAL = [0, 1, 2, 3, 12, 13, 16]
VERDICT, DISPUTE, OPENED, DELIVERY, DECISION = 13, 14, 15, 12, 16
EVIL = key("evil")


class Opened:
    """The files of a bundle, to be changed and packed again."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}

    def pack(self, path: Path) -> Path:
        write_container(path, {name: iter([data]) for name, data in self.files.items()})
        return path

    def records(self, name: str = "entries") -> list[tuple[int, bytes]]:
        return [(index, data) for index, data, _ in read_leaves(io.BytesIO(self.files[name]), 1 << 20)]

    def put(self, records: list[tuple[int, bytes]], name: str = "entries") -> None:
        self.files[name] = b"".join(leaf_records(records))

    def change(self, name: str, old: bytes | str, new: bytes | str, count: int = 1) -> None:
        old, new = (one.encode() if isinstance(one, str) else one for one in (old, new))
        assert old in self.files[name], f"{old!r} is not in {name}"
        self.files[name] = self.files[name].replace(old, new, count)

    def rewrite(self, index: int, how: Callable[[bytes], bytes]) -> None:
        """Change an entry and the hash beside it."""
        records = self.records()
        assert any(at == index for at, _ in records)
        changed = [(at, how(data) if at == index else data) for at, data in records]
        assert changed != records
        self.put(changed)

    def lines(self, name: str) -> list[str]:
        return self.files[name].decode().splitlines(keepends=True)


@dataclass(frozen=True)
class Tampering:
    """One way: what is done to an opened bundle, where it has to be noticed, and whether the bundle is a partial one."""

    name: str
    do: Callable[[Opened], object]
    place: str
    partial: bool = False


def _set(opened: Opened, name: str, data: bytes) -> None:
    opened.files[name] = data


def _duplicate_key(data: bytes) -> bytes:
    return b'{"assay":"evil",' + data[1:]


def _other_order(data: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(data).items())), separators=(",", ":")).encode()


def _escaped(data: bytes) -> bytes:
    return data.replace(b'"delivery"', b'"\\u0064elivery"', 1)


def _swap_bytes(opened: Opened) -> None:
    records = opened.records()
    (a, first), (b, second) = records[4], records[5]
    records[4], records[5] = (a, second), (b, first)
    opened.put(records)


def _raw(opened: Opened, how: Callable[[list[bytes]], list[bytes]]) -> None:
    opened.files["entries"] = b"".join(how(opened.files["entries"].splitlines(keepends=True)))


def _finer_tree(opened: Opened) -> None:
    """The subtree over leaves 4 to 7 as two of its halves: the same meaning in other lines."""
    tree = Tree(map(leaf_hash, build(1).ledger.entries))
    lines = opened.lines("tree")
    at = next(n for n, line in enumerate(lines) if line.startswith("4 4 "))
    lines[at : at + 1] = [f"{b} 2 {base64.b64encode(tree.subtree(b, 2)).decode()}\n" for b in (4, 6)]
    opened.files["tree"] = "".join(lines).encode()


def _tree_lines(opened: Opened, how: Callable[[list[str]], list[str]]) -> None:
    opened.files["tree"] = "".join(how(opened.lines("tree"))).encode()


def _other_root(line: str) -> str:
    begin, leaves, _ = line.split()
    return f"{begin} {leaves} {base64.b64encode(bytes(32)).decode()}\n"


def _text(
    opened: Opened, origin: str | None = None, size: str | None = None, root: str | None = None
) -> None:
    lines = opened.lines("checkpoint")
    for at, value in enumerate((origin, size, root)):
        if value is not None:
            lines[at] = value + "\n"
    opened.files["checkpoint"] = "".join(lines).encode()


def _signature_lines(opened: Opened, how: Callable[[list[str]], list[str]]) -> None:
    text, signed = opened.files["checkpoint"].decode().rsplit("\n\n", 1)
    opened.files["checkpoint"] = f"{text}\n\n{''.join(how(signed.splitlines(keepends=True)))}".encode()


def _unused_bits(lines: list[str]) -> list[str]:
    """The same bytes in another base64: the last letter before the padding has bits that do not count."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    found = re.fullmatch("(.*)(.)(=+)\n", lines[0])
    assert found
    return [f"{found[1]}{alphabet[alphabet.index(found[2]) | 1]}{found[3]}\n", *lines[1:]]


def _resigned(opened: Opened, *, keys: bool) -> None:
    """Somebody else signs the same root, and lists another key."""
    head = parse_checkpoint(opened.files["checkpoint"])
    opened.files["checkpoint"] = bytes(sign_checkpoint(head.origin, head.size, head.root, EVIL))
    if keys:
        opened.files["keys"] = f"{public(EVIL)}\n".encode()
        for name in [name for name in opened.files if name.startswith("earlier/")]:
            del opened.files[name]


def _impostor(lines: list[str]) -> list[str]:
    """Another key's signature under the name of the ledger."""
    return [str(sign_note(checkpoint_text(ORIGIN, 18, bytes(32)), EVIL, ORIGIN)), *lines[1:]]


def _as_witness(opened: Opened) -> None:
    lines = [line for line in opened.lines("keys") if not line.startswith(ORIGIN)]
    raw = LOG_KEY.public_key().public_bytes_raw()
    opened.files["keys"] = "".join(sorted([*lines, f"{NoteKey(ORIGIN, WITNESS, raw)}\n"])).encode()


def _opening(opened: Opened) -> None:
    found = json.loads(opened.files[f"files/{OPENED}/opening.json"])
    opened.files[f"files/{OPENED}/opening.json"] = canonical({**found, "value": "van"})


def _fewer_commitments(opened: Opened) -> None:
    name = "files/2/commitments.csv"
    opened.files[name] = b"".join(opened.files[name].splitlines(keepends=True)[:-1])


def _move(opened: Opened, old: str, new: str) -> None:
    opened.files[new] = opened.files.pop(old)


def _row(opened: Opened, how: Callable[[list[tuple[int, bytes]]], list[tuple[int, bytes]]]) -> None:
    name = f"rows/{DELIVERY}.leaves"
    opened.put(how(opened.records(name)), name)


def _rest(opened: Opened) -> list[tuple[int, bytes]]:
    return opened.records()


_NEW = entry_bytes(
    "schema", id=str(uuid.UUID(int=9)), at="2026-03-01T00:00:00Z", by="service", facts={"version": "9", "sha256": "0" * 64}
)  # fmt: skip

TAMPERINGS = (
    Tampering("a letter of an entry", lambda o: o.change("entries", "batch-1", "batch-2"), "entry 12"),
    Tampering("a letter of an entry and its hash", lambda o: o.rewrite(12, lambda d: d.replace(b"batch-1", b"batch-2")), "entries and tree"),
    Tampering("the outcome of a verdict", lambda o: o.rewrite(13, lambda d: d.replace(b'"rework"', b'"accept"')), "entries and tree"),
    Tampering("the pseudonym of a person", lambda o: o.rewrite(14, lambda d: d.replace(b"person-d", b"person-e")), "entries and tree"),
    Tampering("the time of an entry", lambda o: o.rewrite(13, lambda d: d.replace(b"00:13:00Z", b"00:14:00Z")), "entries and tree"),
    Tampering("an entry taken away", lambda o: o.put([r for r in _rest(o) if r[0] != 13]), "entry 14"),
    Tampering("the last entry taken away", lambda o: o.put(_rest(o)[:-1]), "tree"),
    Tampering("an entry put first", lambda o: o.put([(0, _NEW), *_rest(o)]), "entries, record 2"),
    Tampering("an entry added at the end", lambda o: o.put([*_rest(o), (18, _NEW)]), "entry 18"),
    Tampering("an entry replaced", lambda o: o.rewrite(0, lambda _: _NEW), "entries and tree"),
    Tampering("an entry twice", lambda o: o.put([*_rest(o)[:5], _rest(o)[4], *_rest(o)[5:]]), "entries, record 6"),
    Tampering("two records exchanged", lambda o: o.put([_rest(o)[1], _rest(o)[0], *_rest(o)[2:]]), "entry 1"),
    Tampering("the bytes of two entries exchanged", _swap_bytes, "entries and tree"),
    Tampering("a key given twice in an entry", lambda o: o.rewrite(12, _duplicate_key), "entry 12"),
    Tampering("a blank in an entry", lambda o: o.rewrite(12, lambda d: d.replace(b":", b": ", 1)), "entry 12"),
    Tampering("keys in another order", lambda o: o.rewrite(12, _other_order), "entry 12"),
    Tampering("a letter written as an escape", lambda o: o.rewrite(12, _escaped), "entry 12"),
    Tampering("a number with a point", lambda o: o.rewrite(12, lambda d: d.replace(b'"rows":7', b'"rows":7.0')), "entry 12"),
    Tampering("a newline behind an entry", lambda o: o.rewrite(12, lambda d: d + b"\n"), "entry 12"),
    Tampering("indices moved by one", lambda o: o.put([(i + 1, d) for i, d in _rest(o)]), "entry 1"),
    Tampering("a length with a zero before it", lambda o: _raw(o, lambda ls: [ls[0].replace(b" ", b" 0", 1), *ls[1:]]), "entries, record 1"),
    Tampering("a length too long", lambda o: _raw(o, lambda ls: [ls[0].replace(b" ", b" 1", 1), *ls[1:]]), "entries, record 1"),
    Tampering("bytes behind the last entry", lambda o: _set(o, "entries", o.files["entries"] + b"\n"), "entries, record 19"),
    Tampering("the entries cut off", lambda o: _set(o, "entries", o.files["entries"][:-40]), "entries, record 18"),
    Tampering("no entries", lambda o: _set(o, "entries", b""), "tree"),
    Tampering("line ends of another system", lambda o: _raw(o, lambda ls: [line.replace(b"\n", b"\r\n") for line in ls]), "entries, record 1"),
    Tampering("a stated hash", lambda o: _raw(o, lambda ls: [ls[0].replace(b"=", b"A=", 1), *ls[1:]]), "entries, record 1"),
    Tampering("a subtree too many", lambda o: _set(o, "tree", b"0 1 " + base64.b64encode(bytes(32)) + b"\n"), "tree"),
    Tampering("a subtree missing", lambda o: _tree_lines(o, lambda ls: ls[1:]), "tree", partial=True),
    Tampering("another hash of a subtree", lambda o: _tree_lines(o, lambda ls: [_other_root(ls[0]), *ls[1:]]), "entries and tree", partial=True),
    Tampering("subtrees in another order", lambda o: _tree_lines(o, lambda ls: ls[::-1]), "tree", partial=True),
    Tampering("a subtree as its halves", _finer_tree, "tree", partial=True),
    Tampering("an entry hidden in a wrong subtree", lambda o: o.put([r for r in _rest(o) if r[0] != 16]), "tree", partial=True),
    Tampering("a greater size", lambda o: _text(o, size="19"), "checkpoint"),
    Tampering("a smaller size", lambda o: _text(o, size="17"), "checkpoint"),
    Tampering("a size with a zero before it", lambda o: _text(o, size="018"), "checkpoint"),
    Tampering("another root", lambda o: _text(o, root=base64.b64encode(bytes(32)).decode()), "checkpoint"),
    Tampering("another ledger's name", lambda o: _text(o, origin="other.example/ledger"), "checkpoint"),
    Tampering("a line more in the checkpoint", lambda o: o.change("checkpoint", "\n\n", "\nmore\n\n"), "checkpoint"),
    Tampering("the ledger's signature taken away", lambda o: _signature_lines(o, lambda ls: ls[1:]), "checkpoint"),
    Tampering("a signature twice", lambda o: _signature_lines(o, lambda ls: [*ls, ls[0]]), "checkpoint"),
    Tampering("the signature of another text", lambda o: _signature_lines(o, _impostor), "checkpoint"),
    Tampering("unused bits of a signature", lambda o: _signature_lines(o, _unused_bits), "checkpoint"),
    Tampering("a signature without its key", lambda o: _set(o, "keys", "".join(o.lines("keys")[:1]).encode()), "checkpoint"),
    Tampering("somebody else signs", lambda o: _resigned(o, keys=False), "checkpoint"),
    Tampering("somebody else signs and lists the key", lambda o: _resigned(o, keys=True), "checkpoint"),
    Tampering("a key that signed nothing", lambda o: _set(o, "keys", "".join(sorted([*o.lines("keys"), f"{public(EVIL)}\n"])).encode()), "keys"),
    Tampering("keys in another order", lambda o: _set(o, "keys", "".join(reversed(o.lines("keys"))).encode()), "keys"),
    Tampering("the ledger's key as a witness", _as_witness, "checkpoint"),
    Tampering("another root of an earlier checkpoint", lambda o: o.change("earlier/4.checkpoint", o.lines("earlier/4.checkpoint")[2], base64.b64encode(bytes(32)) + b"\n"), "earlier/4.checkpoint"),
    Tampering("a hash of a proof missing", lambda o: _set(o, "earlier/14.proof", "".join(o.lines("earlier/14.proof")[1:]).encode()), "earlier/14.checkpoint"),
    Tampering("a hash of a proof too many", lambda o: _set(o, "earlier/14.proof", o.files["earlier/14.proof"] * 2), "earlier/14.checkpoint"),
    Tampering("no proof", lambda o: o.files.pop("earlier/14.proof"), "earlier/14.checkpoint"),
    Tampering("an earlier checkpoint under another size", lambda o: [_move(o, f"earlier/4.{end}", f"earlier/5.{end}") for end in ("checkpoint", "proof")], "earlier/5.checkpoint"),
    Tampering("another report", lambda o: _set(o, f"files/{VERDICT}/report.json", report_json("batch-1", "accept")), f"files/{VERDICT}/report.json"),
    Tampering("a letter of the contract", lambda o: o.change("files/3/contract.yaml", "street", "Street"), "files/3/contract.yaml"),
    Tampering("a document at another entry", lambda o: _move(o, "files/0/schema.yaml", "files/1/schema.yaml"), "files/1/schema.yaml"),
    Tampering("a document under another name", lambda o: _move(o, f"files/{VERDICT}/counts.json", f"files/{VERDICT}/count.json"), f"files/{VERDICT}/count.json"),
    Tampering("a document of no entry", lambda o: _set(o, "files/99/report.json", b"{}"), "files/99/report.json"),
    Tampering("a file of nobody", lambda o: _set(o, "readme.txt", b"trust me"), "readme.txt"),
    Tampering("a reason", lambda o: o.change(f"files/{DISPUTE}/reason.txt", "right", "wrong"), f"files/{DISPUTE}/reason.txt"),
    Tampering("a salt", lambda o: _set(o, f"files/{DISPUTE}/reason.txt.salt", b"0" * 64 + b"\n"), f"files/{DISPUTE}/reason.txt"),
    Tampering("no salt", lambda o: o.files.pop(f"files/{DISPUTE}/reason.txt.salt"), f"files/{DISPUTE}/reason.txt"),
    Tampering("a salt of nothing", lambda o: o.files.pop(f"files/{DISPUTE}/reason.txt"), f"files/{DISPUTE}/reason.txt.salt"),
    Tampering("an opened answer", _opening, f"files/{OPENED}/opening.json"),
    Tampering("fewer commitments", _fewer_commitments, "files/2/commitments.csv"),
    Tampering("a row", lambda o: _row(o, lambda rs: [(i, d.replace(b"car", b"van")) for i, d in rs]), f"rows/{DELIVERY}.leaves"),
    Tampering("the number of a row", lambda o: _row(o, lambda rs: [(rs[0][0] + 1, rs[0][1]), *rs[1:]]), f"rows/{DELIVERY}.leaves"),
    Tampering("a row taken away", lambda o: _row(o, lambda rs: rs[1:]), f"rows/{DELIVERY}.leaves"),
    Tampering("a row more", lambda o: _row(o, lambda rs: [*rs, (7, rs[0][1])]), f"rows/{DELIVERY}.leaves"),
    Tampering("the tree of the rows taken away", lambda o: o.files.pop(f"rows/{DELIVERY}.tree"), f"rows/{DELIVERY}.leaves"),
    Tampering("another version of the format", lambda o: o.change("bundle.json", "/1", "/2"), "bundle.json"),
    Tampering("a file of the format missing", lambda o: o.files.pop("keys"), ""),
)  # fmt: skip


def forged(entries: list[bytes], path: Path) -> Path:
    """A bundle over any bytes as entries, signed with the key of the ledger itself: what its keeper could do."""
    ledger = Ledger(ORIGIN)
    ledger.entries = list(entries)
    ledger.tree = Tree(map(leaf_hash, entries))
    return write(bundle_of(ledger, ledger.checkpoint(LOG_KEY), [public(LOG_KEY)]), path)


def _edited(data: bytes, **changes: object) -> bytes:
    document = json.loads(data)
    for name, value in changes.items():
        part = document["facts"] if name in document["facts"] else document
        part[name] = value
    return canonical(document)


def _id(number: int) -> str:
    return str(uuid.UUID(int=number))


def keepers_entries(p: Programme) -> dict[str, tuple[list[bytes], str]]:
    """What the keeper of the ledger may sign and must not: name → (entries, place)."""
    entries = p.ledger.entries
    decision = entries[DECISION]
    concession = _edited(decision, id=_id(1), decision="concession", outcome="accept")
    parent = leaf_hash(entries[0]).hex()
    return {
        "a second decision that does not name the first": ([*entries, _edited(decision, id=_id(1))], "parents.before"),
        "a decision before its verdict": ([*entries[:VERDICT], decision], "parents.verdict"),
        "an id used twice": ([*entries, _edited(entries[DISPUTE], items=11)], "id"),
        "the same entry twice": ([*entries, entries[DISPUTE]], "id"),
        "a parent of another kind": (
            [*entries, _edited(entries[DISPUTE], id=_id(1), parents={"verdict": parent})], "parents.verdict",
        ),
        "a second delivery of one round": ([*entries, _edited(entries[DELIVERY], id=_id(1))], "parents.before"),
        "an answer opened twice": ([*entries, _edited(entries[OPENED], id=_id(1))], "parents.before"),
        "a confirmation that changes the outcome": ([*entries[:DECISION], _edited(decision, outcome="accept")], "facts.outcome"),
        "a concession without a reason": ([*entries[:DECISION], concession], "facts.reason"),
        "a name in place of a pseudonym": ([*entries[:DECISION], _edited(decision, by="annotator-1")], "by"),
        "a kind that is not in the vocabulary": ([*entries, _edited(decision, kind="note")], "entry 18"),
        "a fact too many": ([*entries[:DECISION], canonical({**json.loads(decision), "facts": {**json.loads(decision)["facts"], "note": "x"}})], "facts.note"),
        "a fact missing": ([*entries[:DECISION], canonical({**json.loads(decision), "facts": {}})], "facts.decision"),
        "a parent missing": ([*entries[:DECISION], _edited(decision, parents={})], "parents.verdict"),
        "a key too many": ([*entries[:DECISION], canonical({**json.loads(decision), "note": 1})], f"entry {DECISION}"),
        "bytes that are no JSON": ([*entries, b"\xff\x00"], "entry 18"),
        "a list": ([*entries, b"[]"], "entry 18"),
        "nothing": ([*entries, b""], "entry 18"),
        "half a surrogate pair": ([*entries, entries[0].replace(b"service", b"\\ud800")], "entry 18"),
        "very deep": ([*entries, b"[" * 2_000], "entry 18"),
        "a huge number": ([*entries, b'{"assay":' + b"9" * 5000 + b"}"], "entry 18"),
    }  # fmt: skip
