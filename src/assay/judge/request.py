"""What a caller asks to be judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from assay.annotation.limits import DEFAULT_LIMITS, Limits
from assay.annotation.regular_file import nameable
from assay.annotation.schema import Schema
from assay.formats.delivery import DeliveryFile
from assay.terms.contract import Contract

Audience = Literal["buyer", "vendor", "annotator"]


@dataclass(frozen=True)
class Request:
    """Files (or tables in memory) to judge, and how.

    ``deliveries`` are paths, folders or tables. ``judged_at`` is stamped on the report when given; without it the same
    inputs give the same bytes. ``stage`` is a folder that the redo list may be written to. ``progress`` is told what is
    being done and how much of it. Raises :class:`InputError` for a path that cannot be one.
    """

    deliveries: Sequence[Path | object]
    gold: Path | object | None = None
    contract: Path | Contract | None = None
    items: Path | object | None = None
    schema: Path | Schema | None = None
    delivery: Path | DeliveryFile | None = None
    audience: Audience = "buyer"
    annotator: str | None = None
    earlier: Sequence[Path] = ()
    pseudonyms: Path | None = None
    judged_at: datetime | None = None
    command: str | None = None
    limits: Limits = DEFAULT_LIMITS
    stage: Path | None = None
    memory: str = "2GB"
    threads: int | None = None
    progress: Callable[[str, int | None], None] = field(default=lambda what, done: None)

    def __post_init__(self) -> None:
        single = (self.gold, self.contract, self.items, self.schema, self.delivery, self.pseudonyms)
        for given in (*self.deliveries, *single, *self.earlier):
            if isinstance(given, Path):
                nameable(given)
