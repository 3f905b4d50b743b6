"""What a conversion wrote, and what the target does not say any more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loss:
    """One thing that the target does not say any more."""

    kind: str
    count: int
    text: str


@dataclass(frozen=True)
class LossReport:
    """What was written and what was lost on the way.

    ``left_out`` counts annotations of layers that were not asked for. ``read_back`` is what delivery.yaml has to say to
    read the target.
    """

    source: tuple[str, ...]
    target: str
    format: str
    rows: int
    losses: tuple[Loss, ...]
    read_back: tuple[str, ...]
    left_out: int = 0

    def as_json(self) -> dict[str, object]:
        """The report as a JSON document."""
        return {
            "schema": "assay-losses/1",
            "source": list(self.source),
            "target": self.target,
            "format": self.format,
            "rows": self.rows,
            "left_out": self.left_out,
            "losses": [{"kind": one.kind, "count": one.count, "text": one.text} for one in self.losses],
            "read_back": list(self.read_back),
        }

    def lines(self) -> list[str]:
        """The report for people."""
        head = f"{self.rows:,} annotations written to {self.target} as {self.format}."
        head += f" {self.left_out:,} of other layers were left out, as asked." if self.left_out else ""
        lost = [f"Lost: {one.text}" for one in self.losses] or ["Nothing was lost."]
        back = [f"To read it back, delivery.yaml says: {'; '.join(self.read_back)}"] if self.read_back else []
        return [head, *lost, *back]
