"""Duties from a table: every fault with its row and field, all of it or nothing, and the rules asked as ever."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.frontend.browser import Door, text
from tests.world import World
from workforce.models import Shift

WHERE = "/rota/RET20/import/"
HEAD = "duty,person,start,end\n"
GOOD = (
    HEAD
    + "first,ben,2026-12-01 20:00,2026-12-02 08:00\nSecond on call,Cleo Marsh,2026-12-01T20:00,2026-12-02T08:00\n"
)


def sends(door: Door, table: str, who: str = "lea", **more: Any) -> Any:
    return door(who).post(WHERE, {"table": table, **more})


def put() -> list[tuple[str, str]]:
    ahead = Shift.objects.filter(period__startswith__gt="2026-11-30T00:00Z").order_by("duty")
    return [(shift.duty, shift.person.username) for shift in ahead]


def test_a_table_is_put_on_the_rota(world: World, door: Door) -> None:
    sent = sends(door, GOOD)
    assert (sent.status_code, sent["Location"]) == (303, "/rota/RET20/2026-12/")
    assert put() == [("first", "ben"), ("second", "cleo")]


def test_a_file_of_a_spreadsheet_is_read_too(world: World, door: Door) -> None:
    file = SimpleUploadedFile("rota.csv", b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert sends(door, "", file=file).status_code == 303
    assert put() == [("first", "ben"), ("second", "cleo")]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "Row 1: The table is empty."),
        ("duty,person\n", "Row 1, start, end: is missing."),
        (HEAD, "There are no duties in it."),
        (
            GOOD + "third,sam,2026-12-02 20:00,2026-12-03 08:00\n",
            "Row 4, duty: “third” is none of first, second",
        ),
        (GOOD + "first,una,2026-12-02 20:00,2026-12-03 08:00\n", "Row 4, person: “una” is nobody who can be"),
        (GOOD + "first,sam,tomorrow,2026-12-03 08:00\n", "Row 4, start: “tomorrow” is no day and time"),
        (GOOD + "first,sam,2026-12-03 20:00,2026-12-03 08:00\n", "Row 4, end: is not later than the start."),
        (
            GOOD + "first,sam,2026-12-02 06:00,2026-12-03 08:00\n",
            "Row 4, duty: is held in row 2 already, Wed 2 Dec",
        ),
        (
            GOOD + "supervisor,ben,2026-12-02 06:00,2026-12-03 08:00\n",
            "Row 4, person: is on duty in row 2 already",
        ),
        (GOOD + "first,sam,2026-12-02 20:00,2026-12-03 08:00,x\n", "Row 4: has 5 cells; the heading has 4."),
        (HEAD + "first,ben,2026-11-01 20:00,2026-11-02 08:00\n", "This is past"),
        (HEAD + 'first,"ben' + "x" * 140_000, "no table of comma-separated values"),
    ],
)
def test_every_fault_is_named_and_nothing_is_put_on(world: World, door: Door, table: str, words: str) -> None:
    refused = sends(door, table)
    assert (refused.status_code, words in text(refused)) == (422, True)
    assert put() == []


def test_a_row_with_two_faults_names_both_and_what_was_typed_stays(door: Door) -> None:
    refused = text(sends(door, HEAD + "tea,nobody,x,y\n"))
    assert all(f"Row 2, {field}:" in refused for field in ("duty", "person", "start", "end"))
    assert "tea,nobody,x,y" in refused


def test_the_rules_are_asked_and_a_reason_is_needed(world: World, door: Door) -> None:
    table = HEAD + "first,dev,2026-12-01 20:00,2026-12-02 08:00\n"
    refused = sends(door, table)
    assert (refused.status_code, "Dev Rao works under direct supervision" in text(refused)) == (422, True)
    assert sends(door, table, reason="Sam Quist is there.").status_code == 303


@pytest.mark.parametrize("who", ["ben", "hob", "ada", "una"])
def test_only_those_who_write_the_rota_find_it(door: Door, who: str) -> None:
    assert (door(who).get(WHERE).status_code, sends(door, GOOD, who).status_code) == (404, 404)


def test_a_file_that_is_no_text_or_too_large_is_refused_in_words(door: Door) -> None:
    assert "no text in UTF-8" in text(sends(door, "", file=SimpleUploadedFile("a.csv", b"\xff\xfe\x00")))
    assert "larger than a megabyte" in text(
        sends(door, "", file=SimpleUploadedFile("a.csv", b"x" * 1_000_001))
    )
    assert "comma-separated" in text(door("lea").get(WHERE))
