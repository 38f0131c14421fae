"""A page that fails hurries the ladder; nothing that a provider says, or does not say, slows it."""

import pytest

from network.models import Person
from paging import escalations, rungs, sending, settling
from paging.models import Fate, Page
from referrals.states import State
from tests.paging.night import Night
from workforce.models import Duty, Shift

AT_ONCE = [(0.0, "cleo"), (0.0, "sam")]


@pytest.mark.parametrize("code", ["21614", "20003"])
def test_a_number_that_the_provider_refuses_is_climbed_over_in_the_same_second(
    night: Night, code: str
) -> None:
    night.goes_wrong(f"error:{code}", to="ben")
    night.refers()
    night.hears(cleo="accept", sam="accept")
    assert night.fates("ben") == [(Fate.FAILED, code)]
    assert night.paged() == AT_ONCE


def test_a_number_that_is_no_number_is_climbed_over(night: Night) -> None:
    Person.objects.filter(username="ben").update(phone="+4477009")
    night.refers()
    night.hears(cleo="accept", sam="accept")
    assert night.fates("ben") == [(Fate.FAILED, "21211")]


def test_a_message_that_fails_as_it_is_made_is_climbed_over(night: Night) -> None:
    night.goes_wrong("created_failed:30007", to="ben")
    night.refers()
    night.hears(cleo="accept", sam="accept")
    assert night.fates("ben") == [(Fate.FAILED, "30007")]


def test_a_phone_without_signal_is_climbed_over_as_soon_as_it_is_known(night: Night) -> None:
    night.simulator.change_phone(night.world.people["ben"].phone, signal=False)
    night.refers()
    assert night.fates("ben") == [(Fate.FAILED, "30003")]
    night.hears(cleo="accept", sam="accept")
    assert night.paged()[1:] == AT_ONCE


def test_after_a_hurried_rung_the_next_keeps_its_distance(night: Night) -> None:
    night.goes_wrong("error:21614", to="ben")
    night.refers()
    night.hears(cleo="accept", sam="accept")
    night.wind(seconds=119)
    night.is_silent()
    night.wind(seconds=1)
    night.hears(ben="accept", cleo="accept", sam="accept", ivy="accept", dev="accept", nia="has not answered")


def test_one_of_two_pages_that_fails_does_not_hurry_the_ladder(night: Night) -> None:
    night.goes_wrong("error:21614", to="cleo", times=None)
    night.refers()
    night.wind(minutes=3)
    night.forgets()
    night.wind(minutes=1)
    night.is_silent()


def test_a_failure_of_an_earlier_rung_does_not_hurry_the_later_one(night: Night) -> None:
    night.goes_wrong("no_callback", to="ben")
    night.refers()
    night.wind(minutes=3)
    night.forgets()
    first = night.pages("ben")[0]
    settling.report(
        page_id=first.pk, provider_id=first.provider_id, status="failed", error="30008", now=night.now
    )
    night.wind(seconds=60)
    night.is_silent()


@pytest.mark.parametrize(
    "fault", ["status:429", "status:500", "status:503html", "reset", "accept_then_reset", "wrong_json"]
)
def test_a_provider_in_trouble_is_tried_again_within_ten_seconds(night: Night, fault: str) -> None:
    night.goes_wrong(fault, to="ben", times=2)
    referral = night.refers()
    night.wind(seconds=10, step=1)
    page = night.pages("ben")[0]
    assert (page.fate, page.attempt) == (Fate.DELIVERED, 3)
    assert night.paged() == [(4.0, "ben")]
    assert all(referral.code in text for text in night.phone("ben").new())
    night.forgets()


def test_a_provider_that_stays_in_trouble_is_given_up_within_ten_seconds(night: Night) -> None:
    night.goes_wrong("status:503", to="ben", times=None)
    night.refers()
    night.wind(seconds=10, step=1)
    assert night.fates("ben") == [(Fate.FAILED, "20503")]
    assert night.pages("ben")[0].attempt == 3
    night.hears(cleo="accept", sam="accept")
    assert night.paged() == [(4.0, "cleo"), (4.0, "sam")]


def test_a_provider_that_never_answers_is_given_up(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.account.client.http_client.timeout = 0.05
    night.goes_wrong("accept_then_timeout:0.3", to="ben", times=None)
    night.refers()
    night.wind(seconds=10, step=1)
    assert night.fates("ben") == [(Fate.FAILED, "unanswered")]
    assert len(night.phone("ben").new()) == 3  # it had taken them all: a second page is cheaper than none
    night.forgets()


def test_slow_tries_are_given_up_ten_seconds_after_the_page_was_due(night: Night) -> None:
    """Three time-outs of six seconds each must not make twenty seconds."""
    night.goes_wrong("status:500", to="ben", times=None)
    night.world.refers()
    escalations.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    began = night.now
    for _ in range(3):
        for page in sending.claim(now=night.now, most=9):
            night.world.wind(seconds=6)
            sending.deliver(page, routes=night.routes, clock=lambda: night.now)
        night.world.wind(seconds=3)
    page = night.pages("ben")[0]
    assert (page.fate, page.attempt) == (Fate.FAILED, 2)
    assert page.settled_at
    assert (page.settled_at - began).total_seconds() == 15


def test_a_silent_provider_is_asked_after_half_a_minute_and_slows_nothing(night: Night) -> None:
    night.goes_wrong("no_callback", to="ben")
    night.refers()
    night.phone("ben").expects("accept")
    night.wind(seconds=30)
    assert night.fates("ben") == [(Fate.SENT, "")]
    night.wind(seconds=1)
    assert night.fates("ben") == [(Fate.DELIVERED, "")]
    night.wind(seconds=59)
    night.hears(ben="accept")


def test_a_message_that_the_provider_lost_slows_nothing(night: Night) -> None:
    night.goes_wrong("accept_then_drop", to="ben", times=None)
    night.refers()
    night.wind(minutes=3)
    assert {fate for fate, _ in night.fates("ben")} == {Fate.SENT}
    night.hears(cleo="accept", sam="accept")


def test_asking_reveals_a_failure_and_hurries_the_ladder(night: Night) -> None:
    night.goes_wrong("no_callback", to="ben")
    night.simulator.change_phone(night.world.people["ben"].phone, signal=False)
    night.refers()
    night.wind(seconds=31)
    night.hears(cleo="accept", sam="accept")


def test_a_false_delivery_slows_nothing(night: Night) -> None:
    night.goes_wrong("false_delivered", to="ben", times=None)
    night.refers()
    assert night.fates("ben") == [(Fate.DELIVERED, "")]
    night.wind(minutes=3)
    night.hears(cleo="accept", sam="accept")


@pytest.mark.parametrize("fault", ["reverse_callbacks", "duplicate_callbacks:3", "callback_before_response"])
def test_reports_early_twice_or_backwards_come_to_the_same_end(night: Night, fault: str) -> None:
    night.goes_wrong(fault, to="ben")
    night.refers()
    night.phone("ben").expects("accept")
    page = night.pages("ben")[0]
    assert (page.fate, page.provider_status, page.attempt) == (Fate.DELIVERED, "delivered", 1)


def test_a_failure_that_is_known_before_the_provider_has_answered_hurries_the_ladder(night: Night) -> None:
    night.goes_wrong("callback_before_response", to="ben")
    night.goes_wrong("accept_then_fail:30003", to="ben")
    night.refers()
    assert night.fates("ben") == [(Fate.FAILED, "30003")]
    night.hears(cleo="accept", sam="accept")


def test_an_alarm_is_repeated_even_to_a_phone_that_has_just_failed(night: Night) -> None:
    night.world.a_referral(State.UNPLACED)
    night.works()
    night.phone("nia").expects("NO HUB")
    night.simulator.change_phone(night.world.people["lea"].phone, signal=False)
    for _ in range(3):
        night.wind(minutes=1)
        night.phone("nia").expects("NO HUB")
    assert night.fates("lea") == [(Fate.FAILED, "30003")] * 3


def test_after_an_outage_nobody_is_paged_who_is_no_longer_on_call(night: Night) -> None:
    night.world.refers()
    escalations.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))  # and here the pager dies
    night.sleeps(minutes=5)
    Shift.objects.filter(person__username="ben").update(person=night.world.people["ivy"])
    night.works()
    assert night.fates("ben") == [(Fate.CANCELLED, "")]
    night.phone("ivy").expects("accept")
    night.forgets()


def test_after_an_outage_a_page_that_was_claimed_by_the_dead_is_looked_at_again(night: Night) -> None:
    night.world.refers()
    escalations.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    assert len(sending.claim(now=night.now, most=9)) == 1
    night.sleeps(minutes=5)
    Shift.objects.filter(duty=Duty.FIRST, hub__code="RET20").update(person=night.world.people["ivy"])
    night.works()
    assert night.fates("ben") == [(Fate.CANCELLED, "")]
    assert Page.objects.filter(person=night.world.people["ivy"], fate=Fate.DELIVERED).exists()
    night.forgets()


def test_after_an_outage_who_is_still_on_call_is_paged(night: Night) -> None:
    referral = night.world.refers()
    escalations.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    night.sleeps(minutes=5)
    night.works()
    assert night.phone("ben").expects(referral.code)
    night.forgets()
