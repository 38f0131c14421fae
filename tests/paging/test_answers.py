"""What a text in answer to a page does, and what it must never do."""

import pytest

from network.models import Person
from paging.models import Escalation, Fate, Inbound, Page
from referrals import transitions
from referrals.models import Event, Offer, OfferState, Referral
from referrals.states import State
from tests.paging.night import Night


def _state(referral: Referral) -> str:
    return Referral.objects.get(pk=referral.pk).state


def _verbs(referral: Referral) -> list[str]:
    return list(Event.objects.filter(referral=referral).order_by("number").values_list("verb", flat=True))


def _paged(night: Night, *hubs: str) -> Referral:
    referral = night.refers(*hubs)
    night.phone("ben").expects(referral.code, "accept", "decline")
    return referral


def test_the_code_accepts_and_nobody_is_paged_afterwards(night: Night) -> None:
    referral = _paged(night)
    night.wind(seconds=40)
    night.phone("ben").replies(night.phone("ben").code, f"You have accepted {referral.code} for Walton.")
    assert _state(referral) == State.ACCEPTED
    event = Event.objects.get(referral=referral, verb="accept")
    assert (event.by, event.via, event.at) == (night.world.people["ben"], "sms", night.now)
    assert night.fates("ben") == [(Fate.ANSWERED, "")]
    night.wind(minutes=20, step=300)
    assert night.paged() == [(0.0, "ben")]


def test_x_and_the_code_declines(night: Night) -> None:
    referral = _paged(night)
    night.phone("ben").replies(
        f"X{night.phone('ben').code}", f"You have declined {referral.code} for Walton."
    )
    assert _state(referral) == State.UNPLACED
    night.works()
    night.hears(nia="NO HUB")


@pytest.mark.parametrize("written", ["\n{0}!\n", "{2}", "{3} {4}"])
def test_a_code_in_lower_case_or_with_dots_and_spaces_is_still_the_code(night: Night, written: str) -> None:
    referral = _paged(night)
    code = night.phone("ben").code
    text = written.format(code, "", code.lower(), code[:2], code[2:].lower())
    night.phone("ben").replies(text, "You have accepted")
    assert _state(referral) == State.ACCEPTED


@pytest.mark.parametrize("written", ["X {0}", "x-{0}"])
def test_a_decline_written_with_a_gap_never_accepts(night: Night, written: str) -> None:
    referral = _paged(night)
    night.phone("ben").replies(written.format(night.phone("ben").code), "You have declined")
    assert _state(referral) == State.UNPLACED
    night.works()
    night.hears(nia="NO HUB")


def test_other_words_beside_the_code_change_nothing_and_say_so(night: Night) -> None:
    referral = _paged(night)
    for written in ["{0} can't come", "no problem {0}", "{0} in theatre, ask Cleo", "accept or X{0}?"]:
        night.phone("ben").replies(written.format(night.phone("ben").code), "Nothing was recorded")
    assert _verbs(referral) == ["refer"]


def test_a_wrong_code_changes_nothing_and_says_so(night: Night) -> None:
    referral = _paged(night)
    wrong = "BBBBB" if night.phone("ben").code != "BBBBB" else "CCCCC"
    night.phone("ben").replies(wrong, "not one of yours")
    assert _verbs(referral) == ["refer"]


def test_another_persons_code_is_worth_nothing(night: Night) -> None:
    referral = _paged(night)
    night.phone("cleo").replies(night.phone("ben").code, "not one of yours")
    assert _verbs(referral) == ["refer"]


def test_a_number_that_nobody_knows_is_not_answered(night: Night) -> None:
    referral = _paged(night)
    night.simulator.reply("+447700900001", night.phone("ben").code)
    night.simulator.settle()
    assert _verbs(referral) == ["refer"]
    assert Inbound.objects.get().made_of_it == "unknown_number"


def test_somebody_who_was_disabled_is_not_answered(night: Night) -> None:
    referral = _paged(night)
    Person.objects.filter(username="ben").update(is_active=False)
    night.phone("ben").writes(night.phone("ben").code)
    assert _verbs(referral) == ["refer"]


def test_a_code_works_once(night: Night) -> None:
    referral = _paged(night)
    code = night.phone("ben").code
    night.phone("ben").replies(code, "You have accepted")
    night.phone("ben").replies(f"X{code}", "You have already answered")
    night.phone("ben").replies(code, "You have already answered")
    assert _verbs(referral) == ["refer", "accept"]


def test_who_comes_second_is_told_who_has_the_patient(night: Night) -> None:
    referral = _paged(night)
    transitions.accept(referral.code, **night.world.press("cleo"))
    night.phone("ben").replies(
        night.phone("ben").code, f"{referral.code} was already accepted by Cleo Marsh for Walton"
    )
    assert Referral.objects.get(pk=referral.pk).operator == night.world.people["cleo"]


def test_the_other_hub_is_told_who_has_the_patient(night: Night) -> None:
    referral = _paged(night, "RET20", "RM301")
    night.phone("mo").expects(referral.code)
    night.phone("ben").replies(night.phone("ben").code, "You have accepted")
    night.phone("mo").replies(night.phone("mo").code, "was already accepted by Ben Hale for Walton")


def test_a_code_for_a_referral_that_was_withdrawn_says_so(night: Night) -> None:
    referral = _paged(night)
    transitions.withdraw(referral.code, reason="improved", **night.world.press("ada"))
    night.phone("ben").replies(night.phone("ben").code, referral.code, "Nothing was changed")
    assert _state(referral) == State.WITHDRAWN


def test_a_code_still_accepts_after_the_ladder_has_ended(night: Night) -> None:
    referral = _paged(night)
    code = night.phone("ben").code
    night.wind(minutes=9)
    night.forgets()
    assert _state(referral) == State.UNPLACED
    night.phone("ben").replies(code, "You have accepted")
    assert _state(referral) == State.ACCEPTED
    night.wind(minutes=5)
    night.is_silent()


def test_a_code_of_hours_ago_is_too_old(night: Night) -> None:
    referral = _paged(night)
    Escalation.objects.update(next_at=None, taken_at=night.now)
    night.sleeps(hours=2, seconds=1)
    night.phone("ben").replies(night.phone("ben").code, "too old")
    assert _verbs(referral) == ["refer"]


def test_after_five_wrong_codes_even_the_right_one_is_refused_for_ten_minutes(night: Night) -> None:
    referral = _paged(night)
    right = night.phone("ben").code
    for wrong in [code for code in ["BBBBB", "CCCCC", "DDDDD", "FFFFF", "GGGGG", "HHHHH"] if code != right][
        :5
    ]:
        night.phone("ben").replies(wrong, "not one of yours")
    night.phone("ben").replies(right, "Too many wrong codes", "sign in")
    assert _verbs(referral) == ["refer"]
    night.sleeps(minutes=10, seconds=1)
    night.phone("ben").replies(right, "You have accepted")


def test_the_providers_own_words_are_left_to_it(night: Night) -> None:
    referral = _paged(night)
    for word in ["STOP", "YES", "HELP", "yes", "Start"]:
        night.phone("ben").writes(word)
    assert not [text for text in night.phone("ben").new() if "recorded" in text or "accepted" in text]
    assert set(Inbound.objects.values_list("made_of_it", flat=True)) == {"keyword"}
    assert _verbs(referral) == ["refer"]
    night.forgets()


def test_who_left_by_stop_is_climbed_over(night: Night) -> None:
    night.phone("ben").writes("STOP")
    night.forgets()
    night.refers()
    night.hears(
        cleo="accept",
        sam="accept",
        nia="the phone of Ben Hale on call at Walton has opted out of our texts (replied STOP).",
    )
    assert night.fates("ben") == [(Fate.FAILED, "21610")]


def test_the_coordinator_cannot_accept_with_a_code_that_she_was_not_given(night: Night) -> None:
    referral = _paged(night)
    night.wind(minutes=5)
    night.forgets()
    page = Page.objects.get(person=night.world.people["nia"])
    night.phone("nia").replies(page.reply_code, "not yours to see")
    assert _state(referral) == State.REFERRED


def test_an_operator_in_training_is_confirmed_by_the_supervisor(night: Night) -> None:
    referral = _paged(night)
    night.wind(minutes=5)
    night.forgets()
    dev = Page.objects.get(person=night.world.people["dev"])
    night.phone("dev").replies(
        dev.reply_code, f"provisionally accepted {referral.code}", "supervisor is being paged"
    )
    assert _state(referral) == State.PROVISIONAL
    night.works()
    night.hears(sam=f"STROKE {referral.code} Walton: Dev Rao accepted under your supervision.")
    night.phone("sam").replies(night.phone("sam").code, f"You have confirmed {referral.code} for Walton.")
    assert _state(referral) == State.ACCEPTED
    night.wind(minutes=20, step=300)
    night.is_silent()


def test_a_supervisor_who_declines_leaves_the_patient_to_the_coordinator(night: Night) -> None:
    referral = night.world.a_referral(State.PROVISIONAL)
    night.works()
    night.phone("sam").expects("confirm")
    night.phone("sam").replies(f"X{night.phone('sam').code}", "You have declined")
    assert _state(referral) == State.UNPLACED
    night.works()
    night.hears(nia="NO HUB")


def test_a_silent_supervisor_brings_the_coordinator_and_then_the_alarm(night: Night) -> None:
    referral = night.world.a_referral(State.PROVISIONAL)
    night.works()
    night.hears(sam="confirm")
    night.wind(minutes=1)
    night.hears(sam="confirm")
    night.wind(minutes=2)
    night.hears(sam="confirm", nia="the supervisor has not confirmed")
    night.wind(minutes=2)
    night.hears(nia="the supervisor has not confirmed", lea="the supervisor has not confirmed")
    assert night.alarm().alarm_since == night.now
    night.phone("nia").replies(night.phone("nia").code, f"You are dealing with {referral.code}")
    night.wind(minutes=9)
    night.is_silent()
    assert _state(referral) == State.PROVISIONAL


def test_nobody_confirms_their_own_acceptance(night: Night) -> None:
    """Dev, under direct supervision, is by mistake the supervisor on call as well."""
    night.world.people["sam"].phone = ""
    night.world.people["sam"].save()
    night.world.sites["RET20"].refresh_from_db()
    referral = night.world.a_referral(State.PROVISIONAL)
    type(referral).objects.filter(pk=referral.pk).update(supervisor=night.world.people["dev"])
    night.works()
    night.hears(nia="the supervisor has not confirmed")  # nobody on the rungs before hers
    assert not Page.objects.filter(person=night.world.people["dev"]).exists()


def test_an_offer_that_was_answered_in_the_hub_s_web_page_refuses_the_late_decline(night: Night) -> None:
    referral = _paged(night)
    transitions.accept(referral.code, **night.world.press("ben"))
    night.phone("ben").replies(f"X{night.phone('ben').code}", "was already accepted by Ben Hale")
    assert Offer.objects.get(referral=referral).state == OfferState.ACCEPTED
