"""On the road somebody is told: who answers for a patient who is worse, who is late, and who is diverted."""

from datetime import timedelta

import pytest

from network.models import Link
from paging import road as milestones
from paging.models import Escalation, Reason
from referrals import road, transitions
from referrals.models import Referral
from referrals.states import Category, State
from tests.paging.night import Night


def travelling(night: Night, state: State = State.DEPARTED) -> Referral:
    """A patient in this state, and nobody's phone holds anything unread."""
    referral = night.world.a_referral(state)
    night.tick()
    night.forgets()
    return referral


def late_by_the_road(night: Night) -> Referral:
    """The crew says nothing, the drive and its grace are over: the coordinator hears that nobody has arrived."""
    referral = travelling(night)
    assert referral.departed_at
    night.world.now = referral.departed_at + timedelta(minutes=27) + milestones.ARRIVAL
    night.tick()
    night.hears(nia="has not arrived yet")
    return referral


def test_whoever_took_the_patient_is_reached_at_once_when_they_are_worse(night: Night) -> None:
    referral = travelling(night)
    road.worsen(referral.code, gcs="9", text="Canary vomits", **night.world.press("ada"))
    night.tick()
    text = night.phone("ben").expects(referral.code, "is WORSE on the way", "The crew waits for you")
    assert "Canary" not in text
    climb = night.climb(Reason.WORSE)
    pages = climb.pages.values_list("person__username", "channel")
    assert list(pages) == [("ben", "sms")], "the provider of this night carries texts alone"
    assert climb.rungs[0]["by"] == ["push", "sms", "voice"], "every channel at once"
    night.forgets()
    assert (climb.referral, climb.subject, climb.closed_at) == (None, referral.code, None)


def test_others_are_paged_until_the_hub_has_answered_and_then_nobody(night: Night) -> None:
    referral = travelling(night)
    road.worsen(referral.code, **night.world.press("ada"))
    night.tick()
    night.wind(minutes=4)
    reached = {page.person.username for page in night.climb(Reason.WORSE).pages.all() if page.person}
    assert {"ben", "cleo", "nia", "lea"} <= reached
    rounds = night.climb(Reason.WORSE).pages.count()
    night.wind(minutes=2)
    assert night.climb(Reason.WORSE).pages.count() > rounds, "it goes on until somebody answers"
    road.instruct(referral.code, instruction="continue", **night.world.press("ben"))
    night.tick()
    assert night.climb(Reason.WORSE).closed_at == night.now
    night.forgets()
    night.wind(minutes=10)
    night.is_silent()


def test_worse_again_is_paged_again(night: Night) -> None:
    referral = travelling(night)
    for _ in range(2):
        road.worsen(referral.code, **night.world.press("ada"))
        night.tick()
        road.instruct(referral.code, instruction="continue", **night.world.press("ben"))
        night.tick()
    assert Escalation.objects.filter(reason=Reason.WORSE, subject=referral.code).count() == 2
    night.forgets()


def test_a_text_does_not_answer_the_crew(night: Night) -> None:
    referral = travelling(night)
    road.worsen(referral.code, **night.world.press("ada"))
    night.tick()
    night.forgets()
    code = night.climb(Reason.WORSE).pages.filter(channel="sms").get().reply_code
    night.phone("ben").replies(code, "A text cannot answer the crew", referral.code)
    referral.refresh_from_db()
    assert road.waits_for_hub(referral)


@pytest.mark.parametrize("category", [Category.C2, Category.IFT2])
def test_an_ambulance_that_does_not_leave_is_told_to_the_coordinator_once(
    night: Night, category: str
) -> None:
    referral = night.world.a_referral(State.ACCEPTED)
    transitions.request_ambulance(referral.code, category=category, **night.world.press("ada"))
    night.tick()
    night.forgets()
    night.world.wind(seconds=(milestones.DEPARTURE[category] - timedelta(seconds=1)).total_seconds())
    night.tick()
    night.is_silent()
    night.world.wind(seconds=1)
    night.tick()
    night.hears(nia="has not left yet")
    night.wind(minutes=20)
    night.is_silent()


def test_an_arrival_that_is_late_by_the_crews_own_word_is_told_once(night: Night) -> None:
    referral = travelling(night)
    referral = road.delay(referral.code, minutes="30", **night.world.press("ada"))
    assert referral.expected_at
    night.world.now = referral.expected_at + milestones.ARRIVAL - timedelta(seconds=1)
    night.tick()
    night.is_silent()
    night.world.wind(seconds=1)
    night.tick()
    night.hears(nia="has not arrived yet")
    night.wind(minutes=20)
    night.is_silent()


def test_an_arrival_that_is_late_again_after_a_delay_was_said_is_told_again(night: Night) -> None:
    referral = late_by_the_road(night)
    night.wind(minutes=1)
    referral = road.delay(referral.code, minutes="30", **night.world.press("ada"))
    night.tick()
    assert night.climb(Reason.OVERDUE).closed_at == night.now, "it is expected later: nobody is late now"
    assert referral.expected_at
    night.world.now = referral.expected_at + milestones.ARRIVAL
    night.tick()
    night.hears(nia="has not arrived yet")
    night.wind(minutes=20)
    night.is_silent()


def test_whoever_is_late_after_a_diversion_is_told_again_for_the_other_hub(night: Night) -> None:
    referral = late_by_the_road(night)
    road.worsen(referral.code, **night.world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **night.world.press("ben"))
    night.tick()
    night.hears(mo="is diverted to you at Salford")
    night.world.wind(minutes=53 + 14)  # the drive from the first hospital is counted from the diversion on
    night.tick()
    night.is_silent()
    night.world.wind(minutes=1)
    night.tick()
    night.hears(nia="to Salford: the patient has not arrived yet")


def test_a_patient_on_a_road_whose_drive_nobody_knows_is_missed_all_the_same(night: Night) -> None:
    referral = travelling(night)
    road.worsen(referral.code, **night.world.press("ada"))
    Link.objects.filter(hub=night.world.sites["RM301"]).delete()
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **night.world.press("ben"))
    night.tick()
    night.hears(mo="is diverted to you at Salford")
    night.world.wind(minutes=milestones.DRIVE + 14)
    night.tick()
    night.is_silent()
    night.world.wind(minutes=1)
    night.tick()
    night.hears(nia="to Salford: the patient has not arrived yet")


def test_a_patient_who_comes_back_to_a_hub_is_diverted_to_it_anew(night: Night) -> None:
    referral = travelling(night)
    for who, to in (("ben", "RM301 mo"), ("mo", "RET20 ben"), ("ben", "RM301 mo")):
        night.world.wind(minutes=1)
        road.worsen(referral.code, **night.world.press("ada"))
        road.instruct(referral.code, instruction="divert", to=to, **night.world.press(who))
        night.tick()
        night.hears(**{to.split()[1]: "is diverted to you"})
    night.wind(minutes=10)
    night.is_silent()


def test_what_is_over_is_told_nobody_any_more(night: Night) -> None:
    """Mo's text fails and would be tried again in a minute; by then the patient is at the door."""
    referral = travelling(night)
    night.goes_wrong("created_failed:30003", to="mo")
    road.worsen(referral.code, **night.world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **night.world.press("ben"))
    night.tick()
    assert night.climb(Reason.DIVERT).closed_at is None
    transitions.arrive(referral.code, **night.world.press("mo"))
    night.tick()
    assert night.climb(Reason.DIVERT).closed_at == night.now
    night.wind(minutes=5)
    night.is_silent()


def test_whoever_agreed_to_a_diversion_hears_of_it_and_need_not_answer(night: Night) -> None:
    referral = travelling(night)
    road.worsen(referral.code, **night.world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **night.world.press("ben"))
    night.tick()
    night.hears(mo="is diverted to you at Salford")
    night.wind(minutes=10)
    night.is_silent()


def test_every_milestone_has_its_minutes_and_its_source() -> None:
    assert set(milestones.DEPARTURE) == set(Category.values)
    for part in ("departure", "arrival", "drive"):
        assert milestones.MILESTONES[part]["source"]
    assert milestones.MILESTONES["version"]
