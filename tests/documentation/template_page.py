"""Writes docs/reference/templates.md: ``python -m tests.documentation.template_page [TEMPLATE]...``

Every shipped template with its purpose, terms and YAML, and its odds as ``assay plan contract`` prints them. The odds of
the templates named are computed anew (a minute each), those of the others are kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from assay.terms.metrics import METRICS
from assay.terms.templates import TEMPLATES, load_template, template_text
from assay.terms.term import Term
from tests.documentation.pages import FENCE
from tests.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "templates.md"
RUNS = 200

INTRODUCTION = f"""# Templates

The contracts that ship with Assay. Copy one, put in your own names, versions and prices, and
[see the odds](../how-to/write-a-contract.md#see-the-odds-before-you-sign) for batches of your own size before anyone signs.

| template | for |
|---|---|
| starter | a first contract, or none: gold alone decides, and a class with too little gold passes *watched* |
| standard | steady work with a vendor: versions, gold, calibration of people, agreement by class, review, clusters, trail |
| regulated | the buyer must be *shown* that the floor is reached; critical errors have a ceiling of their own |

The odds below are what `assay plan contract --template NAME --runs {RUNS}` prints. Each line is a vendor who truly stands so many points above
or below every floor at once; `accept` has its 95 % interval over the simulated batches, `redone` is the mean share of items sent back. A
template is meant to accept a vendor 3 points above every floor in at least 95 % of batches, and one 5 points below in at most 5 %. Such a
table holds for the batch it names: its size, its classes and its gold.

Located labels are drawn with five objects on an item on average, their number and their errors gathered on some items: scenes for boxes,
outlines and keypoints, texts for spans, documents for fields. Everybody's objects are judged for themselves, so one F1 stands for the batch,
its classes, its people and its slices, and a vendor above every floor stands above the highest of them. Outlines and masks are judged by the
boxes around them, which overlap as much.

Every value not written in a template takes the default of the programme ([the contract, as code](../reference/contract.md)).
"""

PURPOSES = {
    "starter-choice": "One label per item. What is applied when no contract is given.",
    "starter-multi": "Sets of labels: any number of classes per item.",
    "starter-rating": "Ratings: an answer at most one step off counts as right.",
    "starter-text": "Short texts and transcripts, by word error rate.",
    "standard-choice": "One label per item, with agreement between people on a sample drawn after delivery.",
    "standard-rating": "Ratings, with agreement between people on a sample drawn after delivery.",
    "regulated-choice": "One label per item, where errors have consequences: quality has to be shown, not only not disproved.",
    "regulated-rating": "Ratings, where errors have consequences.",
}
LOCATED = {
    "boxes": "Boxes in images",
    "shapes": "Outlines and lines in images",
    "masks": "Masks of images",
    "keypoints": "Figures of keypoints in images",
    "spans": "Spans of texts, both ends exact",
    "fields": "Fields of documents: keys with their values",
}


def purpose(name: str) -> str:
    """What a template is for."""
    size, _, kind = name.partition("-")
    if kind not in LOCATED:
        return PURPOSES[name]
    ending = {
        "starter": "gold alone decides.",
        "standard": "with agreement between people on a sample drawn after delivery.",
        "regulated": "where errors have consequences: quality has to be shown.",
    }[size]
    return f"{LOCATED[kind]}, {ending}"


def terms_table(name: str) -> str:
    """The terms of a template as a table."""
    rows = [_row(term) for term in load_template(name).acceptance]
    return "\n".join(["| term | asks | of | bound | rule | redo |", "|---|---|---|---|---|---|", *rows])


def _row(term: Term) -> str:
    sign, other = ("≤", "above") if term.at_most else ("≥", "below")
    bound = f"{sign} {term.floor}" + (f", reject {other} {term.reject_below}" if term.reject_below else "")
    asks = METRICS[term.metric].title + (f", at most {term.within} off" if term.within is not None else "")
    rule = f"`{term.rule}`" if isinstance(term.rule, str) else "plan"
    return f"| `{term.id}` | {asks} | {term.scope} | {bound} | {rule} | {term.redo or '–'} |"


def odds(name: str) -> str:
    """What the command prints."""
    command = [str(Path(sys.executable).with_name("assay")), "plan", "contract", "--template", name]
    done = subprocess.run(
        ["nice", "-n", "19", *command, "--runs", str(RUNS)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "120"},
    )
    return done.stdout


def kept_odds() -> dict[str, str]:
    """The odds that the page holds already."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = {name: text.partition(f"\n## {name}\n")[2].partition("\n## ")[0] for name in TEMPLATES}
    return {
        name: block[2] for name, part in parts.items() for block in FENCE.finditer(part) if block[1] == "text"
    }


def page(found: dict[str, str]) -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for name in TEMPLATES:
        parts.append(
            f"\n## {name}\n\n{purpose(name)}\n\n{terms_table(name)}\n\n"
            f"```text\n{found.get(name, '').rstrip()}\n```\n\n```yaml\n{template_text(name)}```\n"
        )
    return "".join(parts)


def main() -> None:
    """Compute the odds of the templates named and write the page after each."""
    found = kept_odds()
    for name in sys.argv[1:]:
        found[name] = odds(name)
        PAGE.write_text(page(found), encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
