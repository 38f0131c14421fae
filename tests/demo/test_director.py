"""The night, wound by hand: a full board at once, patients from referral to repatriation, and room for visitors."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from demo import acting, arrivals, cast, director
from demo.director import Director
from demo.models import Patient
from demo.plans import Answer, Plan
from demo.players import Deed, Signal, Text
from network.models import Person, Site
from paging import answers, rungs, waits
from paging.models import Fate, Page
from referrals import entry, verbs
from referrals.models import Event, Referral, Via
from referrals.states import ENDED, LIVE, State
from tests import world
from tests.demo.opening import opened

SECOND = timedelta(seconds=1)


def wind(night: Director, start: datetime, *, until: datetime, every: int = 5) -> datetime:
    now = start
    while now < until:
        night.tick(now=now)
        now += every * SECOND
    return now


def at_home(state: State) -> Patient:
    found = Patient.objects.filter(referral__state=state, referral__spoke__network__code=cast.HOME)
    patient = found.select_related("referral").first()
    assert patient is not None
    return patient


def only(patient: Patient, **changes: Any) -> None:
    """Nobody else is on stage, and this patient's plan is known."""
    Patient.objects.exclude(pk=patient.pk).update(next_at=None)
    plan = Plan.of(patient.plan)
    for name, value in changes.items():
        setattr(plan, name, value)
    patient.plan = plan.row()
    patient.save()


def test_an_empty_board_is_full_at_once_with_somebody_in_every_lane(house: None, now: datetime) -> None:
    night = opened(now)
    assert night.failures == 0
    home = Counter(Referral.objects.filter(spoke__network__code=cast.HOME).values_list("state", flat=True))
    lanes = LIVE - {State.UNPLACED}
    assert lanes <= {State(state) for state in home}
    assert 9 <= sum(n for state, n in home.items() if state in LIVE) <= 13
    elsewhere = Referral.objects.exclude(spoke__network__code=cast.HOME)
    assert 17 <= elsewhere.filter(state__in=sorted(LIVE)).count() <= 23
    assert not Event.objects.filter(written_at__gt=now).exists()
    late = Event.objects.filter(referral=at_home(State.TREATED).referral)
    assert all(event.at < event.written_at for event in late)


@pytest.fixture
def quiet_country(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few patients elsewhere, so that hours of the night take seconds of the test."""
    monkeypatch.setattr(director, "LIVE_ELSEWHERE", 3)
    monkeypatch.setattr(arrivals, "ELSEWHERE", arrivals.ELSEWHERE[:3])


def test_two_hours_bring_patients_from_referral_to_repatriation_without_a_refusal(
    house: None, quiet_country: None, now: datetime
) -> None:
    night = Director(seed=20, speed=6)
    end = wind(night, now, until=now + timedelta(hours=2), every=60)
    assert night.failures == 0
    ended = Counter(Referral.objects.filter(state__in=sorted(ENDED)).values_list("state", flat=True))
    assert ended[State.REPATRIATED] > 12
    assert {State.NOT_TREATED, State.WITHDRAWN} <= set(ended)
    whole = Event.objects.filter(verb="refer", written_at__gt=now + SECOND).values_list("referral", flat=True)
    assert Referral.objects.filter(pk__in=whole, state=State.REPATRIATED).exists()
    for referral in Referral.objects.filter(state__in=sorted(LIVE)):
        assert not Patient.objects.filter(referral=referral, next_at=None).exists()
    for referral in Referral.objects.all():
        way = list(referral.events.order_by("number"))
        assert [event.before for event in way[1:]] == [event.after for event in way[:-1]]
        moments = [event.at.replace(second=0, microsecond=0) for event in way if event.verb != "arrive"]
        assert moments == sorted(moments)
        assert all(event.via in {Via.NIGHT, Via.CREW} for event in way)
        assert all(event.at <= event.written_at <= end for event in way)
    by_crews = Event.objects.filter(via=Via.CREW).values_list("verb", flat=True)
    assert {"crew_at_spoke", "depart", "arrive"} <= set(by_crews), "ambulances are told of by their own crews"
    verbs_done = set(Event.objects.values_list("verb", flat=True))
    assert {
        "pre_alert",
        "decline",
        "re_offer",
        "confirm",
        "not_treat",
        "stand_down",
    } <= verbs_done
    patient = Patient.objects.filter(left_at=None, referral__state__in=acting.TALKING)[0]
    for later in (1, 2):
        night.step(patient.pk, now=end + later * SECOND, talk=True)
    talked = list(patient.referral.events.order_by("-number")[:2])[::-1]
    assert [event.verb for event in talked] in (["ask", "answer"], ["answer", "ask"]), "whose turn it was"


def test_something_happens_at_home_at_least_every_forty_seconds_and_the_board_stays_about_as_full(
    house: None, now: datetime
) -> None:
    night = opened(now)
    wind(night, now, until=now + timedelta(minutes=8), every=8)
    moments = Event.objects.filter(referral__spoke__network__code=cast.HOME, written_at__gte=now)
    written = sorted(moments.values_list("written_at", flat=True))
    assert max(b - a for a, b in pairwise(written)) <= timedelta(seconds=40)
    live = Referral.objects.filter(state__in=sorted(LIVE))
    assert 7 <= live.filter(spoke__network__code=cast.HOME).count() <= 14
    assert 14 <= live.exclude(spoke__network__code=cast.HOME).count() <= 24


def test_the_director_steps_back_from_a_patient_whom_a_visitor_touched(
    house: None, quiet_country: None, now: datetime
) -> None:
    night = opened(now)
    patient = at_home(State.REFERRED)
    code = patient.referral.code
    ben = Person.objects.get(username="ben")
    verbs.do(code, "accept", {"hub": cast.WALTON}, by=ben, now=now + SECOND, via=Via.WEB)
    wind(night, now + 2 * SECOND, until=now + timedelta(minutes=8), every=15)
    patient.refresh_from_db()
    assert patient.left_at is not None
    assert patient.next_at is None
    last = Event.objects.filter(referral=patient.referral).order_by("-number")[0]
    assert (last.verb, last.via, last.by) == ("accept", Via.WEB, ben)


def test_the_director_never_acts_on_a_referral_that_a_visitor_entered(
    house: None, quiet_country: None, now: datetime
) -> None:
    night = opened(now)
    ada = Person.objects.get(username="ada")
    entered = entry.refer(
        spoke=cast.ARROWE_PARK,
        hubs=[cast.WALTON],
        said=world.facts(now),
        by=ada,
        at=now,
        now=now,
        via=Via.WEB,
    )
    wind(night, now + SECOND, until=now + timedelta(minutes=6), every=15)
    assert Event.objects.filter(referral=entered.referral).count() == 1


def test_a_visitor_has_seventy_five_seconds_before_ben_answers(
    house: None, quiet_country: None, now: datetime
) -> None:
    night = opened(now)
    patient = at_home(State.REFERRED)
    only(patient, answers=[Answer("accept", seconds=1)])
    start = now + 5 * SECOND
    opened_at = patient.referral.offers.get().opened_at
    for second in range(240):
        night.step(patient.pk, now=start + second * SECOND)
        if Referral.objects.get(pk=patient.referral_id).state == State.ACCEPTED:
            break
    event = Event.objects.get(referral=patient.referral, verb="accept")
    assert event.by is not None
    assert event.by.username == "ben"
    assert timedelta(seconds=75) <= event.at - opened_at <= timedelta(seconds=85)


def page_everybody(now: datetime) -> None:
    """The pager's work without a network: pages are written, and reach their phones."""
    waits.open_for_waiting(now=now)
    rungs.climb(now=now, channels=frozenset({"sms"}))
    Page.objects.filter(fate=Fate.DUE).update(fate=Fate.DELIVERED, sent_at=now)


def test_somebody_paged_answers_by_text_and_the_director_stays(
    house: None, quiet_country: None, now: datetime
) -> None:
    deeds: list[Deed] = []
    night = opened(now, perform=deeds.append)
    patient = at_home(State.REFERRED)
    only(patient, answers=[Answer("accept", seconds=20)])
    page_everybody(now)
    moment = now
    while not any(isinstance(deed, Text) for deed in deeds):
        moment += 2 * SECOND
        night.step(patient.pk, now=moment)
    [text] = [deed for deed in deeds if isinstance(deed, Text)]
    assert text.number == Person.objects.get(username="ben").phone
    answers.receive(provider_id="SM1", sender=text.number, text=text.body, now=moment + SECOND)
    night.step(patient.pk, now=moment + 2 * SECOND)
    patient.refresh_from_db()
    assert patient.left_at is None
    assert patient.next_at is not None
    assert Referral.objects.get(pk=patient.referral_id).state == State.ACCEPTED


def test_the_director_steps_back_when_a_visitor_answers_from_a_phone(
    house: None, quiet_country: None, now: datetime
) -> None:
    night = opened(now, perform=lambda deed: None)
    patient = at_home(State.REFERRED)
    only(patient)
    page_everybody(now)
    page = Page.objects.get(escalation__referral=patient.referral, person__username="ben")
    answers.receive(provider_id="SM2", sender=page.phone, text=page.reply_code, now=now + SECOND)
    night.step(patient.pk, now=now + 2 * SECOND)
    patient.refresh_from_db()
    assert patient.left_at is not None


def test_a_text_that_is_lost_is_made_good_on_the_screen(
    house: None, quiet_country: None, now: datetime
) -> None:
    deeds: list[Deed] = []
    night = opened(now, perform=deeds.append)
    patient = at_home(State.REFERRED)
    only(patient, answers=[Answer("accept", seconds=20)])
    page_everybody(now)
    for second in range(0, 150, 2):
        if (due := Patient.objects.get(pk=patient.pk).next_at) and due <= now + second * SECOND:
            night.step(patient.pk, now=now + second * SECOND)
    assert sum(isinstance(deed, Text) for deed in deeds) == 1
    assert Event.objects.get(referral=patient.referral, verb="accept").via == Via.NIGHT


def test_a_phone_without_signal_finds_it_again_whatever_became_of_the_patient(
    house: None, quiet_country: None, now: datetime
) -> None:
    deeds: list[Deed] = []
    night = opened(now, perform=deeds.append)
    patient = Patient.objects.filter(referral__state=State.TREATED)[0]
    only(patient, dark="+447700900123", dark_until=(now + 30 * SECOND).isoformat())
    Patient.objects.filter(pk=patient.pk).update(left_at=now, next_at=None)
    night.tick(now=now + 10 * SECOND)
    assert Signal("+447700900123", on=True) not in deeds
    night.tick(now=now + 31 * SECOND)
    night.tick(now=now + 32 * SECOND)
    assert deeds.count(Signal("+447700900123", on=True)) == 1


def test_one_patient_who_cannot_be_played_holds_up_nobody_and_is_given_up(
    house: None, quiet_country: None, now: datetime
) -> None:
    night = opened(now)
    broken = at_home(State.DEPARTED)
    Patient.objects.filter(pk=broken.pk).update(plan={**broken.plan, "minutes": {}}, next_at=now)
    wind(night, now + SECOND, until=now + timedelta(minutes=6), every=10)
    broken.refresh_from_db()
    assert broken.next_at is None
    assert night.failures == director.MOST_REFUSALS
    assert Event.objects.filter(written_at__gt=now + timedelta(minutes=5)).exists()


def test_a_new_director_goes_on_where_the_last_one_was_killed(
    house: None, quiet_country: None, now: datetime
) -> None:
    before = opened(now)
    wind(before, now + SECOND, until=now + timedelta(minutes=5), every=5)
    there = Patient.objects.count()
    after = Director(seed=20, speed=6)
    wind(after, now + timedelta(minutes=10), until=now + timedelta(minutes=30), every=30)
    assert after.failures == 0
    assert Patient.objects.count() < there + 60
    assert Site.objects.get(code=cast.WALTON).referrals_in.filter(state=State.REPATRIATED).count() >= 2
