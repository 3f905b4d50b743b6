"""The folder of a YOLO data set: names of classes, rows of labels, pictures, and which of them belong together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.annotation.errors import InputError, LimitError
from assay.annotation.limits import MIB, Limits
from assay.annotation.node import Node
from assay.annotation.place import shown
from assay.annotation.regular_file import read_whole
from assay.annotation.strict_yaml import load_yaml

from .located_search import MEDIA, is_data_yaml, is_label_folder
from .unit import files_below

_LISTS = frozenset({"train.txt", "val.txt", "valid.txt", "test.txt"})
_NO_LABELS = _LISTS | {"classes.txt", "readme.txt", "readme.roboflow.txt", "readme.dataset.txt"}
#: Where the names of the classes lie when the folder of the labels itself was declared.
_ABOVE = ("data.yaml", "dataset.yaml", "classes.txt", "obj.names")
_MOST_BYTES = 64 * MIB


@dataclass(frozen=True)
class Classes:
    """What the data set says about its classes; ``points`` and ``values`` are of ``kpt_shape``."""

    names: Mapping[int, str]
    points: int = 0
    values: int = 0
    point_names: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class LabelFile:
    """The rows of one image: where they lie, how the image is called, and its picture if it is at hand."""

    path: Path
    name: str
    image: str
    picture: Path | None


@dataclass(frozen=True)
class Layout:
    """A data set: its classes, its files of labels in order, and how many pictures have none."""

    classes: Classes
    labels: tuple[LabelFile, ...]
    unlabelled: int


def read_layout(root: Path, name: str, limits: Limits, *, items: Mapping[str, object]) -> Layout:
    """Look through a folder. ``items`` are known by a manifest; their names tell the endings of image names.

    Raises :class:`InputError` when there is no file of labels or the names of the classes cannot be read.
    """
    files = list(files_below(root, limits))
    classes = _classes(root, files, limits)
    pictures = _by_stem(path.relative_to(root).as_posix() for path in files if path.suffix.lower() in MEDIA)
    listed = _by_stem(_listed(files, limits))
    known = _by_stem(items)
    labels = []
    for path in files:
        lower = path.name.lower()
        if path.suffix.lower() != ".txt" or lower in _NO_LABELS:
            continue
        inner = path.relative_to(root).as_posix().removesuffix(path.suffix)
        stem = inner.rpartition("/")[2]
        picture = _nearest(pictures.get(stem, ()), inner)
        item = _nearest(known.get(stem, ()), inner) or picture
        if item is None:
            ending = next((name.rpartition(".")[2] for name in listed.get(stem, ()) if "." in name), "")
            item = f"{inner}.{ending}" if ending else inner
        labels.append(
            LabelFile(path, f"{name}/{inner}.txt", _image_name(item), root / picture if picture else None)
        )
    if not labels:
        raise InputError("there is no file of labels", file=name, expected="one .txt for each image")
    labelled = {label.picture for label in labels}
    unlabelled = len({root / one for ones in pictures.values() for one in ones} - labelled)
    return Layout(classes, tuple(labels), unlabelled)


def _image_name(inner: str) -> str:
    """The name without the folders that only say what lies in them."""
    *folders, last = inner.split("/")
    return "/".join([*(part for part in folders if part not in ("labels", "images")), last])


def _by_stem(names: Iterable[str]) -> dict[str, list[str]]:
    """Names by their last part, with its ending and without."""
    found: dict[str, list[str]] = {}
    for name in names:
        short = name.rpartition("/")[2]
        for key in {short, short.rpartition(".")[0] or short}:
            found.setdefault(key, []).append(name)
    return found


def _nearest(candidates: Sequence[str], inner: str) -> str | None:
    """The picture in the folder that mirrors the folder of the labels, or the only one of this name."""
    wanted = _image_name(inner).rpartition("/")[0]
    near = [one for one in candidates if _image_name(one).rpartition("/")[0] == wanted] or candidates
    if len(near) > 1:  # a.jpg and a.png: the labels of one are named with its ending
        stem = inner.rpartition("/")[2]
        near = [one for one in near if one.rpartition("/")[2] == stem] or near
    return near[0] if len(near) == 1 else None


def _listed(files: Sequence[Path], limits: Limits) -> list[str]:
    """The names of images in train.txt and its like."""
    names: list[str] = []
    for path in files:
        if path.name.lower() in _LISTS:
            data = read_whole(path, at_most=_MOST_BYTES, what="a list of images", limits=limits)
            names += [
                line.strip() for line in data.decode("utf-8", errors="replace").splitlines() if line.strip()
            ]
    return names


def _classes(root: Path, files: Sequence[Path], limits: Limits) -> Classes:
    inside = [path for path in files if path.parent == root]
    above = [root.parent / name for name in _ABOVE] if is_label_folder(root) else []
    for near in (inside, [path for path in above if path.is_file()]):
        for path in near:
            if is_data_yaml(path, limits):
                found = _of_yaml(path, limits)
                if found is not None:
                    return found
        for path in near:
            if path.name.lower() == "classes.txt" or path.suffix.lower() == ".names":
                return _of_lines(path, limits)
    return Classes({})


def _of_lines(path: Path, limits: Limits) -> Classes:
    data = read_whole(path, at_most=_MOST_BYTES, what="names of classes", limits=limits)
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError:
        raise InputError("the names of the classes are no text in UTF-8", file=str(path)) from None
    while lines and not lines[-1]:
        lines.pop()
    return Classes(_checked(dict(enumerate(lines)), str(path), limits), file=path.name)


def _of_yaml(path: Path, limits: Limits) -> Classes | None:
    root = load_yaml(path)
    if not root.is_mapping:
        return None
    nodes = root.mapping(allowed=None)
    if "names" not in nodes or "assay" in nodes:
        return None
    names = _names(nodes["names"])
    shape = (
        [one.integer(low=0, high=10_000) for one in nodes["kpt_shape"].sequence()]
        if "kpt_shape" in nodes
        else []
    )
    if shape and (len(shape) != 2 or shape[1] not in (2, 3)):
        raise nodes["kpt_shape"].refuse(
            "the shape of the keypoints is not understood",
            found=str(shape),
            expected="[number of points, 2 or 3]",
        )
    points = _point_names(nodes.get("kpt_names"))
    count, values = shape or (0, 0)
    return Classes(
        _checked(names, str(path), limits), count, values, points if len(points) == count else (), path.name
    )


def _names(node: Node) -> dict[int, str]:
    if node.is_sequence:
        return {number: below.text() for number, below in enumerate(node.sequence())}
    names = {}
    for key, below in node.mapping(allowed=None).items():
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            raise below.refuse(
                "the number of a class is no whole number", found=shown(key), expected="0, 1, 2 …"
            )
        names[int(key)] = below.text()
    return names


def _point_names(node: Node | None) -> tuple[str, ...]:
    """Names of keypoints: a list, or a mapping from a class to a list, of which the first stands for all."""
    if node is None or node.is_scalar:
        return ()
    if node.is_mapping:
        below = list(node.mapping(allowed=None).values())
        node = below[0] if below else None
        if node is None or not node.is_sequence:
            return ()
    return tuple(one.text() for one in node.sequence() if one.is_scalar)


def _checked(names: dict[int, str], file: str, limits: Limits) -> dict[int, str]:
    if len(names) > limits.classes:
        raise LimitError("there are too many classes", file=file, expected=f"at most {limits.classes}")
    for number, name in names.items():
        if not name:
            raise InputError("a class has no name", file=file, place=f"class {number}", expected="a name")
    return names
