"""Seen, and looking: whoever is asked may hold the ladder for a while, once, and then it goes on."""

import json

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from network import people
from paging.models import Escalation, Fate, Ladder, Reason
from referrals import remarks, transitions
from referrals.models import Event, Referral
from referrals.refusals import Refusal
from referrals.states import State
from tests.paging import doors, tables
from tests.paging.doors import LOOK
from tests.paging.tables import Postbox, Tables
from tests.world import World

HOLDS = 120


@pytest.fixture
def desk(world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """The first rung has fired: Ben is asked, again after 90 s, and the next after 180 s."""
    doors.at_public_address(world, twilio_settings, monkeypatch)
    tables.with_texts_only(world.now)
    return tables.over(world, Postbox(), Postbox(channel="voice"), monkeypatch=monkeypatch)


@pytest.fixture
def referral(desk: Tables) -> Referral:
    return desk.refers()


def _by_web(desk: Tables, referral: Referral, username: str = "ben") -> None:
    client = Client()
    client.force_login(desk.world.people[username])
    answer = client.post(f"/r/{referral.code}/seen/", {"hub": "RET20", "key": "k"})
    assert answer.status_code == 303, answer.content


def _by_program(desk: Tables, referral: Referral, username: str = "ben") -> None:
    token = people.issue_token(desk.world.people[username], at=desk.now)
    answer = Client().post(
        f"/api/v1/referrals/{referral.code}/seen",
        json.dumps({"hub": "RET20"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "look-1"},
    )
    assert answer.status_code == 200, answer.content


def _by_text(desk: Tables, referral: Referral, username: str = "ben") -> None:
    page = desk.page(username, channel="sms")
    form = {
        "MessageSid": f"SM{page.pk}-{desk.now.timestamp()}",
        "From": page.phone,
        "Body": f"seen {page.reply_code}",
    }
    answer = doors.post("/twilio/sms/inbound", form).content.decode()
    assert f"Noted: you are looking at {referral.code}." in answer


def _by_voice(desk: Tables, referral: Referral, username: str = "ben") -> None:
    page = desk.page(username, channel="sms")
    page.pk, page.channel, page.digits, page.reply_code = None, "voice", "123", "VVVVV"
    page.provider_id = "CA" + "1" * 32
    page.save(force_insert=True)
    assert f"you are looking at {referral.code}" in doors.line_of(desk, username).presses(LOOK)


def _looks(desk: Tables, referral: Referral, username: str) -> None:
    remarks.seen(referral.code, hub="RET20", **desk.world.press(username))


WAYS = {"web": _by_web, "api": _by_program, "sms": _by_text, "voice": _by_voice}


@pytest.mark.parametrize("via", WAYS)
def test_a_look_holds_the_ladder_for_its_seconds_and_then_it_goes_on(
    desk: Tables, referral: Referral, via: str
) -> None:
    desk.sleeps(seconds=60)
    with time_machine.travel(desk.now, tick=False):
        WAYS[via](desk, referral)
    event = Event.objects.get(referral=referral, verb="seen")
    assert (event.by, event.via, event.details) == (desk.world.people["ben"], via, {"hub": "RET20"})
    assert (event.before, event.after) == (State.REFERRED, State.REFERRED)
    paged = len(desk.paged())
    desk.works()
    climb = desk.climb(Reason.OFFER)
    assert (climb.seen_by, climb.held_for) == (desk.world.people["ben"], [desk.world.people["ben"].pk])
    desk.wind(seconds=HOLDS - 1)
    assert len(desk.paged()) == paged
    desk.wind(seconds=1)
    assert desk.paged()[paged:] == [(180.0, "ben")]
    desk.wind(seconds=90)
    assert desk.paged()[paged + 1 :] == [(270.0, "cleo"), (270.0, "sam")]


def test_nobody_looks_and_the_ladder_keeps_its_times(desk: Tables, referral: Referral) -> None:
    desk.wind(seconds=180)
    assert desk.paged() == [(0.0, "ben"), (90.0, "ben"), (180.0, "cleo"), (180.0, "sam")]
    assert not Event.objects.filter(referral=referral, verb="seen").exists()


def test_a_second_look_of_the_same_person_holds_nothing_and_says_so(desk: Tables, referral: Referral) -> None:
    _by_text(desk, referral)
    desk.works()
    desk.wind(seconds=100)
    page = desk.page("ben")
    form = {"MessageSid": "SM-again", "From": page.phone, "Body": f"{page.reply_code} looking"}
    answer = doors.post("/twilio/sms/inbound", form).content.decode()
    assert "Others go on being paged until it is answered." in answer
    desk.works()
    desk.wind(seconds=20)
    assert desk.paged() == [(0.0, "ben"), (120.0, "ben")]
    assert Event.objects.filter(referral=referral, verb="seen").count() == 2


def test_a_look_of_another_person_holds_it_again(desk: Tables, referral: Referral) -> None:
    _looks(desk, referral, "ben")
    desk.works()
    desk.wind(seconds=100)
    _looks(desk, referral, "cleo")
    desk.works()
    desk.wind(seconds=HOLDS - 1)
    assert desk.paged() == [(0.0, "ben")]
    desk.wind(seconds=1)
    assert desk.paged() == [(0.0, "ben"), (220.0, "ben")]


def test_a_short_look_does_not_cut_a_longer_one(desk: Tables, referral: Referral) -> None:
    _looks(desk, referral, "ben")
    desk.works()
    Escalation.objects.update(seen_holds=10)
    _looks(desk, referral, "cleo")
    desk.works()
    desk.wind(seconds=HOLDS - 1)
    assert desk.paged() == [(0.0, "ben")]


def test_a_failure_during_a_look_does_not_hurry_and_the_ladder_goes_on_afterwards(
    desk: Tables, referral: Referral
) -> None:
    _looks(desk, referral, "ben")
    desk.works()
    desk.wind(seconds=30)
    desk.reports(desk.page("ben"), "undelivered", "30006")
    assert desk.page("ben").fate == Fate.FAILED
    desk.works()
    assert desk.climb(Reason.OFFER).next_at == desk.climb(Reason.OFFER).held_until
    desk.wind(seconds=89)
    assert desk.paged(escalation__reason=Reason.OFFER) == [(0.0, "ben")]
    desk.wind(seconds=1)
    assert desk.paged(escalation__reason=Reason.OFFER)[1:] == [(120.0, "ben")]


def test_without_a_look_the_same_failure_hurries(desk: Tables, referral: Referral) -> None:
    desk.wind(seconds=30)
    desk.reports(desk.page("ben"), "undelivered", "30006")
    desk.works()
    assert desk.paged(escalation__reason=Reason.OFFER)[1:] == [(30.0, "cleo"), (30.0, "sam")]
    assert referral.code


def test_an_alarm_is_never_held(desk: Tables) -> None:
    referral = desk.world.a_referral(State.PROVISIONAL)
    desk.works()
    desk.wind(seconds=300)
    assert desk.alarm().alarm_since == desk.now
    _looks(desk, referral, "sam")
    desk.works()
    desk.wind(seconds=59)
    rounds = len(desk.pages("lea"))
    desk.wind(seconds=1)
    assert len(desk.pages("lea")) == rounds + 1
    assert desk.alarm().held_until is None


def test_a_look_at_one_hub_holds_no_other_hubs_ladder(desk: Tables) -> None:
    referral = desk.refers("RET20", "RM301")
    _looks(desk, referral, "ben")
    desk.works()
    desk.wind(seconds=90)
    assert [username for seconds, username in desk.paged() if seconds == 90] == ["mo"]


def test_a_look_before_the_pagers_first_tick_is_not_lost(desk: Tables) -> None:
    referral = desk.world.refers()
    _looks(desk, referral, "ben")
    desk.world.wind(seconds=2)
    desk.works()
    desk.wind(seconds=HOLDS - 3)
    assert len(desk.paged()) == 0, "the first page too is held: he has seen it"
    desk.wind(seconds=2)
    assert len(desk.paged()) == 1


def test_a_look_of_the_round_before_does_not_hold_the_next(desk: Tables, referral: Referral) -> None:
    _looks(desk, referral, "ben")
    transitions.decline(referral.code, hub="RET20", reason="no_bed", **desk.world.press("ben"))
    desk.works()
    desk.world.wind(minutes=3)
    transitions.re_offer(referral.code, hubs=["RET20"], **desk.world.press("ada"))
    desk.works()
    assert desk.climb(Reason.OFFER, closed_at=None).held_until is None


@pytest.mark.parametrize("username", ["ada", "nia", "mo", "zed"])
def test_who_is_not_asked_cannot_hold_it(desk: Tables, referral: Referral, username: str) -> None:
    with pytest.raises(Refusal):
        _looks(desk, referral, username)
    desk.works()
    assert desk.climb(Reason.OFFER).held_until is None
    assert not Event.objects.filter(verb="seen").exists()


def test_only_the_supervisor_holds_what_waits_for_their_confirmation(desk: Tables) -> None:
    referral = desk.world.a_referral(State.PROVISIONAL)
    desk.works()
    with pytest.raises(Refusal, match="Only the supervisor is asked now"):
        _looks(desk, referral, "dev")
    _looks(desk, referral, "sam")
    desk.works()
    climb = desk.climb(Reason.CONFIRM)
    assert climb.held_until
    assert (climb.held_until - desk.now).total_seconds() == HOLDS


def test_who_looks_at_what_another_took_is_told_so(desk: Tables, referral: Referral) -> None:
    page = desk.page("ben")
    transitions.accept(referral.code, **desk.world.press("cleo"))
    form = {"MessageSid": "SM-late", "From": page.phone, "Body": f"seen {page.reply_code}"}
    answer = doors.post("/twilio/sms/inbound", form).content.decode()
    assert "was already accepted by Cleo Marsh" in answer
    assert not Event.objects.filter(verb="seen").exists()


def test_a_look_does_not_use_up_the_code(desk: Tables, referral: Referral) -> None:
    _by_text(desk, referral)
    page = desk.page("ben")
    form = {"MessageSid": "SM-yes", "From": page.phone, "Body": page.reply_code}
    assert "You have accepted" in doors.post("/twilio/sms/inbound", form).content.decode()


def test_each_network_sets_for_itself_how_long_a_look_holds(desk: Tables) -> None:
    Ladder.objects.update(seen_holds=45)
    referral = desk.refers()
    _looks(desk, referral, "ben")
    desk.works()
    held = desk.climb(Reason.OFFER).held_until
    assert held
    assert (held - desk.now).total_seconds() == 45
