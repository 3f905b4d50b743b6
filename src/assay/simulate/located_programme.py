"""A simulated programme of located labels: drawn from a specification, kept in memory, written as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assay.terms.document import Contract

from .located_draw import LocatedDraw, draw_located
from .located_files import write_located
from .located_marks import Act
from .located_plants import located_facts
from .located_spec import LocatedSpec


@dataclass(frozen=True)
class LocatedProgramme:
    """Objects of everyone and of gold as arrays, and what is true of it all."""

    spec: LocatedSpec
    draw: LocatedDraw

    @property
    def truth(self) -> dict[str, object]:
        """What was planted, and what came out of it: counts and shares of the very data that was drawn."""
        draw, spec = self.draw, self.spec
        labels = draw.truth.objects.label
        return {
            "assay": "truth/1",
            "seed": draw.seed,
            "kind": spec.kind,
            "planted": located_facts(spec),
            "items": {"all": spec.items, "delivered": int(draw.delivered.sum())},
            "votes": {"all": len(draw.work_item), "objects": len(draw.votes)},
            "objects": len(draw.truth),
            "classes": {name: {"objects": int((labels == n).sum())} for n, name in enumerate(spec.classes)},
            "annotators": {
                person.id: self._person(draw.work_person == code, draw.by == code)
                for code, person in enumerate(spec.people)
            },
            "camps": [
                [person.id for person, inside in zip(spec.people, camp.tolist(), strict=True) if inside]
                for camp in draw.camp
            ],
            "gold": {"items": len(draw.gold_items), "objects": len(draw.gold)},
        }

    def _person(self, worked: NDArray[np.bool_], mine: NDArray[np.bool_]) -> dict[str, object]:
        """What a person did, with the F1 of their objects over everything they worked on."""
        draw = self.draw
        there = int(draw.frame.count[draw.work_item[worked]].sum())
        drawn, right = int(mine.sum()), int((draw.votes.marks.act[mine] == Act.RIGHT).sum())
        f1 = round(2 * right / (there + drawn), 6) if there + drawn else None
        return {"items": int(worked.sum()), "objects": drawn, "f1": f1}

    def write(self, folder: Path, *, contract: Contract | None = None) -> tuple[Path, ...]:
        """Write the files into a folder, with a contract (the starter unless given); returns their paths."""
        return write_located(self.draw, self.truth, folder, contract)


def simulate_located(spec: LocatedSpec, seed: int | None = None) -> LocatedProgramme:
    """Draw a programme with known truth. The same specification and seed give the same bytes."""
    return LocatedProgramme(spec, draw_located(spec, seed))
