"""The card beside the finding: who does what by when, and what is paid or held."""

from __future__ import annotations

from ..fields import Node, child, count, items, text
from ..markup import Html, join, name, tag
from ..wording import counted, day, money


def next_steps(document: Node) -> Html:
    """The card; it holds no button, because a file cannot decide."""
    steps = items(child(document, "verdict"), "next")
    shown = [_step(index, step) for index, step in enumerate(steps, 1)]
    return tag(
        "aside",
        tag("h2", "What happens next"),
        tag("ol", shown, class_="steps") if shown else tag("p", _nothing_to_do(document)),
        _notes(document),
        _amounts(document),
        _audience_note(document),
        class_="card",
        aria_label="What happens next",
    )


def money_lines(document: Node) -> Html | None:
    """The section with every invoice line, exact price and rounded amount."""
    paid = child(document, "money")
    lines = items(paid, "lines")
    if not lines:
        return None
    currency = text(paid, "currency")
    head = tag("tr", [tag("th", title, class_=style) for title, style in _HEADS])
    rows = [_line(line, currency) for line in lines]
    table = tag("table", tag("thead", head), tag("tbody", rows), class_="plain-table lines")
    note = "Rounded once per line"
    body = tag("div", tag("h2", "What is paid, and for what"), tag("p", note, class_="note"), class_="head")
    return tag("section", body, tag("div", table, class_="scroll", tabindex="0"), id="money")


_HEADS = (("Line", None), ("Per", None), ("Quantity", "n"), ("Price", "n"), ("Amount", "n"))


def _line(line: Node, currency: str) -> Html:
    quantity = line.get("quantity")
    amount = count(line, "amount_minor")
    return tag(
        "tr",
        tag("th", text(line, "text") or text(line, "per"), scope="row"),
        tag("td", text(line, "per")),
        tag(
            "td",
            f"{quantity:,}" if isinstance(quantity, int) else text(line, "quantity"),
            class_="n",
            data_title="quantity",
        ),
        tag("td", text(line, "price"), class_="n", data_title="price"),
        tag("td", tag("b", money(currency, amount)) if amount is not None else None, class_="n"),
    )


def _step(index: int, step: Node) -> Html:
    who, until = text(step, "who"), text(step, "by")
    small = [name(who[:1].upper() + who[1:])] if who else []
    if until:
        small.append(join(["by ", day(until, weekday=True)]))
    said = tag("div", tag("b", text(step, "what")), tag("small", join(small, ", ")) if small else None)
    return tag("li", tag("span", str(index), class_="step", aria_hidden="true"), said)


def _nothing_to_do(document: Node) -> str:
    if text(document, "audience") == "annotator":
        return "These are your own scores. You may answer them."
    if not child(document, "gold"):
        return "Add gold to get a verdict: the same command with --gold and, if there is one, --contract."
    return "Nothing is asked of anyone."


def _notes(document: Node) -> Html | None:
    verdict = child(document, "verdict")
    if verdict.get("provisional") is not True or not text(verdict, "outcome"):
        return None
    proposal = ["No contract was given, so nothing here binds anyone. ", tag("code", "--write-contract FILE")]
    return tag("p", proposal, " proposes one from this delivery.", class_="small")


def _amounts(document: Node) -> Html | None:
    paid = child(document, "money")
    if not paid:
        return None
    currency, payable, held = text(paid, "currency"), count(paid, "payable_minor"), count(paid, "held_minor")
    rows: list[tuple[str, int]] = [("Payable", payable)] if payable is not None else []
    rows += [("Held until accepted", held)] if held else []
    lines = items(paid, "lines")
    shown = [tag("div", tag("dt", title), tag("dd", money(currency, amount))) for title, amount in rows]
    link = tag("p", tag("a", counted(len(lines), "line"), href="#money"), class_="small") if lines else None
    return join([tag("dl", shown, class_="amounts"), link])


def _audience_note(document: Node) -> Html | None:
    notes = {
        "vendor": "The vendor's copy: gold still in use is not shown, nor figures over fewer than 5 gold items.",
        "annotator": "An annotator's copy: nobody else's figures, no gold and no prices are in it.",
    }
    note = notes.get(text(document, "audience"))
    return tag("p", note, class_="small") if note else None
