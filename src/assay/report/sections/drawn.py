"""The items themselves: objects drawn over the image, spans in the text, every error with its number."""

from __future__ import annotations

from collections.abc import Mapping

from ..drawing import drawing, is_drawable, line_sample, needs_a_closer_look, patterns
from ..fields import Node, child, count, items, number, sequence, text
from ..located_wording import error_word, object_noun
from ..marked_text import marked_text
from ..markup import Child, Html, join, name, safe_link, tag
from ..scene_window import SIDES
from ..wording import counted
from .frame import fold, section

_VISIBLE = 6
_ERRORS_VISIBLE = 6

Pictures = Mapping[str, str]


def drawn_section(document: Node, pictures: Pictures) -> Html | None:
    """Every item that is drawn, exemplars of clusters first; ``pictures`` are data addresses by item."""
    drawn = items(document, "drawn")
    if not drawn:
        return None
    cards = [_card(item, n, pictures.get(text(item, "item"))) for n, item in enumerate(drawn, 1)]
    parts: list[Child] = [patterns(), tag("div", cards[:_VISIBLE], class_="drawn-items")]
    if cards[_VISIBLE:]:
        more = tag("div", cards[_VISIBLE:], class_="drawn-items")
        parts.append(fold(counted(len(cards) - _VISIBLE, "further item"), more))
    return section("drawn", "Items drawn", parts, note=_note(document))


def _note(document: Node) -> Html:
    noun = object_noun(text(child(document, "batch"), "kind")) or "object"
    said = "Exemplars of the patterns first, then the worst of each kind of error"
    return join([f"{said}. A {noun} without a number counts as right."])


def _card(item: Node, at: int, picture: str | None) -> Html:
    return tag(
        "article",
        _head(item, at),
        _layers(item),
        _scene(item, at, picture),
        marked_text(item),
        _fields(item),
        tag("p", text(item, "text"), class_="said") if text(item, "text") else None,
        _errors(item),
        _objects(item),
        id=f"item-{at}",
        class_="drawn-item",
    )


def _head(item: Node, at: int) -> Html:
    address = text(item, "link")
    followed = safe_link(address) if address else None
    link: Html | None = None
    if followed:
        link = tag("a", "open the item", href=followed, rel="noopener noreferrer", target="_blank")
    elif address:
        link = tag("span", address, class_="address")
    title = tag("h3", tag("span", f"{at}", class_="ordinal"), " ", tag("code", name(text(item, "item"))))
    return tag("div", title, link, class_="item-head")


def _layers(item: Node) -> Html:
    rows = [
        tag("li", line_sample(side), tag("b", side.upper()), " ", name(text(layer, "who")))
        for side, layer in zip(SIDES, items(item, "layers"), strict=False)
    ]
    return tag("ul", rows, class_="layers")


def _scene(item: Node, at: int, picture: str | None) -> Html | None:
    if not is_drawable(item):
        return None
    title = f"Item {at}, {text(item, 'item')}"
    whole_image = drawing(item, picture=picture, title=title)
    if not needs_a_closer_look(item):
        return whole_image
    close = drawing(item, picture=picture, title=f"{title}, closer", close_to=())
    caption = tag("figcaption", "closer", class_="small")
    return join([whole_image, tag("figure", close, caption, class_="closer")])


def _errors(item: Node) -> Html | None:
    rows = [
        tag(
            "li",
            tag("span", str(number), class_=f"side {_side(error)}"),
            tag(
                "span",
                name(text(error, "text")),
                " ",
                tag(
                    "span",
                    error_word(text(error, "kind"), of_gold=item.get("of_gold") is not False),
                    class_="tag",
                ),
            ),
        )
        for number, error in enumerate(items(item, "errors"), 1)
    ]
    if not rows:
        return None
    parts = [tag("ul", rows[:_ERRORS_VISIBLE], class_="errors")]
    if rows[_ERRORS_VISIBLE:]:
        rest = tag("ul", rows[_ERRORS_VISIBLE:], class_="errors")
        parts.append(fold(counted(len(rows) - _ERRORS_VISIBLE, "further error"), rest))
    return join(parts)


def _side(error: Node) -> str:
    """The layer of the last object of an error: whose mark its number carries."""
    pairs = [pair for pair in sequence(error, "objects") if isinstance(pair, (list, tuple)) and pair]
    layer = pairs[-1][0] if pairs else 0
    return SIDES[layer] if isinstance(layer, int) and 0 <= layer < len(SIDES) else "other"


def _fields(item: Node) -> Html | None:
    """Keys of a document with the value in each layer."""
    layers = items(item, "layers")[: len(SIDES)]
    values: dict[str, list[list[Node]]] = {}
    for at, layer in enumerate(layers):
        for thing in items(layer, "objects"):
            if text(thing, "kind") == "field":
                values.setdefault(text(thing, "class"), [[] for _ in layers])[at].append(thing)
    if not values:
        return None
    heads = [tag("th", "field")] + [tag("th", name(text(layer, "who"))) for layer in layers]
    rows = [
        tag("tr", tag("th", name(key), scope="row"), [tag("td", _values(cell)) for cell in cells])
        for key, cells in values.items()
    ]
    return tag(
        "table", tag("thead", tag("tr", heads)), tag("tbody", rows), class_="plain-table narrow values"
    )


def _values(cell: list[Node]) -> Html:
    if not cell:
        return tag("span", "none", class_="none")
    said = [tag("mark" if text(thing, "error") else "span", name(text(thing, "text"))) for thing in cell]
    return join(said, ", ")


def _objects(item: Node) -> Html | None:
    """Every object of the drawing in words, for those who do not see it."""
    rows = [
        tag(
            "tr",
            tag("th", name(text(layer, "who")), scope="row"),
            tag("td", str(count(thing, "number") or ""), class_="n"),
            tag("td", name(text(thing, "class"))),
            tag("td", _place(thing)),
            tag(
                "td",
                error_word(text(thing, "error"), of_gold=item.get("of_gold") is not False)
                if text(thing, "error")
                else "right",
            ),
        )
        for layer in items(item, "layers")[: len(SIDES)]
        for thing in items(layer, "objects")
    ]
    if not rows:
        return None
    titles = ("by", "number", "class", "place", "")
    head = tag("tr", [tag("th", title, class_="n" if title == "number" else None) for title in titles])
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="data")
    return fold(
        f"As a table, {counted(len(rows), 'object')}",
        tag("div", table, class_="scroll", tabindex="0"),
        style="twin",
    )


def _place(thing: Node) -> str:
    if text(thing, "kind") == "span":
        parts = [
            pair for pair in sequence(thing, "parts") if isinstance(pair, (list, tuple)) and len(pair) == 2
        ]
        return ", ".join(f"{pair[0]}–{pair[1]}" for pair in parts)
    box = [value for value in sequence(thing, "box") if isinstance(value, (int, float))]
    if len(box) != 4 or not (box[2] or box[3]):
        return ""
    turned = number(thing, "angle")
    return f"{box[2]:.0f} × {box[3]:.0f} at {box[0]:.0f}, {box[1]:.0f}" + (
        f", {turned:.0f}°" if turned else ""
    )


def drawn_places(document: Node) -> dict[str, tuple[int, Node]]:
    """Every drawn item with its number, by its name."""
    return {text(item, "item"): (at, item) for at, item in enumerate(items(document, "drawn"), 1)}
