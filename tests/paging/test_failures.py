"""A page that fails hurries the ladder; nothing that a provider says, or does not say, slows it."""

import pytest
from pytest_django import Settings

from network.models import Person
from paging import rungs, sending, settling, waits
from paging.models import Escalation, Fate, Reason
from referrals import transitions
from referrals.states import State
from tests.paging.night import Night

AT_ONCE = [(0.0, "cleo"), (0.0, "sam")]
NOT_MOBILE = "the phone of Ben Hale on call at Walton is not a mobile phone. Please check the rota."


def test_a_number_that_the_provider_refuses_is_climbed_over_in_the_same_second(night: Night) -> None:
    night.goes_wrong("error:21614", to="ben")
    night.refers()
    night.hears(cleo="accept", sam="accept", nia=NOT_MOBILE)
    assert night.fates("ben") == [(Fate.FAILED, "21614")]
    assert night.paged() == [*AT_ONCE, (0.0, "nia")]


def test_an_account_that_the_provider_refuses_is_climbed_over_and_the_platforms_owner_is_paged(
    night: Night, settings: Settings
) -> None:
    settings.PLATFORM_OWNER = "hob"
    night.allowed_errors = {"platform_fault"}
    night.goes_wrong("error:20003", to="ben")
    night.refers()
    night.hears(
        cleo="accept", sam="accept", hob="PLATFORM: twilio says our account at the provider is refused."
    )
    assert night.fates("ben") == [(Fate.FAILED, "20003")]
    assert night.paged() == [*AT_ONCE, (0.0, "hob")]


def test_a_number_that_is_no_number_is_climbed_over(night: Night) -> None:
    Person.objects.filter(username="ben").update(phone="+4477009")
    night.refers()
    night.hears(
        cleo="accept", sam="accept", nia="the phone of Ben Hale on call at Walton is no number in use."
    )
    assert night.fates("ben") == [(Fate.FAILED, "21211")]


def test_a_message_that_fails_as_it_is_made_is_climbed_over(night: Night) -> None:
    night.goes_wrong("created_failed:30007", to="ben")
    night.refers()
    night.hears(cleo="accept", sam="accept")
    assert night.fates("ben") == [(Fate.FAILED, "30007")]


def test_a_phone_without_signal_is_climbed_over_as_soon_as_it_is_known(night: Night) -> None:
    night.simulator.change_phone(night.world.people["ben"].phone, signal=False)
    night.refers()
    assert night.fates("ben") == [(Fate.FAILED, "30003"), (Fate.DUE, "")]
    night.hears(cleo="accept", sam="accept")
    assert night.paged()[1:] == AT_ONCE


def test_a_phone_without_signal_is_tried_once_more_after_a_minute(night: Night) -> None:
    night.simulator.change_phone(night.world.people["ben"].phone, signal=False)
    referral = night.refers()
    night.hears(cleo="accept", sam="accept")
    night.wind(seconds=59)
    night.is_silent()
    night.simulator.change_phone(night.world.people["ben"].phone, signal=True)
    night.wind(seconds=1)
    night.hears(ben="accept")
    assert [(page.rung, page.round, page.fate) for page in night.pages("ben")] == [
        (0, 0, Fate.FAILED),
        (0, 1, Fate.DELIVERED),
    ]
    night.phone("ben").replies(night.phone("ben").code, f"You have accepted {referral.code}")


def test_a_phone_that_stays_without_signal_is_not_tried_a_third_time(night: Night) -> None:
    night.simulator.change_phone(night.world.people["ben"].phone, signal=False)
    night.refers()
    night.wind(seconds=119)
    night.forgets()
    assert night.fates("ben") == [(Fate.FAILED, "30003")] * 2
    assert {page.round for page in night.pages("ben")} == {0, 1}


def test_a_phone_that_has_no_signal_is_not_tried_again_once_somebody_has_answered(night: Night) -> None:
    night.simulator.change_phone(night.world.people["ben"].phone, signal=False)
    referral = night.refers()
    night.hears(cleo="accept", sam="accept")
    transitions.accept(referral.code, **night.world.press("cleo"))
    night.simulator.change_phone(night.world.people["ben"].phone, signal=True)
    night.wind(minutes=2)
    assert night.fates("ben") == [(Fate.FAILED, "30003"), (Fate.CANCELLED, "")]


@pytest.mark.parametrize("code", ["21614", "30005", "21610"])
def test_a_phone_that_can_never_be_reached_is_not_tried_again_and_told_of_once(
    night: Night, code: str
) -> None:
    night.goes_wrong(f"error:{code}", to="ben", times=None)
    night.refers()
    night.refers()
    night.wind(minutes=2, seconds=59)
    assert len([text for text in night.phone("nia").new() if "the phone of Ben Hale" in text]) == 1
    assert {page.round for page in night.pages("ben")} == {0}
    assert Person.objects.get(username="ben").phone_trouble
    night.forgets()


def test_a_phone_of_somebody_who_is_on_no_rota_is_told_of_to_nobody(night: Night) -> None:
    """Nia is the coordinator: nobody else is rung because her own phone is a landline."""
    night.goes_wrong("error:21614", to="nia", times=None)
    night.world.a_referral(State.UNPLACED)
    night.works()
    night.hears(lea="has NO HUB")
    assert Person.objects.get(username="nia").phone_trouble == "not_mobile"
    assert not Escalation.objects.filter(reason=Reason.CONTACT).exists()


def test_after_a_hurried_rung_the_next_keeps_its_distance(night: Night) -> None:
    night.goes_wrong("error:21614", to="ben")
    night.refers()
    night.hears(cleo="accept", sam="accept", nia=NOT_MOBILE)
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
    night.wind(seconds=59)
    night.is_silent()
    night.wind(seconds=1)
    night.hears(ben="accept")  # the same page once more, and nobody else


@pytest.mark.parametrize("fault", ["status:429", "status:500", "status:503html", "reset"])
def test_a_provider_in_trouble_is_tried_again_within_ten_seconds(night: Night, fault: str) -> None:
    night.goes_wrong(fault, to="ben", times=2)
    referral = night.refers()
    night.wind(seconds=10, step=1)
    page = night.pages("ben")[0]
    assert (page.fate, page.attempt) == (Fate.DELIVERED, 3)
    assert night.paged() == [(4.0, "ben")]
    assert all(referral.code in text for text in night.phone("ben").new())
    night.forgets()


@pytest.mark.parametrize("fault", ["accept_then_reset", "wrong_json"])
def test_a_text_that_was_taken_unheard_is_found_again_and_not_sent_twice(night: Night, fault: str) -> None:
    night.goes_wrong(fault, to="ben", times=2)
    referral = night.refers()
    night.wind(seconds=10, step=1)
    page = night.pages("ben")[0]
    assert (page.fate, page.attempt) == (Fate.DELIVERED, 2)
    assert night.paged() == [(1.0, "ben")]
    night.hears(ben=referral.code)


def test_where_it_cannot_be_found_a_second_page_is_cheaper_than_none(night: Night) -> None:
    night.goes_wrong("accept_then_reset", to="ben")
    night.simulator.order_faults(
        {"action": "status:503", "match": {"path": "Messages.json", "method": "GET"}}
    )
    night.refers()
    night.wind(seconds=10, step=1)
    assert night.pages("ben")[0].attempt == 2
    assert len(night.phone("ben").new()) == 2
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
    monkeypatch.setattr("paging.transports.twilio.ASKING", 0.05)
    night.account.timeout = 0.05
    night.goes_wrong("timeout:0.3", to="ben", times=None)
    night.refers()
    night.wind(seconds=10, step=1)
    assert night.fates("ben") == [(Fate.FAILED, "unanswered")]
    assert night.pages("ben")[0].attempt == 3
    night.hears(cleo="accept", sam="accept")


def test_slow_tries_are_given_up_ten_seconds_after_the_page_was_due(night: Night) -> None:
    """Three time-outs of six seconds each must not make twenty seconds."""
    night.goes_wrong("status:500", to="ben", times=None)
    night.world.refers()
    waits.open_for_waiting(now=night.now)
    rungs.climb(now=night.now, channels=frozenset({"sms"}))
    began = night.now
    for _ in range(3):
        for page in sending.claim(now=night.now, most=9):
            begun_and_ended = iter([night.now, night.world.wind(seconds=6)])
            sending.deliver(page, routes=night.routes, clock=begun_and_ended.__next__)
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
    assert night.fates("ben") == [(Fate.FAILED, "30003"), (Fate.DUE, "")]
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
