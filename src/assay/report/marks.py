"""The small drawn signs: the mark of the product, one shape a verdict, one a state."""

from __future__ import annotations

from .markup import Html, tag
from .termlines import State

_SHAPES = {
    "accept": '<circle cx="8" cy="8" r="7" class="full"/><path d="M4.8 8.2 7 10.4 11.2 5.9" class="cut"/>',
    "rework": '<path d="M12.9 9.6A5.3 5.3 0 1 1 11.6 4.1" class="stroke"/><path d="M14.2 1.2V6.4H9z" class="full"/>',
    "reject": '<rect x="1.5" y="1.5" width="13" height="13" rx="1.5" class="full"/>'
    '<path d="M5.4 5.4 10.6 10.6M10.6 5.4 5.4 10.6" class="cut"/>',
    "unprovable": '<circle cx="8" cy="8" r="6.4" class="dashed"/>'
    '<path d="M6 6.5a2 1.9 0 1 1 2.9 1.7c-.6.3-.9.6-.9 1.2M8 11.2v.6" class="thin"/>',
    "watched": '<circle cx="8" cy="8" r="6.2" class="stroke"/><path d="M8 1.8A6.2 6.2 0 0 0 8 14.2z" class="full"/>',
    "below": '<path d="M8 .6 15.4 8 8 15.4.6 8z" class="full"/><path d="M8 4.6V8.8M8 10.8V11.4" class="cut"/>',
    "plain": '<circle cx="8" cy="8" r="4" class="full"/>',
    "preflight": '<circle cx="8" cy="8" r="6.2" class="stroke"/><path d="M8 4.6V8L10.4 9.6" class="thin"/>',
}
_BY_STATE: dict[State, str] = {
    "proven": "accept",
    "watched": "watched",
    "below": "below",
    "reject": "reject",
    "unprovable": "unprovable",
    "plain": "plain",
}
_BY_OUTCOME = {"accept": "accept", "rework": "rework", "reject": "reject", "not provable": "unprovable"}
_TONES = {"accept": "pass", "rework": "fail", "reject": "reject", "not provable": "unp"}
_WORDS: dict[State, str] = {
    "proven": "Pass",
    "watched": "Pass, watched",
    "below": "Fail",
    "reject": "Reject",
    "unprovable": "Not provable",
    "plain": "Measured",
}


def logo() -> Html:
    """The mark of Assay: a touchstone seen from above, with the streak of metal on it."""
    drawing = (
        '<path d="M10 0.8 19.2 10 10 19.2 0.8 10z" class="full"/>'
        '<path d="M5 10H15M6.7 7.4V12.6" class="cut"/><circle cx="11" cy="10" r="2.1" class="dot"/>'
    )
    return Html(
        f'<svg class="logo" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{drawing}</svg>'
    )


def icon(shape: str) -> Html:
    """A sign of 16 units; the word beside it says the same, so it is hidden from readers of text."""
    return Html(f'<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">{_SHAPES[shape]}</svg>')


def state_icon(state: State) -> Html:
    """The sign of a state, in its colour."""
    return tag("span", icon(_BY_STATE[state]), class_=f"s-{state}")


def outcome_word(state: State) -> Html:
    """Sign and word of an outcome: Pass · Pass, watched · Fail · Not provable."""
    return tag("span", icon(_BY_STATE[state]), " ", tag("b", _WORDS[state]), class_=f"outcome s-{state}")


def state_word(state: State) -> str:
    """What a mark says, for labels: proven, watched, shown below, not provable."""
    return {
        "proven": "proven",
        "watched": "passes, watched",
        "below": "fails",
        "reject": "shown below the reject line",
        "unprovable": "not provable",
        "plain": "measured",
    }[state]


def stamp(outcome: str, word: str, *, provisional: bool = False) -> Html:
    """The stamp of a verdict; a provisional one is an outline."""
    shape = _BY_OUTCOME.get(outcome, "preflight")
    tone = _TONES.get(outcome, "none")
    return tag("span", icon(shape), word, class_=f"stamp {tone}{' provisional' if provisional else ''}")
