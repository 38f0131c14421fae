"""Duties in people's own calendars: a secret address, shown once, that ends with its owner's word or rights."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from network import people
from tests import world as worlds
from tests.frontend.browser import Door, text
from tests.world import NIGHT, World
from workforce import calendars, rota
from workforce.models import Duty, Shift
from workforce.rota_rows import CalendarAddress


def address(door: Door, who: str, of: str = "") -> str:
    seen = text(door(who).post("/me/calendars/", {"of": of, "do": "make"}))
    found = re.search(r'value="[^"]*(/calendar/[\w-]+\.ics)"', seen)
    assert found
    return found.group(1)


def test_a_person_s_own_duties_are_read_without_signing_in(world: World, door: Door) -> None:
    where = address(door, "ben")
    read = Client().get(where)
    assert (read.status_code, read["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    lines = read.content.decode().split("\r\n")
    assert "SUMMARY:First on call\\, Walton" in lines
    assert "DTSTART:20261120T031000Z" in lines
    assert lines.count("BEGIN:VEVENT") == 1
    assert "Cleo" not in read.content.decode()


def test_a_hub_s_calendar_names_everybody_on_duty(world: World, door: Door) -> None:
    read = Client().get(address(door, "hob", "RET20")).content.decode()
    assert "SUMMARY:Cleo Marsh: Second on call\\, Walton" in read
    assert "Yan Holt" not in read


@pytest.mark.parametrize("who", ["ada", "zed", "mo"])
def test_a_hub_s_calendar_is_for_its_own_people_and_its_network(door: Door, who: str) -> None:
    assert door(who).post("/me/calendars/", {"of": "RET20", "do": "make"}).status_code == 404


def test_only_the_digest_is_kept_and_the_address_is_shown_once(world: World, door: Door) -> None:
    where = address(door, "ben")
    secret = where.removeprefix("/calendar/").removesuffix(".ics")
    (row,) = CalendarAddress.objects.values()
    assert secret not in str(row)
    assert secret not in text(door("ben").get("/me/calendars/"))
    assert "An address is open" in text(door("ben").get("/me/calendars/"))


def test_a_new_address_ends_the_one_before_and_an_ended_one_opens_nothing(world: World, door: Door) -> None:
    first, second = address(door, "ben"), address(door, "ben")
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    assert door("ben").post("/me/calendars/", {"of": "", "do": "end"}).status_code == 303
    assert Client().get(second).status_code == 404
    assert Client().get("/calendar/guessed.ics").status_code == 404


def test_the_address_ends_with_the_rights_of_whoever_made_it(world: World, door: Door) -> None:
    of_hub, own = address(door, "hob", "RET20"), address(door, "ben")
    worlds.loses_role(world, "hob")
    people.disable(world.people["ben"])
    assert (Client().get(of_hub).status_code, Client().get(own).status_code) == (404, 404)


def test_long_and_strange_names_are_folded_and_escaped(world: World) -> None:
    hub = world.sites["RET20"]
    hub.name = "Sant’ Änne; the \\ very long, " + "é" * 80
    start = NIGHT + timedelta(days=9)
    shift = rota.put(hub, Duty.FIRST, world.people["ben"], start=start, end=start + timedelta(hours=1))
    shift.hub = hub
    written = calendars.written("Dido", [shift], with_names=False, at=NIGHT)
    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    assert "LOCATION:Sant’ Änne\\; the \\\\ very long\\, " + "é" * 80 in written.replace("\r\n ", "")
    assert Shift.objects.filter(pk=shift.pk).exists()
