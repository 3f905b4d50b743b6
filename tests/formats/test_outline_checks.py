"""Outlines that cross themselves and thin ones, against taking every outline apart."""

from __future__ import annotations

import duckdb
import numpy as np
import orjson
import pytest
import shapely

from assay.formats.outline_checks import OutlineChecks, check_outlines


def checked(rings: list[list[float]]) -> OutlineChecks:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE object(item VARCHAR, shape VARCHAR)")
        rows = [
            (f"{at:04d}", orjson.dumps({"rings": [ring], "holes": []}).decode())
            for at, ring in enumerate(rings)
        ]
        connection.executemany("INSERT INTO object VALUES (?, ?)", rows)
        return check_outlines(connection, "true", 1.0)


@pytest.mark.parametrize("scale", [0.5, 2.0, 8.0, 100.0])
def test_what_is_thin_is_what_it_is_when_every_outline_is_taken_apart(scale: float) -> None:
    draw = np.random.default_rng(7)
    rings = [(draw.random(2 * int(draw.integers(4, 20))) * scale).tolist() for _ in range(300)]
    drawn = shapely.polygons([shapely.linearrings(np.reshape(ring, (-1, 2))) for ring in rings])
    apart = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    thin = 2 * shapely.area(apart) < shapely.length(drawn)
    crossing = ~shapely.is_valid(drawn) & ~thin
    found = checked(rings)
    assert (found.thin, found.crossing) == (int(thin.sum()), int(crossing.sum()))


def test_an_eight_goes_around_both_of_its_halves() -> None:
    found = checked([[0, 0, 40, 40, 40, 0, 0, 40], [0, 0, 40, 0.4, 40, 0, 0, 0.4]])
    assert (found.crossing, found.crossing_items) == (1, ["0000"])
    assert (found.thin, found.thin_items) == (1, ["0001"])


def test_a_scribble_of_very_many_points_crosses_itself_and_is_thin_only_along_a_line() -> None:
    draw = np.random.default_rng(3)
    scribble = draw.random((1_500, 2)) * 1000
    found = checked([scribble.ravel().tolist(), (scribble * (1, 1e-6)).ravel().tolist()])
    assert (found.crossing, found.thin) == (1, 1)
