"""Deliveries to judge: written by hand in a few lines, or simulated with known truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from assay.annotation.strict_yaml import parse_yaml
from assay.judge.flow import judge_request
from assay.judge.judgement import Judgement
from assay.judge.request import Audience, Request
from assay.judge.saving import document_bytes, save
from assay.simulate import Spec, simulate
from assay.terms.contract import Contract, parse_contract

Row = Sequence[object]
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Home:
    """A folder with a delivery and what belongs to it; what is None was not written."""

    folder: Path
    delivery: Path
    gold: Path | None = None
    items: Path | None = None
    schema: Path | None = None
    contract: Path | None = None

    def request(self, **changes: Any) -> Request:
        """The request to judge it, with some of it replaced."""
        given: dict[str, Any] = {
            "gold": self.gold, "items": self.items, "schema": self.schema, "contract": self.contract,
        }  # fmt: skip
        return Request([self.delivery], **(given | changes))

    def judge(self, **changes: Any) -> Judgement:
        """Judge it."""
        return judge_request(self.request(**changes))

    def document(self, **changes: Any) -> Json:
        """The document of its report."""
        return self.judge(**changes).document


def table(columns: str, rows: Iterable[Row]) -> str:
    """A CSV table; cells hold no comma."""
    return "\n".join([columns, *(",".join(map(str, row)) for row in rows)]) + "\n"


def by_hand(
    folder: Path,
    labels: str,
    *,
    gold: str | None = None,
    items: str | None = None,
    schema: str | None = None,
    delivery: str | None = None,
    contract: str | Contract | None = None,
) -> Home:
    """Write what is given; ``delivery`` are the lines of delivery.yaml after its first."""
    folder.mkdir(parents=True, exist_ok=True)

    def write(name: str, content: str | None) -> Path | None:
        if content is None:
            return None
        path = folder / name
        path.write_text(content, encoding="utf-8")
        return path

    written = write("labels.csv", labels)
    assert written is not None
    if delivery is not None:
        written = write("delivery.yaml", f"assay: delivery/1\nfiles: [{{path: labels.csv}}]\n{delivery}\n")
        assert written is not None
    agreed = contract.as_yaml() if isinstance(contract, Contract) else contract
    return Home(
        folder, written, write("gold.csv", gold), write("items.csv", items), write("schema.yaml", schema),
        write("contract.yaml", agreed),
    )  # fmt: skip


def simulated(folder: Path, spec: Spec, *, contract: Contract | None = None) -> Home:
    """The files of a simulated programme, under the starter contract unless another is given."""
    simulate(spec).write(folder, contract=contract)
    gold = folder / "gold.csv" if spec.gold.items or spec.gold.per_class else None
    return Home(
        folder,
        folder / "delivery.yaml",
        gold,
        folder / "items.csv",
        folder / "schema.yaml",
        folder / "contract.yaml",
    )


def contract_of(*terms: str, labels: str = "choice", measurement: str = "", more: str = "") -> Contract:
    """A contract of some terms, written as in YAML, with a minimum of 20 positives."""
    listed = "\n".join(f"  - {{{term}}}" for term in terms)
    text = f"assay: contract/1\nid: agreed\nlabels: {labels}\n{more}\n"
    if measurement:
        text += f"measurement:\n  {measurement}\n"
    return parse_contract(parse_yaml(f"{text}acceptance:\n{listed}\n", file="contract.yaml"))


def terms(document: Json, term: str, **subject: str) -> list[Json]:
    """The rows of a term, of one subject if it is named."""
    rows = [row for row in document["verdict"]["terms"] if row["id"] == term]
    return [row for row in rows if all(row["subject"].get(k) == v for k, v in subject.items())]


def term(document: Json, name: str, **subject: str) -> Json:
    """The only row of a term and subject."""
    (row,) = terms(document, name, **subject)
    return row


def kinds(document: Json, section: str = "findings") -> set[str]:
    """The kinds of findings (or suspicions) of a document."""
    return {finding["kind"] for finding in document[section]}


def saved(home: Home, folder: Path, *, audience: Audience = "buyer", annotator: str | None = None) -> Path:
    """Judge and write everything that an audience may see into a new folder."""
    folder.mkdir(parents=True)
    save(home.judge(stage=folder), folder, audience=audience, annotator=annotator)
    return folder


def report_file(document: Json, path: Path) -> Path:
    """A document as the report.json of an earlier batch."""
    path.write_bytes(document_bytes(document))
    return path


def with_terms(contract: Contract, *ids: str) -> Contract:
    """The contract with some of its terms only."""
    return replace(contract, acceptance=tuple(t for t in contract.acceptance if t.id in ids))


def floors(contract: Contract, floor: str) -> Contract:
    """The contract with one floor for all its terms and nothing rejected."""
    changed = tuple(replace(t, floor=Decimal(floor), reject_below=None) for t in contract.acceptance)
    return replace(contract, acceptance=changed)
