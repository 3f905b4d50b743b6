"""Two answers of one person on one item: the same collapse, different ones are refused or settled as declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from tests.formats.deliveries import read_file, read_folder, read_sources, write

HEADER = "item,annotator,label\n"


def test_identical_answers_collapse_with_a_finding(tmp_path: Path) -> None:
    out = read_file(tmp_path, "l.csv", f"{HEADER}i1,w1,a\ni1,w1,a\ni1,w1,a\ni2,w1,b\n")
    assert out.triples == [("i1", "w1", "a"), ("i2", "w1", "b")]
    assert "2 rows repeat" in out.finding("duplicate_rows")
    assert out.delivery.inputs[0].rows == 4


def test_different_answers_are_refused_with_both_lines(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_file(tmp_path, "l.csv", f"{HEADER}i1,w1,a\ni2,w1,b\ni1,w1,c\ni3,w1,a\ni3,w1,b\n")
    error = refusal.value
    assert error.place == "line 2 and line 4"
    assert error.found == "item 'i1', annotator 'w1': 'a' and then 'c'"
    assert "1 more" in error.message
    assert "duplicates: first" in (error.expected or "")


@pytest.mark.parametrize(("rule", "kept"), [("first", "a"), ("last", "c")])
def test_the_declared_rule_takes_the_first_or_the_last_row(tmp_path: Path, rule: str, kept: str) -> None:
    out = read_file(
        tmp_path, "l.csv", f"{HEADER}i1,w1,a\ni1,w1,b\ni2,w1,x\ni1,w1,c\n", declare=f"duplicates: {rule}\n"
    )
    assert out.triples == [("i1", "w1", kept), ("i2", "w1", "x")]
    assert rule in out.finding("duplicate_answers")


@pytest.mark.parametrize(("rule", "kept"), [("first", "a"), ("last", "b")])
def test_files_come_in_the_order_in_which_they_are_listed(tmp_path: Path, rule: str, kept: str) -> None:
    write(tmp_path, "z.csv", f"{HEADER}i1,w1,a\n")
    write(tmp_path, "y.jsonl", '{"item": "i1", "annotator": "w1", "label": "b"}\n')
    files = "files: [{path: z.csv}, {path: y.jsonl}]\n"
    yaml = write(tmp_path, "delivery.yaml", f"assay: delivery/1\n{files}duplicates: {rule}\n")
    assert read_sources([yaml], yaml=yaml).triples == [("i1", "w1", kept)]


def test_a_conflict_between_two_files_names_both(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_folder(tmp_path, {"a.csv": f"{HEADER}i1,w1,a\n", "b.csv": f"{HEADER}i9,w1,a\ni1,w1,b\n"})
    assert "a.csv, line 2" in str(refusal.value)
    assert "b.csv, line 3" in str(refusal.value)


def test_other_layers_and_rounds_are_no_duplicates(tmp_path: Path) -> None:
    text = (
        "item,annotator,label,layer,round\ni1,w1,a,first_pass,1\ni1,w1,b,self_check,1\ni1,w1,c,first_pass,2\n"
    )
    assert len(read_file(tmp_path, "l.csv", text).triples) == 3


def test_a_skip_gives_way_to_an_answer(tmp_path: Path) -> None:
    text = "item,annotator,label,annotation_state\ni1,w1,,skipped\ni1,w1,a,annotated\n"
    out = read_file(tmp_path, "l.csv", text)
    assert out.rows("item, value, state") == [("i1", "a", 2)]
    assert "skipped_and_answered" in out.kinds_of_findings


def test_a_skip_gives_way_also_where_the_last_answer_counts(tmp_path: Path) -> None:
    text = (
        "item,annotator,label,annotation_state\n"
        "i1,w1,a,annotated\ni1,w1,,skipped\ni2,w1,a,annotated\ni2,w1,b,annotated\n"
    )
    out = read_file(tmp_path, "l.csv", text, declare="duplicates: last\n")
    assert out.rows("item, value, state") == [("i1", "a", 2), ("i2", "b", 2)]


def test_quoted_line_breaks_do_not_move_the_line_of_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_file(tmp_path, "l.csv", f'{HEADER}i1,w1,"a\nb"\n\ni2,w1,x\ni2,w1,y\n', declare="labels: text\n")
    assert refusal.value.place == "line 5 and line 6"


@given(
    rows=st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from("vw"), st.sampled_from("abc")), min_size=1
    ),
    rule=st.sampled_from(["first", "last"]),
    threads=st.sampled_from([1, 2]),
)
def test_one_row_is_left_for_each_person_and_item(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], rule: str, threads: int
) -> None:
    folder = tmp_path_factory.mktemp("duplicates")
    path = write(folder, "l.csv", HEADER + "".join(",".join(row) + "\n" for row in rows))
    yaml = write(folder, "delivery.yaml", f"assay: delivery/1\nduplicates: {rule}\n")
    expected: dict[tuple[str, str], str] = {}
    for item, annotator, label in rows if rule == "last" else reversed(rows):
        expected[item, annotator] = label
    out = read_sources([path], yaml=yaml, threads=threads)
    assert out.triples == sorted((*key, label) for key, label in expected.items())
    out.connection.close()
