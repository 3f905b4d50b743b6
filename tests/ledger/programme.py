"""A small programme as a ledger holds it: one batch from schema to invoice, and bundles of it. Same seed, same bytes."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.ledger.bundle import Bundle, Rows, bundle_of, write_bundle
from assay.ledger.canonical import canonical
from assay.ledger.check_files import gold_commitment
from assay.ledger.checkpoint import Checkpoint
from assay.ledger.entries import commitment_to, entry_bytes
from assay.ledger.log import Ledger
from assay.ledger.note import LOG, WITNESS, NoteKey, cosign_note
from assay.ledger.tree import Tree, leaf_hash

ORIGIN, WITNESS_NAME = "buyer.example/street-scenes", "vendor.example/witness"


def key(name: str) -> Ed25519PrivateKey:
    """A private key that is the same every time."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def public(private: Ed25519PrivateKey, name: str = ORIGIN, kind: int = LOG) -> NoteKey:
    """Its public key under a name."""
    return NoteKey(name, kind, private.public_key().public_bytes_raw())


LOG_KEY, WITNESS_KEY = key("log"), key("witness")


@dataclass
class Programme:
    """A ledger that grows, the documents that its entries name, and checkpoints on the way."""

    seed: int = 0
    ledger: Ledger = field(default_factory=lambda: Ledger(ORIGIN))
    files: dict[tuple[int, str], bytes] = field(default_factory=dict)
    rows: dict[int, Rows] = field(default_factory=dict)
    checkpoints: list[Checkpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def random_bytes(self, count: int = 32) -> bytes:
        return self.random.randbytes(count)

    def add(
        self,
        kind: str,
        parents: dict[str, int | list[int]] | None = None,
        by: str = "service",
        **facts: object,
    ) -> int:
        """Append an entry; parents by index."""
        minute = len(self.ledger)
        named = {role: self.leaf(index) for role, index in (parents or {}).items()}
        return self.ledger.append(
            entry_bytes(
                kind, id=str(uuid.UUID(bytes=self.random_bytes(16))), by=by, parents=named, facts=facts,
                at=f"2026-03-{1 + minute // 1440 % 28:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z",
            )
        )  # fmt: skip

    def leaf(self, index: int | list[int]) -> str | list[str]:
        if isinstance(index, list):
            return [leaf_hash(self.ledger.entries[one]).hex() for one in index]
        return leaf_hash(self.ledger.entries[index]).hex()

    def document(
        self,
        kind: str,
        name: str,
        data: bytes,
        parents: dict[str, int | list[int]] | None = None,
        **facts: object,
    ) -> int:
        """Append an entry that names a document, and keep the document."""
        index = self.add(kind, parents, sha256=hashlib.sha256(data).hexdigest(), **facts)
        self.files[index, name] = data
        return index

    def said(self, index: int, name: str, content: bytes, salt: bytes) -> None:
        """Keep what an entry commits to with a salt."""
        self.files[index, name] = content
        self.files[index, f"{name}.salt"] = salt.hex().encode() + b"\n"

    def seal(self) -> Checkpoint:
        """Sign a checkpoint over everything until now."""
        self.checkpoints.append(self.ledger.checkpoint(LOG_KEY))
        return self.checkpoints[-1]

    def bundle(
        self,
        *,
        indices: list[int] | None = None,
        witness: bool = True,
        earlier: bool = True,
        files: bool = True,
    ) -> Bundle:
        """A bundle of everything, or of some entries."""
        head = self.ledger.checkpoint(LOG_KEY)
        keys = [public(LOG_KEY)]
        if witness:
            signed = cosign_note(head.note.text, WITNESS_KEY, WITNESS_NAME, 1_772_000_000)
            head = Checkpoint(head.origin, head.size, head.root, head.note.with_signatures([signed]))
            keys.append(public(WITNESS_KEY, WITNESS_NAME, WITNESS))
        shown = set(range(len(self.ledger)) if indices is None else indices)
        return bundle_of(
            self.ledger, head, keys, indices=indices,
            earlier=[one for one in self.checkpoints if one.size < head.size] if earlier else [],
            files={at: data for at, data in self.files.items() if at[0] in shown} if files else {},
            rows={at: rows for at, rows in self.rows.items() if at in shown} if files else {},
        )  # fmt: skip


def row(item: str, annotator: str, label: str, salt: bytes) -> bytes:
    """A row of a delivery as its leaf holds it."""
    return canonical(
        {"assay": "row/1", "salt": salt.hex(), "item": item, "annotator": annotator, "label": label, "layer": "first_pass"}
    )  # fmt: skip


def build(seed: int = 0, *, labels: int = 6, batches: int = 1, outcome: str = "rework") -> Programme:
    """A programme of some batches, each delivered, judged, disputed, decided on and, when accepted, invoiced."""
    p = Programme(seed)
    schema = p.document("schema", "schema.yaml", b"assay: schema/1\nclasses: [car, van]\n", version="1")
    guide = p.document("guideline", "guideline.md", b"# Cars\n", {"schema": schema}, version="1.0")
    answers = [(f"item-{n}", p.random_bytes().hex(), "car") for n in range(4)]
    listed = sorted(gold_commitment(*answer) for answer in answers)
    gold = p.document(
        "gold", "commitments.csv", "\n".join(["commitment", *listed, ""]).encode(), {"schema": schema},
        version="1", compartment="acceptance", answers=len(listed),
    )  # fmt: skip
    contract = p.document(
        "contract", "contract.yaml", b"assay: contract/1\nid: street\n", {"schema": schema, "guideline": guide},
        contract="street",
    )  # fmt: skip
    p.seal()
    people = [f"person-{p.random_bytes(16).hex()}" for _ in range(3)]
    for number in range(1, batches + 1):
        _batch(
            p,
            number,
            people,
            labels,
            outcome,
            (schema, guide, gold, contract),
            answers[0] if number == 1 else None,
        )
    return p


def _batch(
    p: Programme, number: int, people: list[str], labels: int, outcome: str, base: tuple[int, int, int, int],
    answer: tuple[str, str, str] | None,
) -> None:  # fmt: skip
    schema, guide, gold, contract = base
    made = []
    for n in range(labels):
        salts = p.random_bytes(), p.random_bytes()
        item, content = f"item-{n}".encode(), b"car"
        made.append(
            p.add(
                "annotation", {"guideline": guide}, people[n % 2], item=commitment_to(item, salts[0]),
                content=commitment_to(content, salts[1]), layer="first_pass",
            )
        )  # fmt: skip
        p.said(made[-1], "item.txt", item, salts[0])
        p.said(made[-1], "content.txt", content, salts[1])
    if made:
        p.add("review", {"annotation": made[0]}, people[2], outcome="agrees")
        salt = p.random_bytes()
        p.add("adjudication", {"annotations": made[:2]}, people[2], content=commitment_to(b"van", salt))
    rows = [row(f"item-{n}", f"annotator-{n % 2}", "car", p.random_bytes(16)) for n in range(7)]
    tree = Tree(map(leaf_hash, rows))
    delivery = p.add(
        "delivery", {"contract": contract, "schema": schema, "guideline": guide}, batch=f"batch-{number}", round=1,
        rows=len(rows), rows_root=tree.root().hex(),
    )  # fmt: skip
    p.rows[delivery] = Rows(tree, {2: rows[2], 5: rows[5]})
    report = report_json(f"batch-{number}", outcome)
    counts = b'{"schema":"assay-counts/1"}\n'
    verdict = p.add(
        "verdict", {"delivery": delivery, "contract": contract, "gold": gold}, outcome=outcome,
        report=hashlib.sha256(report).hexdigest(), counts=hashlib.sha256(counts).hexdigest(),
    )  # fmt: skip
    p.files[verdict, "report.json"], p.files[verdict, "counts.json"] = report, counts
    p.seal()
    salt, reason = p.random_bytes(), b"Ten of these are right, see the guideline."
    dispute = p.add("dispute", {"verdict": verdict}, people[0], items=10, reason=commitment_to(reason, salt))
    p.said(dispute, "reason.txt", reason, salt)
    if answer is not None:
        opened = p.add("opened", {"gold": gold, "dispute": dispute}, commitment=gold_commitment(*answer))
        p.files[opened, "opening.json"] = canonical(
            {"item": answer[0], "salt": answer[1], "value": answer[2]}
        )
    _decided(p, verdict, contract, outcome, people[0])


def _decided(p: Programme, verdict: int, contract: int, outcome: str, by: str) -> None:
    if outcome == "rework":
        decision = p.add("decision", {"verdict": verdict}, by, decision="confirm", outcome="rework")
        p.document("rework", "rework.csv", b"item\nitem-3\n", {"decision": decision}, round=2, items=1)
        return
    decision = p.add("decision", {"verdict": verdict}, by, decision="confirm", outcome="accept")
    p.document(
        "invoice", "invoice.json", b"{}\n", {"decision": decision, "contract": contract}, currency="USD",
        amount_minor=17_500,
    )  # fmt: skip
    p.document("deletion", "certificate.json", b"{}\n", {"contract": contract}, items=7, items_root="ab" * 32)


def report_json(batch: str, outcome: str | None, inputs: list[dict[str, object]] | None = None) -> bytes:
    """As much of a report as the ledger looks at."""
    document = {
        "schema": "assay-report/1",
        "batch": {"id": batch, "round": 1},
        "verdict": {"outcome": outcome, "provisional": False, "contract": {"id": "street"}},
        "inputs": inputs or [],
    }
    return json.dumps(document, indent=1).encode()


@cache
def standard() -> Programme:
    """The programme that most tests look at; nobody changes it."""
    return build(1)


def write(bundle: Bundle, path: Path) -> Path:
    """Write a bundle and return its path."""
    write_bundle(path, bundle)
    return path
