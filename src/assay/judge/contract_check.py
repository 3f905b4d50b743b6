"""Whether an agreed contract fits the batch it is to judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.measure.figure import Figure
from assay.terms.contract import ContractError, validate

from .prepare import manifest_columns
from .request import Request
from .sources import Sources


def check_contract(
    sources: Sources, classes: Sequence[str], ceilings: Mapping[str | None, Figure] | None, request: Request
) -> None:
    """Raise :class:`ContractError` for a contract that names what the batch does not have.

    ``ceilings`` are what the makers of gold agree to, by class; None where they were not compared.
    """
    if sources.is_starter:
        return
    columns = manifest_columns(sources.connection) if sources.manifest else []
    problems = validate(sources.contract, schema_classes=classes, slices=columns, ceilings=ceilings)
    if problems:
        raise ContractError(
            problems, file=str(request.contract) if isinstance(request.contract, Path) else None
        )
