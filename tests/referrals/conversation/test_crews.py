"""The ambulance's crew in a conversation: they read what is addressed to them alone, confirm it, and answer."""

from datetime import timedelta
from typing import Any

import pytest

from network import permissions
from referrals import crew, transitions
from referrals.conversation import addressed, confirming, crews, marks, reading, sending
from referrals.conversation.finding import Wanted, find
from referrals.crew_link import CrewLink
from referrals.models import Confirmation, Mark, Message, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.world import World

NOW = timedelta(0)


def linked(world: World, state: State = State.DEPARTED) -> tuple[Referral, str]:
    """A patient on the road whose crew has a link, and its secret."""
    referral = world.a_referral(state)
    crew.link_crew(referral.code, **world.press("ada"))
    return referral, crew.secret_of(CrewLink.objects.get(referral=referral).seed)


def writes(world: World, referral: Referral, words: str, who: str = "ben", **more: Any) -> Message:
    world.wind(minutes=1)
    return sending.send(referral.code, text=words, **more, **world.press(who))


def shown(world: World, secret: str) -> list[str]:
    return [message.text for message in crews.of(crew.opened(secret, now=world.now))]


def says(world: World, secret: str, words: str, key: str = "", ago: timedelta = NOW) -> Message:
    return crews.say(secret, words, key=key, ago=ago, now=world.now)


def test_a_crew_reads_what_is_addressed_to_it_and_nothing_else(world: World) -> None:
    referral, secret = linked(world)
    writes(world, referral, "For all of us")
    writes(world, referral, "For the ward", to="spoke")
    writes(world, referral, "Bring her to the lab directly", to="crew")
    says(world, secret, "Will do")
    assert shown(world, secret) == ["Bring her to the lab directly", "Will do"]


def test_a_correction_of_what_the_crew_read_reaches_the_crew_too(world: World) -> None:
    referral, secret = linked(world)
    first = writes(world, referral, "Keep below 220", to="crew")
    crew.unlink_crew(referral.code, **world.press("ada"))
    crew.link_crew(referral.code, **world.press("ada"))
    writes(world, referral, "Keep below 180", corrects=first.number)
    secret = crew.secret_of(CrewLink.objects.filter(ended_at=None).get().seed)
    assert shown(world, secret) == ["Keep below 220", "Keep below 180"]


def test_what_lay_before_the_crews_eyes_is_read_and_of_other_messages_nothing_is_kept(world: World) -> None:
    referral, secret = linked(world)
    for words, to in (("Hidden", ""), ("One", "crew"), ("Two", "crew")):
        writes(world, referral, words, to=to)
    link = crew.opened(secret, now=world.now)
    for _ in range(2):
        crews.seen(link, delivered=[1, 2, 3, 99], read=[1, 2], now=world.now)
    kept = Mark.objects.filter(crew=link).values_list("kind", "first", "upto").order_by("kind")
    assert list(kept) == [("delivered", 2, 3), ("read", 2, 2)]
    (reader,) = reading.page(referral).readers[2]
    assert (reader.person_id, reader.name, reader.read_at) == (None, "The ambulance’s crew", world.now)


def test_the_crews_thumb_confirms_and_the_sender_sees_that_it_was_the_crew(world: World) -> None:
    referral, secret = linked(world)
    message = writes(world, referral, "Door 4, not A&E", to="crew", confirm=True)
    assert confirming.waiting() == [message]
    world.wind(minutes=1)
    for _ in range(2):
        crews.confirm(secret, message.number, now=world.now)
    wanted = Confirmation.objects.get()
    assert (wanted.by, wanted.at, confirming.waiting()) == (None, world.now, [])
    assert wanted.crew == CrewLink.objects.get()
    assert Mark.objects.filter(crew__isnull=False, kind="read").count() == 1


def test_a_crew_confirms_nothing_that_is_for_somebody_else(world: World) -> None:
    referral, secret = linked(world)
    message = writes(world, referral, "Ward: call the family", to="spoke", confirm=True)
    for number in (message.number, 99):
        with pytest.raises((NotVisible, WrongState)):
            crews.confirm(secret, number, now=world.now)
    assert confirming.waiting() == [message]


@pytest.mark.parametrize(("who", "may"), [("nia", True), ("ada", True), ("cleo", False), ("hob", False)])
def test_whoever_stands_beside_the_crew_or_rings_them_confirms_for_them(
    world: World, who: str, may: bool
) -> None:
    referral, _ = linked(world)
    message = writes(world, referral, "Door 4", to="crew", confirm=True)
    if not may:
        with pytest.raises(NotAllowed, match="addressed to the ambulance crew"):
            confirming.confirm(referral.code, message.number, **world.press(who))
        return
    assert confirming.confirm(referral.code, message.number, **world.press(who)).by == world.people[who]


def test_for_the_crew_the_coordinator_is_asked_and_not_before_the_crew_had_its_minutes(world: World) -> None:
    referral, _ = linked(world)
    message = writes(world, referral, "Door 4", to="crew", confirm=True)
    other = writes(world, referral, "Family?", to="spoke", confirm=True)
    assert confirming.to_ask(at=message.at + confirming.FOR_THE_CREW - timedelta(seconds=1)) == [other]
    both = {message, other}
    assert (
        set(confirming.to_ask(at=message.at + confirming.FOR_THE_CREW)) == set(confirming.waiting()) == both
    )
    found = [
        [person.username for person in addressed.people(message, at=world.now, everybody=everybody)]
        for everybody in (False, True)
    ]
    assert found == [["nia"], ["nia"]]


@pytest.mark.parametrize("state", [State.ACCEPTED, State.AMBULANCE_REQUESTED])
def test_without_a_link_nothing_is_addressed_to_a_crew_that_would_not_read_it(
    world: World, state: State
) -> None:
    referral = world.a_referral(state)
    with pytest.raises(WrongState, match="No crew has a link"):
        writes(world, referral, "Door 4", to="crew")
    assert not Message.objects.exists()


def test_with_the_link_the_crew_reads_and_writes_nothing_any_more(world: World) -> None:
    referral, secret = linked(world)
    message = writes(world, referral, "Door 4", to="crew", confirm=True)
    crew.unlink_crew(referral.code, **world.press("ada"))
    for attempt in (
        lambda: shown(world, secret),
        lambda: says(world, secret, "Hello"),
        lambda: crews.confirm(secret, message.number, now=world.now),
    ):
        with pytest.raises(NotVisible):
            attempt()
    with pytest.raises(WrongState, match="No crew has a link"):
        writes(world, referral, "Hello?", to="crew")


def test_after_the_arrival_the_crew_still_reads_and_writes_no_more(world: World) -> None:
    referral, secret = linked(world)
    writes(world, referral, "Door 4", to="crew")
    transitions.arrive(referral.code, **world.press("ben"))
    world.wind(minutes=5)
    assert shown(world, secret) == ["Door 4"]
    with pytest.raises(WrongState, match="road has ended"):
        says(world, secret, "Thanks")


def test_what_a_crew_writes_is_everybodys_once_and_of_the_moment_at_which_it_was_written(
    world: World,
) -> None:
    referral, secret = linked(world)
    world.wind(minutes=9)
    for _ in range(2):
        says(world, secret, "Stuck at the bridge", key="k1", ago=timedelta(minutes=4))
    (message,) = reading.page(referral).messages
    assert (message.by, message.typed_at) == (None, world.now - timedelta(minutes=4))
    ben = world.people["ben"]
    assert marks.unread(ben, [referral.code]) == {referral.code: 1}
    rights = permissions.rights(ben, at=world.now)
    assert find(rights, words="bridge", wanted=Wanted.UNREAD) == [message]
    marks.add(rights, referral.code, delivered=[], read=[(1, 1)], at=world.now)
    assert marks.unread(ben, [referral.code]) == {}


@pytest.mark.parametrize("words", ["", "x" * (crews.LONGEST + 1), "\x00"])
def test_what_a_crew_cannot_send_is_refused(world: World, words: str) -> None:
    _, secret = linked(world)
    with pytest.raises(BadInput):
        says(world, secret, words)


def test_a_link_in_other_hands_cannot_flood_a_conversation(world: World) -> None:
    _, secret = linked(world)
    for number in range(crews.WRITES):
        says(world, secret, str(number))
    with pytest.raises(crew.TooMany):
        says(world, secret, "more")
    world.wind(minutes=2)
    says(world, secret, "more")
