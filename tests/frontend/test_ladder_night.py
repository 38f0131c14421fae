"""The night beside the steps: by the pager's own rules, with the rota's people, and a warning for what is not right."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontend import ladder_doubts, ladder_sheet
from frontend.ladder_sheet import Lookup
from network import people
from network.models import Membership, Network, Person, PhoneTrouble, Role
from paging import engine, ladders, routes
from paging.ladders import Rung
from paging.models import Device, Escalation, Page, Reason
from tests.frontend.browser import Door, Phones, text
from tests.frontend.ladder_desk import CONFIRM, HUB, OFFER, fill_the_rota, moments, said, step, warnings
from tests.world import LONG_AGO, World
from workforce import phases, rota
from workforce.models import Authorisation, Duty, Phase, Shift, Specialty

PREVIEW = OFFER + "preview/"
THREE = datetime(2026, 11, 22, 3, tzinfo=UTC)
PREVIEWED = 40  # statements, whatever the rota
ALL_SIX = ["first", "second", "supervisor", "operators", "coordinator", "lead"]


@pytest.fixture
def with_push(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pager that can push, and ben's browser lets it."""
    monkeypatch.setattr(
        "paging.routes.configured", lambda: routes.only(Phones(), Phones("voice"), Phones("push"))
    )


def device(person: Person) -> None:
    Device.objects.create(
        person=person, endpoint=f"https://push/{person.pk}", p256dh="k", auth="a", made_at=LONG_AGO
    )


def preview(door: Door, *steps: dict[str, Any], who: str = "nia", path: str = PREVIEW, **whole: Any) -> Any:
    response = door(who).post(path, said(*steps, **whole))
    assert response.status_code == 200
    return response


def test_the_night_names_people_times_and_ways(world: World, door: Door, with_push: None) -> None:
    fill_the_rota(world)
    device(world.people["ben"])
    night = preview(door)
    others = "Cleo Marsh, Sam Quist, Ivy Lowe, Dev Rao and Nia Bevan"
    phone_now = "The spoke is told to phone Walton now, 0151 496 0100."
    assert moments(night) == [
        "03:00:00 Ben Hale: push and text",
        "03:01:30 Ben Hale: call Walton’s boards sound.",
        "03:03:00 Cleo Marsh and Sam Quist: text and call Walton’s boards sound.",
        f"03:05:00 Ben Hale: push and text {others}: text Walton’s boards sound. {phone_now}",
        "03:08:00 The offer to Walton ends. If no other hub is asked, the patient has no hub: Nia Bevan is paged.",
    ]
    assert f"No device that a push could wake: {others}." in text(night)
    assert "Sun 22 Nov" in text(night)
    assert warnings(night) == []


@pytest.mark.parametrize(
    "without", [[], ["first"], ["second", "supervisor"], ["first", "second", "supervisor"]]
)
def test_what_the_night_says_is_what_the_pager_does(
    world: World, door: Door, with_push: None, without: list[str]
) -> None:
    fill_the_rota(world)
    device(world.people["cleo"])
    Shift.objects.filter(hub=world.sites[HUB], duty__in=without).delete()
    lookup = Lookup(world.sites[HUB], Reason.OFFER, at=world.now)
    rungs = ladders.read(ladders.shipped(Reason.OFFER).rungs)
    told = {
        (moment.hour, name, way)
        for moment in ladder_sheet.night(lookup, rungs, now=world.now).moments
        for one in moment.reached
        for name in re.split(", | and ", one.names)
        for way in re.split(", | and ", one.ways)
    }
    world.now = THREE
    world.refers()
    opened = Escalation.objects.filter(reason=Reason.OFFER, closed_at=None)
    engine.tick(now=world.now, routes=routes.configured(), clock=lambda: world.now)
    while (due := opened.values_list("next_at", flat=True).first()) is not None:
        world.now = max(due, world.now)
        engine.tick(now=world.now, routes=routes.configured(), clock=lambda: world.now)
    pages = Page.objects.filter(escalation__reason=Reason.OFFER, person__isnull=False).select_related(
        "person"
    )
    done = {
        (f"{page.due_at:%H:%M:%S}", str(page.person), ladders.CHANNEL_WORDS[page.channel]) for page in pages
    }
    assert told == done
    assert {way for _, _, way in done} >= {"text", "push"}


@pytest.mark.parametrize("reason", [Reason.OFFER, Reason.CONFIRM])
def test_the_warnings_know_the_same_people_as_the_pager_on_every_night(world: World, reason: Reason) -> None:
    hub, later = world.sites[HUB], world.now + timedelta(days=4)
    fill_the_rota(world)
    Shift.objects.filter(hub=hub, duty=Duty.FIRST).delete()
    for who, first, last in (("ivy", 0, 3), ("dev", 3, 6), ("ben", 8, 12)):
        start, end = world.now + timedelta(days=first), world.now + timedelta(days=last)
        rota.put(hub, Duty.FIRST, world.people[who], start=start, end=end)
    people.grant(world.people["wyn"], Role.LEAD, at=later, network=hub.network)
    people.end(Membership.objects.get(person=world.people["nia"]), at=later)
    people.disable(world.people["cleo"])
    Person.objects.filter(username="sam").update(phone="")
    Authorisation.objects.filter(person=world.people["ivy"]).update(until=later)
    phases.authorise(
        world.people["mo"],
        hub,
        specialty=Specialty.INR,
        phase=Phase.INDEPENDENT,
        at=world.now + timedelta(days=9),
    )
    at = ladder_sheet.nights(world.now)
    lookup = Lookup(hub, reason, at=world.now)
    nights = ladder_doubts.Nights(lookup, at)
    for moment in at:
        for name in ALL_SIX:
            known = {person.name for person in nights.named(Rung(0, (name,)), moment) if person.phone}
            assert known == {person.name for person in lookup.people(Rung(0, (name,)), moment)}, (
                name,
                moment,
            )


def test_a_step_that_reaches_nobody_tonight_is_red_and_hurries_the_next(world: World, door: Door) -> None:
    fill_the_rota(world)
    Shift.objects.filter(hub=world.sites[HUB], duty=Duty.FIRST).delete()
    night = preview(door)
    assert moments(night)[:3] == [
        "03:00:00 Nobody: the next step follows at once",
        "03:00:00 Nobody: the next step follows at once Walton’s boards sound.",
        "03:00:00 Cleo Marsh and Sam Quist: text and call Walton’s boards sound.",
    ]
    assert warnings(night) == ["Steps 1 and 2 reach nobody tonight or on any of the next 14 nights."]


def test_an_empty_step_of_a_later_night_is_named_with_its_nights(world: World, door: Door) -> None:
    hub = world.sites[HUB]
    Shift.objects.filter(hub=hub, duty=Duty.FIRST).delete()
    for start, end in ((0, 3), (4, 6), (9, 21)):
        a, b = world.now + timedelta(days=start), world.now + timedelta(days=end)
        rota.put(hub, Duty.FIRST, world.people["ivy"], start=a, end=b)
    night = preview(door, step("0", ["first"], ["sms"]))
    assert warnings(night) == ["Step 1 reaches nobody at 03:00 on Wed 25 Nov and Sat 28 Nov to Mon 30 Nov."]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"phone": ""}, "Ivy Lowe: has no phone number."),
        ({"phone_verified_at": None}, "Ivy Lowe: has not shown yet that pages reach their phone."),
        (
            {"phone_trouble": PhoneTrouble.OPTED_OUT},
            "Ivy Lowe: their phone has opted out of our texts (replied STOP).",
        ),
    ],
)
def test_a_person_whom_a_page_may_not_reach_is_named_with_the_reason(
    world: World, door: Door, change: dict[str, Any], sentence: str
) -> None:
    fill_the_rota(world)
    Person.objects.filter(username="ivy").update(**change)
    assert warnings(preview(door)) == [sentence]
    assert warnings(preview(door, step("0", ["first"], ["sms"]))) == []


@pytest.mark.parametrize("name", ["coordinator", "lead", "supervisor"])
def test_whoever_has_no_number_is_named_whatever_they_are(world: World, door: Door, name: str) -> None:
    fill_the_rota(world)
    who = {"coordinator": "nia", "lead": "lea", "supervisor": "sam"}[name]
    Person.objects.filter(username=who).update(phone="")
    found = warnings(preview(door, step("0", ["first"], ["sms"]), step("60", [name], ["sms"])))
    assert f"{world.people[who].name}: has no phone number." in found


def test_a_ladder_that_reaches_nobody_at_all_tonight_says_so_first(world: World, door: Door) -> None:
    fill_the_rota(world)
    Person.objects.filter(username="ben").update(phone_trouble=PhoneTrouble.UNKNOWN)
    found = warnings(preview(door, step("0", ["first"], ["sms"])))
    assert found == [
        "Tonight this ladder reaches nobody at all.",
        "Ben Hale: their phone is no number in use.",
    ]


def test_push_alone_reaches_only_whoever_has_a_device(world: World, door: Door, with_push: None) -> None:
    fill_the_rota(world)
    only_push = step("0", ["first"], ["push"])
    assert warnings(preview(door, only_push)) == [
        "Tonight this ladder reaches nobody at all.",
        "Step 1 is push only: a phone without data hears nothing.",
        "Step 1 reaches nobody tonight or on any of the next 14 nights.",
    ]
    device(world.people["ben"])
    assert warnings(preview(door, only_push)) == ["Step 1 is push only: a phone without data hears nothing."]
    assert moments(preview(door, only_push))[0] == "03:00:00 Ben Hale: push"


def test_a_ladder_that_ends_in_an_alarm_or_in_nothing_says_so(world: World, door: Door) -> None:
    fill_the_rota(world)
    alarm = preview(door, step("0", ["first"], ["sms"]), end="alarm")
    assert moments(alarm) == [
        "03:00:00 Ben Hale: text An alarm: again every minute, until a named person takes it."
    ]
    nothing = preview(door, step("0", ["first"], ["sms"]), end="")
    assert moments(nothing) == ["03:00:00 Ben Hale: text And again every minute, without an alarm."]
    assert warnings(nothing) == [
        "It has no end: when nobody answers, the last step is repeated and no alarm is raised."
    ]


def test_the_end_says_what_the_network_decided_about_the_next_hub(world: World, door: Door) -> None:
    fill_the_rota(world)
    Network.objects.filter(code="cheshire-and-merseyside").update(offers_next_hub=True)
    assert "The offer goes to the next hub." in moments(preview(door))[-1]
    people.grant(
        world.people["lea"], Role.COORDINATOR, at=LONG_AGO, network=world.networks["cheshire-and-merseyside"]
    )
    assert "Nia Bevan and Lea Frost are paged." in moments(preview(door))[-1]
    for who in ("nia", "lea"):
        Person.objects.filter(username=who).update(phone="")
    assert "nobody can be paged." in moments(preview(door))[-1]


def test_the_supervisors_night_supposes_an_acceptance_under_supervision(world: World, door: Door) -> None:
    fill_the_rota(world)
    Shift.objects.filter(duty=Duty.SUPERVISOR).delete()
    page = text(door("nia").get(CONFIRM))
    assert "Say that Dev Rao, under direct supervision, has accepted." in page
    assert moments(door("nia").get(CONFIRM))[0] == "03:00:00 Sam Quist: text"
    Authorisation.objects.filter(person=world.people["dev"]).update(until=world.now)
    assert "Nobody at Walton works under direct supervision now." in text(door("nia").get(CONFIRM))


def test_the_hubs_page_shows_all_three_nights(world: World, door: Door) -> None:
    fill_the_rota(world)
    page = text(door("hob").get("/ladders/RET20/"))
    assert [page.count(words) for words in ("03:00:00", "The spoke’s boards sound.", "Change it")] == [
        3,
        2,
        0,
    ]


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        (datetime(2026, 11, 22, 2, 59, tzinfo=UTC), "Sun 22 Nov"),
        (datetime(2026, 11, 22, 3, 0, tzinfo=UTC), "Mon 23 Nov"),
        (datetime(2026, 7, 1, 1, 30, tzinfo=UTC), "Wed 1 Jul"),
        (datetime(2026, 10, 24, 12, 0, tzinfo=UTC), "Sun 25 Oct"),
    ],
)
def test_tonight_is_the_next_three_o_clock_in_london(
    world: World, door: Door, now: datetime, begins: str
) -> None:
    world.now = now
    night = preview(door)
    assert begins in text(night)
    assert moments(night)[0].startswith("03:00:00")


def test_a_preview_costs_the_same_for_a_long_rota_and_a_large_team(
    world: World, door: Door, django_assert_max_num_queries: Any
) -> None:
    every = [step(str(n * 60), [name], ["sms"]) for n, name in enumerate(ALL_SIX)]
    browser = door("nia")
    with django_assert_max_num_queries(PREVIEWED) as few:
        browser.post(PREVIEW, said(*every))
    for day in range(2, 16):
        start = world.now + timedelta(days=day)
        rota.put(
            world.sites[HUB], Duty.FIRST, world.people["ivy"], start=start, end=start + timedelta(hours=12)
        )
    for who in ("ada", "wyn", "mo"):
        phases.authorise(
            world.people[who], world.sites[HUB], specialty=Specialty.INR, phase=Phase.INDEPENDENT, at=LONG_AGO
        )
    with django_assert_max_num_queries(PREVIEWED) as many:
        browser.post(PREVIEW, said(*every))
    assert len(many) == len(few)
