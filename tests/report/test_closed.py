"""Nothing under five gold items can be worked out from what a vendor sees."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from assay.report.closed import closed_classes, closed_groups
from tests.report.disclosure import small_groups_that_follow

sizes_of_groups = st.dictionaries(
    st.sampled_from(["fog", "rain", "snow", "sun", "wind", "hail"]), st.integers(0, 14), min_size=1
)


def matrices(most: int) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(2, 5).flatmap(
        lambda k: st.lists(st.lists(st.integers(0, most), min_size=k, max_size=k), min_size=k, max_size=k)
    )


def names(numbers: list[int]) -> dict[str, int]:
    return {f"class-{n}": size for n, size in enumerate(numbers)}


@given(sizes_of_groups, st.integers(0, 7))
def test_no_small_group_follows_from_the_whole_and_the_groups_shown(sizes: dict[str, int], rest: int) -> None:
    total = sum(sizes.values()) + rest
    assume(total >= 5)
    shown = sizes.keys() - closed_groups(sizes, total=total, least=5)
    assert small_groups_that_follow({**sizes, "no value": rest}, shown) == []


@given(sizes_of_groups, st.integers(0, 7))
def test_hiding_the_small_groups_alone_would_not_do(sizes: dict[str, int], rest: int) -> None:
    large = {name for name, size in sizes.items() if size >= 5}
    assume(small_groups_that_follow({**sizes, "no value": rest}, large))
    assume(large)
    assert closed_groups(sizes, total=sum(sizes.values()) + rest, least=5) & large


@given(st.dictionaries(st.text(max_size=3), st.integers(5, 50), max_size=6))
def test_groups_that_are_all_large_stay_shown(sizes: dict[str, int]) -> None:
    assert closed_groups(sizes, total=0, least=5) == frozenset()


@given(matrices(9))
def test_neither_gold_nor_delivered_classes_open_a_small_group(matrix: list[list[int]]) -> None:
    gold = names([sum(row) for row in matrix])
    delivered = names([sum(column) for column in zip(*matrix, strict=True)])
    assume(sum(gold.values()) >= 5)
    shown = gold.keys() - closed_classes([gold, delivered], least=5)
    assert small_groups_that_follow(gold, shown) == []
    assert small_groups_that_follow(delivered, shown) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=5))
def test_of_tags_the_items_without_one_are_a_group_too(margins: list[tuple[int, int]]) -> None:
    gold, delivered = names([g for g, _ in margins]), names([d for _, d in margins])
    shown = gold.keys() - closed_classes([gold, delivered], least=5, of=40)
    for margin in (gold, delivered):
        hidden = [size for name, size in margin.items() if size and name not in shown]
        assert not shown or not hidden or max(hidden) >= 5
    for name in shown:
        assert gold[name] >= 5
        assert 40 - gold[name] not in range(1, 5)
        assert delivered[name] not in range(1, 5)


def test_a_class_that_nobody_delivered_may_be_shown() -> None:
    gold, delivered = {"a": 30, "b": 8, "c": 9}, {"a": 38, "b": 0, "c": 9}
    assert closed_classes([gold, delivered], least=5) == frozenset()
