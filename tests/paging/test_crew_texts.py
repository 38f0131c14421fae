"""The crew's link by text: nothing of a patient in it, tried again, with its fate; and to nobody once it is over."""

import re
from typing import Any

import pytest

from paging import crew_texts, texts
from paging.models import Escalation, Fate, Page, Reason
from referrals import crew, transitions
from referrals.crew_link import CrewLink
from referrals.models import Event, Referral
from referrals.refusals import NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.paging.night import Night, Phone
from tests.world import World

CREW = "+447700900777"


def linked(world: World) -> tuple[Referral, CrewLink]:
    """A patient for whom an ambulance was asked, and the crew's link."""
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    crew.link_crew(referral.code, **world.press("ada"))
    return referral, CrewLink.objects.get(referral=referral)


def sends(world: World, referral: Referral, link: CrewLink, who: str = "ada", **more: str) -> None:
    press = world.press(who)
    said: Any = {"by": press["by"], "at": press["at"], "now": press["now"], **more}
    crew_texts.send(referral.code, link.pk, CREW, said)


def fate(referral: Referral, link: CrewLink) -> crew_texts.Texted:
    return crew_texts.of(referral.code)[link.pk][0]


@pytest.fixture
def crews_phone(night: Night) -> Phone:
    """A phone that is nobody's of ours."""
    phone = night.phones["crew"] = Phone(night.simulator, CREW)
    return phone


def test_a_crew_s_phone_gets_the_link_and_nothing_else(night: Night, crews_phone: Phone) -> None:
    referral, link = linked(night.world)
    night.tick()
    night.forgets()
    sends(night.world, referral, link)
    night.tick()
    text = crews_phone.expects("Dido: open your transfer ")
    found = re.fullmatch(r"Dido: open your transfer https?://\S+/crew/#(\S+)", text)
    assert found
    assert crew.opened(found[1], now=night.now).pk == link.pk
    assert referral.code not in text
    assert (fate(referral, link).number, fate(referral, link).fate) == (CREW, Fate.DELIVERED)
    event = Event.objects.get(referral=referral, verb="text_crew")
    assert (event.by, event.details) == (night.world.people["ada"], {"link": link.pk, "number": "…777"})
    night.wind(minutes=10)
    night.is_silent()


def test_a_phone_that_is_off_is_tried_once_more(night: Night, crews_phone: Phone) -> None:
    referral, link = linked(night.world)
    night.tick()
    night.forgets()
    night.simulator.order_faults(
        {
            "action": "created_failed:30003",
            "match": {"method": "POST", "path": "Messages.json", "to": CREW},
            "times": 1,
        }
    )
    sends(night.world, referral, link)
    night.tick()
    assert [page.fate for page in Page.objects.filter(phone=CREW).order_by("pk")] == [Fate.FAILED, Fate.DUE]
    night.wind(minutes=1)
    crews_phone.expects("open your transfer")
    assert fate(referral, link).fate == Fate.DELIVERED


def test_what_cannot_be_delivered_says_why(night: Night, crews_phone: Phone) -> None:
    referral, link = linked(night.world)
    night.tick()
    night.forgets()
    night.simulator.order_faults(
        {"action": "created_failed:30006", "match": {"method": "POST", "path": "Messages.json", "to": CREW}}
    )
    sends(night.world, referral, link)
    night.tick()
    told = fate(referral, link)
    assert told.fate == Fate.FAILED
    assert told.error
    night.wind(seconds=1)
    assert Escalation.objects.get(reason=Reason.CREW).closed_at is not None, "nothing more is tried"


def test_a_link_that_was_ended_meanwhile_is_not_sent(night: Night, crews_phone: Phone) -> None:
    referral, link = linked(night.world)
    night.tick()
    night.forgets()
    sends(night.world, referral, link)
    crew.unlink_crew(referral.code, **night.world.press("ada"))
    night.tick()
    night.is_silent()
    assert fate(referral, link).fate == Fate.CANCELLED


def test_one_text_is_under_way_at_a_time_and_six_are_enough(world: World) -> None:
    referral, link = linked(world)
    sends(world, referral, link)
    with pytest.raises(WrongState, match="under way"):
        sends(world, referral, link)
    for _ in range(crew_texts.MOST - 1):
        Escalation.objects.filter(reason=Reason.CREW).update(closed_at=world.now)
        sends(world, referral, link)
    Escalation.objects.filter(reason=Reason.CREW).update(closed_at=world.now)
    with pytest.raises(WrongState, match="texts have been sent"):
        sends(world, referral, link)


@pytest.mark.parametrize(("who", "refusal"), [("ben", NotAllowed), ("zed", NotVisible)])
def test_only_whoever_may_make_a_link_sends_one(world: World, who: str, refusal: type[Exception]) -> None:
    referral, link = linked(world)
    with pytest.raises(refusal):
        sends(world, referral, link, who)
    assert not Page.objects.filter(phone=CREW).exists()


def test_a_link_of_another_patient_or_of_a_road_that_is_over_is_refused(world: World) -> None:
    referral, link = linked(world)
    other, _ = linked(world)
    with pytest.raises(WrongState):
        sends(world, other, link)
    transitions.stand_down(referral.code, reason="improved", **world.press("ada"))
    with pytest.raises(WrongState):
        sends(world, referral, link)


def test_the_link_is_never_cut() -> None:
    address = "https://" + "d" * 150
    assert texts.crew(address=address).endswith(address)
