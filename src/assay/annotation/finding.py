"""A problem in a delivery is data: a finding with its kind, subject, sentence and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "major", "minor", "note"]


@dataclass(frozen=True)
class Finding:
    """One problem or suspicion. ``kind`` is a stable slug, ``text`` a sentence for people.

    ``evidence`` holds JSON values only: file, place, items (at most a few), counts, figures.
    """

    kind: str
    severity: Severity
    subject: str
    text: str
    evidence: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The finding as it stands in ``report.json``."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "subject": self.subject,
            "text": self.text,
            "evidence": dict(self.evidence),
        }
