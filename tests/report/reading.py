"""Reading a rendered page: its elements, its text, and whether it is well formed."""

from __future__ import annotations

import html.parser
import re
from collections.abc import Iterator
from typing import Any

from tests.report.figures import Document

_VOID = {"meta", "br", "hr", "col"}


class Outline(html.parser.HTMLParser):
    """The elements of a page with their attributes, its visible text, and what is wrong with its nesting."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self._texts: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.faults += [f"{element} is never closed" for element in self._open]

    @property
    def text(self) -> str:
        """The text of the page, white space as one space."""
        return re.sub(r"\s+", " ", "".join(self._texts))

    def of(self, element: str) -> list[dict[str, str | None]]:
        """The attributes of every element of one kind."""
        return [attributes for name, attributes in self.elements if name == element]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element and that it is open."""
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element of SVG that closes itself."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """The last open element is the one that closes."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"{tag} closes what is not open")

    def handle_data(self, data: str) -> None:
        """Text that a reader sees; the stylesheet is none."""
        if not {"style", "title"} & set(self._open):
            self._texts.append(f"{data} ")


def figures(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Document]]:
    """Every figure in a document, with the keys that lead to it."""
    if isinstance(node, dict):
        if {"value", "low", "high"} <= node.keys():
            yield path, node
        for key, inner in node.items():
            yield from figures(inner, (*path, key))
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from figures(inner, (*path, str(at)))
