"""Judging from Python: tables or paths in, a verdict out."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from assay.annotation.schema import Schema
from assay.formats.delivery import DeliveryFile
from assay.terms.contract import Contract

from .flow import judge_request
from .judgement import Judgement
from .request import Audience, Request
from .saving import audience_document, save, staged


@dataclass(frozen=True)
class Report:
    """The report of a verdict: ``document`` is what ``report.json`` holds."""

    _judgement: Judgement

    @property
    def document(self) -> Mapping[str, object]:
        """The document of the buyer's report."""
        return self._judgement.document

    def for_audience(self, audience: Audience, annotator: str | None = None) -> Mapping[str, object]:
        """The document as a vendor or one annotator may see it."""
        return audience_document(self._judgement, audience, annotator)

    def save(self, folder: str | Path, *, audience: Audience = "buyer") -> Path:
        """Write report.json, report.html, counts.json and the redo list into a folder, all or nothing."""
        out = Path(folder)
        with staged(out) as stage:
            save(self._judgement, stage, audience=audience)
        return out


@dataclass(frozen=True)
class Verdict:
    """What :func:`judge` returns.

    ``outcome`` is ``accept``, ``rework``, ``reject``, ``not provable``, or None for a pre-flight without gold.
    ``is_provisional`` says that no contract was given and the starter template was applied.
    """

    _judgement: Judgement

    @property
    def outcome(self) -> str | None:
        """The outcome in the words of the report."""
        return cast("str | None", self._section("verdict")["outcome"])

    @property
    def headline(self) -> str:
        """The finding in one sentence."""
        return str(self._section("verdict")["headline"])

    @property
    def is_provisional(self) -> bool:
        """Whether no contract was given."""
        return bool(self._section("verdict")["provisional"])

    @property
    def terms(self) -> list[Mapping[str, object]]:
        """One row per term and subject."""
        return cast("list[Mapping[str, object]]", self._section("verdict")["terms"])

    @property
    def figures(self) -> Mapping[str, object]:
        """The figures: ``agreement`` and ``gold`` as in report.json."""
        document = self._judgement.document
        return {"agreement": document["agreement"], "gold": document["gold"]}

    @cached_property
    def rework(self) -> list[str]:
        """The ids of the items to redo, in the order of ``rework.csv``."""
        listed = self._judgement.redo.listed
        rows = listed.connection.execute(f"SELECT item FROM ({listed.query}) ORDER BY key").fetchall()
        return [str(row[0]) for row in rows]

    @property
    def report(self) -> Report:
        """The whole report."""
        return Report(self._judgement)

    @property
    def exit_code(self) -> int:
        """What ``assay judge`` would return."""
        return self._judgement.exit_code

    def _section(self, name: str) -> Mapping[str, object]:
        return cast("Mapping[str, object]", self._judgement.document[name])

    def __repr__(self) -> str:
        return f"<Verdict {self.outcome or 'pre-flight'}: {self.headline}>"


def judge(
    labels: object,
    gold: object | None = None,
    contract: str | Path | Contract | None = None,
    items: object | None = None,
    *,
    schema: str | Path | Schema | None = None,
    delivery: str | Path | DeliveryFile | None = None,
    earlier: Sequence[str | Path] = (),
    pseudonyms: str | Path | None = None,
) -> Verdict:
    """Judge labels: a path, a pandas or Polars DataFrame, an Arrow table, or a list of these.

    ``gold`` and ``items`` (the manifest) are paths or tables too; ``contract``, ``schema`` and ``delivery`` are paths
    or what the loaders return. ``earlier`` are the ``report.json`` of earlier batches whose evidence is pooled, oldest
    first. ``pseudonyms`` is the CSV that says who is who: read if it exists, and written with the people met. Raises
    :class:`assay.InputError` for input that cannot be judged.
    """
    deliveries = list(labels) if isinstance(labels, (list, tuple)) else [labels]
    stage = Path(tempfile.mkdtemp(prefix="assay-stage-"))
    request = Request(
        [_path(one) for one in deliveries],
        gold=_path(gold),
        contract=cast("Path | Contract | None", _path(contract)),
        items=_path(items),
        schema=cast("Path | Schema | None", _path(schema)),
        delivery=cast("Path | DeliveryFile | None", _path(delivery)),
        earlier=tuple(Path(report) for report in earlier),
        pseudonyms=None if pseudonyms is None else Path(pseudonyms),
        stage=stage,
    )
    try:
        judgement = judge_request(request)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    weakref.finalize(judgement, shutil.rmtree, stage, ignore_errors=True)
    return Verdict(judgement)


def _path(given: object) -> object:
    return Path(given) if isinstance(given, str) else given
