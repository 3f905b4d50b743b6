"""Where people disagree: patterns with their share, and the items themselves."""

from __future__ import annotations

from collections.abc import Mapping

from ..charts import share_bar
from ..drawing import drawing, is_drawable
from ..fields import Node, as_text, child, count, items, number, text, texts
from ..located_wording import error_word
from ..marked_text import marked_text
from ..markup import Child, Html, join, name, safe_link, tag
from ..wording import counted, listed, percent, whole
from .drawn import drawn_places
from .frame import fold, section

Drawn = Mapping[str, tuple[int, Node]]

#: Which errors of objects the clusters of a kind are about, where they are called otherwise.
_ERRORS_OF = {
    "alone": ("missed", "extra"),
    "ends": ("loose",),
    "loose": ("loose", "wrong_value"),
    "parts": ("split", "merged"),
}
#: How a cluster of objects says that one side has none.
_NO_OBJECT = "(nothing)"
_CLUSTERS_VISIBLE = 6
_ITEMS_VISIBLE = 3
_TEXT_VISIBLE = 260


def clusters_section(document: Node, pictures: Mapping[str, str] | None = None) -> Html | None:
    """The clusters in the document's order: by what they add beyond chance; items that are drawn with their drawing."""
    clusters = items(document, "clusters")
    rest = child(document, "clusters_rest")
    if not clusters:
        return None
    drawn = drawn_places(document)
    rows = [_cluster(cluster, drawn, pictures or {}) for cluster in clusters]
    parts: list[Child] = [tag("ol", rows[:_CLUSTERS_VISIBLE], class_="clusters")]
    if rows[_CLUSTERS_VISIBLE:]:
        more = tag("ol", rows[_CLUSTERS_VISIBLE:], class_="clusters", start=_CLUSTERS_VISIBLE + 1)
        parts.append(fold(counted(len(rows) - _CLUSTERS_VISIBLE, "further cluster"), more))
    left = count(rest, "count")
    if left:
        share = number(rest, "share")
        said = f"{counted(left, 'further disagreement')}" + (
            f" ({percent(share)})" if share is not None else ""
        )
        parts.append(tag("p", f"{said} {'falls' if left == 1 else 'fall'} in no cluster.", class_="small"))
    total = count(rest, "of") or sum(count(cluster, "count") or 0 for cluster in clusters) + (left or 0)
    if child(document, "located"):
        note = join(
            [
                f"{counted(total, 'difference')}. ",
                _key("a"),
                " gold or one person ",
                _key("b"),
                " another",
            ]
        )
        return section("disagreements", "Where labels differ", parts, note=note)
    note = join([f"{counted(total, 'disagreement')}. ", _key("a"), " one answer ", _key("b"), " another"])
    return section("disagreements", "Where people disagree", parts, note=note)


def _key(side: str) -> Html:
    return tag("span", side.upper(), class_=f"side {side}", aria_hidden="true")


def _cluster(cluster: Node, drawn: Drawn, pictures: Mapping[str, str]) -> Html:
    values = texts(cluster, "values")
    head = tag(
        "p",
        _named(cluster, values),
        " ",
        _slice_tags(cluster),
        class_="pair",
    )
    left = tag(
        "div",
        head,
        _share(cluster, values),
        _facts(cluster),
        tag("p", text(cluster, "text"), class_="said") if text(cluster, "text") else None,
        tag("p", text(cluster, "rest"), class_="small") if text(cluster, "rest") else None,
        class_="cluster-head",
    )
    about = [*values, *_ERRORS_OF.get(text(cluster, "kind"), (text(cluster, "kind"),))]
    shown = [_item(item, values, about, drawn, pictures) for item in items(cluster, "items")]
    right: list[Child] = [tag("ul", shown[:_ITEMS_VISIBLE], class_="exemplars")] if shown else []
    if shown[_ITEMS_VISIBLE:]:
        more = tag("ul", shown[_ITEMS_VISIBLE:], class_="exemplars")
        right.append(fold(counted(len(shown) - _ITEMS_VISIBLE, "further item"), more))
    return tag("li", left, tag("div", right, class_="cluster-items"))


def _named(cluster: Node, values: list[str]) -> Html:
    """What a cluster is about: two values; of objects the kind of error and the class where one side has none."""
    kind, sides = _alone(cluster, values)
    if kind:
        return join([f"{kind}: ", tag("b", name(sides[0]))])
    return join([tag("b", name(value)) for value in values or ["all answers"]], " / ")


def _alone(cluster: Node, values: list[str]) -> tuple[str, list[str]]:
    """The kind of error as a word where one side has no object, else the empty text; and the values that are left."""
    sides = [value for value in values if value != _NO_OBJECT]
    if len(sides) == 1 and len(values) > 1 and text(cluster, "kind"):
        return error_word(text(cluster, "kind")), sides
    return "", values


def _slice_tags(cluster: Node) -> Html | None:
    part = child(cluster, "slice")
    shown = [tag("span", name(key), " ", name(as_text(part[key])), class_="tag") for key in part]
    return join(shown, " ") if shown else None


def _share(cluster: Node, values: list[str]) -> Html | None:
    share = number(cluster, "share")
    if share is None:
        return None
    low, high = _share_interval(cluster, share)
    kind, sides = _alone(cluster, values)
    about = f"{kind}: {sides[0]}" if kind else " and ".join(values)
    bar = share_bar(share, low, high, label=f"{about}, share of the disagreements")
    span = (
        [" ", tag("span", f"{percent(low).rstrip('%')}–{percent(high)}", class_="iv")]
        if low is not None and high is not None
        else []
    )
    found = count(cluster, "count")
    on_items = count(cluster, "on_items")
    said = f" · {counted(found, 'item')}" if found is not None else ""
    if found is not None and on_items is not None:
        said = f" · {counted(found, 'error')} on {counted(on_items, 'item')}"
    return join([bar, tag("p", tag("b", percent(share)), span, said, class_="share-text")])


def _share_interval(cluster: Node, share: float) -> tuple[float | None, float | None]:
    low, high = number(cluster, "low"), number(cluster, "high")
    inside = low is not None and high is not None and low <= share <= high <= 1
    return (low, high) if inside else (None, None)


def _facts(cluster: Node) -> Html | None:
    lift, excess, people = number(cluster, "lift"), number(cluster, "excess"), texts(cluster, "annotators")
    parts: list[Child] = []
    if lift is not None and f"{lift:.1f} times" not in text(cluster, "text"):
        span = ""
        low, high = number(cluster, "low"), number(cluster, "high")
        if (
            low is not None
            and high is not None
            and _share_interval(cluster, number(cluster, "share") or 0) == (None, None)
        ):
            span = f" ({low:.1f}–{high:.1f})"
        parts.append(f"{lift:.1f} times as often as expected{span}")
    if excess is not None:
        parts.append(f"{whole(round(excess))} more than expected")
    if people and not all(person in text(cluster, "text") for person in people):
        parts.append(
            join(
                ["by ", name(listed(people[:4])), f" and {len(people) - 4} more" if len(people) > 4 else None]
            )
        )
    return tag("p", join(parts, "; "), class_="small") if parts else None


def _item(item: Node, values: list[str], about: list[str], drawn: Drawn, pictures: Mapping[str, str]) -> Html:
    if text(item, "item") in drawn:
        return _drawn(*drawn[text(item, "item")], about, pictures)
    head = tag("p", tag("code", name(text(item, "item"))), _link(text(item, "link")), class_="item-head")
    body = text(item, "text")
    gold = text(item, "gold")
    return tag(
        "li",
        head,
        folded_text(body) if body else None,
        _answers(item, values),
        tag("p", "gold: ", tag("b", name(gold)), class_="small") if gold else None,
        class_="exemplar",
    )


def _drawn(at: int, item: Node, about: list[str], pictures: Mapping[str, str]) -> Html:
    """An exemplar that is drawn below: the surroundings of its errors, and the way to the whole item."""
    identity = text(item, "item")
    scene = None
    if is_drawable(item):
        scene = drawing(item, picture=pictures.get(identity), title=f"Item {at}, {identity}", close_to=about)
    body = text(item, "content")
    link = tag("a", f"item {at}", href=f"#item-{at}")
    return tag(
        "li",
        tag("p", tag("code", name(identity)), link, class_="item-head"),
        scene,
        marked_text(item) if body and not scene else None,
        tag("p", text(item, "text"), class_="small"),
        class_="exemplar",
    )


def folded_text(body: str) -> Html:
    """The text of an item; a long one shows its beginning and opens."""
    if len(body) <= _TEXT_VISIBLE + 60:
        return tag("blockquote", body, dir="auto")
    cut = body.rfind(" ", _TEXT_VISIBLE - 60, _TEXT_VISIBLE)
    lead = body[: cut if cut > 0 else _TEXT_VISIBLE]
    summary = [
        tag("span", f"{lead} …", class_="lead", dir="auto"),
        tag("span", f"all {whole(len(body))} characters", class_="more"),
    ]
    return fold(summary, tag("blockquote", body, dir="auto"), style="long-text")


def _link(address: str) -> Html | None:
    if not address:
        return None
    followed = safe_link(address)
    if followed is None:
        return tag("span", address, class_="small address")
    return tag("a", "open the item", href=followed, rel="noopener noreferrer", target="_blank", title=address)


def _answers(item: Node, values: list[str]) -> Html | None:
    given: dict[str, list[str]] = {}
    for answer in items(item, "answers"):
        given.setdefault(text(answer, "value"), []).append(text(answer, "annotator"))
    order = sorted(given, key=lambda value: (values.index(value) if value in values else len(values), value))
    rows = []
    for value in order:
        side = "ab"[values.index(value)] if value in values[:2] else ""
        who = name(listed(given[value][:3])) if any(given[value]) else None
        more = f" and {len(given[value]) - 3} more" if len(given[value]) > 3 else None
        mark = _key(side) if side else tag("span", class_="side other", aria_hidden="true")
        rows.append(
            tag("li", mark, tag("span", tag("b", name(value or "no answer")), " ", tag("small", who, more)))
        )
    return tag("ul", rows, class_="answers") if rows else None
