"""Twilio's voice doors: what a key in a call does, and what no key and no machine can do."""

import pytest

from paging import speech
from paging.models import Callback, Fate, Inbound, Page
from referrals import transitions
from referrals.models import Event, Referral
from referrals.states import State
from tests.paging import doors
from tests.paging.doors import ACCEPT, DECLINE, LOOK, Line
from tests.paging.tables import Tables

OVER = "This call is over."


def test_the_words_of_the_call_name_three_keys_and_no_patient(desk: Tables, line: Line) -> None:
    (order,) = desk.routes.ways["voice"][0].orders  # type: ignore[attr-defined]
    accept, decline, look = list(line.page.digits)
    assert len({accept, decline, look} & set("123456789")) == 3
    for words in [f"To accept, press {accept}.", f"To decline, press {decline}.", "Arrowe Park"]:
        assert words in order.words
    assert f"{doors.PUBLIC}{line.path}" in order.words
    assert not [fact for fact in ["Canary", "Peregrine", "1950", "999 0"] if fact in order.words]
    assert len(order.words) <= 4000


def test_the_right_key_accepts(line: Line) -> None:
    referral = Referral.objects.get()
    assert f"You have accepted {referral.code} for Walton." in line.presses(ACCEPT)
    assert doors.state() == State.ACCEPTED
    assert Page.objects.get(pk=line.page.pk).fate == Fate.ANSWERED


@pytest.mark.parametrize("key", ["*", "#", "0", "", "12", "wrong"])
def test_star_and_whatever_means_nothing_say_it_all_again(line: Line, key: str) -> None:
    wrong = next(iter(sorted(set("123456789") - set(line.page.digits))))
    twiml = line.presses(wrong if key == "wrong" else key)
    assert f"To accept, press {line.page.digits[ACCEPT]}." in twiml
    assert doors.verbs() == ["refer"]
    assert not Inbound.objects.exists()


def test_the_keys_of_another_call_do_nothing(desk: Tables) -> None:
    desk.refers()
    desk.refers()
    desk.wind(seconds=90)
    one, other = desk.pages("ben", channel="voice")
    Page.objects.filter(pk=one.pk).update(digits="123")
    Page.objects.filter(pk=other.pk).update(digits="456")
    other.refresh_from_db()
    line = Line(other, other.provider_id, other.phone)
    assert "To accept, press 4." in line.presses("1")
    assert OVER in Line(other, one.provider_id, other.phone).presses("4")
    assert doors.verbs() == ["refer", "refer"]
    assert "You have accepted" in line.presses("4")


def test_a_call_to_another_phone_or_of_no_page_is_over(desk: Tables, line: Line) -> None:
    digit = line.page.digits[ACCEPT]
    text = desk.page("ben", channel="sms")
    for wrong in [
        Line(line.page, line.sid, "+447700900103"),
        Line(text, line.sid, line.to),
        Line(Page(pk=10**9), line.sid, line.to),
    ]:
        assert OVER in wrong.presses(digit)
    assert doors.verbs() == ["refer"]


@pytest.mark.parametrize("by", ["machine_start", "machine_end_beep", "machine_end_other", "fax"])
def test_an_answering_machine_never_accepts_even_with_the_right_key(line: Line, by: str) -> None:
    line.machine(by)
    assert line.presses(ACCEPT) == speech.nothing()
    assert line.presses(ACCEPT, AnsweredBy="human") == speech.nothing()
    assert doors.verbs() == ["refer"]
    page = Page.objects.get(pk=line.page.pk)
    assert (page.fate, page.error, page.machine) == (Fate.FAILED, "machine", True)


@pytest.mark.parametrize("by", ["human", "unknown"])
def test_a_human_and_who_may_be_one_is_heard(line: Line, by: str) -> None:
    line.machine(by)
    assert "You have accepted" in line.presses(ACCEPT, AnsweredBy=by)
    assert not Callback.objects.filter(event="machine").exists()


def test_a_machine_that_is_only_named_in_the_form_of_the_key_is_not_heard_either(line: Line) -> None:
    assert line.presses(ACCEPT, AnsweredBy="machine_start") == speech.nothing()
    assert doors.verbs() == ["refer"]


def test_a_machine_that_took_an_earlier_call_does_not_silence_the_person_in_a_later_one(line: Line) -> None:
    Line(line.page, "CA-given-up", line.to).machine()
    assert "You have accepted" in line.presses(ACCEPT)


def test_a_machine_is_known_before_we_have_noted_the_calls_id(desk: Tables, line: Line) -> None:
    Page.objects.filter(pk=line.page.pk).update(fate=Fate.SENDING, provider_id="")
    line.machine()
    assert line.presses(ACCEPT) == speech.nothing()
    assert doors.verbs() == ["refer"]


def test_the_same_key_twice_is_done_once_and_answered_the_same(line: Line) -> None:
    assert len({line.presses(ACCEPT) for _ in range(3)}) == 1
    assert doors.verbs() == ["refer", "accept"]
    assert Inbound.objects.get().made_of_it == "done"


def test_another_key_after_the_answer_changes_nothing(line: Line) -> None:
    line.presses(ACCEPT)
    assert "You have already answered" in line.presses(DECLINE)
    assert "You have already answered" in line.presses(LOOK)
    assert doors.verbs() == ["refer", "accept"]


def test_who_declines_in_a_call_is_told_so(line: Line) -> None:
    assert "You have declined" in line.presses(DECLINE)
    assert doors.state() == State.UNPLACED
    declined = Event.objects.get(verb="decline")
    assert (declined.via, declined.details["text"]) == ("voice", "Declined by phone call")


def test_an_operator_under_direct_supervision_accepts_provisionally(desk: Tables) -> None:
    desk.refers()
    desk.wind(seconds=90)
    page = desk.page("ben", channel="voice")
    dev = desk.world.people["dev"]
    Page.objects.filter(pk=page.pk).update(person=dev, phone=dev.phone)
    twiml = Line(page, page.provider_id, dev.phone).presses(ACCEPT)
    assert "You have provisionally accepted" in twiml
    assert "Your supervisor is being paged to confirm." in twiml
    assert doors.state() == State.PROVISIONAL


def test_a_late_key_gets_a_polite_answer_and_changes_nothing(desk: Tables, line: Line) -> None:
    code = Referral.objects.get().code
    transitions.accept(code, **desk.world.press("cleo"))
    desk.works()
    assert f"{code} was already accepted by Cleo Marsh for Walton" in line.presses(ACCEPT)
    assert "was already accepted by Cleo Marsh" in line.presses(DECLINE)
    assert doors.verbs() == ["refer", "accept"]


def test_a_key_for_a_patient_who_was_withdrawn_changes_nothing(desk: Tables, line: Line) -> None:
    code = Referral.objects.get().code
    transitions.withdraw(code, reason="improved", **desk.world.press("ada"))
    assert "Nothing was changed." in line.presses(ACCEPT)
    assert doors.state() == State.WITHDRAWN


def test_a_key_after_the_ladders_end_still_accepts(desk: Tables, line: Line) -> None:
    desk.wind(minutes=9)
    assert doors.state() == State.UNPLACED
    assert "You have accepted" in line.presses(ACCEPT)
