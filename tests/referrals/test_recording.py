"""What is recorded at the end of a procedure: reperfusion, who else was there, complications; and who reads it."""

from datetime import timedelta
from typing import Any

import pytest

from referrals import cases, verbs
from referrals.models import Referral
from referrals.refusals import BadInput
from referrals.states import State
from tests.world import World


def ends(world: World, referral: Referral, **said: Any) -> Referral:
    typed = {"mtici": "3", **said}
    return verbs.do(referral.code, "end_procedure", typed, by=world.people["ben"], now=world.now, via="web")


def begun(world: World) -> Referral:
    """A puncture forty minutes ago."""
    referral = world.a_referral(State.PUNCTURE)
    world.wind(minutes=40)
    return referral


def test_everything_that_is_said_is_kept_with_its_event(world: World) -> None:
    referral = begun(world)
    opened = world.now - timedelta(minutes=12)
    done = ends(
        world,
        referral,
        reperfused_at=opened.isoformat(),
        second="ivy",
        observing="dev",
        complications=["vasospasm", "perforation"],
    )
    assert (done.state, done.reperfused_at) == (State.TREATED, opened)
    assert (done.second, done.observer) == (world.people["ivy"], world.people["dev"])
    assert done.complications == ["perforation", "vasospasm"]
    assert done.events.get(verb="end_procedure").details == {
        "mtici": "3",
        "reperfused_at": opened.isoformat(),
        "second": "Ivy Lowe",
        "observing": "Dev Rao",
        "complications": ["perforation", "vasospasm"],
    }


def test_nothing_of_it_is_needed(world: World) -> None:
    done = ends(world, begun(world))
    assert (done.reperfused_at, done.second, done.observer, done.complications) == (None, None, None, None)
    assert done.events.get(verb="end_procedure").details == {"mtici": "3"}


@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({"minutes": -41}, "reperfused_at", "is before groin puncture at"),
        ({"minutes": 1}, "reperfused_at", "is after the end of the procedure at"),
        ({"reperfused_at": "half past two"}, "reperfused_at", "not a date and time"),
        ({"reperfused_at": "2026-11-21T99:99"}, "reperfused_at", "not a date and time"),
        ({"second": "ben"}, "second", "was first operator already"),
        ({"second": "mo"}, "second", "choose one of the operators of Walton"),
        ({"observing": "nobody"}, "observing", "choose one of the operators of Walton"),
        ({"second": "ivy", "observing": "ivy"}, "observing", "was second operator already"),
        ({"complications": ["bad luck"]}, "complications", "must be out of none, intracranial"),
        ({"complications": {"none": 1}}, "complications", "must be a list out of none"),
        ({"complications": ["none", "other"]}, "complications", "either none, or those"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_changed(
    world: World, said: dict[str, Any], field: str, sentence: str
) -> None:
    referral = begun(world)
    if minutes := said.pop("minutes", None):
        said["reperfused_at"] = (world.now + timedelta(minutes=minutes)).isoformat()
    with pytest.raises(BadInput, match=sentence) as refusal:
        ends(world, referral, **said)
    assert list(refusal.value.fields) == [field]
    referral.refresh_from_db()
    assert (referral.state, referral.reperfused_at, referral.second) == (State.PUNCTURE, None, None)


def test_an_end_that_is_entered_late_bounds_its_reperfusion(world: World) -> None:
    referral = begun(world)
    over = world.now - timedelta(minutes=10)
    with pytest.raises(BadInput, match="after the end of the procedure"):
        ends(world, referral, at=over.isoformat(), reperfused_at=world.now.isoformat())
    done = ends(world, referral, at=over.isoformat(), reperfused_at=over.isoformat())
    assert done.reperfused_at == over == done.treated_at


def test_everybody_who_was_there_has_it_in_their_logbook_in_their_own_role(world: World) -> None:
    referral = begun(world)
    opened = (world.now - timedelta(minutes=15)).isoformat()
    ends(world, referral, reperfused_at=opened, second="ivy", observing="dev", complications=["none"])
    found = {who: cases.of(world.people[who]) for who in ("ben", "ivy", "dev", "sam")}
    assert {who: [case.role for case in theirs] for who, theirs in found.items()} == {
        "ben": [cases.FIRST],
        "ivy": [cases.SECOND],
        "dev": [cases.OBSERVED],
        "sam": [],
    }
    (case,) = found["ivy"]
    assert (case.minutes_to_reperfusion, case.minutes, case.complications) == (25, 40, ("None",))
    assert (case.operator, case.phase) == ("Ben Hale", "independent")


def test_a_supervisor_who_lent_a_hand_still_stands_there_as_supervisor(world: World) -> None:
    referral = world.refers()
    for who, verb, said in (
        ("dev", "accept", {}),
        ("sam", "confirm", {}),
        ("ada", "request_ambulance", {"category": "C2"}),
        ("ada", "depart", {}),
        ("ben", "arrive", {}),
        ("ben", "puncture", {}),
        ("ben", "end_procedure", {"mtici": "2b", "second": "sam"}),
    ):
        verbs.do(referral.code, verb, said, by=world.people[who], now=world.wind(minutes=3), via="web")
    (case,) = cases.of(world.people["sam"])
    assert case.role == cases.SUPERVISING
