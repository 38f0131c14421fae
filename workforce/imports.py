"""Duties from a table (CSV), as other programs write it: every fault named with its row and its field, nothing guessed.

Pure: text in, changes or faults out. Called by frontend.views.rota_import; workforce.rota_edits checks and writes.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from network.models import Person, Site
from workforce import patterns
from workforce.models import Duty
from workforce.rota_plan import Holding
from workforce.rules.facts import said

FIELDS = ("duty", "person", "start", "end")
MOST = 2000
SHAPE = "%Y-%m-%d %H:%M"
DUTIES = {**{d.value: d.value for d in Duty}, **{d.label.lower(): d.value for d in Duty}}


@dataclass(frozen=True)
class Fault:
    """What cannot be read, and where."""

    row: int  # as a spreadsheet counts: the heading is row 1
    field: str
    words: str
    noun: str = "Row"

    def __str__(self) -> str:
        where = f"{self.noun} {self.row}, {self.field}" if self.field else f"{self.noun} {self.row}"
        return f"{where}: {self.words}"


def read(text: str, hub: Site, people: Iterable[Person]) -> tuple[list[Holding], list[Fault]]:
    """The duties of one hub in this table; where anything is at fault, all the faults."""
    names = known(people)
    table = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        rows = [(table.line_num, row) for row in table if any(cell.strip() for cell in row)]
    except csv.Error as error:
        return [], [Fault(table.line_num, "", f"This is no table of comma-separated values: {error}.")]
    if not rows:
        return [], [Fault(1, "", f"The table is empty. Its first row reads: {', '.join(FIELDS)}.")]
    heading = [cell.strip().lower() for cell in rows[0][1]]
    if missing := [name for name in FIELDS if name not in heading]:
        return [], [Fault(1, ", ".join(missing), f"is missing. The first row reads: {', '.join(FIELDS)}.")]
    if len(rows) - 1 > MOST:
        return [], [Fault(MOST + 2, "", f"At most {MOST} duties at once.")]
    changes: list[tuple[int, Holding]] = []
    faults: list[Fault] = []
    for number, cells in rows[1:]:
        if len(cells) > len(heading):
            faults.append(Fault(number, "", f"has {len(cells)} cells; the heading has {len(heading)}."))
            continue
        found = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
        change, wrong = _row(number, found, hub, names)
        faults += wrong
        if change:
            changes.append((number, change))
    return [change for _, change in changes], faults + overlaps(changes)


def known(people: Iterable[Person]) -> dict[str, list[Person]]:
    """By user name and by whole name, however they are capitalised."""
    found: dict[str, list[Person]] = {}
    for person in people:
        for key in {person.username.lower(), person.name.lower()}:
            found.setdefault(key, []).append(person)
    return found


def _row(
    number: int, found: dict[str, str], hub: Site, names: dict[str, list[Person]]
) -> tuple[Holding | None, list[Fault]]:
    faults: list[Fault] = []

    def wrong(field: str, words: str) -> None:
        faults.append(Fault(number, field, words))

    duty = DUTIES.get(found.get("duty", "").lower())
    if duty is None:
        wrong("duty", f"“{found.get('duty', '')[:40]}” is none of {', '.join(Duty.values)}.")
    named = names.get(found.get("person", "").lower(), [])
    if len(named) != 1:
        why = "is more than one person; use the user name" if named else "is nobody who can be on this rota"
        wrong("person", f"“{found.get('person', '')[:80]}” {why}.")
    moments = {name: _moment(found.get(name, "")) for name in ("start", "end")}
    for name, moment in moments.items():
        if moment is None:
            wrong(name, f"“{found.get(name, '')[:40]}” is no day and time such as 2026-11-24 20:00.")
    start, end = moments["start"], moments["end"]
    if start and end and end <= start:
        wrong("end", "is not later than the start.")
    if faults or duty is None or start is None or end is None:
        return None, faults
    return Holding(hub, duty, named[0], start, end), []


def _moment(text: str) -> datetime | None:
    """An hour of London's wall clock."""
    try:
        found = datetime.strptime(text.replace("T", " ")[:16], SHAPE)  # noqa: DTZ007 made an instant below
    except ValueError:
        return None
    return patterns.instant(found.date(), found.time())


def overlaps(changes: Sequence[tuple[int, Holding]], noun: str = "Row") -> list[Fault]:
    """Two rows of one duty, or of one person, that meet: neither is silently lost to the other."""
    faults = []
    ordered = sorted(changes, key=lambda one: (one[1].start, one[1].end))
    for place, (number, one) in enumerate(ordered):
        for other_number, other in ordered[place + 1 :]:
            if other.start >= one.end:
                break
            when = said(other.start, min(one.end, other.end))
            if other.duty == one.duty:
                words = f"is held in {noun.lower()} {number} already, {when}."
                faults.append(Fault(other_number, "duty", words, noun))
            elif other.person == one.person:
                words = f"is on duty in {noun.lower()} {number} already, {when}."
                faults.append(Fault(other_number, "person", words, noun))
    return faults
