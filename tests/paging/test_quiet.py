"""Quiet hours: what is kept back from a phone, and the pages that never are; by the clock on the wall."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from paging import escalations, quiet, standing_down
from paging.models import Escalation, Page, Reason
from paging.quiet import QuietRefused
from paging.quiet_rows import KeptBack
from paging.transports.contract import Kind, Outcome
from referrals import transitions
from referrals.models import Referral
from tests.paging.tables import Postbox, Tables, with_texts_only
from tests.world import World
from workforce.models import Shift

NIGHTS = (time(22), time(7))
SUMMER_BEGINS, SUMMER_ENDS = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)


@pytest.fixture
def tables(world: World) -> Tables:
    with_texts_only(world.now)
    return Tables(world=world, routes=Postbox().routes)


def sleep(tables: Tables, *names: str) -> None:
    for name in names:
        quiet.put(tables.world.people[name], since=NIGHTS[0], until=NIGHTS[1], at=tables.now)


@pytest.mark.parametrize(
    ("since", "until", "at", "is_quiet"),
    [
        (time(22), time(7), datetime(2026, 11, 21, 22, 0, tzinfo=UTC), True),
        (time(22), time(7), datetime(2026, 11, 22, 6, 59, tzinfo=UTC), True),
        (time(22), time(7), datetime(2026, 11, 22, 7, 0, tzinfo=UTC), False),
        (time(22), time(7), datetime(2026, 7, 1, 21, 0, tzinfo=UTC), True),
        (time(22), time(7), datetime(2026, 7, 1, 6, 0, tzinfo=UTC), False),
        (time(9), time(16, 30), datetime(2026, 11, 22, 16, 29, tzinfo=UTC), True),
        (time(9), time(16, 30), datetime(2026, 11, 22, 16, 30, tzinfo=UTC), False),
        (
            time(22),
            time(1, 30),
            SUMMER_BEGINS.replace(hour=1, minute=29),
            True,
        ),  # half past one is never shown
        (time(22), time(1, 30), SUMMER_BEGINS.replace(hour=1, minute=30), False),
        (time(22), time(1, 30), SUMMER_ENDS.replace(hour=0, minute=29), True),
        (time(22), time(1, 30), SUMMER_ENDS.replace(hour=1, minute=15), False),  # a quarter past one, again
    ],
)
def test_quiet_is_by_the_clock_on_the_wall_and_ends_once(
    since: time, until: time, at: datetime, is_quiet: bool
) -> None:
    assert quiet.is_quiet(since, until, at=at) == is_quiet


def test_it_is_said_of_each_reason_whether_it_is_ever_kept_back() -> None:
    people = set(Reason) - {Reason.CREW}  # whose number belongs to nobody with quiet hours
    assert quiet.KEPT.keys() | quiet.NEVER.keys() == people
    assert not quiet.KEPT.keys() & quiet.NEVER.keys()


def test_a_whole_day_cannot_be_quiet(world: World) -> None:
    with pytest.raises(QuietRefused):
        quiet.put(world.people["ben"], since=time(7), until=time(7), at=world.now)
    assert quiet.of(world.people["ben"]) is None


@pytest.mark.parametrize("reason", sorted(quiet.NEVER))
def test_a_page_is_kept_back_from_nobody_and_nothing_is_asked(
    world: World, reason: Reason, django_assert_num_queries: Any
) -> None:
    quiet.put(world.people["ben"], since=NIGHTS[0], until=NIGHTS[1], at=world.now)
    page = Escalation(reason=reason, hub=world.sites["RET20"])
    with django_assert_num_queries(0):
        assert quiet.kept_from(page, [world.people["ben"]], at=world.now) == set()


def stood_down(tables: Tables, *, later: float) -> Referral:
    """Ben took the patient after ivy and nia were paged too; so many minutes later the transfer is off."""
    referral = tables.refers()
    tables.wind(minutes=6)
    transitions.accept(referral.code, hub="RET20", **tables.world.press("ben"))
    tables.tick()
    tables.sleeps(minutes=later)
    transitions.stand_down(referral.code, reason="improved", **tables.world.press("ada"))
    tables.works()
    return referral


def told(tables: Tables) -> set[str]:
    pages = Page.objects.filter(escalation__reason=Reason.STOOD)
    return set(pages.values_list("person__username", flat=True))


def test_a_stand_down_wakes_who_may_be_on_the_way_and_stands_on_the_others_screens(tables: Tables) -> None:
    sleep(tables, "ben", "cleo", "ivy", "nia")
    referral = stood_down(tables, later=90)
    assert told(tables) >= {"ben", "cleo", "sam", "dev"}, "who has the patient, is on duty, or is not asleep"
    kept = KeptBack.objects.values_list("person__username", flat=True)
    assert set(kept) == {"ivy", "nia"}
    assert not told(tables) & set(kept)
    [one] = quiet.waiting(tables.person("ivy"))
    assert (one.code, one.at) == (referral.code, tables.now)
    referral.refresh_from_db()
    shown = standing_down.of(referral, [], now=tables.now)
    assert shown
    pages = {person.name: person.page for person in shown.told}
    assert pages["Ivy Lowe"] == "kept for the screen: quiet hours"
    tables.wind(minutes=6)
    assert Escalation.objects.get(reason=Reason.STOOD).closed_at
    assert not told(tables) & set(kept)


def test_whoever_was_paged_within_the_hour_is_told_that_it_is_over(tables: Tables) -> None:
    sleep(tables, "ivy", "nia")
    stood_down(tables, later=20)
    assert told(tables) >= {"ivy", "nia"}
    assert not KeptBack.objects.exists()


def test_whoever_was_told_for_want_of_a_supervisor_is_told_that_it_is_over(world: World) -> None:
    with_texts_only(world.now)
    nobody_has_it = Outcome(Kind.REFUSED, "", "failed", "30007")
    tables = Tables(world=world, routes=Postbox(answers=[nobody_has_it]).routes)  # sam's
    sleep(tables, "nia")
    Shift.objects.filter(person__username="ben").update(person=world.people["ivy"])
    referral = world.refers()
    transitions.accept(referral.code, **world.press("ivy"))
    tables.works()
    assert tables.page("nia").escalation.reason == Reason.TOLD
    tables.sleeps(minutes=20)
    transitions.stand_down(referral.code, reason="improved", **world.press("ada"))
    tables.works()
    assert "nia" in told(tables)


@pytest.mark.parametrize(("whose", "kept"), [("ben", False), ("dev", True)])
def test_a_dead_phone_waits_until_morning_unless_its_owner_is_on(
    tables: Tables, whose: str, kept: bool
) -> None:
    sleep(tables, "nia")
    hub, person = tables.world.sites["RET20"], tables.world.people[whose]
    escalations.open_one(Reason.CONTACT, now=tables.now, hub=hub, person=person)
    tables.works()
    assert (tables.pages("nia") == []) == kept
    assert [one.name for one in quiet.waiting(tables.person("nia"))] == ([person.name] if kept else [])


def test_it_is_said_to_have_been_seen_by_its_owner_alone(tables: Tables) -> None:
    sleep(tables, "ivy")
    stood_down(tables, later=90)
    ivy = tables.person("ivy")
    [one] = quiet.waiting(ivy)
    quiet.seen(tables.person("ben"), [one.number], at=tables.now)
    assert quiet.waiting(ivy) == [one]
    quiet.seen(ivy, [one.number], at=tables.now)
    assert quiet.waiting(ivy) == []
    assert KeptBack.objects.get().seen_at == tables.now, "and it is not lost"
