"""Some leaves of a tree, with what is needed to compute its root: two files that are read in one pass.

The *leaves* file holds a record for each leaf, indices rising: ``index length hash``, a newline, ``length`` bytes, a
newline; the hash is the leaf hash in base64 and tells which leaf was changed. The *tree* file has a line ``begin leaves
hash`` for each complete subtree between them, always the largest that fits. Together they tile the tree, so the root
can be computed, and a tree that is complete needs no such line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO

from .problem import LedgerError, shown
from .text import hash_of, number, to_base64
from .tree import CompactRange, Tree, leaf_hash, piece, pieces

_LONGEST_HEAD = 128


def leaf_records(leaves: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """The chunks of a leaves file."""
    for index, data in leaves:
        yield f"{index} {len(data)} {to_base64(leaf_hash(data))}\n".encode()
        yield data
        yield b"\n"


def subtree_lines(tree: Tree, indices: Iterable[int], size: int) -> Iterator[bytes]:
    """The chunks of a tree file, for leaves at these indices (rising) of the first ``size``."""
    begin = 0
    for index in [*indices, size]:
        for at, leaves in pieces(begin, index):
            yield f"{at} {leaves} {to_base64(tree.subtree(at, leaves))}\n".encode()
        begin = index + 1


def read_leaves(stream: BinaryIO, most: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Each leaf as (index, bytes, stated hash). Raises :class:`LedgerError` where the form is wrong."""
    record, byte, last = 0, 0, -1
    while head := stream.readline(_LONGEST_HEAD):
        record += 1
        try:
            index, length, digest = _head(head, most)
        except LedgerError as error:
            error.place = f"record {record} at byte {byte}"
            raise
        data = stream.read(length + 1)
        place = f"record {record} at byte {byte}"
        if len(data) != length + 1 or data[-1] != 10:
            raise LedgerError(
                "the record does not end where it has to", place=place, found=shown(data[-1:]),
                expected=f"{length} bytes and a newline",
            )  # fmt: skip
        if index <= last:
            raise LedgerError(
                "the leaves are not in order", place=place, found=str(index), expected=f"over {last}"
            )
        byte, last = byte + len(head) + length + 1, index
        yield index, data[:-1], digest


def read_subtrees(stream: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Each subtree as (first leaf, leaves, hash). Raises :class:`LedgerError` where the form is wrong."""
    line = 0
    while text := stream.readline(_LONGEST_HEAD):
        line += 1
        try:
            begin, leaves, digest = _three(text)
            yield number(begin, "first leaf"), number(leaves, "count of leaves"), hash_of(digest, "hash")
        except LedgerError as error:
            error.place = f"line {line}"
            raise


class Rebuilt:
    """Computes a root from leaves and subtrees that come in order.

    ``watched`` are smaller sizes whose roots are wanted too; one is in ``roots`` where no subtree spans that size.
    """

    def __init__(
        self, subtrees: Iterator[tuple[int, int, bytes]], size: int, watched: Collection[int] = ()
    ) -> None:
        self._subtrees, self._size, self._range = subtrees, size, CompactRange()
        self._watched = frozenset(watched)
        self.roots: dict[int, bytes] = {}  # the roots over the first leaves, for the sizes that are watched
        self._look()

    def leaf(self, index: int, digest: bytes) -> None:
        """Add the next leaf that is known. Raises :class:`LedgerError` when the subtrees before it do not fit."""
        if index != self._range.size:
            if index >= self._size:
                found, expected = f"leaf {index}", f"leaves below {self._size}"
                raise LedgerError("a leaf lies outside the tree", found=found, expected=expected)
            self._fill(index)
        elif index == self._size:
            raise LedgerError(
                "a leaf lies outside the tree", found=f"leaf {index}", expected=f"below {self._size}"
            )
        self._range.append(digest)
        if self._watched:
            self._look()

    def root(self) -> bytes:
        """The root, after the last leaf. Raises :class:`LedgerError` when subtrees are missing or left over."""
        self._fill(self._size)
        if (extra := next(self._subtrees, None)) is not None:
            raise LedgerError(
                "a subtree too many", found=f"leaves from {extra[0]}", expected="no further line"
            )
        return self._range.root()

    def _fill(self, end: int) -> None:
        while (begin := self._range.size) < end:
            leaves = piece(begin, end)
            found = next(self._subtrees, None)
            if found is None or found[:2] != (begin, leaves):
                raise LedgerError(
                    "the hash of a subtree is missing or lies elsewhere",
                    expected=f"leaves from {begin}, {leaves} of them",
                    found=f"leaves from {found[0]}, {found[1]} of them" if found else "no further line",
                )  # fmt: skip
            self._range.add(leaves, found[2])
            self._look()

    def _look(self) -> None:
        if self._range.size in self._watched:
            self.roots[self._range.size] = self._range.root()


def _three(line: bytes) -> tuple[str, str, str]:
    parts = line[:-1].decode("ascii", "replace").split(" ")
    if line[-1:] != b"\n" or len(parts) != 3:
        raise LedgerError("this is no such line", found=shown(line), expected="three words and a newline")
    return parts[0], parts[1], parts[2]


def _head(line: bytes, most: int) -> tuple[int, int, bytes]:
    index, length, digest = _three(line)
    size = number(length, "length")
    if size > most:
        raise LedgerError("the leaf is too large", found=f"{size:,} bytes", expected=f"at most {most:,}")
    return number(index, "index"), size, hash_of(digest, "leaf hash")
