"""Brush strokes beside the codec of Label Studio's own package."""

from __future__ import annotations

import numpy as np
import pytest

from assay.formats.brush_rle import decode_brush, encode_brush

brush = pytest.importorskip("label_studio_sdk.converter.brush", reason="label-studio-sdk is not installed")


def test_both_codecs_read_what_the_other_wrote() -> None:
    rng = np.random.default_rng(7)
    for height, width in ((1, 1), (13, 17), (40, 300), (300, 300)):
        for share in (0.0, 0.01, 0.5, 1.0):
            painted = rng.random((height, width)) < share
            words = np.repeat(painted.reshape(-1), 4).astype(np.uint8) * 255
            assert (decode_brush(brush.encode_rle(words), width, height) == painted).all()
            assert (brush.decode_rle(encode_brush(painted)) == words).all()
