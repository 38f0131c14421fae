"""Hours, criteria and targets on their screens: who reads, who changes, and what comes back where it is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from network.hours_rows import Closure, OpeningHours, Reopening
from referrals.criteria import clauses
from referrals.models import HubCriteria, NetworkTargets
from referrals.targets import TARGETS
from tests.world import NIGHT, World

SOME = {
    f"d{n}-{part}": text for n in range(7) for part, text in (("from", "08:00"), ("to", "20:00"), ("by", ""))
}


@pytest.fixture(autouse=True)
def night() -> Iterator[None]:
    with time_machine.travel(NIGHT, tick=False):
        yield


def signed_in(client: Client, world: World, who: str) -> Client:
    client.force_login(world.people[who])
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def closing(**changes: str) -> dict[str, str]:
    until = (NIGHT + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    return {"now": "1", "since": "", "until": until, "reason": "The suite has no power", **changes}


def test_everybody_reads_the_hours_and_finds_the_way_to_them(client: Client, world: World) -> None:
    signed_in(client, world, "ada")
    assert "/hours/RET20/" in text(client.get("/hours/"))
    page = text(client.get("/hours/ret20/"))
    assert "the rota alone decides" in page
    assert "Close Walton" not in page
    assert client.get("/hours/RBL14/").status_code == 404


def test_a_coordinator_closes_a_hub_and_opens_it_again(client: Client, world: World) -> None:
    signed_in(client, world, "nia")
    assert client.post("/hours/RET20/close/", closing()).status_code == 303
    closure = Closure.objects.get()
    assert (closure.since, closure.until, closure.by) == (
        NIGHT,
        NIGHT + timedelta(hours=3),
        world.people["nia"],
    )
    assert "The suite has no power" in text(client.get("/hours/RET20/"))
    wrong = client.post(f"/hours/RET20/reopen/{closure.pk}/", {"reason": ""})
    assert (wrong.status_code, Reopening.objects.count()) == (422, 0)
    assert client.post(f"/hours/RET20/reopen/{closure.pk}/", {"reason": "Repaired"}).status_code == 303
    assert Reopening.objects.get().reason == "Repaired"
    assert client.post("/hours/RM301/reopen/1/", {"reason": "Not mine"}).status_code == 403


def test_in_the_hour_that_comes_twice_a_hub_closes_in_the_one_that_goes_on(
    client: Client, world: World
) -> None:
    again = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)  # twenty past one, for the second time
    with time_machine.travel(again, tick=False):
        signed_in(client, world, "nia")
        typed = closing(now="", since="2026-10-25T01:20", until="2026-10-25T01:50")
        assert client.post("/hours/RET20/close/", typed).status_code == 303
    closure = Closure.objects.get()
    assert (closure.since, closure.until) == (again, again + timedelta(minutes=30))


def test_a_time_beyond_all_calendars_is_no_time(client: Client, world: World) -> None:
    signed_in(client, world, "nia")
    page = text(client.post("/hours/RET20/close/", closing(until="9999-12-31T23:59-12:00")))
    assert "Give the day and the time." in page
    assert not Closure.objects.exists()


def test_new_hours_are_saved_for_one_network_or_come_back_as_typed(client: Client, world: World) -> None:
    signed_in(client, world, "lea")
    said = {
        **SOME,
        "since": "2026-11-22",
        "until": "",
        "network": "greater-manchester",
        "reason": "One theatre",
    }
    wrong = client.post("/hours/RET20/put/", {**said, "d3-to": "7 pm"})
    assert wrong.status_code == 422
    assert "Thursday: write each time like 08:00" in text(wrong)
    assert 'value="7 pm"' in text(wrong)
    assert client.post("/hours/RET20/put/", said).status_code == 303
    row = OpeningHours.objects.get()
    assert (row.network, row.weekly) == (world.networks["greater-manchester"], [[["08:00", "20:00", ""]]] * 7)
    client.post("/hours/RET20/put/", {**said, "d0-from": "09:00", "same": "1"})
    assert OpeningHours.objects.latest("pk").weekly == [[["09:00", "20:00", ""]]] * 7


def test_an_operator_closes_their_own_hub_and_changes_no_hours(client: Client, world: World) -> None:
    signed_in(client, world, "ben")
    assert client.post("/hours/RET20/close/", closing()).status_code == 303
    assert Closure.objects.get().by == world.people["ben"]
    assert client.post("/hours/RM301/close/", closing()).status_code == 403
    assert client.post("/hours/RET20/put/", {**SOME, "since": "2026-11-22"}).status_code == 403
    assert not OpeningHours.objects.exists()


@pytest.mark.parametrize("who", ["ada", "mo", "hob", "una", "meg", "zed"])
@pytest.mark.parametrize("what", ["close", "put", "reopen/1"])
def test_nobody_else_changes_them(client: Client, world: World, who: str, what: str) -> None:
    signed_in(client, world, who)
    said = {**closing(), **SOME, "since": "2026-11-22"}
    assert client.post(f"/hours/RET20/{what}/", said).status_code == 403
    assert not Closure.objects.exists()
    assert not OpeningHours.objects.exists()


def as_it_stands() -> dict[str, str]:
    """The criteria's form as it comes from a browser, with nothing changed."""
    said: dict[str, str] = {"based_on": "0", "reason": "As agreed with the operators"}
    for clause in clauses.national().clauses:
        for name in clauses.BOUNDS if clause.is_number else ():
            value = getattr(clause, name)
            said[f"{clause.id}-{name}"] = "" if value is None else str(value)
    return said


def test_the_lead_sets_a_hub_s_own_bound_with_a_reason(client: Client, world: World) -> None:
    signed_in(client, world, "lea")
    page = text(client.get("/criteria/RET20/"))
    assert "NICE NG128 1.4.8 (2019)" in page
    assert "National Clinical Guideline for Stroke 3.5 (2023)" in page
    said = {**as_it_stands(), "aspects-at_least": "6", "thrombolysis-dropped": "1"}
    ahead = client.post("/criteria/RET20/", {**said, "based_on": "5"})
    assert (ahead.status_code, "No version is saved yet" in text(ahead)) == (409, True)
    assert client.post("/criteria/RET20/", said).status_code == 303
    own = HubCriteria.objects.get()
    assert (own.version, own.differences) == (
        1,
        {"aspects": {"at_least": 6}, "thrombolysis": {"dropped": True}},
    )
    page = text(client.get("/criteria/RET20/"))
    assert "As agreed with the operators" in page
    assert "6 or more" in page
    late = client.post("/criteria/RET20/", said)
    assert (late.status_code, "Lea Frost saved version 1 meanwhile" in text(late)) == (409, True)


def test_a_bound_that_cannot_be_comes_back_as_typed(client: Client, world: World) -> None:
    signed_in(client, world, "lea")
    for wrong in ("eleven", "11"):
        response = client.post("/criteria/RET20/", {**as_it_stands(), "aspects-at_least": wrong})
        assert response.status_code == 422
        assert f'value="{wrong}"' in text(response)
    assert client.post("/criteria/RET20/", {**as_it_stands(), "reason": ""}).status_code == 422
    assert not HubCriteria.objects.exists()


@pytest.mark.parametrize("who", ["nia", "ada", "ben", "hob", "una", "meg"])
def test_nobody_else_changes_criteria_or_targets(client: Client, world: World, who: str) -> None:
    signed_in(client, world, who)
    assert "Save as the next version" not in text(client.get("/criteria/RET20/"))
    assert client.post("/criteria/RET20/", {**as_it_stands(), "aspects-at_least": "6"}).status_code == 403
    assert client.post("/targets/cheshire-and-merseyside/", a_day_s_targets(dido="75")).status_code == 403
    assert not HubCriteria.objects.exists()
    assert not NetworkTargets.objects.exists()


def a_day_s_targets(**late: str) -> dict[str, str]:
    said: dict[str, str] = {"based_on": "0", "reason": "We can be quicker"}
    for name, target in TARGETS.items():
        soon, red = target.minutes
        said |= {f"{name}-soon": f"{soon:g}", f"{name}-late": late.get(name, f"{red:g}")}
    return said


def test_the_lead_sets_a_target_of_the_network(client: Client, world: World) -> None:
    signed_in(client, world, "lea")
    assert client.post("/targets/cheshire-and-merseyside/", a_day_s_targets(dido="75")).status_code == 303
    own = NetworkTargets.objects.get()
    assert (own.version, own.minutes) == (1, {"dido": [60, 75]})
    assert "nationally 60 and 90 min" in text(client.get("/targets/cheshire-and-merseyside/"))
    wrong = client.post("/targets/cheshire-and-merseyside/", {**a_day_s_targets(dido="30"), "based_on": "1"})
    assert (wrong.status_code, "amber before red" in text(wrong)) == (422, True)
    assert client.get("/targets/nowhere/").status_code == 404
