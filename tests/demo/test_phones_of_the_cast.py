"""What the cast do with their phones: tests and drills are answered, calls picked up, codes for new numbers left."""

from datetime import datetime, timedelta

import pytest

from demo import answering, cast, plans
from demo.director import Director
from demo.models import Patient
from demo.plans import SLEEPS_THROUGH, Answer, Plan
from demo.players import Deed, PickUp, Press, Text
from network.models import Person, Site
from paging import answers, reaching, replies, rungs, waits
from paging.models import Channel, Escalation, Fate, Page, Reason
from referrals.models import Event, Referral, Via
from referrals.states import State
from workforce import rota
from workforce.models import Duty, Phase, Shift

SECOND = timedelta(seconds=1)


def pages_leave(now: datetime, *channels: str) -> None:
    """The pager's work without a network: what is due is written, and reaches its phone."""
    rungs.climb(now=now, channels=frozenset(channels or {"sms"}))
    Page.objects.filter(fate=Fate.DUE).update(fate=Fate.DELIVERED, sent_at=now)
    Page.objects.filter(channel=Channel.VOICE, provider_status="").update(provider_status="ringing")


def begins(hub: Site, now: datetime) -> list[Person]:
    """A shift of everybody on call at this hub begins now, and their phones are tested."""
    on_call = [(Duty(shift.duty), shift.person) for shift in rota.on_call(hub, at=now)]
    Shift.objects.filter(hub=hub).delete()
    for duty, person in on_call:
        rota.put(hub, duty, person, start=now, end=now + timedelta(hours=12))
    reaching.open_for_shifts(now=now)
    pages_leave(now)
    return [person for _, person in on_call]


def answered(now: datetime, *, after: int) -> list[Text]:
    """The texts that are sent within so many seconds, each second looked at once."""
    done: dict[int, Text] = {}
    for second in range(after + 1):
        done |= answering.tests(now=now + second * SECOND, done=done)
    return list(done.values())


@pytest.fixture
def salford(house: None) -> Site:
    return Site.objects.get(short_name="Salford")


def test_everybody_s_test_at_the_start_of_a_shift_is_answered_before_their_phone_rings(
    salford: Site, now: datetime
) -> None:
    people = begins(salford, now)
    texts = answered(now, after=60)
    assert {text.number for text in texts} == {person.phone for person in people}
    for number, text in enumerate(texts):
        answers.receive(provider_id=f"SM{number}", sender=text.number, text=text.body, now=now + 60 * SECOND)
    tests = Escalation.objects.filter(reason=Reason.REACH)
    assert tests.count() == len(people)
    assert not tests.filter(answered_at=None).exists()


def test_a_change_of_shifts_is_no_flood(house: None, now: datetime) -> None:
    for hub in Site.objects.filter(is_hub=True):
        begins(hub, now)
    waiting = Page.objects.filter(escalation__reason=Reason.REACH).count()
    assert waiting > answering.TESTS_AT_ONCE
    assert len(answering.tests(now=now + 100 * SECOND, done=set())) == answering.TESTS_AT_ONCE


def test_a_visitor_has_time_to_answer_the_test_of_a_star(house: None, now: datetime) -> None:
    people = begins(Site.objects.get(code=cast.WALTON), now)
    assert {person.username for person in people} == {"ben", "cleo", "sam"}
    assert answered(now, after=answering.PATIENCE_WITH_TESTS - 1) == []
    assert len(answered(now, after=answering.PATIENCE_WITH_TESTS + 2)) == len(people)
    assert answering.PATIENCE_WITH_TESTS < 120  # the phone rings then


def test_a_test_that_a_visitor_asked_for_is_the_visitor_s_to_answer(house: None, now: datetime) -> None:
    reaching.page_myself(Person.objects.get(username="ben"), now=now)
    pages_leave(now)
    assert answered(now, after=300) == []


def test_the_code_for_a_new_number_is_never_sent_back(salford: Site, now: datetime) -> None:
    person = rota.on_call(salford, at=now)[0].person
    reaching.verify(person, "+447700900050", now=now)
    pages_leave(now)
    assert Page.objects.filter(escalation__reason=Reason.VERIFY, fate=Fate.DELIVERED).exists()
    assert answered(now, after=300) == []


def test_a_drill_is_answered_by_who_is_asked_and_not_by_who_is_told(salford: Site, now: datetime) -> None:
    reaching.drill(salford, now=now)
    pages_leave(now)
    first = next(shift.person for shift in rota.on_call(salford, at=now) if shift.duty == "first")
    [text] = answered(now, after=60)
    assert text.number == first.phone
    Page.objects.update(used_at=now)
    last = len(Escalation.objects.get().rungs) - 2
    Escalation.objects.update(next_rung=last, next_at=now)
    pages_leave(now)
    assert Page.objects.filter(rung=last).exists()
    assert answered(now, after=300) == []


def test_a_test_that_was_answered_is_left_alone(salford: Site, now: datetime) -> None:
    begins(salford, now)
    [page, *_] = Page.objects.filter(escalation__reason=Reason.REACH)
    assert page.person
    reaching.answered(page, by=page.person, now=now)
    assert page.phone not in {text.number for text in answered(now, after=60)}


def test_the_director_answers_each_test_once(salford: Site, now: datetime) -> None:
    deeds: list[Deed] = []
    night = Director(seed=20, speed=6, perform=deeds.append)
    people = begins(salford, now)
    for second in range(0, 90, 2):
        night._answer_tests(now + second * SECOND)
    assert sorted(deed.number for deed in deeds) == sorted(person.phone for person in people)


def one_waits(now: datetime, deeds: list[Deed], *, seconds: int = 20) -> tuple[Director, Patient]:
    """The director with one patient on stage, who waits for Salford; whoever answers takes so long, or picks up."""
    night = Director(seed=20, speed=6, perform=deeds.append)
    night.tick(now=now)
    waiting = Patient.objects.filter(referral__state=State.REFERRED, left_at=None)
    patient = next(p for p in waiting if not p.referral.offers.filter(hub__code=cast.WALTON).exists())
    Patient.objects.exclude(pk=patient.pk).update(next_at=None)
    plan = Plan.of(patient.plan)
    plan.answers = [Answer("accept", seconds=seconds)]
    patient.plan = plan.row()
    patient.save()
    waits.open_for_waiting(now=now)
    return night, patient


def steps(night: Director, patient: Patient, start: datetime, *, seconds: int) -> None:
    for second in range(0, seconds, 2):
        if (due := Patient.objects.get(pk=patient.pk).next_at) and due <= start + second * SECOND:
            night.step(patient.pk, now=start + second * SECOND)


def test_a_ringing_phone_is_picked_up_and_the_key_pressed_and_the_director_stays(
    house: None, now: datetime
) -> None:
    deeds: list[Deed] = []
    night, patient = one_waits(now, deeds)
    Escalation.objects.filter(referral=patient.referral).update(next_rung=1, next_at=now)
    pages_leave(now, "voice", "siren")
    [call] = Page.objects.filter(escalation__referral=patient.referral, channel=Channel.VOICE)
    steps(night, patient, now, seconds=12)
    assert deeds == [PickUp(call.phone)]
    Page.objects.filter(pk=call.pk).update(provider_status="in-progress")
    steps(night, patient, now + 12 * SECOND, seconds=8)
    assert deeds == [PickUp(call.phone), Press(call.phone, call.digits[0])]
    call.refresh_from_db()
    answers.press(page=call, call_id="CA1", meant=replies.Yes(""), now=now + 20 * SECOND)
    event = Event.objects.get(referral=patient.referral, verb="accept")
    assert (event.via, event.by) == (Via.VOICE, call.person)
    night.step(patient.pk, now=now + 22 * SECOND)
    patient.refresh_from_db()
    assert patient.left_at is None
    in_training = event.details["phase"] == Phase.DIRECT
    accepted = State.PROVISIONAL if in_training else State.ACCEPTED
    assert Referral.objects.get(pk=patient.referral_id).state == accepted


def test_who_sleeps_through_the_text_is_woken_by_the_call(house: None, now: datetime) -> None:
    deeds: list[Deed] = []
    night, patient = one_waits(now, deeds, seconds=SLEEPS_THROUGH)
    pages_leave(now, "sms")
    steps(night, patient, now, seconds=90)
    assert deeds == []
    later = now + 90 * SECOND
    Escalation.objects.filter(referral=patient.referral).update(next_rung=1, next_at=later)
    pages_leave(later, "voice")
    steps(night, patient, later, seconds=12)
    [call] = Page.objects.filter(escalation__referral=patient.referral, channel=Channel.VOICE)
    assert deeds == [PickUp(call.phone)]


def test_in_every_night_some_sleep_through_the_text_and_most_do_not() -> None:
    drawn = [plans.draw(seed, home=False, door_in=timedelta(minutes=40)).answers[0] for seed in range(200)]
    asleep = sum(answer.seconds == SLEEPS_THROUGH for answer in drawn)
    assert 20 <= asleep <= 70


def test_the_director_steps_back_when_a_visitor_answers_a_call(house: None, now: datetime) -> None:
    night, patient = one_waits(now, [])
    Escalation.objects.filter(referral=patient.referral).update(next_rung=1, next_at=now)
    pages_leave(now, "voice")
    [call] = Page.objects.filter(escalation__referral=patient.referral, channel=Channel.VOICE)
    answers.press(page=call, call_id="CA2", meant=replies.Yes(""), now=now + SECOND)
    night.step(patient.pk, now=now + 2 * SECOND)
    patient.refresh_from_db()
    assert patient.left_at is not None


def test_a_siren_and_a_push_are_answered_by_text(house: None, now: datetime) -> None:
    deeds: list[Deed] = []
    night, patient = one_waits(now, deeds)
    Escalation.objects.filter(referral=patient.referral).update(next_rung=2, next_at=now)
    pages_leave(now, "sms", "push", "siren")
    assert Page.objects.filter(escalation__referral=patient.referral, channel=Channel.SIREN).exists()
    steps(night, patient, now, seconds=30)
    assert [type(deed) for deed in deeds] == [Text]
