"""Checking the checkpoints of a bundle: signatures, keys, witnesses, and that earlier checkpoints are continued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from .checkpoint import Checkpoint, parse_checkpoint
from .container import Container, read_all
from .note import LOG, NoteKey, NoteSignature, is_signed, parse_key, signed_at
from .outcome import Outcome
from .problem import LedgerError, Problem, shown
from .proofs import is_consistent
from .text import hash_of, text_of

_MOST_BYTES = 1 << 20


def read_keys(container: Container) -> list[NoteKey]:
    """The keys that the bundle names. Raises :class:`LedgerError` unless each is on its own line, in order."""
    text = text_of(read_all(container, "keys", _MOST_BYTES), "list of keys")
    if not text.endswith("\n"):
        raise LedgerError("the list of keys ends without a newline", found=shown(text[-20:]))
    lines = text[:-1].split("\n")
    if lines != sorted(set(lines)):
        raise LedgerError("the keys are not in order", expected="sorted, each once")
    return [parse_key(line) for line in lines]


def read_checkpoint(container: Container, name: str) -> Checkpoint:
    """A checkpoint of the bundle. Raises :class:`LedgerError`."""
    return parse_checkpoint(read_all(container, name, _MOST_BYTES))


def check_signatures(outcome: Outcome, head: Checkpoint, keys: Sequence[NoteKey], place: str) -> set[NoteKey]:
    """The keys whose signatures fit; every other signature is wrong, and so is a missing one of the ledger itself."""
    fitting: set[NoteKey] = set()
    for number, signature in enumerate(head.note.signatures, 1):
        key = next((key for key in keys if signature.is_by(key)), None)
        where = f"signature {number}"
        if key is None:
            found = f"{signature.name}, key id {signature.key_id.hex()}"
            wrong = Problem(where, "the key of this signature is not in the list of keys", found)
            outcome.wrong(wrong, place)
        elif not is_signed(head.note.text, signature, key):
            message = "the signature does not fit the text"
            outcome.wrong(Problem(where, message, str(signature).strip()[:60], f"one by {key.name}"), place)
        elif key in fitting:
            outcome.wrong(Problem(where, "this key signed twice", key.name), place)
        else:
            fitting.add(key)
    if not any(key.kind == LOG and key.name == head.origin for key in fitting):
        expected = f"a signature by {head.origin}"
        outcome.wrong(Problem("signatures", "the ledger itself did not sign", None, expected), place)
    return fitting


def check_trust(
    outcome: Outcome, head: Checkpoint, fitting: set[NoteKey], given: Sequence[NoteKey | bytes]
) -> None:
    """Compare the keys that signed with those that the reader trusts, and say whose word stands behind the root."""
    trusted = [NoteKey(head.origin, LOG, key) if isinstance(key, bytes) else key for key in given]
    for key in trusted:
        if key not in fitting:
            message = "the key you gave did not sign this checkpoint"
            signers = ", ".join(f"{one.name} {one.fingerprint[:16]}" for one in sorted(fitting, key=str))
            outcome.wrong(
                Problem("checkpoint", message, signers or "nobody", f"{key.name} {key.fingerprint[:16]}"), ""
            )
    by_log = [key for key in fitting if key.kind == LOG and key.name == head.origin]
    for key in by_log:
        said = f"The checkpoint over {head.size:,} entries is signed with key {key.fingerprint[:16]}"
        if key in trusted:
            outcome.proven.append(f"{said}, which you gave.")
        else:
            outcome.proven.append(f"{said} of {key.name}, as the bundle itself names it.")
    if not any(key in trusted for key in by_log):
        outcome.needs.append(
            "--key: the public key of the ledger, from its holder and not from this bundle; without it anyone could "
            "have written and signed all of this"
        )
    _tell_witnesses(outcome, head.note.signatures, fitting, trusted)


def _tell_witnesses(
    outcome: Outcome, signatures: Sequence[NoteSignature], fitting: set[NoteKey], trusted: Sequence[NoteKey]
) -> None:
    witnesses = [(key, one) for one in signatures for key in fitting if key.kind != LOG and one.is_by(key)]
    for key, one in witnesses:
        at = signed_at(one)
        time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at < 1 << 37 else str(at)
        if key in trusted:
            outcome.proven.append(f"Witness {key.name} saw this checkpoint continue earlier ones, at {time}.")
        else:
            outcome.not_proven.append(
                f"That {key.name}, who signed as a witness, is one: give its key with --key."
            )
    if not witnesses:
        outcome.not_proven.append(
            "That nobody was shown another history: no witness signed. Keep the checkpoint and compare it with others'."
        )


def check_earlier(
    outcome: Outcome, container: Container, head: Checkpoint, keys: Sequence[NoteKey]
) -> tuple[dict[int, Checkpoint], set[NoteKey]]:
    """The earlier checkpoints that the newest one continues, by size, and the keys that signed them."""
    continued: dict[int, Checkpoint] = {}
    signers: set[NoteKey] = set()
    for name in container.names():
        if not (name.startswith("earlier/") and name.endswith(".checkpoint")):
            continue
        try:
            one = read_checkpoint(container, name)
            proof = _read_proof(container, name.removesuffix("checkpoint") + "proof")
        except LedgerError as error:
            outcome.wrong(error, name)
            continue
        signers |= check_signatures(outcome, one, keys, name)
        if one.origin != head.origin or name != f"earlier/{one.size}.checkpoint":
            found = f"{one.origin}, {one.size} entries"
            outcome.wrong(
                Problem(name, "this is another checkpoint", found, f"{head.origin}, by its name"), ""
            )
        elif not is_consistent(one.size, head.size, proof, one.root, head.root):
            message = "the newest checkpoint does not continue this one, or the proof is wrong"
            outcome.wrong(Problem(name, message, one.root.hex(), f"a beginning of {head.root.hex()}"), "")
        else:
            continued[one.size] = one
    if continued:
        sizes = ", ".join(f"{size:,}" for size in sorted(continued))
        outcome.proven.append(f"The ledger continues its earlier checkpoints over {sizes} entries.")
    return continued, signers


def _read_proof(container: Container, name: str) -> list[bytes]:
    if name not in container.names():
        raise LedgerError("the proof beside this checkpoint is missing", expected=name)
    text = text_of(read_all(container, name, _MOST_BYTES), "proof")
    if text and not text.endswith("\n"):
        raise LedgerError("the proof ends without a newline", found=shown(text[-20:]))
    return [hash_of(line, "proof") for line in text.split("\n")[:-1]]


def check_held(
    outcome: Outcome,
    head: Checkpoint,
    held: Checkpoint,
    roots: dict[int, bytes],
    continued: dict[int, Checkpoint],
) -> None:
    """Compare with a checkpoint that the reader holds. ``roots`` are those computed on the way, by size."""
    place = "the checkpoint you hold"
    known = roots.get(held.size) or (continued[held.size].root if held.size in continued else None)
    if held.origin != head.origin:
        outcome.wrong(Problem(place, "it is of another ledger", held.origin, head.origin), "")
    elif held.size > head.size:
        message = "this ledger goes back behind it: a rollback, or an old bundle"
        outcome.wrong(Problem(place, message, f"{head.size:,} entries", f"at least {held.size:,}"), "")
    elif known is None:
        outcome.needs.append(
            f"a proof from {held.size:,} entries: the bundle cannot show that it continues the checkpoint you hold; "
            f"ask for a bundle with that earlier checkpoint"
        )
    elif known != held.root:
        message = "this ledger does not continue it: a fork, or something before it was changed"
        outcome.wrong(Problem(place, message, f"root {known.hex()}", f"root {held.root.hex()}"), "")
    else:
        outcome.proven.append(
            f"The ledger continues the checkpoint over {held.size:,} entries that you hold: nothing in it was changed "
            "or taken away since."
        )
