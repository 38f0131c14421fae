"""Phones that ring: a key accepts, declines or asks for time, and what came of it is said after the commit."""

from functools import partial
from unittest.mock import patch

import pytest
from django.db import OperationalError

from paging import answers
from paging.models import Fate, Page
from referrals import transitions
from referrals.models import Event, Referral
from referrals.states import State
from tests.paging.night import Night, Phone
from tests.together import at_once


def _state(referral: Referral) -> str:
    return Referral.objects.get(pk=referral.pk).state


def _verbs(referral: Referral) -> list[str]:
    return list(Event.objects.filter(referral=referral).order_by("number").values_list("verb", flat=True))


def _rung_up(night: Night) -> tuple[Referral, Phone]:
    """Ben has not answered the text for ninety seconds: his phone rings, and he picks up."""
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    night.wind(seconds=90)
    assert night.rings() == {"ben"}
    ben = night.phone("ben")
    spelled = ", ".join(referral.code)
    ben.picks_up(f"Thrombectomy referral {spelled}, from Arrowe Park, for Walton.", "To accept, press")
    return referral, ben


def test_the_key_accepts_and_that_is_said_once_it_is_saved(calling_night: Night) -> None:
    night = calling_night
    referral, ben = _rung_up(night)
    ben.presses(ben.key("accept"), f"You have accepted {referral.code} for Walton.")
    assert not ben.call()["connected"]
    event = Event.objects.get(referral=referral, verb="accept")
    assert (event.by, event.via, event.at) == (night.world.people["ben"], "voice", night.now)
    assert night.fates("ben") == [(Fate.DELIVERED, ""), (Fate.ANSWERED, "")]
    night.wind(minutes=20, step=300)
    assert night.rings() == set()
    assert night.paged() == [(0.0, "ben"), (90.0, "ben")]


def test_another_key_declines(calling_night: Night) -> None:
    referral, ben = _rung_up(calling_night)
    ben.presses(ben.key("decline"), f"You have declined {referral.code} for Walton.")
    assert _state(referral) == State.UNPLACED
    calling_night.works()
    calling_night.hears(nia="NO HUB")


def test_star_and_a_key_that_means_nothing_say_it_all_again(calling_night: Night) -> None:
    referral, ben = _rung_up(calling_night)
    keys = {ben.key(does) for does in ["accept", "decline", "say that you are looking"]}
    meaningless = sorted(set("0123456789") - keys)
    for key in ["*", "#", meaningless[0], meaningless[-1]]:
        ben.presses(key, "To accept, press", "To hear this again, press star.")
    assert _verbs(referral) == ["refer"]
    assert ben.call()["connected"]
    ben.presses(ben.key("accept"), "You have accepted")


def test_who_looks_holds_the_ladder_and_is_told_for_how_long(calling_night: Night) -> None:
    night = calling_night
    referral, ben = _rung_up(night)
    key = ben.key("say that you are looking")
    ben.presses(key, f"Noted: you are looking at {referral.code}.", "Nobody else is paged for 120 seconds")
    assert _verbs(referral) == ["refer", "seen"]
    night.wind(seconds=119)
    assert night.rings() == set()
    night.is_silent()
    night.wind(seconds=1)
    assert night.rings() == {"cleo", "sam"}
    night.forgets()


def test_a_caller_who_hears_nothing_but_silence_is_told_that_nothing_was_recorded(
    calling_night: Night,
) -> None:
    referral, ben = _rung_up(calling_night)
    for _ in range(3):
        assert ben.call()["listening"]
        calling_night.simulator.let_time_pass(ben.number)
        calling_night.simulator.settle()
    assert " ".join(ben.call()["heard"]).endswith("Nothing was recorded. Goodbye.")
    assert _verbs(referral) == ["refer"]


@pytest.mark.parametrize("habit", ["voicemail", "busy", "rejects", "off"])
def test_a_call_that_reaches_nobody_hurries_the_ladder(calling_night: Night, habit: str) -> None:
    night = calling_night
    night.simulator.change_phone(night.world.people["ben"].phone, voice=habit)
    referral = night.refers()
    night.wind(seconds=90)
    assert night.rings() == {"cleo", "sam"}
    assert night.fates("ben")[1][0] == Fate.FAILED
    assert night.pages("ben")[1].machine is (habit == "voicemail")
    assert _verbs(referral) == ["refer"]
    night.forgets()


def test_a_phone_that_rings_unheard_hurries_the_ladder(calling_night: Night) -> None:
    night = calling_night
    night.refers()
    night.wind(seconds=90)
    night.simulator.let_time_pass(night.world.people["ben"].phone)
    night.simulator.settle()
    night.works()
    assert night.fates("ben")[1] == (Fate.FAILED, "no-answer")
    assert night.rings() == {"cleo", "sam"}
    night.forgets()


def test_a_voicemail_hears_nothing_of_a_patient_and_presses_nothing(calling_night: Night) -> None:
    night = calling_night
    night.simulator.change_phone(night.world.people["ben"].phone, voice="voicemail")
    night.refers()
    night.wind(seconds=90)
    heard = " ".join(night.simulator.heard(night.world.people["ben"].phone))
    assert "This is Dido, stroke thrombectomy." in heard
    night.forgets()


def test_a_call_that_cannot_be_made_hurries_the_ladder(calling_night: Night) -> None:
    night = calling_night
    night.goes_wrong("error:21215", to="ben", call=True)
    night.allowed_errors = {"platform_fault"}
    night.refers()
    night.wind(seconds=90)
    assert night.rings() == {"cleo", "sam"}
    assert night.fates("ben")[1] == (Fate.FAILED, "21215")
    night.forgets()


def test_a_call_whose_report_comes_before_the_answer_to_our_request_is_known(calling_night: Night) -> None:
    night = calling_night
    night.goes_wrong("callback_before_response", to="ben", call=True)
    referral, ben = _rung_up(night)
    ben.presses(ben.key("accept"), f"You have accepted {referral.code}")


def test_a_call_that_rings_though_we_gave_it_up_still_accepts(calling_night: Night) -> None:
    """Twilio dialled, and its answer was lost: we take the request for failed and call again."""
    night = calling_night
    night.goes_wrong("accept_then_reset", to="ben", call=True)
    referral, ben = _rung_up(night)
    night.wind(seconds=3, step=1)
    call = night.pages("ben")[1]
    assert (call.attempt, call.fate, call.error) == (2, Fate.FAILED, "busy")  # he is on the first one
    assert call.provider_id != ben.call()["sid"]
    ben.presses(ben.key("accept"), f"You have accepted {referral.code}")
    assert _state(referral) == State.ACCEPTED
    night.forgets()


def test_who_is_called_after_another_accepted_is_told_who(calling_night: Night) -> None:
    referral, ben = _rung_up(calling_night)
    transitions.accept(referral.code, **calling_night.world.press("cleo"))
    ben.presses(ben.key("accept"), f"{referral.code} was already accepted by Cleo Marsh for Walton")
    assert Referral.objects.get(pk=referral.pk).operator == calling_night.world.people["cleo"]


def test_two_who_press_at_once_are_one_acceptance(calling_night: Night) -> None:
    night = calling_night
    night.simulator.change_phone(night.world.people["ben"].phone, voice="busy")
    night.refers()
    night.wind(seconds=90)
    assert night.rings() == {"cleo", "sam"}
    both = [night.phone("cleo"), night.phone("sam")]
    for phone in both:
        phone.picks_up("To accept, press")
    heard = at_once([partial(phone.presses, phone.key("accept")) for phone in both])
    assert sorted("You have accepted" in one for one in heard) == [False, True]
    assert sorted("was already accepted by" in one for one in heard) == [False, True]
    assert Event.objects.filter(verb="accept").count() == 1
    night.forgets()


def test_an_operator_under_supervision_accepts_provisionally_and_the_supervisor_confirms_by_key(
    calling_night: Night,
) -> None:
    night = calling_night
    referral = night.world.refers()
    transitions.accept(referral.code, **night.world.press("dev"))
    night.works()
    night.hears(sam="confirm")
    night.wind(minutes=1)
    sam = night.phone("sam")
    sam.picks_up("Dev Rao has accepted referral", "under your supervision", "To confirm, press")
    sam.presses(sam.key("confirm"), f"You have confirmed {referral.code} for Walton.")
    assert _state(referral) == State.ACCEPTED


def test_the_lead_who_is_rung_for_an_alarm_takes_it_by_key(calling_night: Night) -> None:
    night = calling_night
    referral = night.world.a_referral(State.UNPLACED)
    night.works()
    night.wind(minutes=1)
    assert night.rings() == {"nia", "lea"}
    lea = night.phone("lea")
    lea.picks_up("has no hub. Somebody must find one now.", "To say that you deal with it, press")
    lea.presses(lea.key("say that you deal with it"), f"You are dealing with {referral.code}.")
    assert night.alarm().taken_by == night.world.people["lea"]
    night.forgets()


def test_a_database_that_fails_is_said_and_the_next_key_may_work(calling_night: Night) -> None:
    night = calling_night
    night.allowed_errors = {"answer_not_recorded"}
    referral, ben = _rung_up(night)
    with patch.object(answers, "press", side_effect=OperationalError("gone")):
        ben.presses(ben.key("accept"), "Nothing was recorded. Please use Dido on the web.")
    assert _state(referral) == State.REFERRED
    assert Page.objects.filter(used_at=None).count() == 2


def test_who_can_only_see_to_it_hears_whom_to_ring_and_has_no_key_to_accept(calling_night: Night) -> None:
    night = calling_night
    referral = night.world.a_referral(State.PROVISIONAL)
    night.works()
    night.wind(minutes=3)
    nia = night.phone("nia")
    heard = nia.picks_up("has not confirmed", "Please ring them now.")
    assert "To confirm" not in heard
    nia.presses(nia.key("say that you deal with it"), f"You are dealing with {referral.code}.")
    assert _state(referral) == State.PROVISIONAL
    night.forgets()
