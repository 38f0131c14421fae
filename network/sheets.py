"""Reads the CSV files of facts into rows that still know their line; finds what is wrong with a file's shape.

Called by the command load_network. It knows nothing of hospitals, and never touches the database.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where: line 1 is the heading, line 0 the file as a whole."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.line else self.file
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class Row:
    """One line of a file: its cells by the name of their column, without blanks around them."""

    line: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """One file: its name, columns and rows, and the faults of its shape."""

    file: str
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, reason: str) -> None:
        self.faults.append(Fault(self.file, line, reason))


def read(path: Path, columns: tuple[str, ...]) -> Sheet:
    """The rows of a CSV file in UTF-8 that must have these columns, in any order; it may have more."""
    sheet = Sheet(path.name)
    try:
        content = path.read_bytes()
    except OSError as trouble:
        sheet.fault(0, f"the file cannot be read ({trouble.strerror})")
        return sheet
    try:
        # Excel puts a byte order mark in front of its UTF-8.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = content.count(b"\n", 0, trouble.start) + 1
        sheet.fault(line, "a letter is not in UTF-8; save the file as CSV in UTF-8")
        return sheet
    _fill(sheet, text, columns)
    return sheet


def _fill(sheet: Sheet, text: str, columns: tuple[str, ...]) -> None:
    lines = _lines(sheet, text)
    _, heading = next(lines, (1, []))
    sheet.columns = heading
    for column in columns:
        if column not in heading:
            sheet.fault(1, f"the column {column} is missing")
    for column in sorted({column for column in heading if heading.count(column) > 1}):
        sheet.fault(1, f"the column {column} is there twice")
    if sheet.faults:
        return
    for line, cells in lines:
        if len(cells) == len(heading):
            sheet.rows.append(Row(line, dict(zip(heading, cells, strict=True))))
        else:
            sheet.fault(line, f"the line has {len(cells)} cells, but the heading has {len(heading)}")
    if not sheet.rows and not sheet.faults:
        sheet.fault(1, "there are no lines under the heading")


def _lines(sheet: Sheet, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as trouble:
        sheet.fault(line, f"the line is not proper CSV ({trouble})")
