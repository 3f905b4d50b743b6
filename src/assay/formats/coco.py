"""COCO: instances, keypoints, captions, panoptic segments and results, read piece by piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from pathlib import Path

import numpy as np
import orjson

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.json_members import Piece, json_members
from assay.annotation.layers import LAYER_CODES, ItemState, Layer
from assay.annotation.limits import Limits
from assay.annotation.place import shown
from assay.annotation.regular_file import open_regular

from .coco_images import IDS, IMAGE_KEYS, columns_of_like, plain_images
from .coco_record import KNOWN, NO_BOX, Box, Oddities, attributes_of, shape_of
from .inputs import PlainFile, ReadRequest, examine
from .item_names import ItemNames
from .objects import KIND_CODES, ClassRow, ObjectBlock, ObjectCollector, checked_boxes
from .unit import Sizes, Unit, UnitRead

_Record = Mapping[str, object]

_PLAIN = KNOWN - {"keypoints", "attributes", "annotator", "caption", "segments_info"}
_NUMBERS = frozenset({int, float})
_SHOWN = 5
#: What a file says besides its labels, and what follows from the labels and is computed again.
_UNREAD_HEADS = ("info", "licenses")
_DERIVED = frozenset({"id", "image_id", "category_id", "area", "num_keypoints"})
_CATEGORY_KEYS = frozenset({"id", "name", "supercategory", "keypoints"})


def _are_flags(values: Sequence[object]) -> bool:
    """Whether all values are 0 or 1 (or false and true)."""
    return set(map(type, values)) <= {int, float, bool} and set(values) <= {0, 1}


class _Numbers(dict[object, int]):
    """The number of everything that has an id, made when the id is first met."""

    def __init__(self, make: Callable[[], int]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: object) -> int:
        number = self[key] = self._make()
        return number


def read_coco(
    unit: Unit, collector: ObjectCollector, limits: Limits, scratch: Path, sizes: Sizes
) -> UnitRead:
    """Read one file into the collector. Raises :class:`InputError` for what is no COCO or contradicts itself."""
    file = examine(ReadRequest(unit.path, unit.name, "json"), scratch=scratch, limits=limits)
    reader = _Reader(file, unit, collector, sizes)
    with open_regular(file.path, limits=limits) as stream:
        for piece in json_members(stream, file=file.name, limits=limits):
            reader.piece(piece)
    return reader.finish()


@dataclass
class _Reader:
    file: PlainFile
    unit: Unit
    collector: ObjectCollector
    sizes: Sizes
    odd: Oddities = field(default_factory=Oddities)
    heads: set[str] = field(default_factory=set)
    categories: dict[object, ClassRow] = field(default_factory=dict)
    listed: dict[object, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    labels_seen: set[int] = field(default_factory=set)
    nameless: list[object] = field(default_factory=list)
    segments: int = 0
    objects: int = 0
    is_results: bool = False
    owner: str | None = None
    layer: Layer | None = None

    def __post_init__(self) -> None:
        number, collector = self.unit.number, self.collector
        self.name = self.file.name
        self.images = _Numbers(lambda: collector.new_image(number))  # no cycle: it goes with the reader
        self.labels = _Numbers(self.collector.new_label)
        self.names = ItemNames("roboflow" in self.unit.profile)
        self.default = self.collector.new_person("")

    def piece(self, piece: Piece) -> None:
        """Some records of one member of the file."""
        self.heads.add(piece.key)
        if piece.key == "info" and type(piece.records[0]) is dict:
            self._info(piece.records[0])
        elif piece.key == "images" and piece.is_list:
            self._images(piece.records, piece.first)
        elif piece.key == "categories" and piece.is_list:
            for number, record in enumerate(piece.records, start=piece.first):
                self._category(record, number)
        elif piece.key in ("annotations", "") and piece.is_list:
            self.is_results = self.is_results or not piece.key
            self._annotations(piece.records, piece.first, piece.key)
        elif piece.key in ("images", "categories", "annotations"):
            raise self._refuse(
                "this is no list", piece.key, str(piece.records[0]), f"{piece.key}: a list of objects"
            )
        elif piece.key not in _UNREAD_HEADS or any(piece.records) or piece.is_list:
            self.odd.unread_keys[piece.key] += len(piece.records)

    def _info(self, info: _Record) -> None:
        """Whose file this is and which layer it holds, where Assay wrote it."""
        person, layer = info.get("annotator"), info.get("layer")
        self.owner = person if isinstance(person, str) and person else None
        self.layer = Layer(LAYER_CODES[layer]) if isinstance(layer, str) and layer in LAYER_CODES else None
        self.odd.unread_keys["info"] += any(
            value for key, value in info.items() if key not in ("annotator", "layer")
        )

    def _images(self, records: Sequence[object], first: int) -> None:
        plain = plain_images(records)
        if plain is None or not self.images.keys().isdisjoint(plain.ids):
            for number, record in enumerate(records, start=first):
                self._image(record, number)
            return
        numbers = self.collector.new_images(self.unit.number, plain.names, plain.widths, plain.heights)
        self.images.update(zip(plain.ids, numbers, strict=True))
        self.listed.update(zip(plain.ids, numbers, strict=True))

    def _image(self, record: object, at: int) -> None:
        place = f"images[{at}]"
        if type(record) is not dict:
            raise self._refuse("an image is no object", place, str(record), "an object with an id")
        key, name = record.get("id"), record.get("file_name")
        if type(key) not in IDS:
            raise self._refuse("an image has no id", place, str(key), "a number or a text")
        if key in self.listed:
            raise self._refuse("an id of an image is given twice", place, str(key), "every id once")
        if name is None and isinstance(record.get("coco_url"), str):
            name = str(record["coco_url"]).rpartition("/")[
                2
            ]  # LVIS leaves the name of the file to the address
        if not isinstance(name, str):
            raise self._refuse("an image has no name", place, str(name), "file_name: a text")
        if not name:
            name = str(key)
            self.nameless.append(key)
        width, height = record.get("width"), record.get("height")
        sized = type(width) is int and type(height) is int and 0 < width < 2**31 and 0 < height < 2**31
        number = self.listed[key] = self.images[key]
        item = self.names.name(name, file=self.name, place=place)
        self.collector.describe_image(
            number, item, width=width if sized else None, height=height if sized else None, path=item
        )
        if not record.keys() <= IMAGE_KEYS:
            self.odd.unread_keys.update(f"images[].{key}" for key in record.keys() - IMAGE_KEYS)

    def _category(self, record: object, at: int) -> None:
        place = f"categories[{at}]"
        if type(record) is not dict:
            raise self._refuse("a category is no object", place, str(record), "an object with an id")
        key, name = record.get("id"), record.get("name")
        if type(key) not in IDS or not isinstance(name, str) or not name:
            raise self._refuse("a category has no id or no name", place, str(record)[:80], "id and name")
        if key in self.categories:
            raise self._refuse("an id of a category is given twice", place, str(key), "every id once")
        points = record.get("keypoints")
        parent = record.get("supercategory")
        named = isinstance(points, list) and points and all(isinstance(one, str) for one in points)
        self.categories[key] = ClassRow(
            name, str(key), parent if isinstance(parent, str) and parent else None,
            orjson.dumps(points).decode() if named else None,
        )  # fmt: skip
        if not record.keys() <= _CATEGORY_KEYS:
            self.odd.unread_keys.update(f"categories[].{key}" for key in record.keys() - _CATEGORY_KEYS)

    def _annotations(self, records: Sequence[object], first: int, member: str) -> None:
        if set(map(type, records)) - {dict}:
            at, one = next((at, one) for at, one in enumerate(records, first) if type(one) is not dict)
            raise self._refuse("an annotation is no object", f"{member}[{at}]", str(one), "an object")
        plain = self._plain_block(records)  # type: ignore[arg-type]  # just checked
        if plain is None:
            block = _Columns(self, member)
            for number, one in enumerate(records, start=first):
                block.add(one, f"{member}[{number}]")  # type: ignore[arg-type]  # just checked
            plain = block.block()
        checked_boxes(
            np.nan_to_num(plain.box, nan=0.0), file=self.name, place=f"{member}[{first}] and following"
        )
        self.labels_seen.update(np.unique(plain.label).tolist())
        self.objects += plain.image.size
        self.collector.append(self.unit.number, plain, self.default)

    def _plain_block(self, records: Sequence[_Record]) -> ObjectBlock | None:
        """The columns of records that are all plain boxes, None if one is more than that."""
        like = columns_of_like(records)
        kinds = set(map(tuple, records)) if like is None else {tuple(records[0])}
        if not kinds or any(not set(one) <= _PLAIN or "bbox" not in one for one in kinds):
            return None

        def column(name: str, blank: object = None) -> list[object]:
            if like is not None:
                return like.get(name, [])
            if all(name in one for one in kinds):
                return list(map(itemgetter(name), records))
            return [one.get(name, blank) for one in records] if any(name in one for one in kinds) else []

        if any(column("segmentation")):
            return None
        boxes = column("bbox")
        if set(map(type, boxes)) != {list} or set(map(len, boxes)) != {4}:  # type: ignore[arg-type]  # lists, just checked
            return None
        flat: list[float] = list(chain.from_iterable(boxes))  # type: ignore[arg-type]  # of lists
        images, labels = column("image_id"), column("category_id")
        if len(images) < len(records) or len(labels) < len(records):
            return None
        if not set(map(type, flat)) <= _NUMBERS or not set(map(type, chain(images, labels))) <= IDS:
            return None
        scores, crowd = column("score"), column("iscrowd", 0)
        if not set(map(type, scores)) <= {float, int, type(None)} or not _are_flags(crowd):
            return None
        return ObjectBlock(
            np.fromiter(map(self.images.__getitem__, images), np.int32, len(images)),
            np.fromiter(map(self.labels.__getitem__, labels), np.int32, len(labels)),
            np.zeros(len(records), np.uint8),
            np.fromiter(flat, np.float64, len(flat)).reshape(-1, 4),
            confidence=np.array(scores, np.float64) if set(map(type, scores)) - {type(None)} else None,
            crowd=np.array(crowd, np.bool_) if any(crowd) else None,
        )

    def person(self, name: str) -> int:
        """The number of a person that an annotation names."""
        if name not in self.people:
            self.people[name] = self.collector.new_person(name)
        return self.people[name]

    def finish(self) -> UnitRead:
        """Names for all ids, what people did with images without annotations, and the findings."""
        if not self.is_results and not {"annotations", "images"} & self.heads:
            raise self._refuse(
                "this is no COCO file", "", ", ".join(sorted(self.heads)), "images and annotations"
            )
        findings = self._name_images() + self._name_labels()
        images = np.array(list(self.images.values()), np.int32)
        knows_work = bool(self.categories or self.objects) and not self.people
        if knows_work and self.listed:
            self.collector.worked(self.unit.number, images, self.default, ItemState.EMPTY)
        findings += self.names.findings(self.name) + self._findings()
        layer = Layer.PRELABEL if self.is_results else self.layer
        return UnitRead(
            self.default,
            self.file.sha256,
            self.file.bytes,
            findings,
            layer,
            self.owner,
            named=bool(self.people),
        )

    def _name_images(self) -> list[Finding]:
        unlisted = [key for key in self.images if key not in self.listed]
        if not unlisted and not self.nameless:
            return []
        if "images" in self.heads and unlisted:
            raise self._refuse(
                f"{len(unlisted):,} images have annotations and are not listed", "annotations",
                f"image_id {shown(str(unlisted[0]))}", "an id of the list images",
            )  # fmt: skip
        for key in unlisted:
            width, height = self.sizes.get(str(key), (None, None))
            self.collector.describe_image(self.images[key], str(key), width=width, height=height)
        count = len(unlisted) + len(self.nameless)
        text = f"{self.name} does not name {count:,} of its images: these items are called by their numbers."
        return [Finding("items_by_number", "minor", "delivery", text, {"file": self.name, "images": count})]

    def _name_labels(self) -> list[Finding]:
        unlisted = [key for key in self.labels if key not in self.categories and key != ""]
        if unlisted and self.categories:
            raise self._refuse(
                f"{len(unlisted):,} classes have annotations and are not listed", "annotations",
                f"category_id {shown(str(unlisted[0]))}", "an id of the list categories",
            )  # fmt: skip
        for key in unlisted:
            self.collector.name_label(self.labels[key], ClassRow(str(key), str(key)))
        root = self._root()
        names = Counter(row.name for row in self.categories.values())
        widths: dict[object, set[int]] = {}
        for key, count in self.odd.points:
            widths.setdefault(key, set()).add(count)
        for key, row in self.categories.items():
            if key == root:
                continue
            points = orjson.loads(row.points) if row.points else []  # noqa: TID251  # our own text
            unlike = widths.get(key, {len(points)}) != {len(points)}
            self.collector.name_label(
                self.labels[key], ClassRow(row.name, row.id, row.parent, None if unlike else row.points)
            )
        return self._class_findings(root, [name for name, count in names.items() if count > 1], unlisted)

    def _root(self) -> object:
        """Roboflow puts a category over all others that is no class of its own and owns no annotation."""
        parents = {row.parent for row in self.categories.values()}
        for key, row in self.categories.items():
            over_all = (
                row.parent in (None, "none") and row.name in parents and parents <= {row.parent, row.name}
            )
            unused = key not in self.labels or self.labels[key] not in self.labels_seen
            if key == 0 and over_all and unused:
                return key
        return None

    def _class_findings(
        self, root: object, doubled: Sequence[str], unlisted: Sequence[object]
    ) -> list[Finding]:
        findings = []
        if root is not None:
            text = (
                f"The category {shown(self.categories[root].name)} of {self.name} stands over all others and owns no "
                "annotation, as Roboflow writes it; it is no class."
            )
            findings.append(Finding("root_category", "note", "delivery", text, {"file": self.name}))
        if doubled:
            text = f"Categories of {self.name} have one name and count as one class: {', '.join(doubled[:_SHOWN])}."
            evidence = {"categories": len(doubled), "file": self.name}
            findings.append(Finding("class_listed_twice", "major", "delivery", text, evidence))
        if unlisted:
            text = f"{self.name} does not name its classes; they are called by their numbers."
            evidence = {"classes": len(unlisted), "file": self.name}
            findings.append(Finding("classes_without_names", "minor", "delivery", text, evidence))
        return findings

    def _findings(self) -> list[Finding]:
        findings = []
        names = Counter(self.collector.image_names[number] for number in self.listed.values())
        doubled = sorted(str(name) for name, count in names.items() if count > 1)
        if doubled:
            text = (
                f"{len(doubled):,} images are listed more than once in {self.name}, such as {shown(doubled[0])}. "
                "Some tools write the answers of several people in this way and lose their names."
            )
            evidence = {"images": len(doubled), "items": doubled[:_SHOWN]}
            findings.append(Finding("image_listed_twice", "major", "delivery", text, evidence))
        if self.odd.broken_rings:
            places = self.odd.broken_rings
            text = (
                f"{len(places):,} outlines in {self.name} have fewer than three points or half a point and are not "
                f"read: {', '.join(places[:_SHOWN])}."
            )
            findings.append(Finding("broken_outline", "major", "delivery", text, {"outlines": len(places)}))
        if self.segments:
            text = f"{self.segments:,} segments of {self.name} are read as boxes: their masks are pictures beside it."
            findings.append(Finding("panoptic_masks", "minor", "delivery", text, {"segments": self.segments}))
        unread = {key: count for key, count in self.odd.unread_keys.items() if count}
        if unread:
            listed = ", ".join(f"{key} ({count:,})" for key, count in sorted(unread.items()))
            text = f"{self.name} also says what is not read: {listed}."
            evidence = {
                "entries": sum(unread.values()),
                "file": self.name,
                "keys": dict(sorted(unread.items())),
            }
            findings.append(Finding("keys_not_read", "note", "delivery", text, evidence))
        return findings

    def _refuse(self, message: str, place: str, found: str, expected: str) -> InputError:
        return InputError(message, file=self.name, place=place or None, found=shown(found), expected=expected)


class _Columns:
    """The columns of records of any kind, filled one by one."""

    def __init__(self, reader: _Reader, member: str) -> None:
        self._reader = reader
        self._member = member
        self._images: list[int] = []
        self._labels: list[int] = []
        self._kinds: list[int] = []
        self._boxes: list[Box] = []
        self._people: list[int] = []
        self._shapes: list[str | None] = []
        self._texts: list[str | None] = []
        self._attributes: list[str | None] = []
        self._scores: list[float] = []
        self._crowd: list[bool] = []

    def add(self, record: _Record, place: str) -> None:
        """One annotation, or the segments of one image."""
        segments = record.get("segments_info")
        if isinstance(segments, list):
            for at, segment in enumerate(segments):
                if type(segment) is dict:
                    self._reader.segments += 1
                    inside = {key: segment[key] for key in segment if key != "id"}
                    self._one({**inside, "image_id": record.get("image_id")}, f"{place}.segments_info[{at}]")
            return
        self._one(record, place)

    def _one(self, record: _Record, place: str) -> None:
        reader = self._reader
        image, label = record.get("image_id"), record.get("category_id")
        caption = record.get("caption")
        if isinstance(caption, str):
            label = ""
        if type(image) not in IDS or type(label) not in IDS:
            raise reader._refuse(
                "an annotation names no image or no category",
                place,
                str(record)[:80],
                "image_id and category_id",
            )
        try:
            kind, shape, box = shape_of(record, place, reader.odd)
        except InputError as error:
            raise type(error)(
                error.message, file=reader.name, place=place, found=error.found, expected=error.expected
            ) from None
        if label == "" and isinstance(caption, str):
            kind, box = KIND_CODES["field"], NO_BOX
            shape = orjson.dumps({"key": "caption", "value": caption}).decode()
        attributes = attributes_of(record, reader.odd) if not record.keys() <= _PLAIN else {}
        person = record.get("annotator", attributes.pop("annotator", None))
        self._images.append(reader.images[image])
        self._labels.append(-1 if label == "" else reader.labels[label])
        self._kinds.append(kind)
        self._boxes.append(box)
        self._people.append(reader.person(person) if isinstance(person, str) and person else reader.default)
        self._shapes.append(shape)
        self._texts.append(caption if isinstance(caption, str) else None)
        self._attributes.append(orjson.dumps(attributes).decode() if attributes else None)
        score = record.get("score")
        self._scores.append(float(score) if type(score) in _NUMBERS else float("nan"))  # type: ignore[arg-type]
        self._crowd.append(record.get("iscrowd") in (1, True))

    def block(self) -> ObjectBlock:
        """What was added, as columns."""
        return ObjectBlock(
            np.array(self._images, np.int32),
            np.array(self._labels, np.int32),
            np.array(self._kinds, np.uint8),
            np.array(self._boxes, np.float64).reshape(-1, 4),
            annotator=np.array(self._people, np.int32),
            shape=self._shapes,
            text=self._texts,
            attributes=self._attributes,
            confidence=np.array(self._scores, np.float64),
            crowd=np.array(self._crowd, np.bool_),
        )
