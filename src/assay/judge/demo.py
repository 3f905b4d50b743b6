"""The demonstration: three simulated deliveries with known truth, judged as anyone would judge their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from assay.report.demo import demo_page
from assay.simulate import TOPICS, Annotator, Final, Gold, GuidelineGap, Slice, Spec, simulate
from assay.terms.clauses import Parties, PriceLine, Pricing
from assay.terms.contract import Contract
from assay.terms.templates import load_template

from .flow import judge_request
from .judgement import Judgement
from .request import Request
from .saving import save, staged

_CHANNEL = Slice("channel", ("mail", "chat", "phone", "app"), (0.25, 0.2, 0.4, 0.15))
_PRICE = Decimal("0.11")
INDEX = "index.html"


@dataclass(frozen=True)
class Delivery:
    """One delivery of the demonstration: its folder, what it shows, and the programme behind it."""

    name: str
    title: str
    note: str
    spec: Spec


@dataclass(frozen=True)
class Shown:
    """A judged delivery with the folder of its report."""

    delivery: Delivery
    folder: Path
    judgement: Judgement


def deliveries(items: int) -> tuple[Delivery, ...]:
    """An accepted batch, one to rework, and one that needs evidence."""
    base = Spec(
        items=items, annotators=8, accuracy=0.965, votes_per_item=3, overlap=0.2, slices=(_CHANNEL,),
        gold=Gold(items=800, per_class=40, makers=2, maker_accuracy=0.985), final=Final("votes"),
    )  # fmt: skip
    people = tuple(Annotator(f"annotator-{n + 1:02d}") for n in range(7))
    weak = (*people, Annotator("annotator-08", accuracy=0.65, by_class=dict.fromkeys(TOPICS, 0.65)))
    gap = GuidelineGap((TOPICS[1], TOPICS[2]), "channel", "phone", share=0.95, camp=0.7)
    return (
        Delivery("accepted", "A careful vendor", "nothing planted", replace(base, batch="batch-07", seed=7)),
        Delivery(
            "rework", "One weak person, one gap in the guideline", "planted: a weak person; refund or billing by phone",
            replace(base, batch="batch-08", seed=8, annotators=weak, guideline_gaps=(gap,)),
        ),
        Delivery(
            "needs-evidence", "Too little gold of one class", "planted: nothing; the gold panel is small",
            replace(base, batch="batch-09", seed=9, gold=Gold(items=170, makers=2, maker_accuracy=0.985)),
        ),
    )  # fmt: skip


def demo_contract() -> Contract:
    """The standard template with parties and a price."""
    return replace(
        load_template("standard-choice"),
        id="support-messages",
        parties=Parties("buyer", "vendor"),
        pricing=Pricing("USD", (PriceLine("accepted item", _PRICE),)),
    )


def show(folder: Path, items: int) -> Iterator[Shown]:
    """Simulate and judge each delivery in turn, leaving its files and its report in the folder."""
    for delivery in deliveries(items):
        home = folder / delivery.name
        simulate(delivery.spec).write(home, contract=demo_contract())
        with staged(home / "report") as stage:
            judgement = judge_request(
                Request(
                    [home / "delivery.yaml"], gold=home / "gold.csv", contract=home / "contract.yaml",
                    items=home / "items.csv", schema=home / "schema.yaml", stage=stage,
                    command=_command(home),
                )
            )  # fmt: skip
            save(judgement, stage)
        yield Shown(delivery, home, judgement)


def _command(home: Path) -> str:
    """What to type to judge the same delivery again."""
    given = " ".join(
        f"--{name} {home}/{file}"
        for name, file in (
            ("gold", "gold.csv"),
            ("contract", "contract.yaml"),
            ("items", "items.csv"),
            ("schema", "schema.yaml"),
        )
    )
    return f"assay judge {home}/delivery.yaml {given}"


def write_index(folder: Path, shown: list[Shown], note: str) -> Path:
    """The page with the three deliveries side by side."""
    cards = [
        {
            "document": one.judgement.document,
            "href": f"{one.delivery.name}/report/report.html",
            "title": one.delivery.title,
            "note": one.delivery.note,
        }
        for one in shown
    ]
    path = folder / INDEX
    path.write_text(demo_page(cards, note=note), encoding="utf-8")
    return path
