"""HTML that is escaped by construction: a plain ``str`` is text, only :class:`Html` is markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID = frozenset({"meta", "br", "hr", "col", "link"})
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


Child = str | int | None | Iterable["Child"]


def escape(text: str) -> Html:
    """The text as HTML; characters no document may hold become U+FFFD."""
    return Html(html.escape(_UNPRINTABLE.sub("\ufffd", text), quote=True))


def tag(element: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """One element. ``class_`` is ``class``, ``aria_label`` is ``aria-label``; None and False leave it out.

    >>> tag("td", "a < b", class_="num")
    '<td class="num">a &lt; b</td>'
    """
    opening = element + "".join(
        _attribute(name, value)
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if element in _VOID:
        return Html(f"<{opening}>")
    return Html(f"<{opening}>{join(children)}</{element}>")


def join(children: Iterable[Child], separator: str = "") -> Html:
    """The children one after another, texts escaped, None left out."""
    glue = separator if isinstance(separator, Html) else escape(separator)
    return Html(glue.join(_render(child) for child in children if child is not None))


def name(text: str) -> Html:
    """A name that came from outside, kept from turning the direction of the sentence around it."""
    return tag("bdi", text)


def safe_link(address: str) -> str | None:
    """The address if a reader may follow it (http, https, or a path beside the report), else None.

    >>> safe_link("javascript:alert(1)") is None
    True
    """
    plain = _UNPRINTABLE.sub("", address).strip()
    if not plain or plain.startswith(("//", "\\", "/\\")):
        return None
    scheme = _SCHEME.match(re.sub(r"[\s]", "", plain))
    if scheme and scheme.group().lower() not in ("http:", "https:"):
        return None
    return plain


def _render(child: Child) -> str:
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return escape(child)
    if isinstance(child, int):
        return str(child)
    return join(child) if child is not None else ""


def _attribute(name: str, value: str | int | bool) -> str:
    plain = name.rstrip("_").replace("_", "-")
    return f" {plain}" if value is True else f' {plain}="{escape(str(value))}"'
