"""The crew's secret link: what it opens, what it may press, and when it ends."""

from datetime import timedelta
from typing import Any

import pytest

from referrals import crew, transitions
from referrals.crew_link import CrewLink
from referrals.models import Event, Referral, Via
from referrals.refusals import BadInput, NotAllowed, NotVisible, Refusal, WrongState
from referrals.states import State
from tests.world import World

NOW = timedelta(0)


def linked(world: World, state: State = State.AMBULANCE_REQUESTED) -> tuple[Referral, str]:
    """A patient in this state whose crew has a link, and its secret."""
    referral = world.a_referral(state)
    crew.link_crew(referral.code, **world.press("ada"))
    link = CrewLink.objects.get(referral=referral)
    return referral, crew.secret_of(link.seed)


def presses(
    world: World, secret: str, verb: str, key: str = "", ago: timedelta = NOW, **said: Any
) -> Referral:
    return crew.press(secret, verb, said, key=key, ago=ago, now=world.now)


def test_a_crew_goes_the_whole_road_without_an_account(world: World) -> None:
    referral, secret = linked(world)
    road: list[tuple[str, dict[str, Any]]] = [
        ("crew_at_spoke", {}),
        ("depart", {}),
        ("delay", {"minutes": "10"}),
        ("worsen", {"gcs": "9"}),
        ("arrive", {}),
    ]
    for verb, said in road:
        world.wind(minutes=3)
        presses(world, secret, verb, **said)
    referral.refresh_from_db()
    assert referral.state == State.ARRIVED
    by_crew = Event.objects.filter(referral=referral, via=Via.CREW)
    assert [event.by for event in by_crew] == [None] * 5


def test_the_rows_do_not_hold_the_secret_and_another_seed_makes_another(world: World) -> None:
    _, secret = linked(world)
    link = CrewLink.objects.get()
    assert secret not in {link.seed, link.digest}
    assert len(secret) >= 22, "128 bits"
    assert crew.secret_of("another") != secret


def test_a_press_that_waited_in_a_dead_spot_has_its_own_time_and_is_done_once(world: World) -> None:
    referral, secret = linked(world)
    world.wind(minutes=20)
    for _ in range(2):
        presses(world, secret, "depart", key="k1", ago=timedelta(minutes=7))
    event = Event.objects.get(referral=referral, verb="depart")
    assert (event.at, event.written_at) == (world.now - timedelta(minutes=7), world.now)


def test_a_time_that_cannot_be_is_refused_for_a_crew_too(world: World) -> None:
    _, secret = linked(world)
    with pytest.raises(BadInput):
        presses(world, secret, "depart", ago=timedelta(hours=5))


@pytest.mark.parametrize("verb", ["accept", "stand_down", "instruct", "amend", "record_death", "nonsense"])
def test_a_crew_can_press_nothing_else(world: World, verb: str) -> None:
    referral, secret = linked(world)
    with pytest.raises(Refusal):
        presses(world, secret, verb)
    assert not Event.objects.filter(referral=referral, via=Via.CREW).exists()


@pytest.mark.parametrize("wrong", ["", "x", "x" * 22, "x" * 4000, "\x00"])
def test_a_wrong_secret_opens_nothing(world: World, wrong: str) -> None:
    linked(world)
    with pytest.raises(NotVisible):
        crew.opened(wrong, now=world.now)


def test_a_link_ends_soon_after_the_arrival(world: World) -> None:
    referral, secret = linked(world, State.DEPARTED)
    world.wind(minutes=30)
    transitions.arrive(referral.code, **world.press("ben"))
    with pytest.raises(WrongState):
        presses(world, secret, "depart")
    assert crew.opened(secret, now=world.wind(minutes=29)).referral == referral, (
        "it still says that it is over"
    )
    with pytest.raises(NotVisible):
        crew.opened(secret, now=world.wind(minutes=2))


def test_a_crew_still_reads_that_it_is_stood_down(world: World) -> None:
    referral, secret = linked(world, State.DEPARTED)
    world.wind(minutes=30)
    transitions.stand_down(referral.code, reason="improved", **world.press("ben"))
    assert crew.opened(secret, now=world.wind(minutes=29)).referral.state == State.STOOD_DOWN
    with pytest.raises(NotVisible):
        crew.opened(secret, now=world.wind(minutes=2))


def test_a_link_that_was_ended_or_forgotten_opens_nothing(world: World) -> None:
    referral, secret = linked(world)
    crew.unlink_crew(referral.code, **world.press("ada"))
    with pytest.raises(NotVisible):
        crew.opened(secret, now=world.now)
    with pytest.raises(WrongState):
        crew.unlink_crew(referral.code, **world.press("ada"))
    other, again = linked(world)
    assert crew.links(other, now=world.now)
    with pytest.raises(NotVisible):
        crew.opened(again, now=world.wind(hours=12))


@pytest.mark.parametrize(("who", "refusal"), [("ben", NotAllowed), ("wyn", NotVisible), ("zed", NotVisible)])
def test_only_the_spoke_and_its_coordinator_make_links(world: World, who: str, refusal: Any) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    for verb in (crew.link_crew, crew.unlink_crew):
        with pytest.raises(refusal):
            verb(referral.code, **world.press(who))
    crew.link_crew(referral.code, **world.press("nia"))
    assert CrewLink.objects.filter(referral=referral).count() == 1


@pytest.mark.parametrize("state", [State.ACCEPTED, State.ARRIVED, State.STOOD_DOWN, State.REFERRED])
def test_without_a_road_there_is_no_link(world: World, state: State) -> None:
    referral = world.a_referral(state)
    with pytest.raises(WrongState):
        crew.link_crew(referral.code, **world.press("ada"))


def test_five_links_are_enough_and_one_that_fell_into_other_hands_cannot_flood_us(world: World) -> None:
    referral, secret = linked(world)
    for _ in range(4):
        crew.link_crew(referral.code, **world.press("ada"))
    with pytest.raises(WrongState):
        crew.link_crew(referral.code, **world.press("ada"))
    for _ in range(crew.PRESSES):
        presses(world, secret, "worsen")
    with pytest.raises(crew.TooMany):
        presses(world, secret, "worsen")
    world.wind(minutes=2)
    presses(world, secret, "worsen")
