"""A time may be entered late, and the event keeps both; an impossible one is refused in a nurse's words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from referrals import clocks, entry, transitions, typed, verbs
from referrals.refusals import BadInput
from referrals.states import State
from tests.world import World, facts


def test_a_late_entry_keeps_when_it_happened_when_it_was_written_who_wrote_it_and_why(world: World) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    left = world.wind(minutes=5)
    written = world.wind(minutes=15)
    said = {"at": left.isoformat(), "note": "Written after the handover."}
    done = verbs.do(referral.code, "depart", said, by=world.people["ada"], now=written, via="web")
    event = done.events.get(verb="depart")
    assert (event.at, event.written_at, event.by) == (left, written, world.people["ada"])
    assert event.details == {"note": "Written after the handover."}
    assert done.departed_at == left


@pytest.mark.parametrize(
    ("state", "press", "minutes", "sentence"),
    [
        (State.ARRIVED, ("puncture", "ben"), -1, "is before the arrival at the hub at"),
        (State.AMBULANCE_REQUESTED, ("depart", "ada"), -60, "is before the arrival at the spoke at"),
        (State.DEPARTED, ("arrive", "ben"), -1, "is before the departure from the spoke at"),
        (State.PUNCTURE, ("end_procedure", "ben"), -1, "is before groin puncture at"),
        (State.REFERRED, ("accept", "ben"), -1, "is before the referral at"),
        (State.REFERRED, ("decline", "ben"), -1, "is before the referral at"),
        (State.PROVISIONAL, ("confirm", "sam"), -1, "is before the provisional acceptance at"),
        (State.ACCEPTED, ("stand_down", "ada"), -1, "is before the acceptance at"),
        (State.REFERRED, ("record_death", "ada"), -60, "is before the arrival at the first hospital at"),
        (State.REPATRIATING, ("repatriate", "ada"), -1, "is before the request for a bed at"),
        (State.AMBULANCE_REQUESTED, ("depart", "ada"), 3, "lies in the future"),
        (State.AMBULANCE_REQUESTED, ("depart", "ada"), -15 * 24 * 60, "more than 14 days ago"),
    ],
)
def test_an_impossible_time_is_refused(
    world: World, state: State, press: tuple[str, str], minutes: int, sentence: str
) -> None:
    verb, who = press
    referral = world.a_referral(state)
    said = {
        "end_procedure": {"mtici": "3"},
        "decline": {"reason": "no_bed"},
        "stand_down": {"reason": "worse"},
    }
    at = (world.now + timedelta(minutes=minutes)).isoformat()
    typed_in = {**said.get(verb, {}), "at": at}
    with pytest.raises(BadInput, match=sentence) as refusal:
        verbs.do(referral.code, verb, typed_in, by=world.people[who], now=world.now, via="web")
    assert list(refusal.value.fields) == ["at"]
    referral.refresh_from_db()
    assert referral.state == state


def test_seconds_of_two_wards_clocks_are_not_an_impossible_order(world: World) -> None:
    referral = world.a_referral(State.ARRIVED)
    arrived = referral.hub_arrived_at
    assert arrived is not None
    world.wind(seconds=30)
    done = transitions.puncture(
        referral.code, by=world.people["ben"], at=arrived.replace(second=0, microsecond=0), now=world.now
    )
    assert done.state == State.PUNCTURE


def test_dido_is_the_minutes_between_the_events(world: World) -> None:
    referral = world.a_referral(State.REPATRIATED)
    departed = referral.events.get(verb="depart").at
    punctured = referral.events.get(verb="puncture").at
    assert referral.arrived_at is not None
    assert referral.onset_at is not None
    assert clocks.dido(referral) == departed - referral.arrived_at
    assert clocks.whole_minutes(clocks.dido(referral)) == 48
    assert clocks.door_to_puncture(referral) == punctured - referral.arrived_at
    assert clocks.onset_to_puncture(referral) == punctured - referral.onset_at
    assert clocks.dido(world.refers()) is None


def test_a_door_in_corrected_to_after_the_door_out_is_refused(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    world.wind(minutes=10)
    said = {"arrived_at": (world.now - timedelta(minutes=1)).isoformat(), "cta_at": world.now.isoformat()}
    with pytest.raises(BadInput, match=r"03:22 is after the request for an ambulance at 03:12") as refusal:
        transitions.amend(referral.code, said=said, **world.press("ada"))
    assert list(refusal.value.fields) == ["arrived_at"]


def test_a_fact_can_be_corrected_when_the_patient_has_been_away_for_weeks(world: World) -> None:
    referral = world.a_referral(State.REPATRIATING)
    world.wind(days=20)
    done = transitions.amend(referral.code, said={"nihss": 3}, **world.press("ada"))
    assert done.nihss == 3
    assert done.events.get(number=done.version).details["changed"] == {"nihss": ["14", "3"]}


def test_what_had_to_be_said_cannot_be_unsaid(world: World) -> None:
    referral = world.refers()
    with pytest.raises(BadInput) as refusal:
        transitions.amend(referral.code, said={"arrived_at": "", "callback": ""}, **world.press("ada"))
    assert set(refusal.value.fields) == {"arrived_at", "callback"}


def test_a_time_without_a_zone_is_the_wards_own(world: World) -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert verbs.moment("2026-07-01T12:30", now=summer) == datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    assert verbs.moment("", now=summer) == summer


@pytest.mark.parametrize(
    ("now", "meant"),
    [
        (
            datetime(2026, 10, 25, 0, 40, tzinfo=UTC),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        ),  # 01:40, the first
        (
            datetime(2026, 10, 25, 1, 40, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        ),  # 01:40, again
    ],
)
def test_the_hour_that_happens_twice_is_the_one_that_has_just_been(now: datetime, meant: datetime) -> None:
    read = datetime.fromisoformat("2026-10-25T01:30")
    assert typed.instant(read, now=now) == meant
    assert verbs.moment("2026-10-25T01:30", now=now) == meant


def test_a_patient_is_referred_in_the_hour_that_happens_twice(world: World) -> None:
    now = datetime(2026, 10, 25, 1, 50, tzinfo=UTC)
    said = facts(now, arrived_at="2026-10-25T01:10", cta_at="2026-10-25T01:40")
    press: dict[str, Any] = {"by": world.people["ada"], "at": now, "now": now}
    done = entry.refer(spoke="RBL14", hubs=["RET20"], said=said, **press).referral
    assert done.arrived_at == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
