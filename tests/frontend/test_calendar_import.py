"""Duties from a calendar file: what Dido writes it reads again; each fault with its event and field; all or nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.frontend.browser import Door, text
from tests.world import World
from workforce import calendars
from workforce.models import Shift

WHERE = "/rota/RET20/import/"
HOURS = "DTSTART;TZID=Europe/London:20261201T200000\nDTEND:20261202T080000Z\n"


def event(*lines: str, hours: str = HOURS) -> str:
    said = "\n".join(lines)
    return f"BEGIN:VEVENT\nUID:{abs(hash(said))}\nDTSTAMP:20261101T000000Z\n{hours}{said}\nEND:VEVENT\n"


def calendar(*events: str) -> str:
    inside = "".join(events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//A//B//EN\n{inside}END:VCALENDAR\n".replace("\n", "\r\n")


def sends(door: Door, file: str, who: str = "lea", **more: Any) -> Any:
    sent = SimpleUploadedFile("rota.ics", file.encode(), content_type="text/calendar")
    return door(who).post(WHERE, {"file": sent, "table": "", **more})


def put() -> list[tuple[str, str, str]]:
    ahead = Shift.objects.filter(period__startswith__gt="2026-11-30T00:00Z").order_by("duty")
    return [
        (s.duty, s.person.username, f"{s.period.lower:%d %H:%M} {s.period.upper:%d %H:%M}") for s in ahead
    ]


def test_a_calendar_is_put_on_the_rota(world: World, door: Door) -> None:
    sent = sends(
        door,
        calendar(
            event("SUMMARY:Ben Hale: First on call\\, Walton"),
            event("SUMMARY:On call", "CATEGORIES:second", "ATTENDEE;CN=Cleo Marsh:mailto:cleo@example.org"),
            event("SUMMARY:Sam Quist: Supervisor", hours="DTSTART:20261201T200000\nDURATION:PT12H\n"),
            event("SUMMARY:Nobody: First on call", "STATUS:CANCELLED"),
        ),
    )
    assert (sent.status_code, sent["Location"]) == (303, "/rota/RET20/2026-12/")
    hours = "01 20:00 02 08:00"
    assert put() == [("first", "ben", hours), ("second", "cleo", hours), ("supervisor", "sam", hours)]


def test_what_dido_writes_it_reads_again(world: World, door: Door) -> None:
    sends(door, calendar(event("SUMMARY:Ben Hale: First on call")))
    shifts = list(
        Shift.objects.filter(period__startswith__gt="2026-11-30T00:00Z").select_related("hub", "person")
    )
    before = put()
    file = calendars.written("Walton", shifts, with_names=True, at=world.now)
    Shift.objects.filter(pk__in=[s.pk for s in shifts]).delete()
    assert sends(door, file).status_code == 303
    assert put() == before != []


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            [event("SUMMARY:Ben Hale: Tea")],
            "Event 1, SUMMARY: “Tea” is none of First on call, Second on call",
        ),
        ([event("SUMMARY:Una Crag: First on call")], "Event 1, SUMMARY: “Una Crag” is nobody who can be"),
        (
            [event("SUMMARY:Ben Hale: First on call", "RRULE:FREQ=WEEKLY")],
            "Event 1, RRULE: comes again and again.",
        ),
        (
            [event("SUMMARY:Ben Hale: First on call", hours="DTSTART;VALUE=DATE:20261201\n")],
            "Event 1, DTSTART: is no day and time.",
        ),
        (
            [event("SUMMARY:Ben Hale: First on call", hours="DTSTART:20261201T200000Z\nDTEND:soon\n")],
            "Event 1, DTEND: is no day and time.",
        ),
        (
            [
                event(
                    "SUMMARY:Ben Hale: First on call",
                    hours="DTSTART:20261201T200000Z\nDTEND:20261201T190000Z\n",
                )
            ],
            "Event 1, DTEND: is not later than the start.",
        ),
        (
            [event("SUMMARY:Ben Hale: First on call"), event("SUMMARY:Cleo Marsh: First on call")],
            "Event 2, duty: is held in event 1 already, Tue 1 Dec 20:00 to Wed 2 Dec 08:00.",
        ),
        ([], "There are no duties in it."),
    ],
)
def test_every_fault_is_named_and_nothing_is_put_on(
    world: World, door: Door, events: list[str], words: str
) -> None:
    refused = sends(door, calendar(*events))
    assert (refused.status_code, words in text(refused)) == (422, True)
    assert put() == []


def test_what_is_no_calendar_at_all_is_refused_in_words(world: World, door: Door) -> None:
    refused = sends(door, "BEGIN:VCALENDAR\r\nthis is nothing\r\n")
    assert (refused.status_code, "This is no calendar that can be read" in text(refused)) == (422, True)


def test_the_rules_are_asked_and_a_reason_is_needed(world: World, door: Door) -> None:
    file = calendar(event("SUMMARY:Dev Rao: First on call"))
    refused = sends(door, file)
    assert (refused.status_code, "Dev Rao works under direct supervision" in text(refused)) == (422, True)
    assert sends(door, file, reason="Sam Quist is there.").status_code == 303
