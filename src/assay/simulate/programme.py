"""A simulated programme: drawn from a specification, kept in memory, written as files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from assay.terms.document import Contract

from .draw import Draw, draw_votes
from .files import item_names, write_files
from .frame import Stream, stream
from .skills import gap_items
from .spec import Spec
from .truth import truth_of
from .wording import messages, second_topics


@dataclass(frozen=True)
class Programme:
    """Votes, gold and slices as arrays, the messages that were labelled, and what is true of it all."""

    spec: Spec
    draw: Draw

    @cached_property
    def messages(self) -> tuple[str, ...] | None:
        """The invented text of each item; None where the labels are the texts, or none are wanted."""
        if not self.spec.messages or self.spec.kind == "text":
            return None
        topic = self.draw.stratum.clip(0)
        second = second_topics(self.spec, topic, gap_items(self.spec, self.draw.slices))
        chance = stream(self.draw.seed, Stream.MESSAGES)
        return tuple(messages(self.spec, topic.tolist(), second, chance))

    @property
    def items(self) -> list[str]:
        """The ids of the items."""
        return item_names(self.spec.items)

    @property
    def truth(self) -> dict[str, object]:
        """What was planted, and what came out of it."""
        return truth_of(self.draw)

    def write(self, folder: Path, *, contract: Contract | None = None) -> tuple[Path, ...]:
        """Write the files into a folder, with a contract (the starter unless given); returns their paths."""
        return write_files(self.draw, self.messages, folder, contract)


def simulate(spec: Spec, seed: int | None = None) -> Programme:
    """Draw a programme with known truth. The same specification and seed give the same bytes."""
    return Programme(spec, draw_votes(spec, seed))
