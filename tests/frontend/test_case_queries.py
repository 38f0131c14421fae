"""A case costs the same number of statements however much was done and said, and ranks the hubs once at most."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from frontend import casefile
from network import permissions
from network.models import Network
from referrals import medians, remarks, transitions
from referrals.conversation import marks, sending
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, Phones, text, tick
from tests.world import World

MUCH = 6  # questions and answers
RANKS = "medians_kept"  # a name in the statement with which every ranking begins


def statements(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return [one["sql"] for one in asked.captured_queries]


def goes_on(world: World, referral: Referral, *, times: int) -> None:
    """Much is asked, answered, written and read."""
    for number in range(times):
        world.wind(seconds=10)
        if number < MUCH:
            remarks.ask(referral.code, text=f"Question {number}?", **world.press("ben"))
            remarks.answer(referral.code, text=f"Answer {number}.", **world.press("ada"))
        for who, to in (("ada", ""), ("cleo", "spoke"), ("nia", "operator")):
            sending.send(
                referral.code, text=f"{who} {number}", to=to, confirm=who == "nia", **world.press(who)
            )
    for who in ("ben", "sam", "hob"):
        rights = permissions.rights(world.people[who], at=world.now)
        for first in range(1, 3 * times + 1, 5):
            marks.add(rights, referral.code, delivered=[(first, first)], read=[(first, first)], at=world.now)


def test_a_case_of_many_events_and_messages_costs_what_one_of_few_costs(
    world: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casefile, "TRAIL", 8)
    referral = world.a_referral(State.DEPARTED)
    medians.reckon(at=world.now)
    addresses = [
        ("ada", f"/r/{referral.code}/?full=1"),
        ("ben", f"/r/{referral.code}/live/"),
        ("nia", f"/r/{referral.code}/messages/"),
    ]
    goes_on(world, referral, times=2)
    few = [len(statements(door(who), address)) for who, address in addresses]
    goes_on(world, referral, times=17)
    many = [len(statements(door(who), address)) for who, address in addresses]
    assert [most for most, least in zip(many, few, strict=True) if most > least] == []
    page = text(door("ada").get(addresses[0][1]))
    assert "Question 5?" in page
    assert "ada 16" in page
    assert 'data-before="8"' in page, "57 messages: the first ones are a page away"
    done = referral.events.count()
    assert f"The whole trail ({done} lines)" in page
    whole = text(door("ben").get(f"/r/{referral.code}/trail/"))
    assert whole.count("<li><time") == done
    assert whole.index("Question 5?") < whole.index("Question 0?") < whole.index("Ambulance requested")
    assert door("zed").get(f"/r/{referral.code}/trail/").status_code == 404


def test_a_page_on_which_hubs_are_named_thrice_ranks_them_once(
    world: World, door: Door, phones: Phones
) -> None:
    Network.objects.update(offers_next_hub=True)
    referral = world.refers("RET20", "RM301")
    assert _rankings(door("ben"), f"/r/{referral.code}/answer/") == 1
    for hub, who in (("RET20", "ben"), ("RM301", "mo")):
        transitions.decline(referral.code, reason="no_bed", hub=hub, **world.press(who))
    tick(world, phones, after=5)
    for seconds in range(60, 1200, 60):
        tick(world, phones, after=seconds)
    page = f"/r/{referral.code}/?full=1"
    shown = text(door("ada").get(page))
    assert "Of those not asked, it could take the patient soonest" in shown
    assert "Ask for a second opinion" in shown
    assert _rankings(door("ada"), page) == 1


def test_a_page_that_names_no_hub_ranks_none(world: World, door: Door) -> None:
    referral = world.a_referral(State.DEPARTED)
    for who in ("ada", "ben", "nia"):
        assert _rankings(door(who), f"/r/{referral.code}/?full=1") == 0
    other = world.refers()
    assert _rankings(door("ben"), f"/r/{other.code}/answer/") == 0, (
        "the network leaves the next hub to the spoke"
    )


def _rankings(client: Client, address: str) -> int:
    return sum(RANKS in statement for statement in statements(client, address))
