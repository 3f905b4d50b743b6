"""The id of an item from the name of its image: no folders that lead elsewhere, no marks of an export tool."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assay.annotation.errors import InputError
from assay.annotation.finding import Finding
from assay.annotation.place import shown

_ROBOFLOW = re.compile(r"(_(?P<ending>jpe?g|png|bmp|webp|tiff?))?\.rf\.[0-9A-Za-z]+(?=\.|$)", re.IGNORECASE)
#: A plain file name needs no second look.
_REMARKABLE = re.compile(r"^$|[/\\]|^\.|\.rf\.", re.MULTILINE)
_SHOWN = 5


@dataclass
class ItemNames:
    """Turns the names of images as delivered into names of items, and notes what was odd about them."""

    strip_roboflow: bool = False
    _elsewhere: list[str] = field(default_factory=list)
    _exported: list[str] = field(default_factory=list)

    def name(self, written: str, *, file: str, place: str = "") -> str:
        """The name of an item, with its folders. Raises :class:`InputError` when nothing is left of it."""
        if written.isprintable() and not _REMARKABLE.search(written):
            return written
        text = written.replace("\\", "/")
        parts = [part for part in text.split("/") if part not in ("", ".")]
        if text.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:/", text):
            self._elsewhere.append(written)
            parts = [part for part in parts if part != ".."][-1:]
        name = "/".join(parts)
        if ".rf." in name:
            if self.strip_roboflow:
                name = _original(name)
            else:
                self._exported.append(written)
        if not name or "\0" in name:
            raise InputError(
                "an image has no name",
                file=file,
                place=place or None,
                found=shown(written),
                expected="a file name",
            )
        return name

    def findings(self, file: str) -> list[Finding]:
        """What was odd about the names of one file."""
        found = []
        if self._elsewhere:
            names = ", ".join(shown(one) for one in self._elsewhere[:_SHOWN])
            text = (
                f"{len(self._elsewhere):,} names of images in {file} lead out of the delivery; their folders are "
                f"left away: {names}."
            )
            evidence = {"file": file, "names": len(self._elsewhere)}
            found.append(Finding("name_leads_outside", "minor", "delivery", text, evidence))
        if self._exported:
            text = (
                f"{len(self._exported):,} names of images in {file} carry the mark `.rf.` of Roboflow. To match them "
                "with other deliveries by their original names, declare `profile: roboflow`."
            )
            evidence = {"file": file, "names": len(self._exported)}
            found.append(Finding("exported_names", "note", "delivery", text, evidence))
        return found


def are_plain_names(names: Sequence[str]) -> bool:
    """Whether all names are the names of items as they are.

    >>> are_plain_names(["a.jpg", "b.jpg"]), are_plain_names(["a.jpg", "../b.jpg"]), are_plain_names(["a.jpg", ""])
    (True, False, False)
    """
    lines = "\n".join(names)
    one_each = lines.count("\n") == len(names) - 1
    return one_each and lines.replace("\n", "").isprintable() and not _REMARKABLE.search(lines)


def _original(name: str) -> str:
    """``fish_jpg.rf.0a1b.jpg`` was ``fish.jpg``."""
    match = _ROBOFLOW.search(name)
    if match is None:
        return name
    ending = match["ending"]
    return f"{name[: match.start()]}.{ending}" if ending else name[: match.start()] + name[match.end() :]
