"""Pascal VOC: one XML file for each image."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import orjson

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.layers import ItemState
from assay.annotation.limits import MIB, Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import read_whole
from assay.annotation.strict_xml import parse_xml

from .item_names import ItemNames
from .objects import ClassRow, ObjectBlock, ObjectCollector, checked_boxes
from .unit import FolderHash, Sizes, Unit, UnitRead, files_below
from .voc_dialect import BY_NAME, contradictions, fitting

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # noqa: TID251  # the type of what the strict reader returns

_EDGES = ("xmin", "ymin", "xmax", "ymax")
#: Marks of an object that become attributes, with the word that says nothing.
MARKS = {"pose": "Unspecified", "truncated": "0", "difficult": "0", "occluded": "0"}
_KNOWN = frozenset({"name", "bndbox", "attributes", "actions", *MARKS})
_HEAD = frozenset({"folder", "filename", "path", "source", "size", "segmented", "object"})
_MOST_BYTES = 64 * MIB
_MOST_OBJECTS = 1_000_000


def read_voc(unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes) -> UnitRead:
    """Read one XML file or all of a folder. Raises :class:`InputError` for what is no Pascal VOC."""
    reader = _Reader(unit, collector, sizes)
    files = [unit.path]
    if unit.path.is_dir():
        files = [path for path in files_below(unit.path, limits) if path.suffix.lower() == ".xml"]
    if not files:
        raise InputError("there is no XML file", file=unit.name, expected="one <annotation> for each image")
    for path in files:
        name = f"{unit.name}/{path.relative_to(unit.path).as_posix()}" if path != unit.path else unit.name
        data = read_whole(path, at_most=_MOST_BYTES, what="one image's annotations", limits=limits)
        reader.hash.add(name, data)
        reader.file(parse_xml(data, file=name, limits=limits), name, path.stem)
    return reader.finish()


@dataclass
class _Reader:
    unit: Unit
    collector: ObjectCollector
    sizes: Sizes
    hash: FolderHash = field(default_factory=FolderHash)
    labels: dict[str, int] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    images: list[int] = field(default_factory=list)
    image_of: list[int] = field(default_factory=list)
    label_of: list[int] = field(default_factory=list)
    edges: list[tuple[float, ...]] = field(default_factory=list)
    size_of: list[tuple[int, int]] = field(default_factory=list)
    attributes: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = ItemNames("roboflow" in self.unit.profile)
        self.person = self.collector.new_person("")

    def file(self, root: Element, name: str, stem: str) -> None:
        """The objects of one image."""
        if root.tag != "annotation":
            raise InputError(
                "this is no Pascal VOC file", file=name, found=f"<{root.tag}>"[:80], expected="<annotation>"
            )
        written = (root.findtext("filename") or "").strip() or stem
        item = self.names.name(written, file=name, place="filename")
        self.listed[item] += 1
        size = self._size(root, name) or self.sizes.get(item)
        image = self.collector.new_image(self.unit.number)
        width, height = size or (None, None)
        self.collector.describe_image(image, item, width=width, height=height, path=_path(root, written))
        self.images.append(image)
        objects = root.findall("object")
        if len(objects) > _MOST_OBJECTS:
            raise InputError("there are too many objects", file=name, expected=f"at most {_MOST_OBJECTS:,}")
        for number, one in enumerate(objects, start=1):
            self._object(one, image, size or (0, 0), name, f"object {number}")
        for child in root:
            if child.tag not in _HEAD:
                self.unread[str(child.tag)[:80]] += 1

    def finish(self) -> UnitRead:
        """Hand the objects over in the dialect that was declared, or else in the one the data fit."""
        edges = np.array(self.edges, np.float64).reshape(-1, 4)
        sizes = np.array(self.size_of, np.float64).reshape(-1, 2)
        checked_boxes(edges, file=self.unit.name, place="bndbox")
        declared = [BY_NAME[word] for word in sorted(self.unit.profile) if word in BY_NAME]
        if len(declared) > 1:
            raise InputError("two dialects are declared", file=self.unit.name, place="key profile")
        if declared:
            dialect, findings = declared[0], self._contradicted(edges, sizes)
        else:
            dialect, against = fitting(edges, sizes)
            findings = [self._assumed(dialect.name, against)] if self.edges else []
        has_attributes = any(text is not None for text in self.attributes)
        block = ObjectBlock(
            np.array(self.image_of, np.int32), np.array(self.label_of, np.int32),
            np.zeros(len(edges), np.uint8), dialect.boxes(edges),
            attributes=self.attributes if has_attributes else None,
        )  # fmt: skip
        self.collector.append(self.unit.number, block, self.person)
        images = np.array(self.images, np.int32)
        self.collector.worked(self.unit.number, images, self.person, ItemState.EMPTY)
        findings += self.names.findings(self.unit.name) + self._more_findings()
        return UnitRead(self.person, self.hash.sha256, self.hash.bytes, findings)

    def _size(self, root: Element, name: str) -> tuple[int, int] | None:
        size = root.find("size")
        if size is None:
            return None
        width, height = ((size.findtext(tag) or "").strip() for tag in ("width", "height"))
        if not width or not height:
            return None
        if not (width.isascii() and width.isdigit() and height.isascii() and height.isdigit()):
            raise InputError(
                "the size of the image is no number of pixels", file=name, place="size",
                found=shown(f"{width} × {height}"), expected="two whole numbers",
            )  # fmt: skip
        both = int(width[:10]), int(height[:10])
        return both if min(both) > 0 and max(both) < 2**31 else None

    def _object(self, one: Element, image: int, size: tuple[int, int], name: str, place: str) -> None:
        label = (one.findtext("name") or "").strip()
        box = one.find("bndbox")
        if not label or box is None:
            missing = "name" if not label else "bndbox"
            raise InputError(
                f"an object has no {missing}", file=name, place=place, expected="name and bndbox"
            )
        texts = [(box.findtext(edge) or "").strip() for edge in _EDGES]
        try:
            edges = tuple(map(float, texts))
        except ValueError:
            raise InputError(
                "an edge of a box is no number", file=name, place=f"{place}, bndbox", found=shown(", ".join(texts)),
                expected="xmin, ymin, xmax and ymax",
            ) from None  # fmt: skip
        if any(map(isnan, edges)):
            raise InputError(
                "an edge of a box is no number", file=name, place=f"{place}, bndbox", found="nan"
            )
        number = self.labels.get(label)
        if number is None:
            number = self.labels[label] = self.collector.new_label()
            self.collector.name_label(number, ClassRow(label, ""))
        self.image_of.append(image)
        self.label_of.append(number)
        self.edges.append(edges)
        self.size_of.append(size)
        attributes = self._attributes(one)
        self.attributes.append(orjson.dumps(attributes).decode() if attributes else None)

    def _attributes(self, one: Element) -> dict[str, str]:
        """Marks that say something, actions that are there, and the attributes of tools that write them."""
        found: dict[str, str] = {}
        for child in one:
            tag, text = str(child.tag), (child.text or "").strip()
            if tag in MARKS:
                if text and text != MARKS[tag]:
                    found[tag] = text
            elif tag == "attributes":
                for attribute in child.findall("attribute"):
                    key = (attribute.findtext("name") or "").strip()
                    if key:
                        found[key] = attribute.findtext("value") or ""
            elif tag == "actions":
                found |= {f"action {act.tag}": "1" for act in child if (act.text or "").strip() == "1"}
            elif tag not in _KNOWN:
                self.unread[f"object/{tag}"[:80]] += 1
        return found

    def _contradicted(self, edges: np.ndarray, sizes: np.ndarray) -> list[Finding]:
        declared = next(word for word in self.unit.profile if word in BY_NAME)
        against = contradictions(BY_NAME[declared], edges, sizes)
        if not against:
            return []
        better, _ = fitting(edges, sizes)
        reasons = ", ".join(f"{reason}: {count:,} boxes" for reason, count in against.items())
        text = (
            f"{self.unit.name} is declared as {declared}, and its {len(edges):,} boxes contradict it ({reasons}); "
            f"{better.name} fits best."
        )
        evidence = {"file": self.unit.name, "declared": declared, "against": against, "fits": better.name}
        return [Finding("voc_profile_contradicted", "major", "delivery", text, evidence)]

    def _assumed(self, name: str, against: dict[str, dict[str, int]]) -> Finding:
        told = "; ".join(
            f"{other}: " + ", ".join(f"{reason} {count:,} times" for reason, count in reasons.items())
            for other, reasons in against.items() if reasons
        )  # fmt: skip
        fits = [other for other, reasons in against.items() if not reasons]
        text = (
            f"Nobody declared how {self.unit.name} counts pixels; its {len(self.edges):,} boxes are read as {name}. "
            + (f"Against others speaks: {told}. " if told else "")
            + (
                f"As well possible: {', '.join(other for other in fits if other != name)}. "
                if len(fits) > 1
                else ""
            )
            + f"Declare it in delivery.yaml: files: [{{path: …, format: voc, profile: {name}}}]."
        )
        evidence = {"file": self.unit.name, "boxes": len(self.edges), "assumed": name, "against": against}
        return Finding("voc_profile_assumed", "major", "delivery", text, evidence)

    def _more_findings(self) -> list[Finding]:
        findings = []
        doubled = sorted(name for name, count in self.listed.items() if count > 1)
        if doubled:
            text = (
                f"{len(doubled):,} images have several files in {self.unit.name}: {', '.join(doubled[:5])}."
            )
            evidence = {"images": len(doubled), "items": doubled[:5]}
            findings.append(Finding("image_listed_twice", "major", "delivery", text, evidence))
        if self.unread:
            listed = ", ".join(f"{key} ({count:,})" for key, count in sorted(self.unread.items())[:50])
            text = f"{self.unit.name} also says what is not read: {listed}."
            evidence = {"entries": sum(self.unread.values()), "keys": dict(sorted(self.unread.items())[:50])}
            findings.append(Finding("keys_not_read", "note", "delivery", text, evidence))
        return findings


def _path(root: Element, written: str) -> str:
    """Where the file says that the picture lies: folder and name; its element ``path`` is of a foreign machine."""
    folder = (root.findtext("folder") or "").strip()
    return f"{folder}/{written}" if folder and "/" not in written else written
