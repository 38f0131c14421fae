"""The night's ambulances tell of themselves, through the link that the spoke hands over."""

from datetime import datetime, timedelta

import pytest

from demo import arrivals, crews, director
from demo.models import Patient
from referrals import crew
from referrals.crew_link import CrewLink
from referrals.models import Event, Via
from referrals.states import State
from tests.demo.opening import opened
from tests.demo.test_director import at_home, only


@pytest.fixture
def lone(house: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[director.Director, Patient]:
    """A patient at home who was just accepted, and nearly nobody else."""
    monkeypatch.setattr(director, "LIVE_ELSEWHERE", 0)
    monkeypatch.setattr(arrivals, "ELSEWHERE", ())
    monkeypatch.setattr(crews, "SHARE", 1.0)
    night = opened(now)
    patient = at_home(State.ACCEPTED)
    only(patient, outcome="treated", ends_at="")
    return night, patient


def goes_on(night: director.Director, patient: Patient, state: State) -> datetime:
    """Step by step until the patient has come to this state; says when that was."""
    for _ in range(8):
        patient.refresh_from_db()
        assert patient.next_at
        night.step(patient.pk, now=(at := patient.next_at))
        patient.referral.refresh_from_db()
        if patient.referral.state == state:
            return at
    raise AssertionError(f"never {state}")


def test_a_crew_is_with_the_patient_leaves_and_arrives_by_its_own_link(
    lone: tuple[director.Director, Patient],
) -> None:
    night, patient = lone
    goes_on(night, patient, State.ARRIVED)
    told = Event.objects.filter(referral=patient.referral, verb__in=crew.VERBS).order_by("number")
    assert [(e.verb, e.via, e.by) for e in told] == [
        (verb, Via.CREW, None) for verb in ("crew_at_spoke", "depart", "arrive")
    ]
    assert CrewLink.objects.get(referral=patient.referral).heard_at
    patient.refresh_from_db()
    assert (night.failures, patient.left_at) == (0, None), "the director knows its own hands"


def test_the_director_steps_back_from_a_crew_s_phone_that_a_visitor_holds(
    lone: tuple[director.Director, Patient],
) -> None:
    night, patient = lone
    at = goes_on(night, patient, State.DEPARTED)
    secret = crew.secret_of(CrewLink.objects.get(referral=patient.referral).seed)
    crew.press(secret, "delay", {"minutes": "10"}, key="visitor", ago=timedelta(0), now=at)
    night.step(patient.pk, now=at + timedelta(seconds=1))
    patient.refresh_from_db()
    assert patient.left_at is not None
