"""A ladder that was stored and cannot be climbed: Dido's own is climbed instead, and no patient waits for it."""

import pytest

from paging import ladders, queries
from paging.ladders import BrokenLadder
from paging.models import Escalation, Ladder, Page, Reason
from referrals.states import State
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.world import World

ENDS = [{"after": 0, "to": ["first"]}, {"after": 60, "to": [], "end": True}]
HANDS_ON = [{"after": 0, "to": ["supervisor"]}, {"after": 60, "to": [], "hand_on": True}]
CASES = [
    (Reason.OFFER, ENDS),
    (Reason.CONFIRM, ENDS),
    (Reason.UNPLACED, ENDS),
    (Reason.CONFIRM, HANDS_ON),
    (Reason.UNPLACED, HANDS_ON),
    (Reason.OFFER, [{"after": 10**12, "to": ["first"]}]),
    (Reason.OFFER, [{"after": -(10**12), "to": ["first"]}]),
    (Reason.OFFER, [{"after": 0, "to": ["first"], "by": ["pigeon"]}]),
]


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Tables:
    return tables.over(world, Postbox(), monkeypatch=monkeypatch)


@pytest.mark.parametrize(("reason", "rows"), CASES)
def test_what_cannot_be_climbed_for_this_wait_is_refused(
    reason: Reason, rows: list[dict[str, object]]
) -> None:
    with pytest.raises(BrokenLadder):
        ladders.read(rows, reason)


@pytest.mark.parametrize("reason", ["offer", "confirm", "unplaced", "reach", "verify", "contact", "platform"])
def test_didos_own_ladders_can_all_be_climbed(reason: str) -> None:
    assert ladders.read(ladders.shipped(Reason(reason)).rungs, Reason(reason))


def test_a_test_of_a_phone_may_end_and_an_offer_may_be_handed_on() -> None:
    assert ladders.read(ENDS, Reason.REACH)
    assert ladders.read(HANDS_ON, Reason.OFFER)


@pytest.mark.parametrize(("reason", "rows"), CASES)
def test_a_stored_one_is_passed_over_for_didos_own(
    desk: Tables, caplog: pytest.LogCaptureFixture, reason: Reason, rows: list[dict[str, object]]
) -> None:
    Ladder.objects.create(hub=None, reason=reason, version=9, rungs=rows, made_at=desk.now)
    assert ladders.current(None, reason) == ladders.shipped(reason)
    assert "ladder_broken" in caplog.text


@pytest.mark.parametrize(
    ("state", "reason"), [(State.REFERRED, Reason.OFFER), (State.PROVISIONAL, Reason.CONFIRM)]
)
def test_an_open_climb_with_an_end_is_not_begun_anew_for_ever(
    desk: Tables, caplog: pytest.LogCaptureFixture, state: State, reason: Reason
) -> None:
    """It would end, be found missing, and page the first rung again, fifty times a second."""
    referral = desk.world.a_referral(state)
    desk.works()
    Escalation.objects.filter(reason=reason).update(rungs=ENDS)
    assert queries.climbs([referral])[referral.pk][-1].is_open
    desk.wind(minutes=5)
    assert Escalation.objects.filter(reason=reason).count() == 1
    assert Page.objects.count() < 20
    assert "ladder_broken" in caplog.text
    assert desk.climb(reason).rungs == ladders.shipped(reason).rungs


def test_rungs_whose_times_run_backwards_follow_at_once_and_the_climb_goes_on(desk: Tables) -> None:
    rows = [
        {"after": 30, "to": ["first"]},
        {"after": 0, "to": ["second"]},
        {"after": 0, "to": [], "hand_on": True},
    ]
    Ladder.objects.create(hub=None, reason=Reason.OFFER, version=9, rungs=rows, made_at=desk.now)
    desk.refers()
    assert not Page.objects.exists()
    desk.wind(seconds=30)
    assert desk.paged(rung__in=[0, 1])[:2] == [(30.0, "ben"), (30.0, "cleo")]
    assert Escalation.objects.filter(reason=Reason.UNPLACED, closed_at=None).count() == 1
