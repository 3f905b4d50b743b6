"""``assay judge --sign``: the signed report beside the report. Loaded only where somebody signs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assay.ledger.keys import load_private_key
from assay.ledger.problem import LedgerError
from assay.ledger.signed_report import sign_report

from .verifying import input_error


class Signer:
    """Signs reports with the key of a file, which is looked at before anything is judged.

    Raises :class:`InputError` when the key cannot be used.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._key = load_private_key(path)
        except LedgerError as error:
            raise input_error(error) from None

    def sign(
        self, folder: Path, deliveries: Sequence[Path], declared: Path | None, **also: Path | None
    ) -> None:
        """Sign the report in a folder. ``also`` are files by role that it does not list, such as the contract."""
        beside = [path / "delivery.yaml" for path in deliveries if path.is_dir()]
        described = declared or next((path for path in beside if path.is_file()), None)
        try:
            sign_report(folder, self._key, {**also, "delivery.yaml": described})
        except LedgerError as error:
            raise input_error(error) from None
