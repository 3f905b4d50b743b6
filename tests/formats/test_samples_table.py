"""Every public sample of the located formats is read, or refused for breaking its own format; the page says which.

``python -m tests.formats.test_samples_table`` writes the page.
"""

from __future__ import annotations

import json
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from assay.annotation.errors import InputError
from assay.formats.delivery import load_delivery
from assay.formats.inspect import inspect
from tests.paths import ROOT, SHARED, needs_shared

SAMPLES = SHARED / "samples"
PAGE = ROOT / "docs" / "reference" / "formats" / "samples.md"
FRONTEND = "label_studio/label-studio-frontend"
DOCCANO = "jsonl_csv/doccano/data_import/pipeline/examples"

#: What a delivery.yaml beside the file has to say: of the file, and of the delivery.
_COLUMNS = "annotator: annotator-1, columns: {item: column_data, label: column_label}"
DECLARED = {
    f"{FRONTEND}/classification_mixed/annotations/1.json": ("profile: choices", ""),
    f"{DOCCANO}/sequence_to_sequence/example.csv": (_COLUMNS, "labels: text"),
    f"{DOCCANO}/sequence_to_sequence/example.jsonl": (_COLUMNS, "labels: text"),
    f"{DOCCANO}/text_classification/example.csv": (_COLUMNS, ""),
    f"{DOCCANO}/text_classification/example.json": (_COLUMNS, ""),
    f"{DOCCANO}/text_classification/example.jsonl": (_COLUMNS, ""),
}

#: Refused files: what our message says, and which rule of its own format the file breaks.
_BARE = (
    "no column is known",
    "a bare list of predictions, as a model server answers; an export is a list of tasks",
)
REFUSED = {
    "label_studio/label-studio-ml-backend/opossum_snow_short_2.json": _BARE,
    "label_studio/label-studio-ml-backend/test_brush_labels.json": _BARE,
    "label_studio/label-studio-ml-backend/test_keypoint_labels_1.json": _BARE,
}

#: Read, but what they hold is judged by nothing yet; findings say so.
NOT_JUDGED = {
    f"{FRONTEND}/ranker/annotations/1.json": "a ranking",
    f"{FRONTEND}/video_bboxes/annotations/1.json": "boxes of a video",
    f"{FRONTEND}/rich_text_html/tasks.json": "spans as paths in HTML, without offsets",
}

#: In the same folders, but no labels in these formats.
OTHER = {
    "label_studio/label-studio-sdk/data_examples.json": "texts and links for the preview of an editor",
    "cvat/datumaro_cvat_fork/for_video/annotations.xml": "CVAT for video, another format; refused with that reason",
    "jsonl_csv/prodigy-recipes/examples.jsonl": "texts to be labelled",
    f"{DOCCANO}/text_classification/example.txt": "fastText",
}


@dataclass(frozen=True)
class Format:
    """A format of the page: its files, what to read for each, and an independent count of the labels in one file."""

    name: str
    files: tuple[str, ...]
    unit: Callable[[Path], Path] = lambda path: path
    count: Callable[[Path], int] | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of one file: read, declared, empty, not judged or refused; and how many labels were found."""

    word: str
    labels: int = 0
    said: str = ""


def _coco_labels(path: Path) -> int:
    document = json.loads(path.read_bytes())
    rows = document if isinstance(document, list) else document["annotations"]
    return sum(len(row.get("segments_info", [row])) for row in rows)


def _voc_labels(path: Path) -> int:
    return len(ET.parse(path).getroot().findall("object"))


def _cvat_labels(path: Path) -> int:
    shapes = {"box", "polygon", "polyline", "points", "mask", "ellipse", "cuboid", "skeleton", "tag"}
    return sum(one.tag in shapes for image in ET.parse(path).getroot().iter("image") for one in image)


def _yolo_root(path: Path) -> Path:
    marks = {"data.yaml", "obj.names", "classes.txt"}
    return next(up for up in path.parents if marks & {one.name for one in up.iterdir()})


FORMATS = (
    Format("COCO", ("coco/**/*.json", "roboflow/**/_annotations.coco.json"), count=_coco_labels),
    Format("Pascal VOC", ("voc/**/*.xml",), count=_voc_labels),
    Format("YOLO", ("yolo/**/labels/**/*.txt", "yolo/**/obj_train_data/*.txt"), _yolo_root),
    Format("Label Studio", ("label_studio/**/*.json",)),
    Format("CVAT", ("cvat/**/*.xml",), count=_cvat_labels),
    Format("BIO and CoNLL", ("bio_conll/**/*.*",)),
    Format("doccano", ("jsonl_csv/doccano/**/*.*",)),
    Format("Prodigy", ("jsonl_csv/prodigy-recipes/*.*",)),
)


def _files(form: Format) -> list[Path]:
    found = {path for pattern in form.files for path in SAMPLES.glob(pattern) if path.is_file()}
    return sorted(path for path in found if _name(path) not in OTHER)


def _name(path: Path) -> str:
    return path.relative_to(SAMPLES).as_posix()


def _outcome(form: Format, path: Path) -> Outcome:
    name = _name(path)
    try:
        document = inspect([form.unit(path)]) if name not in DECLARED else _with_declaration(path)
    except InputError as error:
        return Outcome("refused", said=error.message)
    labels = document["labels"]
    assert isinstance(labels, int)
    if name in DECLARED:
        return Outcome("declared", labels)
    if labels:
        return Outcome("read", labels)
    return Outcome("not judged" if "results_not_read" in str(document["findings"]) else "empty")


def _with_declaration(path: Path) -> dict[str, object]:
    of_file, of_delivery = DECLARED[_name(path)]
    with pytest.raises(InputError) as refusal:
        inspect([path])
    assert "delivery.yaml" in (refusal.value.expected or "")
    with tempfile.TemporaryDirectory() as folder:
        declared = Path(folder) / "delivery.yaml"
        declared.write_text(f"assay: delivery/1\nfiles: [{{path: {path}, {of_file}}}]\n{of_delivery}\n")
        return inspect([declared], declared=load_delivery(declared))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Outcome]]:
    """What came of every file, by format."""
    return all_outcomes()


def all_outcomes() -> dict[str, dict[str, Outcome]]:
    return {form.name: {_name(path): _outcome(form, path) for path in _files(form)} for form in FORMATS}


def page(outcomes: dict[str, dict[str, Outcome]]) -> str:
    """The page of the table: formats, numbers and reasons; nothing of the files themselves."""
    words = ("read", "declared", "empty", "not judged", "refused")
    lines = [
        "# Public samples", "",
        "Files of other projects' test data, in the formats of this folder: how many are read. Written by",
        "`python -m tests.formats.test_samples_table`; a test holds the page to what comes out.", "",
        "| format | files | read as they are | read with a `delivery.yaml` | nothing labelled yet | labels not judged | refused |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    total = dict.fromkeys(words, 0)
    for name, files in outcomes.items():
        counts = {word: sum(one.word == word for one in files.values()) for word in words}
        total = {word: total[word] + counts[word] for word in words}
        lines.append(f"| {name} | {len(files)} | {' | '.join(str(counts[word]) for word in words)} |")
    number = sum(total.values())
    lines.append(f"| all | {number} | {' | '.join(str(total[word]) for word in words)} |")
    lines += [
        "",
        "*Nothing labelled yet*: task lists and lists of images, which are read as such. *Labels not judged*:",
    ]
    lines += [f"{', '.join(sorted(NOT_JUDGED.values()))}; a finding says so.", ""]
    lines += ["| refused | files | why |", "|---|---:|---|"]
    by_reason: dict[tuple[str, str], int] = {}
    for name, files in outcomes.items():
        for path, one in files.items():
            if one.word == "refused":
                key = (name, REFUSED.get(path, ("", "a reason is missing"))[1])
                by_reason[key] = by_reason.get(key, 0) + 1
    lines += [f"| {form} | {number} | {why} |" for (form, why), number in sorted(by_reason.items())]
    return "\n".join(lines) + "\n"


@needs_shared
def test_at_least_95_percent_are_read(outcomes: dict[str, dict[str, Outcome]]) -> None:
    found = [one for files in outcomes.values() for one in files.values()]
    assert len(found) >= 90
    assert all(len(files) for files in outcomes.values())
    assert sum(one.word == "refused" for one in found) <= 0.05 * len(found)


@needs_shared
def test_a_refusal_is_for_a_file_that_breaks_its_own_format(outcomes: dict[str, dict[str, Outcome]]) -> None:
    found = {path: one for files in outcomes.values() for path, one in files.items()}
    refused = {path: one.said for path, one in found.items() if one.word == "refused"}
    assert set(refused) == set(REFUSED), refused
    assert all(REFUSED[path][0] in said for path, said in refused.items()), refused
    assert {path for path, one in found.items() if one.word == "not judged"} == set(NOT_JUDGED)


@needs_shared
@pytest.mark.parametrize(
    "form", [form for form in FORMATS if form.count is not None], ids=lambda form: form.name
)
def test_every_label_of_a_file_is_found(form: Format, outcomes: dict[str, dict[str, Outcome]]) -> None:
    assert form.count is not None
    counted = {_name(path): form.count(path) for path in _files(form)}
    assert {path: one.labels for path, one in outcomes[form.name].items()} == counted


@needs_shared
@pytest.mark.parametrize("name", OTHER)
def test_what_is_not_counted_is_refused_in_words(name: str) -> None:
    with pytest.raises(InputError) as refusal:
        inspect([SAMPLES / name])
    assert refusal.value.file


@needs_shared
def test_the_page_says_what_comes_out(outcomes: dict[str, dict[str, Outcome]]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(outcomes)


if __name__ == "__main__":
    PAGE.write_text(page(all_outcomes()), encoding="utf-8")
