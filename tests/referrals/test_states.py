"""The states: known to the database, each live or ended, never written behind the moves, and drawn as they are."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from referrals.models import MOMENTS, Referral
from referrals.states import ENDED, LIVE, TAKEN, UNTAKEN, WAITING, State
from tests.world import World


def test_every_state_is_either_live_or_ended() -> None:
    assert set(State) == LIVE | ENDED | {State.NEW}
    assert not LIVE & ENDED
    assert LIVE >= WAITING | UNTAKEN | TAKEN
    assert not UNTAKEN & TAKEN


def test_every_state_has_its_moment_and_a_way_in() -> None:
    assert set(MOMENTS) == set(State) - {State.NEW}
    moves = list(Referral().get_all_state_transitions())  # type: ignore[attr-defined]
    assert {move.target for move in moves} == set(State) - {State.NEW}
    assert not [move for move in moves if move.source in ENDED - {State.NOT_TREATED}]


def test_the_state_cannot_be_set_past_the_moves(world: World) -> None:
    referral = world.refers()
    with pytest.raises(AttributeError):
        referral.state = State.ACCEPTED


@pytest.mark.parametrize("state", ["lost", "", "new"])
def test_the_database_refuses_an_unknown_state(world: World, state: str) -> None:
    referral = world.refers()
    with pytest.raises(IntegrityError, match="state_is_known"), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(state=state)


@pytest.mark.parametrize("state", sorted(set(State) - {State.NEW, State.REFERRED}))
def test_the_database_refuses_a_state_without_its_time(world: World, state: State) -> None:
    referral = world.refers()
    with pytest.raises(IntegrityError, match="has_its_time"), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(state=state)


def test_the_database_refuses_a_taken_referral_without_hub_and_operator(world: World) -> None:
    referral = world.refers()
    with pytest.raises(IntegrityError, match="hub_and_operator"), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(state=State.ACCEPTED, accepted_at=world.now)


@pytest.mark.parametrize(
    ("score", "value"), [("nihss", 43), ("prestroke_mrs", 6), ("aspects", 11), ("nihss", -1)]
)
def test_the_database_refuses_an_impossible_score(world: World, score: str, value: int) -> None:
    referral = world.refers()
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(**{score: value})


def test_the_page_of_the_states_is_current() -> None:
    call_command("state_diagram", "--check")
