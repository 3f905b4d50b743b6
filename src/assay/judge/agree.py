"""Agreement between annotators by itself: files in, the section ``agreement`` of a report out, with any coefficient."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from assay.annotation.errors import InputError, UsageError
from assay.annotation.finding import Finding
from assay.annotation.schema_values import Level
from assay.formats.delivery import DeliveryFile, find_delivery, load_delivery
from assay.formats.pseudonyms import keep_pseudonyms
from assay.measure.figure import Figure, rounded
from assay.measure.ratings import numbers_of
from assay.terms.defaults import INTERVAL_REPLICATES

from .document import MOST_PAIRS, Json, agreement_section
from .figures import Agreement, Method
from .judgement import SEED
from .located_agree import LOCATED_METRICS, agree_located
from .measured import Measurement, measure_prepared
from .prepare import Prepared, prepare
from .request import Request
from .sources import Sources, inputs_of, read_sources
from .vote_tables import VoteTables, vote_tables

SCHEMA = "assay-agreement/1"
if TYPE_CHECKING:
    from .coefficients import Named

_OF_SETS = ("krippendorff_alpha", "krippendorff_alpha_jaccard")
_OF_CLASSES = ("specific_agreement", "prevalence")
METRICS = (
    "krippendorff_alpha", "nominal_alpha", "percent_agreement", "fleiss_kappa", "gwet_ac1", "brennan_prediger",
    "randolph_kappa", "pabak", "scott_pi", "cohen_kappa", "cohen_kappa_linear", "cohen_kappa_quadratic", "light_kappa",
    "conger_kappa", "gwet_ac2", "gwet_ac2_linear", "gwet_ac2_quadratic", "krippendorff_alpha_jaccard", *_OF_CLASSES,
)  # fmt: skip
"""Every metric of labels of whole items that can be asked for by name."""
_MOST_CLASSES = 1_000
Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class AgreeRequest:
    """Files to measure agreement on. ``columns``, ``header`` and ``level`` go before what delivery.yaml says.

    Without ``metrics`` the figures are those of a report; with them exactly these, overall, per class and per pair.
    ``threshold`` is the overlap from which two located objects are the same.
    """

    files: Sequence[Path]
    columns: Mapping[str, str | int] | None = None
    header: bool | None = None
    level: Level | None = None
    metrics: Sequence[str] = ()
    threshold: float | None = None
    schema: Path | None = None
    delivery: Path | None = None
    pseudonyms: Path | None = None
    progress: Callable[[str, int | None], None] = field(default=lambda what, done: None)


def agree(asked: AgreeRequest) -> Json:
    """The agreement document. Raises :class:`UsageError` for an unknown metric, :class:`InputError` for bad input."""
    _refuse_unknown(asked.metrics)
    request = Request(
        list(asked.files), schema=asked.schema, delivery=_declared(asked), pseudonyms=asked.pseudonyms,
        progress=asked.progress,
    )  # fmt: skip
    sources = read_sources(request)
    if sources.delivery.is_located:
        method = Method(INTERVAL_REPLICATES, SEED)
        return {"schema": SCHEMA} | agree_located(request, sources, asked.metrics, asked.threshold, method)
    _refuse_located(asked, sources)
    if sources.delivery.kind == "text":
        raise InputError(
            "agreement is measured between choices, ratings or sets of labels, and these are texts",
            file=sources.delivery.inputs[0].path, found="labels: text",
            expected="choices; texts are measured against gold by word error rate: assay judge … --gold FILE",
        )  # fmt: skip
    prepared = prepare(
        sources.connection, sources.delivery, gold=None, manifest=sources.manifest, schema=sources.schema,
        count_missing_gold=False, pseudonyms=asked.pseudonyms,
    )  # fmt: skip
    asked.progress("measuring", None)
    measurement = measure_prepared(
        prepared,
        Method(INTERVAL_REPLICATES, SEED),
        progress=lambda done: asked.progress("votes measured", done),
    )
    document = _document(asked, sources, prepared, measurement)
    keep_pseudonyms(prepared.pseudonyms, asked.pseudonyms)
    return document


def _refuse_unknown(metrics: Sequence[str]) -> None:
    for name in metrics:
        known = (*METRICS, *LOCATED_METRICS)
        if name not in known:
            near = difflib.get_close_matches(name, METRICS, 1, 0.5) or difflib.get_close_matches(
                name, known, 1
            )
            hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"
            raise UsageError(f"there is no metric {name!r}{hint}")


def _refuse_located(asked: AgreeRequest, sources: Sources) -> None:
    """Measures of objects, asked of labels of whole items."""
    wrong = [name for name in asked.metrics if name in LOCATED_METRICS]
    wrong += ["a threshold of overlap"] if asked.threshold is not None else []
    if wrong:
        raise InputError(
            "this is for boxes, shapes, masks, keypoints, spans and fields", file=sources.delivery.inputs[0].path,
            found=f"{wrong[0]} of labels of whole items", expected=", ".join(METRICS[:3]),
        )  # fmt: skip


def _named() -> Mapping[str, Named]:
    """Coefficients by name, loaded when one is asked for: their quantiles need SciPy, which takes long to load."""
    return cast("Mapping[str, Named]", import_module(f"{__package__}.coefficients").NAMED)


def _declared(asked: AgreeRequest) -> DeliveryFile:
    """What is declared about the files, with columns and level as asked."""
    found = load_delivery(asked.delivery) if asked.delivery is not None else find_delivery(list(asked.files))
    declared = found or DeliveryFile()
    if asked.columns is not None:
        files = tuple(replace(one, columns=None) for one in declared.files)
        declared = replace(declared, columns=dict(asked.columns), files=files)
    if asked.header is not None:
        files = tuple(replace(one, header=None) for one in declared.files)
        declared = replace(declared, header=asked.header, files=files)
    return replace(declared, level=asked.level) if asked.level is not None else declared


def _document(asked: AgreeRequest, sources: Sources, prepared: Prepared, measurement: Measurement) -> Json:
    batch, tally = prepared.batch, measurement.state.tally
    found = measurement.measured.agreement
    if found is None:
        raise InputError(
            "there are no blind first-pass votes to compare", file=sources.delivery.inputs[0].path,
            found="no item with two votes of people", expected="items that two or more people labelled",
        )  # fmt: skip
    section = agreement_section(prepared, found)
    if asked.metrics:
        _refuse_undefined_order(asked, sources, prepared)
        section = _chosen(section, found, prepared, vote_tables(batch), tuple(dict.fromkeys(asked.metrics)))
    findings: list[Finding] = [*sources.delivery.findings, *prepared.findings]
    return {
        "schema": SCHEMA,
        "agreement": section,
        "batch": {
            "kind": batch.kind,
            "level": batch.level,
            "items": tally.items,
            "items_with_two_votes": int(measurement.state.nominal.units[:, 2:].sum()),
            "labels": int(measurement.state.people.labels.sum()),
            "annotators": int((measurement.state.people.labels.sum(axis=1) > 0).sum()),
            "classes": list(batch.classes),
        },
        "findings": [finding.as_json() for finding in findings],
        "inputs": inputs_of(sources),
    }


def _refuse_undefined_order(asked: AgreeRequest, sources: Sources, prepared: Prepared) -> None:
    """Weights between texts mean something only where their order is stated."""
    known = _named()
    weighted = [name for name in asked.metrics if name in known and known[name].needs_order]
    batch = prepared.batch
    if len(batch.classes) > _MOST_CLASSES:
        raise InputError(
            "these coefficients compare every class with every other", found=f"{len(batch.classes):,} classes",
            expected=f"at most {_MOST_CLASSES:,}, or the figures of a report: leave --metric out",
        )  # fmt: skip
    if not weighted or batch.level != "nominal" or numbers_of(batch.classes) is not None:
        return
    if sources.schema is None or not sources.schema.classes:
        raise InputError(
            f"the order of the classes is not known, and {weighted[0]} needs it",
            found=", ".join(batch.classes[:8]),
            expected="a schema file (--schema) that lists the classes from low to high",
        )


def _chosen(
    section: Json, found: Agreement, prepared: Prepared, votes: VoteTables, metrics: Sequence[str]
) -> Json:
    """The section with exactly the metrics asked for; what a report holds is taken from there."""
    batch, named = prepared.batch, _named()
    whole = {name: _overall(name, found, prepared, votes) for name in metrics if name not in _OF_CLASSES}
    by_class: dict[str, dict[str, Figure]] = {}
    for name, known in found.by_class.items():
        figures = {metric: known[metric] for metric in metrics if metric in known}
        others = [
            m for m in metrics if m in named and m not in known and named[m].by_class and batch.sets is None
        ]
        folded = votes.of_class(name) if others else votes
        by_class[name] = figures | {m: named[m].figure(folded, "nominal") for m in others}
    return {
        "overall": _as_json(whole),
        "by_class": {name: _as_json(figures) for name, figures in by_class.items()},
        "pairs": _pairs(prepared, found, votes, metrics),
        "pairs_left_out": section["pairs_left_out"],
    }


def _overall(name: str, found: Agreement, prepared: Prepared, votes: VoteTables) -> Figure:
    batch = prepared.batch
    if name in found.overall:
        return found.overall[name]
    if batch.sets is not None:
        raise InputError(
            "this measure compares single labels, and these are sets",
            found=name,
            expected=" or ".join(_OF_SETS),
        )
    if name not in _named():
        raise InputError(
            "this measure compares sets of labels", found=f"{batch.kind} labels", expected="labels: multi"
        )
    return _named()[name].figure(votes, batch.level)


def _pairs(prepared: Prepared, found: Agreement, votes: VoteTables, metrics: Sequence[str]) -> list[Json]:
    """One entry per pair and metric, the lowest values of the first metric first."""
    batch, people, named = prepared.batch, prepared.batch.annotators, _named()
    asked = [name for name in metrics if name in named] if batch.sets is None else []
    if not asked:
        return []
    worst = sorted(found.pairs, key=lambda p: (p.kappa.value if p.kappa.value is not None else 2.0, p.a, p.b))
    rows: list[tuple[int, float, Json]] = []
    for pair in worst[:MOST_PAIRS]:
        two = votes.of_pair(pair.a, pair.b)
        for place, name in enumerate(asked):
            figure = pair.kappa if name == "cohen_kappa" else named[name].figure(two, batch.level)
            entry: Json = {
                "a": people[pair.a], "b": people[pair.b], "metric": name, "value": rounded(figure.value),
                "low": rounded(figure.low), "high": rounded(figure.high), "units": figure.units,
                "percent_agreement": rounded(pair.observed), "reason": figure.reason,
            }  # fmt: skip
            rows.append((place, 2.0 if figure.value is None else figure.value, entry))
    return [entry for *_, entry in sorted(rows, key=lambda row: row[:2])]


def _as_json(figures: Figures) -> Json:
    return {name: figure.as_json() for name, figure in figures.items()}
