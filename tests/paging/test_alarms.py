"""An alarm rings until a named human takes it, and again if nothing came of it. Taking it is a line of the trail."""

from datetime import timedelta
from functools import partial

import pytest
from pytest_django import Settings

from network.permissions import rights
from paging import aftermath, alarms
from paging.models import Escalation, Fate, Reason
from referrals import transitions
from referrals.models import Event, Referral
from referrals.refusals import NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.paging import doors, tables
from tests.paging.tables import Postbox, Tables
from tests.together import at_once
from tests.world import World


@pytest.fixture
def desk(world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tables:
    doors.at_public_address(world, twilio_settings, monkeypatch)
    tables.with_texts_only(world.now)
    return tables.over(world, Postbox(), monkeypatch=monkeypatch)


@pytest.fixture
def referral(desk: Tables) -> Referral:
    """Nobody has the patient, and the alarm has begun."""
    referral = desk.world.a_referral(State.UNPLACED)
    desk.works()
    desk.wind(minutes=1)
    return referral


def _take(desk: Tables, username: str) -> Escalation:
    return alarms.take(desk.alarm().pk, **desk.world.press(username))


def _texts(desk: Tables, username: str, words: str) -> str:
    page = desk.page(username)
    form = {
        "MessageSid": f"SM{page.pk}{words}{desk.now.timestamp()}",
        "From": page.phone,
        "Body": words.format(page.reply_code),
    }
    return doors.post("/twilio/sms/inbound", form).content.decode()


def _rounds(desk: Tables) -> int:
    return len({page.due_at for page in desk.pages("lea")})


@pytest.mark.parametrize("username", ["nia", "lea", "ada"])
def test_whoever_takes_it_is_named_in_the_trail_and_it_is_silent_for_ten_minutes(
    desk: Tables, referral: Referral, username: str
) -> None:
    _take(desk, username)
    event = Event.objects.get(referral=referral, verb="take")
    assert (event.by, event.before, event.after) == (
        desk.world.people[username],
        State.UNPLACED,
        State.UNPLACED,
    )
    rung = _rounds(desk)
    desk.wind(minutes=9, seconds=59)
    assert _rounds(desk) == rung
    assert (desk.alarm().taken_by, desk.alarm().taken_at) == (
        desk.world.people[username],
        desk.now - timedelta(minutes=9, seconds=59),
    )
    desk.wind(seconds=1)
    assert _rounds(desk) == rung + 1
    assert desk.alarm().taken_by is None


def test_while_nobody_takes_it_it_rings_each_minute(desk: Tables, referral: Referral) -> None:
    rung = _rounds(desk)
    desk.wind(minutes=9, seconds=59)
    assert _rounds(desk) == rung + 9
    assert not Event.objects.filter(referral=referral, verb="take").exists()


def test_a_text_takes_it_as_well(desk: Tables, referral: Referral) -> None:
    assert f"You are dealing with {referral.code}." in _texts(desk, "lea", "{0}")
    event = Event.objects.get(referral=referral, verb="take")
    assert (event.by, event.via) == (desk.world.people["lea"], "sms")
    assert desk.page("lea").fate == Fate.ANSWERED


def test_who_takes_it_after_another_is_told_who_has_it(desk: Tables, referral: Referral) -> None:
    _take(desk, "lea")
    with pytest.raises(WrongState, match=f"Lea Frost is already dealing with {referral.code}"):
        _take(desk, "nia")
    assert "Lea Frost is already dealing with" in _texts(desk, "nia", "{0}")
    assert Event.objects.filter(referral=referral, verb="take").count() == 1
    assert desk.alarm().taken_by == desk.world.people["lea"]


def test_who_has_it_may_say_so_again(desk: Tables, referral: Referral) -> None:
    _take(desk, "lea")
    desk.wind(minutes=8)
    _take(desk, "lea")
    rung = _rounds(desk)
    desk.wind(minutes=9)
    assert _rounds(desk) == rung
    assert Event.objects.filter(referral=referral, verb="take").count() == 2


def test_when_it_has_rung_again_another_may_take_it(desk: Tables, referral: Referral) -> None:
    _take(desk, "lea")
    desk.wind(minutes=10)
    _take(desk, "nia")
    takers = Event.objects.filter(referral=referral, verb="take").order_by("pk")
    assert [event.by for event in takers] == [desk.world.people["lea"], desk.world.people["nia"]]


def test_who_cannot_deal_with_it_leaves_it_ringing(desk: Tables, referral: Referral) -> None:
    assert "others are paged" in _texts(desk, "nia", "X{0}")
    rung = _rounds(desk)
    desk.wind(minutes=1)
    assert _rounds(desk) == rung + 1
    assert not Event.objects.filter(referral=referral, verb="take").exists()


@pytest.mark.parametrize(
    ("username", "refusal"),
    [("zed", NotVisible), ("una", NotVisible), ("ben", NotVisible), ("mo", NotVisible)],
)
def test_nobody_else_takes_it(
    desk: Tables, referral: Referral, username: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        _take(desk, username)
    assert not alarms.may_take(rights(desk.world.people[username], at=desk.now), referral)
    assert desk.alarm().taken_by is None
    assert not Event.objects.filter(referral=referral, verb="take").exists()


def test_a_supervisors_colleague_who_sees_the_patient_cannot_take_the_alarm(desk: Tables) -> None:
    desk.world.a_referral(State.PROVISIONAL)
    desk.works()
    with pytest.raises(NotAllowed, match="Only the spoke's team, a coordinator or a lead"):
        _take(desk, "cleo")


def test_an_alarm_of_nobody_knows_what_is_not_to_be_seen(desk: Tables) -> None:
    with pytest.raises(NotVisible):
        alarms.take(10**9, **desk.world.press("nia"))


def test_only_an_answer_slows_the_ladder_of_an_offer(desk: Tables) -> None:
    referral = desk.refers()
    with pytest.raises(WrongState, match=f"{referral.code} is still being put to Walton"):
        _take(desk, "nia")
    assert not Event.objects.filter(referral=referral, verb="take").exists()


def test_an_alarm_that_is_over_cannot_be_taken(desk: Tables, referral: Referral) -> None:
    pk = desk.alarm().pk
    transitions.withdraw(referral.code, reason="improved", **desk.world.press("ada"))
    desk.works()
    with pytest.raises(WrongState, match="no longer waits for anybody"):
        alarms.take(pk, **desk.world.press("nia"))


def test_who_declined_before_is_not_the_one_who_answered_the_alarm(desk: Tables, referral: Referral) -> None:
    transitions.re_offer(referral.code, hubs=["RM301"], **desk.world.press("nia"))
    desk.works()
    alarm = desk.climb(Reason.UNPLACED)
    assert alarm.closed_at == desk.now
    assert alarm.answered_by is None


def test_who_answers_the_offer_is_the_one_who_answered_its_climb(desk: Tables) -> None:
    referral = desk.refers()
    desk.world.wind(seconds=20)
    transitions.decline(referral.code, reason="no_bed", **desk.world.press("cleo"))
    desk.works()
    climb = desk.climb(Reason.OFFER)
    assert (climb.answered_by, climb.answered_at) == (desk.world.people["cleo"], desk.now)


def test_two_who_take_it_at_once_are_one(open_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tables.with_texts_only(open_world.now)
    desk = tables.over(open_world, Postbox(), monkeypatch=monkeypatch)
    referral = desk.world.a_referral(State.UNPLACED)
    desk.works()
    outcomes = at_once([partial(_take, desk, who) for who in ["nia", "lea", "ada"]])
    refused = [outcome for outcome in outcomes if isinstance(outcome, WrongState)]
    assert len(refused) == 2
    assert Event.objects.filter(referral=referral, verb="take").count() == 1


@pytest.fixture
def fault(desk: Tables, settings: Settings) -> Escalation:
    """The provider refuses our account, and the platform's owner is paged."""
    settings.PLATFORM_OWNER = "hob"
    aftermath.misconfigured("twilio", "20003", now=desk.now)
    desk.works()
    return desk.climb(Reason.PLATFORM)


def test_the_platforms_owner_is_paged_until_they_take_it(desk: Tables, fault: Escalation) -> None:
    assert [seconds for seconds, _ in desk.paged()] == [0.0]
    desk.wind(minutes=5)
    assert [seconds for seconds, _ in desk.paged()] == [0.0, 60.0, 120.0, 180.0, 240.0, 300.0]
    assert {username for _, username in desk.paged()} == {"hob"}
    assert "You are dealing with it." in _texts(desk, "hob", "{0}")
    rung = len(desk.paged())
    desk.wind(minutes=30)
    assert len(desk.paged()) == rung
    assert fault.pk == desk.climb(Reason.PLATFORM).pk


def test_a_fault_that_is_not_met_again_ends_with_the_owners_ten_minutes(
    desk: Tables, fault: Escalation
) -> None:
    alarms.take_platform(fault.pk, by=desk.world.people["hob"], at=desk.now)
    desk.wind(minutes=10)
    fault.refresh_from_db()
    assert fault.closed_at == desk.now
    aftermath.misconfigured("twilio", "20003", now=desk.now)
    desk.works()
    assert Escalation.objects.filter(reason=Reason.PLATFORM, closed_at=None).count() == 1


@pytest.mark.parametrize("after", [0, 200], ids=["before the alarm", "in the alarm"])
def test_a_fault_that_is_met_again_meanwhile_rings_again_and_not_sooner(
    desk: Tables, fault: Escalation, after: int
) -> None:
    desk.wind(seconds=after) if after else None
    alarms.take_platform(fault.pk, by=desk.world.people["hob"], at=desk.now)
    rung = len(desk.paged())
    desk.wind(minutes=5)
    for _ in range(3):
        aftermath.misconfigured("twilio", "20003", now=desk.now)
    desk.wind(minutes=4, seconds=59)
    assert len(desk.paged()) == rung
    desk.wind(minutes=5)
    assert len(desk.paged()) > rung
    assert Escalation.objects.filter(reason=Reason.PLATFORM).count() == 1


def test_the_same_fault_is_one_alarm_and_another_fault_another(desk: Tables, fault: Escalation) -> None:
    aftermath.misconfigured("twilio", "20003", now=desk.now)
    assert Escalation.objects.filter(reason=Reason.PLATFORM).count() == 1
    aftermath.misconfigured("twilio", "21606", now=desk.now)
    aftermath.misconfigured("notify", "notify:key", now=desk.now)
    assert Escalation.objects.filter(reason=Reason.PLATFORM).count() == 3
    assert fault.subject == "twilio 20003"


def test_nobody_but_the_owner_takes_a_fault_of_the_platform(desk: Tables, fault: Escalation) -> None:
    with pytest.raises(NotAllowed):
        alarms.take_platform(fault.pk, by=desk.world.people["nia"], at=desk.now)
    with pytest.raises(NotVisible):
        alarms.take(fault.pk, **desk.world.press("nia"))
    assert "still needs somebody" in _texts(desk, "hob", "X{0}")
    assert desk.climb(Reason.PLATFORM).taken_by is None
