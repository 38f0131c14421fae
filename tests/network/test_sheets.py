"""A file whose very shape is wrong is refused with a sentence that says where."""

from pathlib import Path

import pytest

from network import sheets

COLUMNS = ("origin", "hub", "minutes")
SHAPES = {
    b"origin,hub\nA,B\n": "links.csv line 1: the column minutes is missing",
    b"origin,hub,minutes,hub\nA,B,1,B\n": "links.csv line 1: the column hub is there twice",
    b"origin,hub,minutes\n": "links.csv line 1: there are no lines under the heading",
    b"origin,hub,minutes\nA,B,1\nA,\xff,1\n": (
        "links.csv line 3: a letter is not in UTF-8; save the file as CSV in UTF-8"
    ),
    b'origin,hub,minutes\nA,B,1\n"A,B,2\n': (
        "links.csv line 3: the line is not proper CSV (unexpected end of data)"
    ),
}


@pytest.mark.parametrize(("content", "sentence"), SHAPES.items())
def test_a_misshapen_file_has_one_fault_with_its_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "links.csv"
    path.write_bytes(content)
    assert [str(fault) for fault in sheets.read(path, COLUMNS).faults] == [sentence]


def test_an_empty_file_misses_every_column(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_bytes(b"")
    assert [fault.reason for fault in sheets.read(path, COLUMNS).faults] == [
        "the column origin is missing",
        "the column hub is missing",
        "the column minutes is missing",
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    faults = sheets.read(tmp_path / "links.csv", COLUMNS).faults
    assert [str(fault) for fault in faults] == [
        "links.csv: the file cannot be read (No such file or directory)"
    ]


def test_a_row_knows_its_line_after_a_cell_of_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text('origin,hub,minutes\n"A\nB",C,1\nD,E,2\n')
    assert [row.line for row in sheets.read(path, COLUMNS).rows] == [2, 4]
