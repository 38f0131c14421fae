"""Under “Who was paged” stands the road too: worse, late, diverted, stood down, each as a line of time."""

from datetime import timedelta

from frontend import casefile, ladder_words
from frontend.ladder_line import Line
from network import permissions
from paging import road as milestones
from paging import settling
from paging.models import Page
from realtime.models import Entry
from referrals import queries, road, transitions
from referrals.models import Referral
from referrals.soonest import Around
from referrals.states import State
from tests.frontend.browser import Door, Phones, see, text, tick
from tests.world import World


def lines(world: World, referral: Referral, who: str = "ben") -> list[Line]:
    """The ladders on this person's case, the newest first, without the offer's own."""
    rights = permissions.rights(world.people[who], at=world.now)
    seen = queries.get(rights, referral.code)
    file = casefile.of(Around(seen, now=world.now), rights, casefile.events_of(seen))
    return [line for line in file.climbs if not line.title.startswith("Answer from")]


def delivered(world: World, *usernames: str) -> None:
    """These people's phones have every text that was sent to them."""
    for page in Page.objects.filter(channel="sms", person__username__in=usernames, fate="sent"):
        settling.report(
            page_id=page.pk, provider_id=page.provider_id, status="delivered", error="", now=world.now
        )


def test_worse_is_told_from_the_first_page_to_the_hub_s_answer(
    world: World, phones: Phones, door: Door
) -> None:
    referral = world.a_referral(State.DEPARTED)
    tick(world, phones)
    road.worsen(referral.code, **world.press("ada"))
    tick(world, phones)
    before = Entry.objects.count()
    delivered(world, "ben")
    assert Entry.objects.count() > before, "every screen that shows the case hears of it"
    (worse,) = lines(world, referral)
    assert (worse.title, worse.is_open) == ("Worse on the way", True)
    assert [(one.who, told.word, told.fate) for one in worse.steps[0].reached for told in one.told] == [
        ("Ben Hale", "Text", "delivered, no answer yet"),
        ("Ben Hale", "Call", "calling"),
    ]
    assert worse.coming
    assert worse.coming.people == "Ben Hale, Cleo Marsh"
    world.wind(seconds=30)
    road.instruct(referral.code, instruction="continue", **world.press("ben"))
    tick(world, phones)
    (worse,) = lines(world, referral)
    assert (worse.is_open, worse.outcome) == (False, "answered by Ben Hale after 30 s")
    page = text(see(door("ada"), referral))
    assert "Worse on the way" in page
    assert "answered after 30 s" in page


def test_late_and_diverted_say_who_has_heard_of_it(world: World, phones: Phones) -> None:
    referral = world.a_referral(State.DEPARTED)
    tick(world, phones)
    assert referral.departed_at
    world.now = referral.departed_at + timedelta(minutes=27) + milestones.ARRIVAL
    tick(world, phones)
    delivered(world, "nia")
    (late,) = lines(world, referral)
    assert (late.title, late.outcome) == (
        "The patient has not arrived",
        f"Nia Bevan was reached at {world.now:%H:%M}",
    )
    road.worsen(referral.code, **world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **world.press("ben"))
    tick(world, phones, after=1)
    diverted = lines(world, referral, "mo")[0]
    assert (diverted.title, diverted.is_open) == ("Salford is told of the diversion", True)
    transitions.arrive(referral.code, **world.press("mo"))
    tick(world, phones, after=1)
    assert lines(world, referral, "mo")[0].outcome == f"over at {world.now:%H:%M}"


def test_a_stand_down_says_how_many_have_it(world: World, phones: Phones) -> None:
    referral = world.refers()
    for seconds in (0, 91, 91):
        tick(world, phones, after=seconds)
    transitions.accept(referral.code, **world.press("ben"))
    transitions.stand_down(referral.code, reason="improved", **world.press("ada"))
    tick(world, phones)
    delivered(world, "ben")
    (stood,) = lines(world, referral)
    assert (stood.title, stood.outcome) == ("Told of the stand-down", "1 of 3 reached")
    delivered(world, "cleo", "sam")
    (stood,) = lines(world, referral)
    assert (stood.outcome, stood.mood) == ("3 of 3 reached", "ok")


def test_an_ambulance_that_has_not_left_is_called_so(world: World, phones: Phones) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    tick(world, phones)
    world.wind(minutes=61)
    tick(world, phones)
    (late,) = lines(world, referral)
    assert late.title == "The ambulance has not left"
    assert set(ladder_words.LATE) == {"depart", "arrive"}
