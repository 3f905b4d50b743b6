"""Writing a delivery.yaml beside files of our own, so that nothing in them has to be guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from assay.annotation.layers import Layer


@dataclass(frozen=True)
class DeliveredFile:
    """A file or folder beside the delivery.yaml: what is declared of it, whose it is, and its layer."""

    path: str
    declared: Sequence[str]
    annotator: str | None
    layer: Layer


def write_delivery(path: Path, files: Sequence[DeliveredFile], *, sizes: str | None = None) -> None:
    """Write the description; ``sizes`` is the name of a table of the sizes of the images."""
    lines = ["assay: delivery/1"]
    lines += [f"items: {{path: {sizes}}}"] if sizes is not None else []
    lines.append("files:")
    for one in files:
        parts = [f"path: {_quoted(one.path)}", *one.declared]
        parts += [f"annotator: {_quoted(one.annotator)}"] if one.annotator is not None else []
        parts.append(f"layer: {one.layer.label}")
        lines.append(f"  - {{{', '.join(parts)}}}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
