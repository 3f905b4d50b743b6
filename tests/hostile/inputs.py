"""Hostile, broken and odd inputs, each as files to write, the arguments of `assay judge`, and what must come of it."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HEADER = "item,annotator,label\n"
ROWS = "".join(
    f"i{n},{who},{'yes' if (n + k) % 3 else 'off'}\n" for n in range(12) for k, who in enumerate("abc")
)
LABELS = HEADER + ROWS
GOLD = "item,label\n" + "".join(f"i{n},yes\n" for n in range(8))
SCHEMA = "assay: schema/1\nversion: {version}\nkind: choice\nclasses:\n{classes}"
RATING = "assay: delivery/1\nlabels: rating\n"
CONTRACT = """\
assay: contract/1
id: c
parties: {buyer: b, vendor: v}
labels: choice
acceptance:
  - {id: fraud, metric: gold_f1, scope: {class: fraud}, floor: 0.9}
"""

Content = str | bytes | Callable[[Path], None]


@dataclass(frozen=True)
class Refused:
    """Input that must be refused: exit code 2 and these words, among them file, place, found and expected."""

    name: str
    files: Mapping[str, Content]
    arguments: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Input that must be judged, with findings of these kinds (and severities) or these words in the report."""

    name: str
    files: Mapping[str, Content]
    arguments: tuple[str, ...]
    findings: Mapping[str, str] = field(default_factory=dict)
    codes: tuple[int, ...] = (0,)


def schema(*names: str, version: str = "1") -> str:
    """A schema of choices with these classes."""
    return SCHEMA.format(
        version=version, classes="".join(f"  - {{id: {name}, name: {name}}}\n" for name in names)
    )


def zipped(entries: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of these entries."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return written.getvalue()


def folder(path: Path) -> None:
    """An empty folder."""
    path.mkdir()


def pipe(path: Path) -> None:
    """A pipe that nobody writes into."""
    os.mkfifo(path)


def loop(path: Path) -> None:
    """A link to itself."""
    path.symlink_to(path)


BOMB = HEADER + "i1,a," + "x" * (64 << 20)
JUNK = bytes(range(256)) * 40
RAGGED = HEADER + "i1,a,yes\ni2,a\n"

REFUSED = (
    # cut off, in another encoding, not what the name says
    Refused("a truncated table", {"l.csv": LABELS[:-7]}, ("l.csv",), ("l.csv, line 37", "found:", "'i11'", "expected: 3")),
    Refused(
        "a truncated gzip file", {"l.csv.gz": gzip.compress(LABELS.encode())[:-20]}, ("l.csv.gz",),
        ("l.csv.gz", "cut off", "found:", "expected:"),
    ),
    Refused("a truncated zip archive", {"l.zip": zipped({"l.csv": LABELS})[:-30]}, ("l.zip",), ("l.zip", "cut off", "expected:")),
    Refused(
        "truncated JSON", {"l.json": '[{"item": "i1", "annotator": "a", "label": "x"},'}, ("l.json",),
        ("l.json, record", "found:", "the end of the file", "expected:"),
    ),
    Refused(
        "Latin-1", {"l.csv": (HEADER + "i1,a,café\n").encode("latin-1")}, ("l.csv",),
        ("l.csv, line 2", "not UTF-8", "found:", "e9", "expected: text in UTF-8"),
    ),
    Refused(
        "UTF-16 without a byte order mark", {"l.csv": LABELS.encode("utf-16-le")}, ("l.csv",),
        ("l.csv, line 1", "found:", "expected:", "byte order mark"),
    ),
    Refused("binary junk as a table", {"l.csv": JUNK}, ("l.csv",), ("l.csv, line 1", "found:", "expected:")),
    Refused("binary junk as JSON", {"l.json": JUNK}, ("l.json",), ("l.json", "found:", "expected:")),
    Refused("binary junk as Parquet", {"l.parquet": b"PAR1" + JUNK + b"PAR1"}, ("l.parquet",), ("l.parquet", "damaged", "expected:")),
    Refused("binary junk as a zip archive", {"l.zip": b"PK\x03\x04" + JUNK}, ("l.zip",), ("l.zip", "found:", "expected:")),
    Refused("a NUL in a table", {"l.csv": HEADER + "i1,a,y\0es\n"}, ("l.csv",), ("l.csv, line 2", "NUL", "found:", "expected:")),
    Refused("carriage returns alone", {"l.csv": LABELS.replace("\n", "\r")}, ("l.csv",), ("l.csv, line 1", "found:", "CR", "expected:")),
    # empty
    Refused("an empty folder", {"f": folder}, ("f",), ("f: there is no file to read", "found:", "expected:")),
    Refused("an empty file", {"l.csv": ""}, ("l.csv",), ("l.csv: the file is empty", "found:", "expected:")),
    Refused("a file of blank lines", {"l.csv": "\n\n\n"}, ("l.csv",), ("l.csv", "no rows", "found:", "expected:")),
    Refused("a header and nothing else", {"l.csv": HEADER}, ("l.csv",), ("l.csv", "no annotation", "found:", "no rows", "expected:")),
    Refused("empty gold", {"l.csv": LABELS, "g.csv": "item,label\n"}, ("l.csv", "--gold", "g.csv"), ("g.csv", "found:", "expected:")),
    Refused("an empty schema", {"l.csv": LABELS, "s.yaml": ""}, ("l.csv", "--schema", "s.yaml"), ("s.yaml", "found:", "expected:")),
    # tables that are none
    Refused("a quote that is never closed", {"l.csv": HEADER + 'i1,a,"yes\ni2,a,no\n'}, ("l.csv",), ("l.csv, line 2", "quote", "found:", "expected:")),
    Refused("ragged rows", {"l.csv": RAGGED}, ("l.csv",), ("l.csv, line 3", "found:", "2:", "expected: 3")),
    Refused(
        "two columns of one name", {"l.csv": "item,annotator,label,label\ni1,a,yes,no\n"}, ("l.csv",),
        ("l.csv, line 1", "found:", "expected:", "columns:"),
    ),
    Refused("an item without an id", {"l.csv": HEADER + ",a,yes\n"}, ("l.csv",), ("l.csv, line 2", "found:", "expected: the id of an item")),
    Refused("columns that nobody knows", {"l.csv": "a,b,c\n1,2,3\n"}, ("l.csv",), ("l.csv, line 1", "found:", "expected:", "columns:")),
    Refused("a huge cell", {"l.csv": HEADER + f"i1,a,{'x' * (3 << 20)}\n"}, ("l.csv",), ("l.csv, line 2", "too long", "found:", "expected:")),
    Refused("20,000 columns", {"l.csv": ",".join(f"c{n}" for n in range(20_000)) + "\n"}, ("l.csv",), ("l.csv", "columns", "found:", "20000", "expected:")),
    Refused(
        "100,000 classes", {"l.csv": HEADER + "".join(f"i{n // 2},{'ab'[n % 2]},c{n}\n" for n in range(100_000))},
        ("l.csv",), ("different labels", "found:", "100,000", "expected:", "labels: text"),
    ),
    # twice the same
    Refused(
        "two answers of one person", {"l.csv": HEADER + "i1,a,yes\ni1,a,no\n"}, ("l.csv",),
        ("l.csv, line 2 and line 3", "found:", "'yes' and then 'no'", "expected:", "duplicates: first"),
    ),
    Refused(
        "a key twice in YAML", {"l.csv": LABELS, "d.yaml": "assay: delivery/1\nbatch: a\nbatch: b\n"},
        ("l.csv", "--delivery", "d.yaml"), ("d.yaml, line 3", "'batch'", "first on line 2", "expected: each key once"),
    ),
    Refused(
        "a key twice in JSON", {"l.jsonl": '{"item": "i1", "item": "i2", "annotator": "a", "label": "x"}\n'},
        ("l.jsonl",), ("l.jsonl, record 1, line 1", "'item'", "expected: each key once"),
    ),
    Refused(
        "a person's item twice in a mapping", {"l.yaml": "a: {i1: x, i1: y}\n"}, ("l.yaml",),
        ("l.yaml, line 1", "'i1'", "expected: each key once"),
    ),
    Refused(
        "two gold answers", {"l.csv": LABELS, "g.csv": "item,label\ni1,yes\ni1,off\n"}, ("l.csv", "--gold", "g.csv"),
        ("g.csv, line 2", "found:", "'off' and 'yes'", "expected:", "maker"),
    ),
    Refused(
        "a manifest that contradicts itself", {"l.csv": LABELS, "m.csv": "item,seg\ni1,a\ni1,b\n"},
        ("l.csv", "--items", "m.csv"), ("m.csv, line 2", "found:", "expected: one row"),
    ),
    # numbers that are none
    Refused("NaN in JSON", {"l.json": '[{"item": "i", "annotator": "a", "label": NaN}]'}, ("l.json",), ("l.json, record 1", "found:", "NaN", "expected:")),
    Refused(
        "NaN as a gold rating", {"l.csv": HEADER + "i1,a,2\ni2,a,4\n", "g.csv": "item,label\ni1,NaN\n", "d.yaml": RATING},
        ("l.csv", "--delivery", "d.yaml", "--gold", "g.csv"), ("g.csv, line 2", "found:", "'NaN'", "expected:"),
    ),
    Refused(
        "NaN as an inclusion probability",
        {"l.csv": LABELS, "m.csv": "item,stratum,inclusion_probability\n" + "".join(f"i{n},s,NaN\n" for n in range(12))},
        ("l.csv", "--items", "m.csv"), ("m.csv, line 2", "found:", "'NaN'", "expected:"),
    ),
    # built to hurt
    Refused("a zip bomb", {"l.zip": zipped({"l.csv": BOMB})}, ("l.zip",), ("l.zip", "found:", "MiB from", "expected: at most 200 times")),
    Refused("a gzip bomb", {"l.csv.gz": gzip.compress(BOMB.encode())}, ("l.csv.gz",), ("l.csv.gz", "found:", "expected: at most 200 times")),
    Refused("an archive that climbs out", {"l.zip": zipped({"../out.csv": LABELS})}, ("l.zip",), ("l.zip, entry '../out.csv'", "expected:")),
    Refused("an archive in an archive", {"l.zip": zipped({"in.zip": zipped({"l.csv": LABELS})})}, ("l.zip",), ("l.zip, entry 'in.zip'", "expected:")),
    Refused("JSON 5,000 levels deep", {"l.json": "[" * 5_000 + "]" * 5_000}, ("l.json",), ("l.json", "deep", "expected: at most 64")),
    Refused(
        "YAML 200 levels deep", {"l.csv": LABELS, "d.yaml": "assay: delivery/1\ncolumns: " + "[" * 200 + "]" * 200 + "\n"},
        ("l.csv", "--delivery", "d.yaml"), ("d.yaml, line 2", "deep", "expected: at most 32"),
    ),
    Refused(
        "a YAML anchor", {"l.csv": LABELS, "d.yaml": "assay: delivery/1\nbatch: &a x\n"}, ("l.csv", "--delivery", "d.yaml"),
        ("d.yaml, line 2", "&a", "expected:"),
    ),
    Refused(
        "a delivery that names a file outside", {"f/delivery.yaml": "assay: delivery/1\nfiles: [{path: ../l.csv}]\n", "l.csv": LABELS},
        ("f",), ("f/delivery.yaml, line 2, key files[0].path", "found:", "'../l.csv'", "expected:"),
    ),
    # paths that are no files
    Refused("a missing delivery", {}, ("nothing.csv",), ("nothing.csv: there is no such file", "found:", "expected:")),
    Refused("missing gold", {"l.csv": LABELS}, ("l.csv", "--gold", "g.csv"), ("g.csv: there is no such file", "found:", "expected:")),
    Refused("a folder as gold", {"l.csv": LABELS, "g": folder}, ("l.csv", "--gold", "g"), ("g: ", "found:", "a folder", "expected: a regular file")),
    Refused("a folder as a contract", {"l.csv": LABELS, "c": folder}, ("l.csv", "--contract", "c"), ("c: ", "found:", "a folder", "expected:")),
    Refused("a pipe", {"l.csv": pipe}, ("l.csv",), ("l.csv", "found:", "a pipe", "expected: a regular file")),
    Refused("a link to itself", {"l.csv": loop}, ("l.csv",), ("l.csv", "found:", "expected:")),
    Refused("a name that is too long", {}, ("x" * 300 + ".csv",), ("there can be no file here", "found:", "304 characters", "expected:")),
    Refused(
        "a declared name that is too long", {"l.csv": LABELS, "d.yaml": f"assay: delivery/1\nfiles: [{{path: {'x' * 300}}}]\n"},
        ("l.csv", "--delivery", "d.yaml"), ("d.yaml, line 2, key files[0].path", "found:", "300 characters", "expected:"),
    ),
    Refused("a report with a name that is too long", {"l.csv": LABELS}, ("l.csv", "--out", "x" * 300), ("there can be no file here", "found:", "expected:")),
    Refused("a report below a file", {"l.csv": LABELS}, ("l.csv", "--out", "l.csv/report"), ("l.csv/report: the report cannot be written here", "found:", "expected:")),
    Refused(
        "pseudonyms for a folder that is not there", {"l.csv": LABELS}, ("l.csv", "--pseudonyms", "nowhere/p.csv"),
        ("nowhere/p.csv: the file cannot be written here", "found:", "expected: a folder that exists"),
    ),
    Refused(
        "a proposed contract for a folder that is not there", {"l.csv": LABELS}, ("l.csv", "--write-contract", "nowhere/c.yaml"),
        ("nowhere/c.yaml: the file cannot be written here", "found:", "expected: a folder that exists"),
    ),
    Refused(
        "pseudonyms that contradict themselves", {"l.csv": LABELS, "p.csv": "pseudonym,annotator\nx,a\nx,b\n"},
        ("l.csv", "--pseudonyms", "p.csv"), ("p.csv, line 3", "found:", "expected:"),
    ),
    Refused(
        "pseudonyms beside a contract that is refused", {"l.csv": LABELS, "g.csv": GOLD, "c.yaml": CONTRACT},
        ("l.csv", "--gold", "g.csv", "--contract", "c.yaml", "--pseudonyms", "p.csv"), ("no class 'fraud'",),
    ),
    Refused("a file below a file", {"l.csv": LABELS}, ("l.csv/x.csv",), ("l.csv/x.csv: there is no such file", "found:", "expected:")),
    # contradictions
    Refused(
        "gold of another schema version",
        {"l.csv": LABELS, "g.csv": GOLD, "g.yaml": "assay: gold/1\nversion: 4\nschema: 2\nfiles: [{path: g.csv}]\n",
         "d.yaml": "assay: delivery/1\nschema: 3\n"},
        ("l.csv", "--delivery", "d.yaml", "--gold", "g.yaml"),
        ("different schema versions", "found:", "the delivery: 3, gold: 2", "expected: one version throughout"),
    ),
    Refused(
        "gold of a class that the schema does not have",
        {"l.csv": LABELS, "g.csv": "item,label\ni1,maybe\n", "s.yaml": schema("yes", "off")},
        ("l.csv", "--gold", "g.csv", "--schema", "s.yaml"), ("g.csv", "found:", "maybe", "expected:", "yes, off"),
    ),
    Refused(
        "a contract for a class that does not exist", {"l.csv": LABELS, "g.csv": GOLD, "c.yaml": CONTRACT},
        ("l.csv", "--gold", "g.csv", "--contract", "c.yaml"),
        ("c.yaml", "line 6, key acceptance[0]", "no class 'fraud'", "remedy: there are off, yes"),
    ),
    Refused(
        "a schema that names a class twice", {"l.csv": LABELS, "s.yaml": schema("yes", "yes")},
        ("l.csv", "--schema", "s.yaml"), ("s.yaml, line 6", "found:", "expected:"),
    ),
    Refused(
        "a key that no delivery has", {"l.csv": LABELS, "d.yaml": "assay: delivery/1\nbtch: 1\n"},
        ("l.csv", "--delivery", "d.yaml"), ("d.yaml, line 2", "'btch'", "expected:", "did you mean batch?"),
    ),
    Refused(
        "a report where something else lies", {"l.csv": LABELS, "report/mine.txt": "mine"}, ("l.csv", "--out", "report"),
        ("report", "not a report", "found:", "mine.txt", "expected:"),
    ),
    Refused(
        "an earlier report that is none", {"l.csv": LABELS, "e.json": "{}"}, ("l.csv", "--earlier", "e.json"),
        ("e.json", "expected:"),
    ),
)  # fmt: skip

FOUND = (
    Found("a row that starts with #", {"l.csv": HEADER + "#1,a,yes\n#1,b,no\ni2,a,yes\n"}, ("l.csv",)),
    Found(
        "classes that YAML would read as something else",
        {"l.csv": HEADER + "i1,a,no\ni1,b,007\ni2,a,12:30\ni2,b,no\n", "s.yaml": schema("no", "007", "12:30")},
        ("l.csv", "--schema", "s.yaml"),
    ),
    Found(
        "the word NaN as a class", {"l.csv": HEADER + "i1,a,NaN\ni1,b,nan\ni2,a,yes\ni2,b,yes\n"}, ("l.csv",),
        {"missing_word": "minor", "similar_classes": "minor"},
    ),
    Found(
        "NaN as a rating", {"l.csv": HEADER + "i1,a,NaN\ni1,b,3\ni2,a,4\ni2,b,5\n", "d.yaml": RATING},
        ("l.csv", "--delivery", "d.yaml"), {"not_a_number": "major"},
    ),
    Found("rows that stand twice", {"l.csv": HEADER + "i1,a,yes\ni1,a,yes\ni2,a,no\n"}, ("l.csv",), {"duplicate_rows": "minor"}),
    Found(
        "a table cut within its last label", {"l.csv": LABELS[:-2]}, ("l.csv",),
        {"no_final_line_end": "note"},
    ),
    Found(
        "gold of which nothing is in the batch", {"l.csv": LABELS, "g.csv": "item,label\nz1,yes\nz2,off\n"},
        ("l.csv", "--gold", "g.csv"), {"gold_outside_batch": "major"},
    ),
    Found(
        "gold of a class that nobody delivered", {"l.csv": LABELS, "g.csv": "item,label\ni1,maybe\n"},
        ("l.csv", "--gold", "g.csv"), {"gold_class_not_delivered": "major"},
    ),
    Found("one annotator", {"l.csv": HEADER + "".join(f"i{n},a,{'yes' if n % 3 else 'off'}\n" for n in range(30)), "g.csv": GOLD}, ("l.csv", "--gold", "g.csv")),
    Found("one item", {"l.csv": HEADER + "i1,a,yes\ni1,b,no\ni1,c,yes\n", "g.csv": "item,label\ni1,yes\n"}, ("l.csv", "--gold", "g.csv")),
    Found("one row", {"l.csv": HEADER + "i1,a,yes\n"}, ("l.csv",)),
    Found("one item with 10,000 votes", {"l.csv": HEADER + "".join(f"i1,a{n},{'yes' if n % 3 else 'no'}\n" for n in range(10_000))}, ("l.csv",)),
    Found(
        "nothing but skips",
        {"l.csv": "item,annotator,label,annotation_state\n" + "".join(f"i{n},a,,skipped\n" for n in range(5)), "g.csv": GOLD},
        ("l.csv", "--gold", "g.csv"),
    ),
    Found("nothing but empty labels", {"l.csv": HEADER + "".join(f"i{n},a,\n" for n in range(5)), "g.csv": GOLD}, ("l.csv", "--gold", "g.csv"), {"empty_label": "minor"}),
    Found("rows that name nobody", {"l.csv": HEADER + "i1,,yes\ni2,,no\ni1,b,no\n"}, ("l.csv",), {"annotator_unnamed": "major"}),
    Found("UTF-16 with its mark", {"l.csv": b"\xff\xfe" + LABELS.encode("utf-16-le")}, ("l.csv",)),
    Found("markup in ids and labels", {"l.csv": HEADER + "<script>alert(1)</script>,a,<b>x\n<script>alert(1)</script>,b,y\n"}, ("l.csv",)),
    Found("other files in the folder", {"f/l.csv": LABELS, "f/readme.md": "hello", "f/picture.png": b"\x89PNG\r\n\x1a\n"}, ("f",)),
)  # fmt: skip
