"""A second verifier of bundles, written from docs/reference/ledger.md and ledger-kinds.json alone. It imports nothing of
Assay, reads everything into memory and builds trees by the recursive definition: slow, short, and made in another way.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
KINDS = json.loads((REFERENCE / "ledger-kinds.json").read_text(encoding="utf-8"))
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}(/[a-z0-9][a-z0-9.-]{0,63}){0,3}")


class BadError(Exception):
    """Something about the bundle is not as the page says."""


def need(holds: object, why: str) -> None:
    if not holds:
        raise BadError(why)


def verify(data: bytes, trusted: list[str], held: bytes | None = None) -> str:
    """`proven`, `wrong` or `not provable`; whatever cannot be read is wrong here."""
    try:
        return check(data, trusted, held)
    except (BadError, ValueError, KeyError, IndexError, TypeError, RecursionError, struct.error):
        return "wrong"


def check(data: bytes, trusted: list[str], held: bytes | None) -> str:
    files = unzip(data)
    need(files["bundle.json"] == b'{"assay":"assay-bundle/1"}\n', "mark")
    keys = read_keys(files["keys"])
    head = checkpoint(files["checkpoint"])
    signers = signed_by(head, keys)
    for one in trusted:
        need(one in signers, "a trusted key did not sign")
    used, earlier = set(signers), {}
    for name in files:
        if found := re.fullmatch(r"earlier/(0|[1-9][0-9]*)\.checkpoint", name):
            old = checkpoint(files[name])
            proof = [b64(line) for line in lines(files[f"earlier/{found[1]}.proof"])]
            need(old["origin"] == head["origin"] and old["size"] == int(found[1]), "earlier")
            used |= signed_by(old, keys)
            need(consistent(old, head, proof), "consistency")
            earlier[old["size"]] = old["root"]
    need(used == set(keys), "a key that signed nothing")
    leaves, pieces = read_leaves(files["entries"]), read_pieces(files["tree"], head["size"])
    root, roots = rebuilt(leaves, pieces, head["size"])
    need(root == head["root"], "root")
    entries = read_entries(leaves, complete=not files["tree"])
    check_files(files, entries)
    result = "proven" if any(origin_key(one, head["origin"]) for one in trusted) else "not provable"
    if held is not None:
        kept = checkpoint(held)
        need(kept["origin"] == head["origin"] and kept["size"] <= head["size"], "held")
        known = roots.get(kept["size"], earlier.get(kept["size"]))
        if known is None:
            return "not provable"
        need(known == kept["root"], "fork")
    return result


# -- archive ---------------------------------------------------------------------------------------------------------


def unzip(data: bytes) -> dict[str, bytes]:
    """The files; the archive is then built again and has to be the same."""
    files, at = {}, 0
    while data[at : at + 4] == b"PK\x03\x04":
        size, length = struct.unpack_from("<I", data, at + 22)[0], struct.unpack_from("<H", data, at + 26)[0]
        name = data[at + 30 : at + 30 + length].decode("ascii")
        files[name] = data[at + 30 + length : at + 30 + length + size]
        at += 30 + length + size
    need(packed(files) == data, "archive")
    for name in files:
        need(NAME.fullmatch(name) and belongs(name, set(files)), name)
    return files


def packed(files: dict[str, bytes]) -> bytes:
    body = directory = b""
    for name, data in sorted(files.items()):
        fixed = struct.pack("<HHHHH", 20, 0, 0, 0, 0x21)
        about = struct.pack("<IIIHH", zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + fixed + about
        directory += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body)) + name.encode()
        body += b"PK\x03\x04" + fixed + about + name.encode() + data
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def belongs(name: str, names: set[str]) -> bool:
    if name in ("bundle.json", "checkpoint", "keys", "entries", "tree"):
        return True
    if found := re.fullmatch(r"(earlier/(?:0|[1-9][0-9]*))\.(checkpoint|proof)", name):
        return {f"{found[1]}.checkpoint", f"{found[1]}.proof"} <= names
    if found := re.fullmatch(r"(rows/(?:0|[1-9][0-9]*))\.(leaves|tree)", name):
        return {f"{found[1]}.leaves", f"{found[1]}.tree"} <= names
    if name.endswith(".salt"):
        return name.removesuffix(".salt") in names
    return re.fullmatch(r"files/(0|[1-9][0-9]*)/[a-z.-]+", name) is not None


# -- text formats ----------------------------------------------------------------------------------------------------


def lines(data: bytes) -> list[str]:
    if not data:
        return []
    need(data.endswith(b"\n"), "newline")
    return data.decode("utf-8")[:-1].split("\n")


def whole(text: str) -> int:
    need(re.fullmatch("0|[1-9][0-9]{0,18}", text), "number")
    return int(text)


def b64(text: str, size: int | None = 32) -> bytes:
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and size in (None, len(data)), "base64")
    return data


def read_keys(data: bytes) -> list[str]:
    found = lines(data)
    need(found and found == sorted(set(found)), "order of keys")
    for text in found:
        name, key_id, rest = text.split("+", 2)
        raw = b64(rest, 33)
        need(raw[0] in (1, 4) and key_id == id_of(name, raw) and re.fullmatch(r"[^\s+]+", name), "key")
    return found


def id_of(name: str, raw: bytes) -> str:
    return hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]


def origin_key(text: str, origin: str) -> bool:
    name, _, rest = text.split("+", 2)
    return name == origin and base64.b64decode(rest)[0] == 1


def checkpoint(data: bytes) -> dict[str, Any]:
    text = data.decode("utf-8")
    need(not any(c < " " and c != "\n" for c in text), "control character")
    at = text.rindex("\n\n")
    body, signed = text[: at + 1], lines(text[at + 2 :].encode())
    parts = body[:-1].split("\n")
    need(len(parts) >= 3 and all(parts) and 0 < len(signed) <= 32, "checkpoint")
    return {
        "origin": parts[0], "size": whole(parts[1]), "root": b64(parts[2]), "body": body, "signed": signed
    }  # fmt: skip


def signed_by(head: dict[str, Any], keys: list[str]) -> set[str]:
    found: set[str] = set()
    for line in head["signed"]:
        dash, name, rest = line.split(" ")
        made = b64(rest, None)
        need(dash == "—", "signature line")
        key = next((k for k in keys if k.split("+", 2)[:2] == [name, made[:4].hex()]), None)
        need(key is not None and key not in found, "signature of a strange key")
        raw, message, signature = base64.b64decode(str(key).split("+", 2)[2]), head["body"].encode(), made[4:]
        if raw[0] == 4:
            need(len(signature) == 72, "cosignature")
            time = int.from_bytes(signature[:8], "big")
            message, signature = f"cosignature/v1\ntime {time}\n".encode() + message, signature[8:]
        try:
            Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature, message)
        except InvalidSignature:
            raise BadError("signature") from None
        found.add(str(key))
    need(any(origin_key(key, head["origin"]) for key in found), "the ledger did not sign")
    return found


# -- trees -----------------------------------------------------------------------------------------------------------


def h(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def consistent(old: dict[str, Any], new: dict[str, Any], proof: list[bytes]) -> bool:
    """Reads the proof backwards along the recursion of RFC 6962, section 2.1.2."""
    if old["size"] == new["size"]:
        return not proof and old["root"] == new["root"]
    if old["size"] == 0:
        return not proof and old["root"] == h()
    left = list(proof)

    def both(m: int, n: int, is_whole: bool) -> tuple[bytes, bytes]:
        if m == n:
            one = old["root"] if is_whole else left.pop(0)
            return one, one
        k = split(n)
        if m <= k:
            small, large = both(m, k, is_whole)
            return small, h(b"\1", large, left.pop(0))
        small, large = both(m - k, n - k, False)
        beside = left.pop(0)
        return h(b"\1", beside, small), h(b"\1", beside, large)

    need(0 < old["size"] < new["size"], "sizes")
    return both(old["size"], new["size"], True) == (old["root"], new["root"]) and not left


def read_leaves(data: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        index, length, digest = data[at:end].decode("ascii").split(" ")
        size = whole(length)
        entry = data[end + 1 : end + 1 + size]
        need(size <= 65_536 and data[end + 1 + size : end + 2 + size] == b"\n", "record")
        need(not found or whole(index) > found[-1][0], "order")
        need(b64(digest) == h(b"\0", entry), "leaf hash")
        found.append((whole(index), entry))
        at = end + 2 + size
    return found


def read_pieces(data: bytes, size: int) -> dict[tuple[int, int], bytes]:
    found = {}
    for line in lines(data):
        begin, count, digest = line.split(" ")
        found[whole(begin), whole(count)] = b64(digest)
    need(list(found) == sorted(found) and len(found) == len(lines(data)), "order of pieces")
    need(all(begin + count <= size for begin, count in found), "piece outside")
    return found


def rebuilt(
    leaves: list[tuple[int, bytes]], pieces: dict[tuple[int, int], bytes], size: int
) -> tuple[bytes, dict[int, bytes]]:
    """The root, and the roots over smaller sizes that the pieces allow."""
    known = {(index, 1): h(b"\0", entry) for index, entry in leaves}
    need(all(index < size for index, _ in known), "leaf outside")
    at, tiles, indices, cuts = 0, [], sorted(index for index, _ in known), [0]
    need(len(known) == len(leaves) and not set(known) & set(pieces), "twice")
    for stop in [*indices, size]:
        while at < stop:
            count = 1
            while at % (count * 2) == 0 and at + count * 2 <= stop:
                count *= 2
            need((at, count) in pieces, "piece missing")
            tiles.append((at, count))
            at += count
            cuts.append(at)
        if stop < size:
            tiles.append((stop, 1))
            at = stop + 1
            cuts.append(at)
    need(len(tiles) == len(known) + len(pieces), "piece left over")
    hashes = known | pieces

    def over(begin: int, end: int) -> bytes:
        if (begin, end - begin) in hashes:
            return hashes[begin, end - begin]
        need(end - begin > 1, "leaf missing")
        k = split(end - begin)
        return h(b"\1", over(begin, begin + k), over(begin + k, end))

    return (over(0, size) if size else h()), {cut: over(0, cut) if cut else h() for cut in cuts}


# -- entries ---------------------------------------------------------------------------------------------------------


def canonical(data: bytes) -> dict[str, Any]:
    value = json.loads(data)
    need(type(value) is dict, "object")
    need(json.dumps(value, sort_keys=True, separators=(",", ":")).encode() == data, "byte form")
    check_value(value, 16)
    return dict(value)


def check_value(value: object, depth: int) -> None:
    need(depth >= 0 and type(value) is not float, "float or depth")
    if isinstance(value, dict):
        for key, one in value.items():
            need(key.isascii(), "key")
            check_value(one, depth - 1)
    elif isinstance(value, list):
        for one in value:
            check_value(one, depth - 1)
    elif type(value) is int:
        need(abs(value) < 2**53, "number")
    elif isinstance(value, str):
        need("\0" not in value, "NUL")
        value.encode("utf-8")


def fits(value: object, rule: object) -> bool:
    if isinstance(rule, str):
        return type(value) is str and re.fullmatch(rule, value) is not None
    return type(value) is int and isinstance(rule, int) and rule <= value < 2**53


def read_entries(leaves: list[tuple[int, bytes]], *, complete: bool) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    known: dict[str, dict[str, Any]] = {}
    ids: set[str] = set()
    latest: dict[object, str] = {}
    for index, data in leaves:
        entry = canonical(data)
        need(set(entry) == {"assay", "kind", "id", "at", "by", "facts", "parents"}, "keys")
        need(entry["assay"] == "entry/1", "version")
        kind, parents, facts = KINDS["kinds"][entry["kind"]], entry["parents"], entry["facts"]
        for key in ("id", "at", "by"):
            need(fits(entry[key], KINDS["common"][key]), key)
        check_facts(facts, kind)
        need(entry["id"] not in ids, "id twice")
        check_parents(parents, kind, known, complete=complete)
        once = [parents.get(n[8:]) if n.startswith("parents.") else facts[n] for n in kind["once"]]
        leaf, about = h(b"\0", data).hex(), (entry["kind"], repr(once))
        if once:
            need(latest.get(about) in (None, parents.get("before")), "settled before")
            latest[about] = leaf
        if entry["kind"] == "decision":
            check_decision(facts, known.get(parents["verdict"]))
        ids.add(entry["id"])
        known[leaf] = found[index] = {**entry, "leaf": leaf}
    return found


def check_facts(facts: Any, kind: dict[str, Any]) -> None:
    need(type(facts) is dict and set(kind["facts"]) <= set(facts), "facts")
    rules = kind["facts"] | kind["optional"]
    for key, value in facts.items():
        need(key in rules and fits(value, rules[key]), key)


def check_parents(parents: Any, kind: dict[str, Any], known: dict[str, Any], *, complete: bool) -> None:
    need(type(parents) is dict and set(kind["parents"]) <= set(parents), "parents")
    roles = kind["parents"] | kind["may"]
    for role, named in parents.items():
        several = named if type(named) is list else [named]
        need(role in roles and several and len(set(several)) == len(several), role)
        need(type(named) is str or role == "annotations", role)
        for one in several:
            need(fits(one, KINDS["common"]["parents"]), "hash")
            need(one in known or not complete, "no such parent")
            need(one not in known or known[one]["kind"] in roles[role], "kind of parent")


def check_decision(facts: dict[str, Any], verdict: dict[str, Any] | None) -> None:
    decision, outcome = facts["decision"], facts["outcome"]
    if decision == "confirm":
        need(verdict is None or verdict["facts"]["outcome"] == outcome, "confirm")
    else:
        need("reason" in facts and (decision != "concession" or outcome == "accept"), decision)


# -- documents and rows ----------------------------------------------------------------------------------------------


def check_files(files: dict[str, bytes], entries: dict[int, dict[str, Any]]) -> None:
    for name, data in files.items():
        part = name.split("/")
        if part[0] == "files" and not name.endswith(".salt"):
            check_document(files, name, data, entries[int(part[1])], entries)
        if part[0] == "files" and name.endswith(".salt"):
            kind = KINDS["kinds"][entries[int(part[1])]["kind"]]
            need(part[2].removesuffix(".salt") in kind["opened"], "salt of nothing")
        if part[0] == "rows" and name.endswith(".leaves"):
            entry = entries[int(part[1].removesuffix(".leaves"))]
            need(entry["kind"] == "delivery", "rows")
            pieces = read_pieces(files[name.removesuffix("leaves") + "tree"], entry["facts"]["rows"])
            root, _ = rebuilt(read_leaves(data), pieces, entry["facts"]["rows"])
            need(root.hex() == entry["facts"]["rows_root"], "root of rows")


def check_document(
    files: dict[str, bytes], name: str, data: bytes, entry: dict[str, Any], entries: dict[int, dict[str, Any]]
) -> None:
    index, role = name.split("/")[1:]
    kind, facts = KINDS["kinds"][entry["kind"]], entry["facts"]
    by_leaf = {one["leaf"]: (at, one) for at, one in entries.items()}
    if role == "opening.json" and entry["kind"] == "opened":
        return check_opening(files, canonical(data), entry, by_leaf)
    if role in kind["opened"]:
        salt = files[f"{name}.salt"]
        need(re.fullmatch(rb"[0-9a-f]{64}\n", salt), "salt")
        need(h(bytes.fromhex(salt.decode()), data).hex() == facts[kind["opened"][role]], name)
        return None
    need(h(data).hex() == facts[kind["files"][role]], name)
    if role == "report.json":
        report = json.loads(data)
        need(report["verdict"]["outcome"] == facts["outcome"], "outcome of the report")
        if (found := by_leaf.get(entry["parents"]["delivery"])) is not None:
            told = found[1]["facts"]
            need((report["batch"]["id"], report["batch"]["round"]) == (told["batch"], told["round"]), "batch")
    if role == "commitments.csv":
        need(len(data.splitlines()) - 1 == facts["answers"], f"answers of entry {index}")
    return None


def check_opening(
    files: dict[str, bytes], opening: dict[str, Any], entry: dict[str, Any], by_leaf: dict[str, Any]
) -> None:
    need(set(opening) == {"item", "salt", "value"} and len(opening["salt"]) == 64, "opening")
    item, value = opening["item"].encode(), opening["value"].encode()
    sizes = [len(text).to_bytes(8, "big") for text in (item, value)]
    digest = h(bytes.fromhex(opening["salt"]), sizes[0], item, sizes[1], value).hex()
    need(digest == entry["facts"]["commitment"], "commitment")
    found = by_leaf.get(entry["parents"]["gold"])
    listed = files.get(f"files/{found[0]}/commitments.csv") if found else None
    need(listed is None or digest.encode() in listed.splitlines(), "not committed")
