"""Programmes with known truth: to test a judge, to show what it finds, and to compute the odds of a contract."""

from .draw import NOTHING, Draw, draw_votes
from .floors import quality_at
from .plants import PLANTS, plant
from .programme import Programme, simulate
from .spec import (
    TOPICS,
    Annotator,
    Final,
    Gold,
    GuidelineGap,
    HardSlice,
    Reviewer,
    Slice,
    Spec,
)
from .vendor import Quality, TrueFigures, gold_composition, true_figures, vendor

__all__ = [
    "NOTHING",
    "PLANTS",
    "TOPICS",
    "Annotator",
    "Draw",
    "Final",
    "Gold",
    "GuidelineGap",
    "HardSlice",
    "Programme",
    "Quality",
    "Reviewer",
    "Slice",
    "Spec",
    "TrueFigures",
    "draw_votes",
    "gold_composition",
    "plant",
    "quality_at",
    "simulate",
    "true_figures",
    "vendor",
]
