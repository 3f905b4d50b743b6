"""The public data sets as they are: where their files lie, what is declared about them, and how a person reads them.

Nothing here is read by Assay but the three YAML documents; the second reading, with the standard library and pandas, is
what Assay's figures are compared with.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from tests.paths import SHARED

FOLDER = SHARED / "datasets"
EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "valence")


@dataclass(frozen=True)
class DataSet:
    """A data set: bodies of ``delivery.yaml``, ``gold.yaml`` and ``schema.yaml``, in which {folder} is its folder."""

    folder: str
    delivery: str
    gold: str
    schema: str | None = None

    def write(self, into: Path) -> list[str]:
        """Write the documents into a folder; returns the arguments of `assay judge`."""
        arguments = []
        kinds = (
            ("delivery", None, self.delivery),
            ("gold", "--gold", self.gold),
            ("schema", "--schema", self.schema),
        )
        for kind, option, body in kinds:
            if body is None:
                continue
            path = into / f"{kind}.yaml"
            text = f"assay: {kind}/1\n" + body.replace("{folder}", str(FOLDER / self.folder))
            path.write_text(text, encoding="utf-8")
            arguments += [*([option] if option else []), str(path)]
        return arguments


def _snow(folder: str, file: str, *more: str) -> DataSet:
    columns = 'columns: {item: orig_id, annotator: "!amt_worker_ids", label: response}\n'
    return DataSet(
        folder,
        "".join(more) + f"files: [{{path: {{folder}}/{file}}}]\n" + columns,
        f"files: [{{path: {{folder}}/{file}}}]\ncolumns: {{item: orig_id, label: gold}}\n",
    )


def _texts(folder: str, labels: str, gold: str, *more: str) -> DataSet:
    form = "normal_form: [NFC, lower case, without punctuation, runs of white space as one space]\n"
    return DataSet(folder, "labels: text\n" + form + "".join(more) + f"files: [{labels}]\n", gold)


ADULT = "files: [{path: {folder}/labels.txt.gz, format: tsv}]\ncolumns: [annotator, item, label]\nlevel: ordinal\n"
SETS: Mapping[str, DataSet] = {
    **{
        f"adultcontent2 {rule}": DataSet(
            "adultcontent2",
            ADULT + f"duplicates: {rule}\n",
            "files: [{path: {folder}/gold.txt, format: tsv}]\ncolumns: [item, label]\n",
            'version: "1"\nkind: choice\nlevel: ordinal\nclasses:\n'
            + "".join(f"  - {{id: {name}, name: {name}}}\n" for name in "GPRX"),
        )
        for rule in ("first", "last")
    },
    "bluebirds": DataSet(
        "bluebirds", "files: [{path: {folder}/labels.yaml}]\n", "files: [{path: {folder}/gt.yaml}]\n"
    ),
    "snow_rte": _snow("snow_rte", "rte.standardized.tsv.gz"),
    "music_genre": DataSet(
        "music_genre",
        "files: [{path: {folder}/MS.csv}]\ncolumns: [annotator, item, label, -]\n",
        "files: [{path: {folder}/MS.csv}]\ncolumns: [-, item, -, label]\n",
    ),
    "fact_eval": DataSet(
        "fact_eval",
        "files: [{path: {folder}/label.csv.gz}]\nduplicates: last\n",
        "files: [{path: {folder}/truth.csv}]\n",
    ),
    **{
        f"snow_affect {name}": _snow(
            "snow_affect", f"{name}.standardized.tsv", "labels: rating\n", "level: interval\n"
        )
        for name in EMOTIONS
    },
    "crowdspeech": _texts(
        "crowdspeech",
        "{path: {folder}/crowdspeech-dev-clean-crowd.tsv.gz}",
        "files: [{path: {folder}/crowdspeech-dev-clean-gt.txt.gz, format: tsv}]\ncolumns: [item, label]\nheader: no\n",
    ),
    "crowdwsa2019": _texts(
        "crowdwsa2019", "{path: {folder}/T1_label.tsv}", "files: [{path: {folder}/T1_gt.tsv}]\n", "duplicates: first\n"
    ),
}  # fmt: skip
CHOICES = tuple(name for name in SETS if not name.startswith(("snow_affect", "crowd")))
RATINGS = tuple(name for name in SETS if name.startswith("snow_affect"))
TEXTS = ("crowdspeech", "crowdwsa2019")


def judge(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `assay judge` in a folder."""
    command = [Path(sys.executable).with_name("assay"), "judge", *arguments, "--out", "report"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@cache
def by_hand(name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """The labels (item, annotator, label) after the rule for duplicates, and gold by item, read without Assay."""
    labels, gold = _READERS[name.split(" ")[0]](name)
    kept = "last" if name.endswith("last") or name == "fact_eval" else "first"
    return labels.drop_duplicates(["annotator", "item"], keep=kept).reset_index(drop=True), gold


def _table(path: str, **more: object) -> pd.DataFrame:
    data = (FOLDER / path).read_bytes()
    text = (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8")
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, **more)  # type: ignore[call-overload]


def _adult(_: str) -> tuple[pd.DataFrame, dict[str, str]]:
    labels = _table(
        "adultcontent2/labels.txt.gz", sep="\t", header=None, names=["annotator", "item", "label"]
    )
    gold = _table("adultcontent2/gold.txt", sep="\t", header=None, names=["item", "label"])
    return labels, dict(zip(gold["item"], gold["label"], strict=True))


def _bluebirds(_: str) -> tuple[pd.DataFrame, dict[str, str]]:
    def pairs(text: str) -> list[tuple[str, str]]:
        found = (part.split(":") for part in text.replace("\n", " ").split(","))
        return [(item.strip(), label.strip()) for item, label in found]

    text = (FOLDER / "bluebirds/labels.yaml").read_text(encoding="utf-8")
    rows = []
    for block in text.split("}")[:-1]:
        annotator, _, body = block.partition(":")
        rows += [(item, annotator.strip(" ,{\n"), label) for item, label in pairs(body.partition("{")[2])]
    body = (FOLDER / "bluebirds/gt.yaml").read_text(encoding="utf-8").strip().strip("{}")
    return pd.DataFrame(rows, columns=["item", "annotator", "label"]), dict(pairs(body))


def _standardized(name: str) -> tuple[pd.DataFrame, dict[str, str]]:
    if name == "snow_rte":
        table = _table("snow_rte/rte.standardized.tsv.gz", sep="\t")
    else:
        table = _table(f"snow_affect/{name.split(' ')[1]}.standardized.tsv", sep="\t")
    labels = table.rename(columns={"orig_id": "item", "!amt_worker_ids": "annotator", "response": "label"})
    return labels[["item", "annotator", "label"]], dict(zip(table["orig_id"], table["gold"], strict=True))


def _music(_: str) -> tuple[pd.DataFrame, dict[str, str]]:
    table = _table("music_genre/MS.csv", header=None, names=["annotator", "item", "label", "gold"])
    return table[["item", "annotator", "label"]], dict(zip(table["item"], table["gold"], strict=True))


def _facts(_: str) -> tuple[pd.DataFrame, dict[str, str]]:
    gold = _table("fact_eval/truth.csv")
    labels = _table("fact_eval/label.csv.gz").rename(columns={"worker": "annotator"})
    return labels, dict(zip(gold["item"], gold["truth"], strict=True))


def _speech(_: str) -> tuple[pd.DataFrame, dict[str, str]]:
    table = _table("crowdspeech/crowdspeech-dev-clean-crowd.tsv.gz", sep="\t")
    table.columns = pd.Index(["item", "label", "annotator"])
    gold = _table(
        "crowdspeech/crowdspeech-dev-clean-gt.txt.gz",
        sep="\t",
        header=None,
        names=["item", "label"],
        quoting=3,
    )
    return table, dict(zip(gold["item"], gold["label"], strict=True))


def _translations(_: str) -> tuple[pd.DataFrame, dict[str, str]]:
    table = _table("crowdwsa2019/T1_label.tsv", sep="\t", quoting=3)
    table = table.rename(columns={"worker": "annotator", "sentence": "item", "workeranswer": "label"})
    gold = _table("crowdwsa2019/T1_gt.tsv", sep="\t", quoting=3)
    return table, dict(zip(gold["sentence"], gold["trueanswer"], strict=True))


_READERS = {
    "adultcontent2": _adult,
    "bluebirds": _bluebirds,
    "snow_rte": _standardized,
    "snow_affect": _standardized,
    "music_genre": _music,
    "fact_eval": _facts,
    "crowdspeech": _speech,
    "crowdwsa2019": _translations,
}
