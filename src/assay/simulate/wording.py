"""Short invented customer messages, so that a report on simulated data shows items one can read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .spec import Spec

_OPENINGS = (
    "",
    "Hello, ",
    "Hi there, ",
    "Good morning, ",
    "Second time I write: ",
    "Not sure whom to ask, but ",
    "Short question: ",
    "To whom it may concern, ",
)
_CLOSINGS = (
    ".",
    ". Please advise.",
    ". Thanks in advance.",
    ". What can you do?",
    ". I would like an answer this week.",
    ". Happy to send a photo.",
    ". Let me know what you need from me.",
)
_THINGS = (
    "kettle",
    "desk lamp",
    "rain jacket",
    "set of bowls",
    "bicycle pump",
    "wool blanket",
    "card reader",
    "bookshelf",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Friday", "Saturday", "the 3rd", "the 17th")

_TOPICS: dict[str, tuple[str, ...]] = {
    "delivery": (
        "my {thing} was due on {day} and has not come",
        "tracking for the {thing} has not moved since {day}",
        "the courier left the {thing} at the wrong door on {day}",
        "can the {thing} arrive after {day}, nobody is home before",
    ),
    "refund": (
        "I sent the {thing} back on {day} and still wait for my money",
        "please pay me back for the {thing}, I returned it on {day}",
        "only half of the price of the {thing} came back on {day}",
        "how long does a refund take, the {thing} went back on {day}",
    ),
    "billing": (
        "I was charged twice for the {thing} on {day}",
        "the invoice of {day} names a {thing} that I never ordered",
        "the price of the {thing} on the invoice of {day} is not the one in the shop",
        "I need an invoice with our company name for the {thing} of {day}",
    ),
    "account": (
        "I cannot sign in since {day}, and my order of a {thing} is in there",
        "please change the address of my account, I moved on {day}",
        "the code to reset my password never came, I tried on {day}",
        "my account still shows the {thing} that I cancelled on {day}",
    ),
    "damaged": (
        "the {thing} that came on {day} has a crack along the side",
        "one part of the {thing} was missing when I opened it on {day}",
        "the {thing} stopped working on {day}, two days after it came",
        "the box was open and the {thing} scratched when it came on {day}",
    ),
    "fraud": (
        "somebody ordered a {thing} with my card on {day}, it was not me",
        "I got a mail on {day} that asks for my card number to release a {thing}",
        "there is an order of a {thing} from {day} to an address I do not know",
        "a caller who said he was from your shop wanted a code from me on {day}",
    ),
}
_ELSE = (
    "this is about {topic}, and the {thing} of {day}",
    "on {day} I asked about {topic} because of the {thing}",
    "I think it is a matter of {topic}: the {thing} from {day}",
    "somebody told me on {day} that {topic} explains what happened with the {thing}",
)
_OPINIONS = (
    (
        "the {thing} broke on {day}, I would not buy it again",
        "very disappointed, the {thing} was useless by {day}",
    ),
    (
        "the {thing} is below what I hoped for, used it since {day}",
        "not great, the {thing} rattles since {day}",
    ),
    (
        "the {thing} does its job, no more, bought it on {day}",
        "neither good nor bad, had the {thing} since {day}",
    ),
    ("good {thing}, came on {day}, small scratch only", "I like the {thing}, in use since {day}"),
    ("best {thing} I have had, in daily use since {day}", "wonderful {thing}, ordered a second one on {day}"),
)


def messages(
    spec: Spec, topic: Sequence[int], mixed: Sequence[int], chance: np.random.Generator
) -> list[str]:
    """A message per item on its class; where ``mixed`` names a second class (not -1), it speaks of both."""
    bodies = [_bodies(spec, code) for code in range(len(spec.classes))]
    size = len(bodies[0])
    which = chance.integers(0, size, len(topic)).tolist()
    opening = chance.integers(0, len(_OPENINGS), len(topic)).tolist()
    closing = chance.integers(0, len(_CLOSINGS), len(topic)).tolist()
    found = []
    for first, second, body, start, end in zip(topic, mixed, which, opening, closing, strict=True):
        said = (
            bodies[first][body]
            if second < 0
            else f"{bodies[first][body]}, and also {bodies[second][-1 - body]}"
        )
        text = _OPENINGS[start] + said + _CLOSINGS[end]
        found.append(text[0].upper() + text[1:])
    return found


def second_topics(spec: Spec, truth: NDArray[np.int32], in_gap: Sequence[NDArray[np.bool_]]) -> list[int]:
    """The other class that an item in a guideline gap also speaks of, -1 for all others."""
    found = np.full(len(truth), -1, np.int32)
    for gap, inside in zip(spec.guideline_gaps, in_gap, strict=True):
        first, second = (spec.classes.index(name) for name in gap.classes)
        found[inside & (truth == first)] = second
    return [int(code) for code in found]


def _bodies(spec: Spec, code: int) -> list[str]:
    """All that can be said on a class; the same number for every class."""
    name = spec.classes[code]
    if spec.kind == "rating":
        step = round(code * (len(_OPINIONS) - 1) / (len(spec.classes) - 1))
        patterns: tuple[str, ...] = _OPINIONS[step] * 2
    else:
        patterns = _TOPICS.get(name, tuple(pattern.replace("{topic}", _plain(name)) for pattern in _ELSE))
    return [
        pattern.replace("{thing}", thing).replace("{day}", day)
        for pattern, thing, day in product(patterns, _THINGS, _DAYS)
    ]


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
