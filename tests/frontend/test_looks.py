"""“Seen, looking”: offered to whoever could answer, once; the page says until when the ladder waits."""

import re

import pytest

from network import people
from network.models import Role
from paging.models import Ladder, Page, Reason
from referrals import remarks, transitions
from referrals.models import Event, Referral
from referrals.states import State
from tests.frontend.browser import Door, Phones, act, buttons, see, text, tick
from tests.world import LONG_AGO, World


def plain(page: str) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def question(door: Door, username: str, referral: Referral) -> str:
    return text(door(username).get(f"/r/{referral.code}/answer/"))


def test_it_stands_apart_from_the_three_answers_and_says_what_it_does(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.refers()
    tick(world, phones)
    page = question(door, "ben", referral)
    thumb = page[page.index('id="part-thumb"') :]
    assert thumb.index('class="look"') < thumb.index("Accept for Walton")
    assert "The next page then waits 2 min." in thumb
    assert re.search(r'<button>Seen, looking</button></form> </div> <form method="post" class="take"', thumb)


def test_who_has_pressed_reads_until_when_the_ladder_waits_and_the_three_answers_stay(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.refers()
    tick(world, phones)
    world.wind(seconds=20)
    response = act(door("ben"), referral, "seen", hub="RET20", **{"from": "answer"})
    assert (response.status_code, response.headers["Location"]) == (303, f"/r/{referral.code}/answer/")
    pages = [question(door, "ben", referral)]
    tick(world, phones, after=1)
    pages.append(question(door, "ben", referral))
    for page in pages:  # before the pager has seen it, and after
        assert "You are looking: nobody else is paged before 03:12:20," in plain(page)
        assert "Seen, looking</button>" not in page
        assert {"accept", "ask", "decline"} <= set(re.findall(r'action="/r/\w+/(\w+)/"', page))
    assert Referral.objects.get(pk=referral.pk).state == State.REFERRED


def test_the_others_read_who_is_looking_and_may_look_too(world: World, door: Door, phones: Phones) -> None:
    referral = world.refers()
    tick(world, phones)
    remarks.seen(referral.code, **world.press("ben"))
    tick(world, phones, after=1)
    page = question(door, "cleo", referral)
    assert "Ben Hale is looking: nobody else is paged before 03:12:00," in plain(page)
    assert "Seen, looking</button>" in page
    world.wind(seconds=30)
    act(door("cleo"), referral, "seen", hub="RET20")
    tick(world, phones)
    assert "nobody else is paged before 03:12:31," in plain(question(door, "ben", referral))
    for username in ("ada", "nia", "hob"):
        assert "Cleo Marsh is looking: nobody else is paged before 03:12:31." in plain(
            text(see(door(username), referral))
        )


def test_nobody_else_is_paged_while_somebody_looks_and_then_it_goes_on(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.refers()
    tick(world, phones)
    act(door("ben"), referral, "seen", hub="RET20")
    for seconds in (1, 60, 58):
        tick(world, phones, after=seconds)
    assert Page.objects.count() == 1
    tick(world, phones, after=1)
    assert Page.objects.count() > 1
    page = plain(question(door, "ben", referral))
    assert "You said at 03:10 that you are looking." in page
    assert "nobody else is paged" not in page


def test_the_supervisor_may_look_before_confirming(world: World, door: Door, phones: Phones) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    tick(world, phones)
    act(door("sam"), referral, "seen")
    tick(world, phones, after=1)
    assert "You are looking: nobody else is paged before 03:13:00," in plain(question(door, "sam", referral))
    assert "Sam Quist is looking" in plain(text(see(door("ada"), referral)))


OFFERED = [
    (State.REFERRED, {"ben", "cleo", "dev", "ivy", "sam", "hob"}),
    (State.PROVISIONAL, {"sam"}),
    (State.UNPLACED, set()),
    (State.ACCEPTED, set()),
    (State.DEPARTED, set()),
]


@pytest.mark.parametrize(("state", "people"), OFFERED)
def test_it_is_offered_to_exactly_those_who_could_answer(
    world: World, door: Door, state: State, people: set[str]
) -> None:
    referral = world.a_referral(state)
    everybody = ("ada", "wyn", "ben", "cleo", "dev", "ivy", "sam", "hob", "mo", "nia", "lea", "zed")
    offered = {name for name in everybody if "seen" in buttons(see(door(name), referral))}
    assert offered == people


def test_a_hub_whose_time_ran_out_holds_nothing_by_looking(world: World, door: Door) -> None:
    referral = world.refers()
    transitions.lapse(referral.code, hub="RET20", **world.press(None))
    page = question(door, "ben", referral)
    assert "Accept for Walton" in page
    assert "Seen, looking</button>" not in page


def test_a_look_from_before_the_ladder_began_may_be_said_again(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.refers()
    act(door("ben"), referral, "seen", hub="RET20", key="early")
    tick(world, phones, after=1)
    assert "Seen, looking</button>" in question(door, "ben", referral)


def test_an_alarm_is_not_held_and_the_page_does_not_say_so(world: World, door: Door, phones: Phones) -> None:
    referral = world.a_referral(State.PROVISIONAL)
    tick(world, phones)
    tick(world, phones, after=60)
    tick(world, phones, after=120)
    tick(world, phones, after=120)
    assert "The alarm goes on; others see that you look." in question(door, "sam", referral)
    act(door("sam"), referral, "seen")
    tick(world, phones, after=1)
    page = plain(question(door, "sam", referral))
    assert "You said at 03:16 that you are looking." in page
    assert "nobody else is paged" not in page


def test_a_ladder_that_holds_for_less_says_so(world: World, door: Door, phones: Phones) -> None:
    rungs = [{"after": 0, "to": ["first"]}, {"after": 90, "to": ["second"]}]
    Ladder.objects.create(
        hub=None, reason=Reason.OFFER, version=7, rungs=rungs, seen_holds=45, made_at=world.now
    )
    referral = world.refers()
    tick(world, phones)
    assert "The next page then waits 45 s." in question(door, "ben", referral)


def test_who_works_at_two_hubs_that_are_asked_says_for_which(world: World, door: Door) -> None:
    people.grant(world.people["mo"], Role.OPERATOR, at=LONG_AGO, site=world.sites["RET20"])
    referral = world.refers("RET20", "RM301")
    page = question(door, "mo", referral)
    assert "Seen, looking for Walton" in page
    assert "Seen, looking for Salford" in page


def test_pressed_too_late_it_is_refused_in_words(world: World, door: Door) -> None:
    referral = world.refers()
    transitions.accept(referral.code, **world.press("cleo"))
    response = act(door("ben"), referral, "seen", hub="RET20")
    assert response.status_code == 409
    assert "was already accepted by Cleo Marsh for Walton at 03:10." in text(response)


def test_a_spoke_cannot_say_that_the_hub_looks(world: World, door: Door) -> None:
    referral = world.refers()
    assert act(door("ada"), referral, "seen", hub="RET20").status_code == 404
    assert not Event.objects.filter(verb="seen").exists()


def test_the_trail_tells_who_looked_and_for_which_hub(world: World, door: Door) -> None:
    referral = world.refers()
    world.wind(minutes=1)
    act(door("ben"), referral, "seen", hub="RET20")
    page = text(see(door("ada"), referral))
    assert '<b>Seen, looking</b> <span class="quiet">Ben Hale</span><br>Walton' in page
