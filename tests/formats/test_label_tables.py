"""CSV and TSV: every cell stays the text it was, or the refusal names line, found and expected."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.annotation.errors import InputError
from assay.annotation.limits import Limits
from tests.formats.deliveries import attempt, read_file, write

HEADER = "item,annotator,label\n"
_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
_ROWS = st.lists(st.tuples(_CELLS, _CELLS, _CELLS), min_size=1, max_size=20, unique_by=lambda row: row[:2])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for one delivery."""
    return tmp_path


@pytest.mark.parametrize(
    "label", ["no", "007", "12:30", "1e5", "null", "NaN", "true", "1,5", "# x", "-", "=1+1"]
)
def test_a_label_stays_the_text_it_was(folder: Path, label: str) -> None:
    cell = f'"{label}"' if "," in label else label
    assert read_file(folder, "l.csv", f"{HEADER}i1,w1,{cell}\n").triples == [("i1", "w1", label)]


def test_a_row_that_starts_with_a_number_sign_is_data(folder: Path) -> None:
    out = read_file(folder, "l.csv", f"{HEADER}#1,w1,a\n#2,w1,b\n")
    assert out.triples == [("#1", "w1", "a"), ("#2", "w1", "b")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.csv", "item,annotator,label\ni1,w1,a b\n"),
        ("l.csv", "item;annotator;label\ni1;w1;a b\n"),
        ("l.csv", "item|annotator|label\ni1|w1|a b\n"),
        ("l.txt", "item\tannotator\tlabel\ni1\tw1\ta b\n"),
        ("l.tsv", "item\tannotator\tlabel\ni1\tw1\ta b\n"),
        ("l.csv", "item,annotator,label\r\ni1,w1,a b\r\n"),
        ("l.csv", "item,annotator,label\ni1,w1,a b"),
        ("l.csv", "\ufeffitem,annotator,label\ni1,w1,a b\n"),
        ("l.csv", 'item,annotator,label\n"i1","w1","a b"\n\n\n'),
        ("l.csv", "label,note,item,annotator\na b,x,i1,w1\n"),
    ],
)
def test_delimiter_line_end_order_and_byte_order_mark_do_not_matter(
    folder: Path, name: str, text: str
) -> None:
    assert read_file(folder, name, text).triples == [("i1", "w1", "a b")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_marked_encoding_is_followed(folder: Path, encoding: str) -> None:
    assert read_file(folder, "l.csv", f"{HEADER}i1,w1,ệ\n".encode(encoding)).triples == [("i1", "w1", "ệ")]


def test_a_declared_encoding_is_followed(folder: Path) -> None:
    content = f"{HEADER}i1,w1,é\n".encode("cp1252")
    out = read_file(folder, "l.csv", content, declare="files: [{path: l.csv, encoding: cp1252}]\n")
    assert out.triples == [("i1", "w1", "é")]


def test_mixed_line_ends_are_read_record_by_record(folder: Path) -> None:
    out = read_file(folder, "l.csv", 'item,annotator,label\r\ni1,w1,a\ni2,w1,"b\r\nc"\r\ni3,w1,d\n')
    assert out.triples == [("i1", "w1", "a"), ("i2", "w1", "b\r\nc"), ("i3", "w1", "d")]


@pytest.mark.parametrize(
    ("header", "item"),
    [
        ("task,worker,label", "task"),
        ("task_id,performer,label", "task_id"),
        ("item_id,annotator_id,label", "item_id"),
        ("sentence,worker,workeranswer", "sentence"),
        ("INPUT:audio,ASSIGNMENT:worker_id,OUTPUT:transcription", "INPUT:audio"),
        ("orig_id,!amt_worker_ids,response", "orig_id"),
        ("id,completed_by,choice", "id"),
        ("Item ID,User,Answer", "Item ID"),
        ("taskId,labeledBy,class", "taskId"),
    ],
)
def test_known_headers_are_found_and_said(folder: Path, header: str, item: str) -> None:
    out = read_file(folder, "l.csv", f"{header}\ni1,w1,a\n")
    assert out.triples == [("i1", "w1", "a")]
    assert f"item = '{item}'" in out.finding("columns_detected")


def test_columns_are_declared_by_order_without_a_header(folder: Path) -> None:
    out = read_file(folder, "l.txt", "w1\ti1\ta\tx\n", declare="columns: [annotator, item, label, -]\n")
    assert out.triples == [("i1", "w1", "a")]


def test_a_header_over_columns_declared_by_order_is_no_row(folder: Path) -> None:
    out = read_file(
        folder, "l.csv", "worker,task,label\nw1,i1,a\n", declare="columns: [annotator, item, label]\n"
    )
    assert out.triples == [("i1", "w1", "a")]


def test_columns_are_declared_by_name(folder: Path) -> None:
    declare = "columns: {item: what, annotator: who, label: verdict}\n"
    out = read_file(folder, "l.csv", "who,verdict,label,what\nw1,a,zz,i1\n", declare=declare)
    assert out.triples == [("i1", "w1", "a")]


def test_layer_state_and_round_columns_are_followed(folder: Path) -> None:
    text = (
        "item,annotator,label,layer,annotation_state,round\n"
        "i1,w1,a,,,\ni1,w2,,first_pass,skipped,\ni1,w3,b,review,annotated,2\ni1,w4,,,annotated_empty,1\n"
    )
    out = read_file(folder, "l.csv", text)
    assert out.rows("annotator, value, layer, state, round") == [
        ("w1", "a", 1, 2, 1),
        ("w2", None, 1, 3, 1),
        ("w3", "b", 3, 2, 2),
        ("w4", None, 1, 1, 1),
    ]


def test_an_empty_label_is_an_answer_with_nothing_and_a_finding(folder: Path) -> None:
    out = read_file(folder, "l.csv", f"{HEADER}i1,w1,a\ni2,w1,\n")
    assert out.rows("item, value, state") == [("i1", "a", 2), ("i2", None, 1)]
    assert "empty_label" in out.kinds_of_findings


def test_a_table_without_people_is_the_final_layer_and_says_so(folder: Path) -> None:
    out = read_file(folder, "l.csv", "item,label\ni1,a\n")
    assert out.rows("item, annotator, value, layer") == [("i1", "(not named)", "a", 5)]
    assert "agreement" in out.finding("annotator_missing")


def test_a_file_may_belong_to_one_annotator(folder: Path) -> None:
    out = read_file(
        folder,
        "l.csv",
        "item,label\ni1,a\n",
        declare="files: [{path: l.csv, annotator: w9, layer: review}]\n",
    )
    assert out.rows("item, annotator, value, layer") == [("i1", "w9", "a", 3)]


def test_sets_of_labels_are_sorted_and_distinct(folder: Path) -> None:
    out = read_file(
        folder, "l.csv", f"{HEADER}i1,w1,b| a |b\ni2,w1,\n", declare='labels: multi\nseparator: "|"\n'
    )
    assert out.rows("item, value, state") == [("i1", "a\x1fb", 2), ("i2", None, 1)]
    assert out.delivery.kind == "multi"


def test_a_tsv_with_bare_quotes_is_read_unquoted(folder: Path) -> None:
    text = 'item\tannotator\tlabel\ni1\tw1\t"Go," he said\ni2\tw1\t5" pipe\n'
    out = read_file(
        folder, "l.tsv", text, declare="files: [{path: l.tsv, profile: unquoted}]\nlabels: text\n"
    )
    assert out.triples == [("i1", "w1", '"Go," he said'), ("i2", "w1", '5" pipe')]


def test_a_quote_that_swallows_rows_of_a_tsv_is_a_finding(folder: Path) -> None:
    text = 'item\tannotator\tlabel\ni1\tw1\t"To be\ni2\tw1\tor not"\ni3\tw1\tc\n'
    out = read_file(folder, "l.tsv", text, declare="labels: text\n")
    assert len(out.triples) == 2
    assert "profile: unquoted" in out.finding("cell_spans_rows")


_REFUSED = {
    "a truncated row": (f"{HEADER}i1,w1,a\ni2,w1", "line 3", "another number of cells"),
    "a row that is too long": (f"{HEADER}i1,w1,a,b\n", "line 2", "another number of cells"),
    "an unclosed quote": (f'{HEADER}i1,w1,a\ni2,w1,"b\ni3,w1,c\n', "line 3", "a quote is never closed"),
    "text after a quote": (f'{HEADER}i1,w1,"a"b\n', "line 2", "text follows a closing quote"),
    "bytes that are no UTF-8": (HEADER.encode() + b"i1,w1,\xe9\xe8\n", "line 2", "not UTF-8"),
    "a NUL byte": (HEADER.encode() + b"i1,w1,a\0\n", "line 2", "NUL byte"),
    "carriage returns alone": ("item,annotator,label\ri1,w1,a\r", "line 1", "carriage return"),
    "UTF-16 without a mark": (f"{HEADER}i1,w1,a\n".encode("utf-16-le"), "line 1", "NUL byte"),
    "an empty file": ("", None, "the file is empty"),
    "blank lines": ("\n\n", None, "no rows"),
    "a header alone": (HEADER, None, "no annotation"),
    "no known column": ("a,b,c\n1,2,3\n", "line 1", "the item or the label"),
    "no header": ("w1\ti1\tG\n", "line 1", "the item or the label"),
    "two candidates": ("task,question,worker,label\n1,2,3,4\n", "line 1", "more than one column"),
    "an item that is missing": (f"{HEADER}i1,w1,a\n,w1,b\n", "line 3", "names no item"),
    "an unknown layer": ("item,annotator,label,layer\ni1,w1,a,fourth\n", "line 2", "this layer is not known"),
    "a round that is no number": (
        "item,annotator,label,round\ni1,w1,a,x\n",
        "line 2",
        "this round is no number",
    ),
}


@pytest.mark.parametrize("case", _REFUSED)
def test_bad_tables_are_refused_with_their_place(folder: Path, case: str) -> None:
    content, place, message = _REFUSED[case]
    with pytest.raises(InputError, match=message) as refusal:
        read_file(folder, "bad.csv", content)
    error = refusal.value
    assert (error.file or "").endswith("bad.csv")
    assert place is None or place in (error.place or "")
    assert error.expected
    for leaked in ("strict_mode", "CSV Error", "duckdb", "DuckDB", "read_csv", "ignore_errors"):
        assert leaked not in str(error)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        ("columns: {item: task, annotator: annotator, label: label}\n", "no column for item"),
        ("columns: {item: item, annotator: annotator}\n", "no column is declared for: label"),
        ("columns: [item, annotator, -, label]\n", "outside the table"),
        ("files: [{path: l.csv, profile: loose}]\n", "profile"),
        ("files: [{path: l.csv, encoding: rot13}]\n", "encoding"),
    ],
)
def test_declarations_that_do_not_fit_are_refused(folder: Path, declare: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_file(folder, "l.csv", f"{HEADER}i1,w1,a\n", declare=declare)


def test_a_duplicate_header_is_refused_where_it_matters(folder: Path) -> None:
    assert read_file(folder, "a.csv", "item,annotator,label,x,x\ni1,w1,a,1,2\n").triples == [
        ("i1", "w1", "a")
    ]
    with pytest.raises(InputError, match="more than one column could be the label"):
        read_file(folder, "b.csv", "item,annotator,label,label\ni1,w1,a,b\n")
    declare = "columns: {item: item, annotator: annotator, label: label}\n"
    with pytest.raises(InputError, match="occurs 2 times"):
        read_file(folder, "c.csv", "item,annotator,label,label\ni1,w1,a,b\n", declare=declare)


def test_the_refusal_of_a_bare_quote_names_the_option(folder: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_file(folder, "l.tsv", 'item\tannotator\tlabel\ni1\tw1\t"Go," he said\n')
    assert "profile: unquoted" in (refusal.value.expected or "")


def test_the_refusal_of_unknown_columns_shows_the_line_to_write(folder: Path) -> None:
    with pytest.raises(InputError) as refusal:
        read_file(folder, "l.txt", "w1\tsite1\tG\n")
    assert "columns: [annotator, item, label]" in (refusal.value.expected or "")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(rows=2), "too many rows"),
        (Limits(columns=2), "too many columns"),
        (Limits(file_bytes=10), "too large"),
        (Limits(classes=2), "too many different labels"),
    ],
)
def test_limits_hold(folder: Path, limits: Limits, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_file(folder, "l.csv", f"{HEADER}i1,w1,a\ni2,w1,b\ni3,w1,c\n", limits=limits)


def test_a_long_cell_is_refused_by_the_limit_and_not_cut(folder: Path) -> None:
    cell = "x" * 3_000_000
    with pytest.raises(InputError, match="a cell is too long"):
        read_file(folder, "l.csv", f"{HEADER}i1,w1,{cell}\n")
    out = read_file(folder, "l.csv", f"{HEADER}i1,w1,{cell}\n", limits=Limits(field_characters=4_000_000))
    assert out.triples == [("i1", "w1", cell)]


@given(rows=_ROWS, delimiter=st.sampled_from(",;\t|"), line_end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str, line_end: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(("item", "annotator", "label"))
    writer.writerows(rows)
    folder = tmp_path_factory.mktemp("table")
    out = read_file(folder, "l.csv", text.getvalue(), declare="labels: text\n")
    assert out.triples == sorted(rows)
    out.connection.close()


@given(data=st.binary(max_size=60) | st.text('ab,;"\n\r\t |#', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_by_name(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = write(tmp_path_factory.mktemp("bytes"), "l.csv", HEADER.encode() + data)
    out = attempt([path])
    if isinstance(out, InputError):
        assert out.file is not None
    else:
        assert out.delivery.inputs[0].rows > 0
        out.connection.close()
