"""What makes a page one file: stylesheet, the fonts whose characters occur, and a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from .markup import Html, tag

_VIETNAMESE = (
    (0x102, 0x103), (0x110, 0x111), (0x128, 0x129), (0x168, 0x169), (0x1A0, 0x1A1), (0x1AF, 0x1B0),
    (0x300, 0x301), (0x303, 0x304), (0x308, 0x309), (0x323, 0x323), (0x1EA0, 0x1EF9), (0x20AB, 0x20AB),
)  # fmt: skip
_STYLESHEETS = ("stylesheet.css", "charts.css", "drawn.css", "narrow.css", "print.css")
_EXTENDED = (
    (0x100, 0x2BA),
    (0x2BD, 0x2C5),
    (0x1E00, 0x1E9F),
    (0x1EF2, 0x1EFF),
    (0x2020, 0x2020),
    (0x20A0, 0x20AB),
)


@dataclass(frozen=True)
class _Face:
    family: str
    file: str
    weight: str
    ranges: tuple[tuple[int, int], ...] = ()

    def needed_for(self, characters: frozenset[int]) -> bool:
        return not self.ranges or any(low <= each <= high for each in characters for low, high in self.ranges)


def _faces() -> list[_Face]:
    faces = [_Face("Inter", "inter.woff2", "400 600")]
    for family, stem, tail, weight in (
        ("Assay Serif", "assay-serif", "", "600"),
        ("Source Serif 4", "source-serif-4", "-400-normal", "400"),
        ("IBM Plex Mono", "ibm-plex-mono", "-400-normal", "400"),
    ):
        faces.append(_Face(family, f"{stem}-latin{tail}.woff2", weight))
        faces.append(_Face(family, f"{stem}-latin-ext{tail}.woff2", weight, _EXTENDED))
        faces.append(_Face(family, f"{stem}-vietnamese{tail}.woff2", weight, _VIETNAMESE))
    return faces


def page(
    title: str, body: Html, *, language: str = "en", foot: str = "", style: str = "", pictured: bool = False
) -> str:
    """A complete, self-contained HTML document without script; ``foot`` stands at the foot of printed pages.

    Embedded images are shown on a ``pictured`` page only; no page loads one.
    """
    sheet = Html(_fonts(frozenset(map(ord, set(body)))) + _stylesheet() + _printed_foot(foot))
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; base-uri 'none'; form-action 'none'"
    policy += "; img-src data:" if pictured else ""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", sheet),
    )
    document = tag("html", head, tag("body", body, class_=style or None), lang=language)
    return f"<!doctype html>\n{document}\n"


def css_text(text: str) -> str:
    """The text as a CSS string; everything but letters, digits and spaces is escaped by number.

    >>> css_text("</style>")
    '"\\\\3c \\\\2f style\\\\3e "'
    """
    return '"' + "".join(_css_character(each) for each in text) + '"'


def _css_character(each: str) -> str:
    if each == " " or (each.isascii() and each.isalnum()):
        return each
    code = ord(each)
    return "\\fffd " if code == 0 or 0xD800 <= code <= 0xDFFF else f"\\{code:x} "


def _printed_foot(foot: str) -> str:
    if not foot:
        return ""
    pages = 'counter(page) " of " counter(pages)'
    return f"@page{{@bottom-left{{content:{css_text(foot)}}}@bottom-right{{content:{pages}}}}}"


def _fonts(characters: frozenset[int]) -> str:
    beyond = frozenset(each for each in characters if each > 0xFF)
    return "".join(_font_face(face) for face in _faces() if face.needed_for(beyond))


@cache
def _font_face(face: _Face) -> str:
    data = base64.b64encode(resources.files(__package__).joinpath("fonts", face.file).read_bytes()).decode()
    ranges = ",".join(f"U+{low:X}-{high:X}" for low, high in face.ranges)
    limit = f"unicode-range:{ranges};" if ranges else ""
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};{limit}'
        f'src:url("data:font/woff2;base64,{data}") format("woff2")}}'
    )


@cache
def _stylesheet() -> str:
    folder = resources.files(__package__)
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in _STYLESHEETS)
