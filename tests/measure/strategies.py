"""Random ratings, tables and rows for the properties of measures."""

from __future__ import annotations

from hypothesis import strategies as st

CLASSES = ("a", "b", "c", "d")


def rows(
    values: tuple[object, ...] = CLASSES, *, people: int = 5, items: int = 12, missing: bool = True
) -> st.SearchStrategy[list[list[object]]]:
    """Items by annotators, some cells None."""
    cell: st.SearchStrategy[object] = st.sampled_from(values)
    if missing:
        cell = st.none() | cell
    width = st.integers(2, people)
    return width.flatmap(
        lambda number: st.lists(st.lists(cell, min_size=number, max_size=number), min_size=1, max_size=items)
    )


def tables(size: int = 4) -> st.SearchStrategy[list[list[int]]]:
    """Square confusion tables with at least one case."""
    cell = st.integers(0, 9)
    return (
        st.integers(2, size)
        .flatmap(lambda k: st.lists(st.lists(cell, min_size=k, max_size=k), min_size=k, max_size=k))
        .filter(lambda table: any(map(any, table)))
    )


def annotations() -> st.SearchStrategy[list[tuple[object, object, object]]]:
    """(item, annotator, label) rows, the same person perhaps several times on an item."""
    return st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from("vwxyz"), st.sampled_from(CLASSES[:3])),
        min_size=1,
        max_size=60,
    )
