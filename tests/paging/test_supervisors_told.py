"""A supervisor who is only told is told all the same: by another way, another supervisor, or the coordinator."""

from collections.abc import Callable

import pytest

from paging import queries
from paging.models import Escalation, Page, Reason
from paging.transports.contract import Kind, Outcome
from referrals import road, transitions
from referrals.models import Referral
from tests.paging import tables
from tests.paging.night import Night
from tests.paging.tables import Postbox, Tables
from tests.world import World
from workforce.models import Duty, Shift


def accepted(world: World) -> Referral:
    """Somebody under indirect supervision has accepted; sam, who is supervisor on call, answers for them."""
    Shift.objects.filter(person__username="ben").update(person=world.people["ivy"])
    referral = world.refers()
    return transitions.accept(referral.code, **world.press("ivy"))


def told(night: Tables) -> list[tuple[float, str, str]]:
    """After how many seconds who was paged by what, because somebody had accepted."""
    climb = Escalation.objects.get(reason=Reason.TOLD)
    pages = Page.objects.filter(escalation=climb).select_related("person").order_by("due_at", "pk")
    return [
        ((p.due_at - climb.opened_at).total_seconds(), p.person.username if p.person else "", p.channel)
        for p in pages
    ]


def test_a_supervisor_whose_phone_has_the_text_is_told_once(calling_night: Night) -> None:
    night = calling_night
    accepted(night.world)
    night.tick()
    night.hears(sam="Ivy Lowe accepted. You answer for them.")
    night.wind(minutes=6)
    assert told(night) == [(0.0, "sam", "sms")]
    assert night.climb(Reason.TOLD).closed_at is not None


def test_a_text_that_fails_becomes_a_call_at_once(calling_night: Night) -> None:
    night = calling_night
    night.goes_wrong("created_failed:30007", to="sam", times=None)
    accepted(night.world)
    night.works()
    assert told(night) == [(0.0, "sam", "sms"), (0.0, "sam", "voice")]
    night.phone("sam").picks_up("has accepted referral", "You answer for them")
    night.wind(minutes=6)
    assert len(told(night)) == 2


def test_where_nothing_reaches_a_supervisor_another_is_told_and_then_the_coordinator(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both providers of texts and the one of calls fail for everybody."""
    Shift.objects.filter(duty=Duty.SECOND, hub__code="RET20").delete()
    Shift.objects.filter(duty=Duty.SUPERVISOR).update(person=world.people["cleo"])
    ways = [
        Postbox(provider="twilio", always=Outcome(Kind.REFUSED, "", "failed", "30007")),
        Postbox(provider="notify", always=Outcome(Kind.REFUSED, "", "failed", "30007")),
        Postbox(channel="voice", always=Outcome(Kind.REFUSED, "", "busy", "busy")),
    ]
    desk = tables.over(world, *ways, monkeypatch=monkeypatch)
    accepted(world)
    desk.works()
    both = ["sms", "voice"]
    assert told(desk) == [(0.0, who, by) for who in ("cleo", "sam", "nia") for by in both]
    desk.wind(minutes=6)
    assert desk.climb(Reason.TOLD).closed_at is not None
    (climb,) = queries.beside(Referral.objects.get().code, names_at=world.now)
    assert climb.arrived is None


def test_a_call_that_nobody_picks_up_goes_on_after_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sam's phone takes neither; nobody else can answer for ivy, so the coordinator is told in words of her own."""
    text, call = Postbox(), Postbox(channel="voice")
    desk = tables.over(world, text, call, monkeypatch=monkeypatch)
    accepted(world)
    desk.works()
    desk.wind(seconds=60)
    assert told(desk) == [(0.0, "sam", "sms"), (60.0, "sam", "voice")]
    desk.reports(desk.page("sam", channel="voice"), "no-answer")
    desk.reports(desk.page("sam", channel="sms"), "undelivered", "30007")
    desk.works()
    desk.wind(seconds=60)
    assert {who for _, who, _ in told(desk)[2:]} == {"nia"}
    assert "No supervisor was reached." in text.orders[-1].words
    desk.reports(desk.page("nia", channel="sms"), "delivered")
    desk.wind(minutes=5)
    assert {who for _, who, _ in told(desk)} == {"sam", "nia"}


def diverted(world: World, code: str) -> None:
    road.worsen(code, **world.press("ada"))
    road.instruct(code, instruction="divert", to="RM301 mo", **world.press("ivy"))


def stood_down(world: World, code: str) -> None:
    transitions.stand_down(code, reason="improved", **world.press("ada"))


@pytest.mark.parametrize("ends", [diverted, stood_down])
def test_nobody_answers_any_more_for_a_patient_who_goes_elsewhere(
    world: World, monkeypatch: pytest.MonkeyPatch, ends: Callable[[World, str], None]
) -> None:
    text, call = Postbox(), Postbox(channel="voice")
    desk = tables.over(world, text, call, monkeypatch=monkeypatch)
    referral = accepted(world)
    desk.works()
    ends(world, referral.code)
    desk.works()
    assert desk.climb(Reason.TOLD).closed_at == world.now
    desk.wind(minutes=6)
    assert told(desk) == [(0.0, "sam", "sms")]
    assert call.orders == []


def test_at_the_door_the_supervisor_is_told_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, call = Postbox(), Postbox(channel="voice")
    desk = tables.over(world, text, call, monkeypatch=monkeypatch)
    referral = accepted(world)
    desk.works()
    transitions.request_ambulance(referral.code, category="C2", **world.press("ada"))
    transitions.depart(referral.code, **world.press("ada"))
    transitions.arrive(referral.code, **world.press("ivy"))
    desk.wind(seconds=61)
    assert told(desk)[-1] == (60.0, "sam", "voice")
