"""The heading of a case says the one thing that matters next to whoever looks, also when the referral has ended."""

import re

import pytest

from referrals import entry, homeward, remarks, transitions
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, buttons, see, text
from tests.world import World, facts


def heading(page: str) -> str:
    found = re.search(r'<h2 id="next">(.*?)</h2>', page)
    assert found
    return found.group(1)


def has_seen(world: World, referral: Referral, *people: str) -> None:
    for who in people:
        remarks.noted(referral.code, **world.press(who))


@pytest.mark.parametrize(
    ("who", "says", "sentence"),
    [
        ("ben", "Next: a bed at Arrowe Park", ""),
        ("hob", "Next: a bed at Arrowe Park", ""),
        ("ada", "Next: the hub asks for a bed at Arrowe Park", "You can promise it already."),
        ("nia", "Next: the hub asks for a bed at Arrowe Park", "There is nothing for you to press now"),
    ],
)
def test_who_was_not_treated_at_the_hub_needs_a_bed_next(
    world: World, door: Door, who: str, says: str, sentence: str
) -> None:
    referral = world.a_referral(State.NOT_TREATED)
    has_seen(world, referral, "ada")
    page = text(see(door(who), referral))
    assert heading(page) == says
    assert sentence in page
    assert "Nothing is left to do" not in page
    assert ("request_repatriation" in buttons(see(door(who), referral))) == (who in {"ben", "hob"})


def test_a_hubs_own_patient_who_was_not_treated_needs_no_bed_elsewhere(world: World, door: Door) -> None:
    referral = entry.admit(hub="RET20", said=facts(world.now), **world.press("ben")).referral
    transitions.not_treat(referral.code, reason="improved", **world.press("ben"))
    page = text(see(door("ben"), referral))
    assert heading(page) == "This referral has ended"
    assert "Nothing is left to do. Its trail stays." in page
    assert "Ask for a bed" not in page


def test_who_was_alerted_says_first_that_they_have_seen_it(world: World, door: Door) -> None:
    referral = world.a_referral(State.NOT_TREATED)
    page = text(see(door("ada"), referral))
    assert heading(page) == "Next: say that you have seen it"
    assert page.count("I have seen it") == 1
    remarks.noted(referral.code, **world.press("ada"))
    homeward.promise_bed(referral.code, **world.press("ada"))
    assert "You can promise it already." not in text(see(door("ada"), referral))
    referral = world.a_referral(State.NOT_TREATED)
    transitions.request_repatriation(referral.code, **world.press("ben"))
    page = text(see(door("ada"), referral))
    assert (heading(page), page.count("I have seen it")) == ("Next", 1)


def test_nothing_is_left_only_where_that_is_so(world: World, door: Door) -> None:
    withdrawn = text(see(door("ada"), world.a_referral(State.WITHDRAWN)))
    assert heading(withdrawn) == "This referral has ended"
    assert "Nothing is left to do. Its trail stays." in withdrawn
    referral = world.a_referral(State.REPATRIATED)
    page = text(see(door("ada"), referral))
    assert "Nothing is left to do now. Arrowe Park is asked what became of the patient, from" in page
    world.wind(days=1)
    page = text(see(door("ada"), referral))
    assert heading(page) == "Next: record what became of the patient"
    assert f'href="/r/{referral.code}/outcomes/day/"' in page
    assert "Nothing is left for you to do. Arrowe Park is asked" in text(see(door("ben"), referral))
