"""A hub's own ladders: refused where nobody could climb them, doubted where hardly meant, never overwritten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, connections, transaction

from paging import engine, ladders, routes
from paging.ladders import BrokenLadder, Overtaken, Rung
from paging.models import Escalation, Ladder, Reason
from referrals import transitions
from tests.machine import processes
from tests.paging.tables import Postbox
from tests.world import World

FIRST = Rung(0, ("first",), ("push", "sms"))
SECOND = Rung(90, ("second", "supervisor"), ("sms", "voice"), siren=True)
ALARM = Rung(180, ("lead",), ("voice",), alarm=True, phone_now=True)
NEXT_HUB = Rung(300, (), hand_on=True)
GOOD = [FIRST, SECOND, NEXT_HUB]


def put(world: World, *rungs: Rung, reason: Reason = Reason.OFFER, by: str = "nia", **more: Any) -> Ladder:
    said: dict[str, Any] = {"seen_holds": 120, "based_on": 0, "at": world.now} | more
    return ladders.put(world.sites["RET20"], reason, rungs or GOOD, by=world.people[by], **said)


def test_a_saved_ladder_is_the_one_that_is_climbed_from_then_on(world: World) -> None:
    saved = put(world, note="Two are enough", seen_holds=60)
    standing = ladders.current(world.sites["RET20"], Reason.OFFER)
    assert (standing.version, standing.seen_holds) == (1, 60)
    assert ladders.read(standing.rungs) == GOOD
    assert (saved.made_by, saved.made_at, saved.note) == (world.people["nia"], world.now, "Two are enough")


def test_another_hub_and_another_wait_keep_theirs(world: World) -> None:
    put(world)
    assert ladders.current(world.sites["RM301"], Reason.OFFER) == ladders.shipped(Reason.OFFER)
    assert ladders.current(world.sites["RET20"], Reason.CONFIRM) == ladders.shipped(Reason.CONFIRM)


def test_a_newer_ladder_leaves_the_one_that_is_being_climbed_alone(world: World) -> None:
    referral = world.refers()
    engine.tick(now=world.now, routes=routes.only(Postbox()), clock=lambda: world.now)
    before = Escalation.objects.get(referral=referral)
    put(world, replace(FIRST, after=30), NEXT_HUB)
    engine.tick(now=world.now, routes=routes.only(Postbox()), clock=lambda: world.now)
    after = Escalation.objects.get(referral=referral)
    assert (after.rungs, after.next_at, after.ladder_version) == (
        before.rungs,
        before.next_at,
        before.ladder_version,
    )


def test_what_is_based_on_an_older_version_is_refused_and_nothing_is_written(world: World) -> None:
    put(world)
    with pytest.raises(Overtaken):
        put(world, FIRST, NEXT_HUB, based_on=0, by="lea")
    with pytest.raises(Overtaken):
        put(world, FIRST, NEXT_HUB, based_on=7, by="lea")
    assert put(world, FIRST, NEXT_HUB, based_on=1, by="lea").version == 2
    assert [kept.version for kept in ladders.versions(world.sites["RET20"], Reason.OFFER)] == [2, 1]


def waits_for_a_lock() -> bool:
    """Does another connection to this database wait for what somebody else holds?"""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_two_who_save_at_the_same_instant_are_one_who_saves_and_one_who_is_told(open_world: World) -> None:
    def save() -> str:
        try:
            put(open_world, by="lea")
        except Overtaken:
            return "told"
        finally:
            connections.close_all()
        return "saved"

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            put(open_world, by="nia")
            answer = other.submit(save)  # it has seen no newer version, and wants the same number
            assert processes.eventually(waits_for_a_lock)
        assert answer.result(processes.PATIENCE) == "told"
    assert [kept.made_by for kept in ladders.versions(open_world.sites["RET20"], Reason.OFFER)] == [
        open_world.people["nia"]
    ]


BROKEN = [
    ([], "There is no step"),
    ([NEXT_HUB], "There is no step"),
    ([replace(FIRST, to=()), NEXT_HUB], "Step 1 pages nobody"),
    ([replace(FIRST, by=()), NEXT_HUB], "Step 1: tick how"),
    ([replace(FIRST, by=("pigeon",)), NEXT_HUB], "Step 1: tick how"),
    ([replace(FIRST, to=("owner",)), NEXT_HUB], "Step 1 names the platform's owner, whom"),
    ([FIRST, replace(SECOND, to=("second", "nurse")), NEXT_HUB], "Step 2 names “nurse”, whom"),
    ([replace(FIRST, after=-1), NEXT_HUB], "Step 1: the time"),
    ([replace(FIRST, after=3601), NEXT_HUB], "Step 1: the time"),
    ([FIRST, replace(NEXT_HUB, after=9999)], "The end: the time"),
    ([NEXT_HUB, FIRST], "Only the last step"),
    ([replace(ALARM, after=0), SECOND], "Only the last step"),
    ([FIRST, Rung(60, (), end=True)], "Step 2 pages nobody"),
    ([replace(FIRST, end=True)], "Only the last step"),
    ([replace(FIRST, after=n) for n in range(13)], "at most 12 steps"),
]


@pytest.mark.parametrize(("rungs", "sentence"), BROKEN, ids=[sentence for _, sentence in BROKEN])
def test_a_ladder_that_cannot_be_climbed_is_not_written(
    world: World, rungs: list[Rung], sentence: str
) -> None:
    faults = ladders.faults(Reason.OFFER, rungs, seen_holds=120)
    assert any(sentence in remark.sentence for remark in faults)
    with pytest.raises(BrokenLadder):
        ladders.put(
            world.sites["RET20"],
            Reason.OFFER,
            rungs,
            seen_holds=120,
            based_on=0,
            by=world.people["nia"],
            at=world.now,
        )
    assert not Ladder.objects.exists()


@pytest.mark.parametrize("reason", [Reason.CONFIRM, Reason.UNPLACED])
def test_only_an_offer_goes_on_to_the_next_hub(world: World, reason: Reason) -> None:
    found = Rung(0, ("coordinator",), ("sms",))
    with pytest.raises(BrokenLadder, match="Only an offer"):
        put(world, found, NEXT_HUB, reason=reason)
    assert not ladders.faults(reason, [found, ALARM], seen_holds=0)


def test_a_patient_whom_no_hub_has_is_nobodys_on_call(world: World) -> None:
    with pytest.raises(BrokenLadder, match="Step 1 names first on call, whom this"):
        put(world, FIRST, ALARM, reason=Reason.UNPLACED)


@pytest.mark.parametrize(
    "reason", [Reason.REACH, Reason.DRILL, Reason.VERIFY, Reason.CONTACT, Reason.PLATFORM]
)
def test_what_is_no_wait_of_a_patient_has_no_ladder_of_a_hub(world: World, reason: Reason) -> None:
    with pytest.raises(BrokenLadder, match="No hub has a ladder of its own for this"):
        put(world, reason=reason)


def test_a_stored_ladder_says_which_name_is_unknown() -> None:
    with pytest.raises(BrokenLadder, match="unknown name 'nurse'"):
        ladders.read([{"after": 0, "to": ["first", "nurse"]}])


def _without_a_hub(world: World, *declining: str) -> Escalation:
    """The climb for a patient after each of these has declined, Walton's and Salford's people by turns."""
    hubs = {"ben": "RET20", "mo": "RM301"}
    referral = world.refers(hubs[declining[0]])
    for n, who in enumerate(declining):
        if n:
            world.wind(minutes=1)
            transitions.re_offer(referral.code, hubs=[hubs[who]], **world.press("ada"))
        world.wind(minutes=1)
        transitions.decline(referral.code, hub=hubs[who], reason="no_bed", **world.press(who))
    engine.tick(now=world.now, routes=routes.only(Postbox()), clock=lambda: world.now)
    return Escalation.objects.get(referral=referral, reason=Reason.UNPLACED, closed_at=None)


@pytest.mark.parametrize(
    ("declining", "own"), [(["ben"], True), (["mo", "ben"], True), (["ben", "mo"], False), (["mo"], False)]
)
def test_a_patient_whom_no_hub_has_climbs_the_ladder_of_the_hub_that_was_asked_last(
    world: World, declining: list[str], own: bool
) -> None:
    put(world, replace(ALARM, after=0, by=("sms",)), reason=Reason.UNPLACED, seen_holds=30)
    climb = _without_a_hub(world, *declining)
    expected = ladders.current(world.sites["RET20"] if own else None, Reason.UNPLACED)
    assert (climb.rungs, climb.seen_holds) == (expected.rungs, expected.seen_holds)
    assert climb.hub is None
    people = climb.pages.filter(channel="sms").values_list("person__username", flat=True)
    assert list(people) == (["lea"] if own else ["nia"])


def test_of_two_hubs_asked_at_once_the_one_that_answered_last_was_asked_last(world: World) -> None:
    put(world, replace(ALARM, after=0), reason=Reason.UNPLACED)
    referral = world.refers("RET20", "RM301")
    for who, hub in (("mo", "RM301"), ("ben", "RET20")):
        world.wind(minutes=1)
        transitions.decline(referral.code, hub=hub, reason="no_bed", **world.press(who))
    engine.tick(now=world.now, routes=routes.only(Postbox()), clock=lambda: world.now)
    climb = Escalation.objects.get(reason=Reason.UNPLACED)
    assert (climb.ladder_version, [rung["to"] for rung in climb.rungs]) == (1, [["lead"]])


@pytest.mark.parametrize("seconds", [-1, 601])
def test_a_look_holds_a_ladder_for_ten_minutes_at_most(seconds: int) -> None:
    (remark,) = ladders.faults(Reason.OFFER, GOOD, seen_holds=seconds)
    assert (remark.field, "0 to 600 seconds" in remark.sentence) == ("seen_holds", True)


def test_an_ordinary_ladder_and_those_that_are_shipped_raise_no_doubt() -> None:
    assert ladders.doubts(GOOD) == ladders.doubts([FIRST, SECOND, ALARM]) == []
    for reason in (Reason.OFFER, Reason.CONFIRM, Reason.UNPLACED):
        rungs = ladders.read(ladders.shipped(reason).rungs)
        assert ladders.doubts(rungs) == ladders.faults(reason, rungs, seen_holds=120) == []


@pytest.mark.parametrize(
    ("rungs", "sentence"),
    [
        ([replace(FIRST, after=61), SECOND, NEXT_HUB], "The first page goes out only after 61 seconds."),
        ([FIRST, replace(SECOND, after=0), NEXT_HUB], "Step 2 is not later than step 1: it follows at once."),
        (
            [FIRST, SECOND, replace(NEXT_HUB, after=90)],
            "The end is not later than step 2: it follows at once.",
        ),
        (
            [replace(FIRST, by=("push",)), SECOND, NEXT_HUB],
            "Step 1 is push only: a phone without data hears nothing.",
        ),
        (
            [FIRST, SECOND],
            "It has no end: when nobody answers, the last step is repeated and no alarm is raised.",
        ),
    ],
)
def test_what_is_hardly_meant_is_said(rungs: list[Rung], sentence: str) -> None:
    assert [remark.sentence for remark in ladders.doubts(rungs)] == [sentence]


def test_a_rung_is_stored_without_what_it_does_not_do() -> None:
    assert ladders.row(SECOND) == {
        "after": 90,
        "to": ["second", "supervisor"],
        "by": ["sms", "voice"],
        "siren": True,
    }
    assert ladders.row(NEXT_HUB) == {"after": 300, "to": [], "hand_on": True}
