"""Addressed to a role, and please confirm: who is meant follows the hand-over, and the first of them counts."""

from datetime import timedelta
from typing import Any

import pytest

from network.models import Role
from network.people import disable, grant
from realtime.models import Entry
from referrals import transitions
from referrals.conversation import addressed, confirming, sending
from referrals.models import Confirmation, Mark, Message, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.world import World, loses_role
from workforce import rota
from workforce.models import Duty


def asks(world: World, who: str, referral: Referral, to: str, **more: Any) -> Message:
    return sending.send(
        referral.code, text="Tenecteplase given, go?", to=to, **{"confirm": True, **more}, **world.press(who)
    )


def names(world: World, message: Message, *, everybody: bool = False) -> list[str]:
    found = addressed.people(message, at=world.now, everybody=everybody)
    return [person.username for person in found]


def confirms(world: World, who: str, message: Message) -> Confirmation:
    world.wind(minutes=1)
    return confirming.confirm(message.referral.code, message.number, **world.press(who))


def test_the_hub_operator_is_whoever_is_on_call_at_the_hub_that_is_asked(world: World) -> None:
    message = asks(world, "ada", world.refers("RET20", "RM301"), "operator")
    assert sorted(names(world, message)) == ["ben", "mo"]
    assert set(names(world, message, everybody=True)) == {"ben", "cleo", "dev", "ivy", "sam", "mo"}


def test_after_the_hand_over_it_is_the_hub_that_has_the_patient(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    message = asks(world, "ada", referral, "operator")
    transitions.accept(referral.code, **world.press("mo"))
    message.referral.refresh_from_db()
    assert names(world, message) == ["mo"]
    with pytest.raises(NotVisible):
        confirms(world, "ben", message)


def test_the_spoke_team_is_first_whoever_deals_with_the_patient(world: World) -> None:
    grant(world.people["wyn"], Role.SPOKE, at=world.now, site=world.sites["RBL14"])
    message = asks(world, "ben", world.refers(), "spoke")
    assert names(world, message) == ["ada"]
    assert set(names(world, message, everybody=True)) == {"ada", "wyn"}


def test_whoever_left_the_role_is_not_asked_any_more(world: World) -> None:
    message = asks(world, "ben", world.refers(), "spoke")
    loses_role(world, "ada")
    assert names(world, message, everybody=True) == []


def test_whoever_was_disabled_keeps_nobody_else_from_being_asked(world: World) -> None:
    grant(world.people["wyn"], Role.SPOKE, at=world.now, site=world.sites["RBL14"])
    grant(world.people["wyn"], Role.COORDINATOR, at=world.now, network=world.sites["RBL14"].network)
    start, end = world.now - timedelta(hours=1), world.now + timedelta(hours=9)
    rota.put(world.sites["RET20"], Duty.COORDINATOR, world.people["nia"], start=start, end=end)
    referral = world.refers()
    messages = [asks(world, "ben", referral, to) for to in ("spoke", "coordinator")]
    messages.append(asks(world, "ada", referral, "operator"))
    assert [names(world, message) for message in messages] == [["ada"], ["nia"], ["ben"]]
    for one in ("ada", "nia", "ben"):
        disable(world.people[one])
    assert [names(world, message) for message in messages] == [["wyn"], ["wyn"], ["cleo"]]


def test_the_coordinator_is_the_spokes_own(world: World) -> None:
    assert names(world, asks(world, "ada", world.refers(), "coordinator")) == ["nia"]


def test_the_first_of_the_role_counts_and_the_second_is_told_who_that_was(world: World) -> None:
    message = asks(world, "ada", world.refers(), "operator")
    first = confirms(world, "ben", message)
    again = confirms(world, "cleo", message)
    assert first.by == again.by == world.people["ben"]
    assert (again.at, again.place) == (first.at, "Walton")
    assert confirming.waiting() == []
    assert Mark.objects.filter(person=world.people["ben"], kind="read").exists()
    told = Entry.objects.filter(stream_id="site:RBL14", verb__in=["message", "confirmed"])
    assert list(told.order_by("pk").values_list("verb", flat=True)) == ["message", "confirmed"], (
        "one is unread"
    )


@pytest.mark.parametrize("username", ["hob", "ada", "nia"])
def test_who_is_not_meant_cannot_confirm(world: World, username: str) -> None:
    message = asks(world, "ada", world.refers(), "operator")
    with pytest.raises(NotAllowed, match="addressed to the hub operator"):
        confirms(world, username, message)
    assert confirming.waiting() == [message]


def test_nobody_confirms_their_own_message(world: World) -> None:
    grant(world.people["ada"], Role.OPERATOR, at=world.now, site=world.sites["RET20"])
    message = asks(world, "ada", world.refers(), "operator")
    with pytest.raises(NotAllowed):
        confirms(world, "ada", message)
    assert "ada" not in names(world, message, everybody=True)


def test_a_stranger_finds_no_such_message(world: World) -> None:
    message = asks(world, "ada", world.refers(), "operator")
    with pytest.raises(NotVisible):
        confirms(world, "zed", message)


def test_what_was_not_asked_cannot_be_confirmed(world: World) -> None:
    message = asks(world, "ada", world.refers(), "operator", confirm=False)
    with pytest.raises(WrongState, match="Nobody is asked"):
        confirms(world, "ben", message)


def test_to_confirm_needs_somebody_and_a_patient_who_is_on_the_way(world: World) -> None:
    with pytest.raises(BadInput, match="who is to confirm"):
        asks(world, "ada", world.refers(), "")
    with pytest.raises(BadInput, match="addressed to one of"):
        asks(world, "ada", world.refers(), "porter")
    with pytest.raises(WrongState, match="has ended"):
        asks(world, "ada", world.a_referral(State.WITHDRAWN), "operator")


def test_when_the_patients_way_ends_nobody_is_asked_any_more(world: World) -> None:
    referral = world.refers()
    asks(world, "ada", referral, "operator")
    transitions.withdraw(referral.code, reason="improved", **world.press("ada"))
    assert confirming.waiting() == []
