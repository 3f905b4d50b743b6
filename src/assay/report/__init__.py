"""The report of a batch: one self-contained page from one report document, for the person who may read it."""

from __future__ import annotations

from .audience import Audience, for_audience
from .demo import demo_page
from .headline import headline
from .page import render_html

__all__ = ["Audience", "demo_page", "for_audience", "headline", "render_html"]
