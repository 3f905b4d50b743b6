"""Writing a bundle (``assay-bundle/1``): entries of one batch or label, their proofs, the checkpoint and the documents.

``bundle.json`` names the format, ``checkpoint`` is the signed head of the ledger, ``keys`` lists the keys of all
signatures, ``entries`` and ``tree`` are a leaves and a tree file (:mod:`assay.ledger.leaves`).
``earlier/SIZE.checkpoint`` and ``.proof`` show that an earlier checkpoint is continued, ``files/INDEX/NAME`` holds a
document that entry INDEX names by its hash, ``rows/INDEX.leaves`` and ``.tree`` rows of the delivery in entry INDEX.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .checkpoint import Checkpoint
from .container import write_container
from .leaves import leaf_records, subtree_lines
from .log import Ledger
from .note import NoteKey
from .proofs import consistency_proof
from .text import to_base64
from .tree import Tree

MARK = b'{"assay":"assay-bundle/1"}\n'


@dataclass(frozen=True)
class Rows:
    """Rows of a delivery: ``tree`` is over the leaf hashes of all of them, ``chosen`` are those to show, by number."""

    tree: Tree
    chosen: Mapping[int, bytes]


@dataclass(frozen=True)
class Bundle:
    """What goes into a bundle.

    ``indices`` (rising) are the entries to show, ``entry`` gives their bytes, ``tree`` is the ledger's. ``keys`` are
    those of all signatures, ``earlier`` checkpoints to be continued, ``files`` documents by (index, name), ``rows`` by
    index of the delivery.
    """

    checkpoint: Checkpoint
    keys: Sequence[NoteKey]
    indices: Sequence[int]
    entry: Callable[[int], bytes]
    tree: Tree
    earlier: Sequence[Checkpoint] = ()
    files: Mapping[tuple[int, str], bytes] = field(default_factory=dict)
    rows: Mapping[int, Rows] = field(default_factory=dict)


def bundle_of(
    ledger: Ledger,
    checkpoint: Checkpoint,
    keys: Sequence[NoteKey],
    *,
    indices: Sequence[int] | None = None,
    earlier: Sequence[Checkpoint] = (),
    files: Mapping[tuple[int, str], bytes] | None = None,
    rows: Mapping[int, Rows] | None = None,
) -> Bundle:
    """A bundle of entries of a ledger; without ``indices``, of all that the checkpoint is over."""
    shown = range(checkpoint.size) if indices is None else indices
    return Bundle(
        checkpoint, keys, shown, ledger.entries.__getitem__, ledger.tree, earlier, files or {}, rows or {}
    )


def write_bundle(path: Path, bundle: Bundle) -> None:
    """Write a bundle as a new file. Raises :class:`LedgerError` where it would be too large or the file is there."""
    write_container(path, _files(bundle))


def _files(bundle: Bundle) -> dict[str, Iterator[bytes]]:
    size = bundle.checkpoint.size
    files = {
        "bundle.json": iter([MARK]),
        "checkpoint": iter([bytes(bundle.checkpoint)]),
        "keys": iter([f"{key}\n".encode() for key in sorted(bundle.keys, key=str)]),
        "entries": leaf_records((index, bundle.entry(index)) for index in bundle.indices),
        "tree": subtree_lines(bundle.tree, bundle.indices, size),
    }
    for one in bundle.earlier:
        proof = consistency_proof(bundle.tree, one.size, size)
        files[f"earlier/{one.size}.checkpoint"] = iter([bytes(one)])
        files[f"earlier/{one.size}.proof"] = iter([f"{to_base64(digest)}\n".encode() for digest in proof])
    for (index, name), data in bundle.files.items():
        files[f"files/{index}/{name}"] = iter([data])
    for index, rows in bundle.rows.items():
        chosen = sorted(rows.chosen.items())
        files[f"rows/{index}.leaves"] = leaf_records(chosen)
        files[f"rows/{index}.tree"] = subtree_lines(
            rows.tree, [number for number, _ in chosen], len(rows.tree)
        )
    return files
