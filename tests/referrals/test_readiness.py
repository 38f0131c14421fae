"""The hub gets ready: its list, who ticks, and whose list it is."""

import pytest

from network import permissions
from referrals import readiness, road
from referrals.models import Event, Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.states import State
from tests.world import World


def said(world: World, referral: Referral, item: str, *, undo: bool = False) -> Referral:
    world.wind(minutes=1)
    verb = readiness.not_ready if undo else readiness.ready
    return verb(referral.code, item=item, **world.press("hob"))


def puts(world: World, *labels: str, who: str = "lea", based_on: int = 0) -> None:
    rights = permissions.rights(world.people[who], at=world.now)
    network = world.networks["cheshire-and-merseyside"]
    readiness.put(network, labels, based_on=based_on, rights=rights, by=world.people[who], at=world.now)


def test_what_is_ready_can_be_taken_back_and_each_is_an_event(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    said(world, referral, "bed")
    assert said(world, referral, "suite").ready == ["suite", "bed"], "in the order of the list"
    assert said(world, referral, "bed", undo=True).ready == ["suite"]
    events = Event.objects.filter(referral=referral, verb__in=["ready", "not_ready"]).order_by("number")
    assert [(e.verb, e.details["label"]) for e in events] == [
        ("ready", "Bed"),
        ("ready", "Angiography suite"),
        ("not_ready", "Bed"),
    ]


def test_what_was_said_already_or_is_not_on_the_list_is_refused(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    said(world, referral, "nurse")
    with pytest.raises(WrongState):
        said(world, referral, "nurse")
    with pytest.raises(WrongState):
        said(world, referral, "suite", undo=True)
    with pytest.raises(BadInput):
        said(world, referral, "helipad")


def test_a_network_writes_its_own_list_and_a_hub_that_has_begun_keeps_its_own(world: World) -> None:
    begun, fresh = world.a_referral(State.ACCEPTED), world.a_referral(State.ACCEPTED)
    said(world, begun, "suite")
    puts(world, "Angiography suite", "  Runner at the   door ", "")
    assert [item["id"] for item in readiness.of(fresh).items] == ["suite", "runner-at-the-door"]  # type: ignore[union-attr]
    fresh = said(world, fresh, "runner-at-the-door")
    assert fresh.checklist == {
        "version": 1,
        "items": [
            {"id": "suite", "label": "Angiography suite"},
            {"id": "runner-at-the-door", "label": "Runner at the door"},
        ],
    }
    assert said(world, begun, "bed").checklist["version"] == 0  # type: ignore[index]


@pytest.mark.parametrize("labels", [[], ["", " "], ["x" * 41], ["Bed", "bed"], [str(n) for n in range(13)]])
def test_a_list_that_nobody_could_tick_is_refused(world: World, labels: list[str]) -> None:
    with pytest.raises(BadInput):
        puts(world, *labels)


@pytest.mark.parametrize("who", ["ada", "ben", "meg", "una"])
def test_nobody_else_writes_a_networks_list(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        puts(world, "Bed", who=who)


def test_two_who_write_at_once_do_not_overwrite_each_other(world: World) -> None:
    puts(world, "Bed")
    with pytest.raises(readiness.Overtaken):
        puts(world, "Suite", who="nia")
    puts(world, "Suite", who="nia", based_on=1)


def test_a_diverted_patient_is_made_ready_for_anew(world: World) -> None:
    referral = world.a_referral(State.DEPARTED)
    said(world, referral, "suite")
    road.worsen(referral.code, **world.press("ada"))
    referral = road.instruct(referral.code, instruction="divert", to="RM301 mo", **world.press("ben"))
    assert (referral.checklist, referral.ready) == (None, [])
