"""The pages of the formats say everything: keys, words, findings; and their examples run."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import pytest

from assay.annotation.layers import Layer
from assay.formats import delivery, gold_file
from assay.formats.columns import GOLD_ROLES, MANIFEST_ROLES, WORDS
from assay.formats.delivery import load_delivery
from assay.formats.inputs import FORMATS
from assay.formats.read import read_delivery
from tests.formats.deliveries import read_file, write
from tests.formats.test_gold import read as read_panel
from tests.formats.test_manifests import read as read_items
from tests.paths import ROOT

MAKERS = ("Finding", "_finding")
PAGES = ROOT / "docs" / "reference" / "formats"
SOURCES = sorted(Path(read_delivery.__code__.co_filename).parent.glob("*.py"))


def page(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def block(name: str, language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", page(name), re.DOTALL)[-1]


def findings_in_code() -> set[str]:
    """The kind of every finding that the package makes."""
    kinds = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    kinds.add(str(first.value))
    return kinds | {"not_a_number", "out_of_scale"}


def test_every_finding_is_documented() -> None:
    documented = set(
        re.findall(r"^\| `([a-z_]+)` \| (?:note|minor|major|critical) \|", page("README.md"), re.MULTILINE)
    )
    assert documented == findings_in_code()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("delivery.md", {*delivery._KEYS, *delivery._FILE_KEYS, *FORMATS, *(layer.label for layer in Layer)}),
        ("gold.md", {*gold_file._KEYS, *gold_file._FILE_KEYS, *GOLD_ROLES[2:], *gold_file.COMPARTMENTS}),
        ("manifest.md", set(MANIFEST_ROLES[1:])),
    ],
)
def test_every_key_is_documented(name: str, words: set[str]) -> None:
    assert {word for word in words if f"`{word}`" not in page(name)} == set()


@pytest.mark.parametrize(("name", "subject"), [("label-tables.md", "delivery"), ("gold.md", "gold")])
def test_every_known_header_is_documented(name: str, subject: str) -> None:
    roles = ("item", "annotator", "label") if subject == "delivery" else ("label",)
    tiers = [tier for role in roles for tier in WORDS[subject][role]]
    if subject == "gold":
        tiers = tiers[:1]
    words = {word.removesuffix("_id") for tier in tiers for word in tier} - {"orig", "text", "user_name"}
    assert {word for word in words if f"`{word}`" not in page(name)} == set()


def test_the_example_of_a_delivery_is_read(tmp_path: Path) -> None:
    found = load_delivery(write(tmp_path, "delivery.yaml", block("delivery.md", "yaml")))
    assert (found.batch, len(found.files)) == ("batch-24", 2)


def test_the_example_of_a_label_table_is_read(tmp_path: Path) -> None:
    assert len(read_file(tmp_path, "labels.csv", block("label-tables.md", "csv")).triples) == 2


def test_the_example_of_a_mapping_is_read(tmp_path: Path) -> None:
    out = read_file(tmp_path, "labels.yaml", block("mapping.md", "yaml"))
    assert out.triples[0] == ("image-1", "ann-7", "no")


def test_the_example_of_a_manifest_is_read(tmp_path: Path) -> None:
    manifest, rows = read_items(write(tmp_path, "items.csv", block("manifest.md", "csv")))
    assert (manifest.slices, len(rows)) == (("weather",), 2)


def test_the_examples_of_gold_are_read(tmp_path: Path) -> None:
    panel = read_panel(write(tmp_path, "gold.csv", block("gold.md", "csv")))
    assert panel.rows("item, value") == [("message-1", "refund"), ("message-2", "praise")]
    write(tmp_path, "expert-1.txt", "message-1\trefund\n")
    write(tmp_path, "calibration.csv", "message-2,praise\n")
    assert read_panel(write(tmp_path, "gold.yaml", block("gold.md", "yaml"))).gold.items == 2


def test_the_refusal_in_the_docs_is_the_one_that_is_raised(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="never closed") as refusal:
        read_file(tmp_path, "labels.csv", 'item,annotator,label\ni1,w1,a\ni2,w1,"b\n')
    said = str(refusal.value).replace(f"{tmp_path}/", "")
    assert said in re.sub(r"^    ", "", page("label-tables.md"), flags=re.MULTILINE)


@pytest.mark.parametrize("name", [path.name for path in sorted(PAGES.glob("*.md"))])
def test_examples_in_python_run(name: str) -> None:
    assert doctest.testfile(str(PAGES / name), module_relative=False).failed == 0
