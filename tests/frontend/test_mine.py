"""Who has a patient, on card, case and the page of who comes on; and the strip that leads there."""

from datetime import timedelta

from django.test import Client

from frontend import mine_sheet
from network import permissions
from paging import changing
from referrals import rulebook
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, see, text
from tests.referrals.test_owning import relieve
from tests.world import World
from workforce.models import Duty

BOARD = "/board/site:RET20/"


def changed_over(world: World, *states: State) -> list[Referral]:
    """Ben has these patients, and ivy came on a minute ago."""
    found = [world.a_referral(state) for state in states]
    relieve(world, Duty.FIRST, "ivy")
    world.wind(hours=1, minutes=1)
    changing.notice(now=world.now)
    return found


def strip(world: World, username: str) -> str:
    rights = permissions.rights(world.people[username], at=world.now)
    found = mine_sheet.strip(rights, now=world.now)
    return found.words if found else ""


def say(browser: Client, *codes: str, key: str = "k") -> str:
    answer = browser.post("/mine/", {"codes": list(codes), "key": key})
    assert answer.status_code == 303
    return str(answer["Location"])


def test_card_and_case_name_who_has_the_patient(world: World, door: Door) -> None:
    referral = world.a_referral(State.ACCEPTED)
    words = "With Ben Hale, operator at Walton."
    assert words in text(door("nia").get("/board/"))
    assert words in text(see(door("ada"), referral))


def test_who_comes_on_has_two_patients_with_one_press(world: World, door: Door) -> None:
    first, second = changed_over(world, State.ACCEPTED, State.PUNCTURE)
    browser = door("ivy")
    assert "Two patients wait for you to say you have them" in text(browser.get(BOARD))
    page = text(browser.get("/mine/"))
    assert "I have these two" in page
    assert "Ben Hale had this patient, operator at Walton. Waits for Ivy Lowe to say" in page
    assert "CANARY" not in page
    assert "NIHSS" not in page
    assert say(browser, first.code, second.code) == "/board/"
    assert "With Ivy Lowe, operator at Walton." in text(see(door("ada"), first))
    assert "wait for you" not in text(browser.get(BOARD))
    assert "Nobody waits for you" in text(browser.get("/mine/"))


def test_the_button_is_on_the_case_too_and_not_for_who_has_it(world: World, door: Door) -> None:
    [referral] = changed_over(world, State.ACCEPTED)
    assert "I have this patient" in text(see(door("ivy"), referral))
    assert "I have this patient" not in text(see(door("ada"), referral))
    say(door("ivy"), referral.code)
    assert "I have this patient" not in text(see(door("ivy"), referral))


def test_only_the_successor_is_asked_until_it_is_overdue_then_everybody_of_the_role(world: World) -> None:
    changed_over(world, State.ACCEPTED)
    assert strip(world, "ivy") == "One patient waits for you to say you have this one"
    assert strip(world, "cleo") == ""
    world.wind(minutes=14)
    assert strip(world, "cleo") != ""
    assert strip(world, "ada") == strip(world, "hob") == strip(world, "mo") == ""


def test_how_long_it_may_wait_is_the_networks_own_target(world: World, door: Door) -> None:
    network = world.networks["cheshire-and-merseyside"]
    rights = permissions.rights(world.people["lea"], at=world.now)
    rulebook.put_targets(
        network, {"hand_over": (30, 90)}, based_on=0, reason="Long hand-overs", rights=rights, at=world.now
    )
    [referral] = changed_over(world, State.ACCEPTED)
    world.wind(minutes=20)
    waits = '<p class="owner is-waited" data-mood="calm"'
    assert waits in text(door("nia").get("/board/"))
    assert waits in text(see(door("ada"), referral))
    world.wind(minutes=10)
    assert '<p class="owner is-waited" data-mood="soon"' in text(door("nia").get("/board/"))


def test_one_that_is_refused_holds_up_none_of_the_others(world: World, door: Door) -> None:
    [mine] = changed_over(world, State.ACCEPTED)
    not_mine = world.refers()
    browser = door("ivy")
    assert say(browser, not_mine.code, "NONE", mine.code) == "/mine/"
    page = text(browser.get("/mine/"))
    assert f"You have {mine.code}." in page
    assert "Only somebody of the role to which this patient belongs can do this." in page
    not_mine.refresh_from_db()
    assert not_mine.owner == world.people["ada"]


def test_the_same_press_twice_is_done_once(world: World, door: Door) -> None:
    [referral] = changed_over(world, State.ACCEPTED)
    browser = door("ivy")
    assert say(browser, referral.code) == say(browser, referral.code) == "/board/"
    assert referral.events.filter(verb="own").count() == 1


def test_a_wall_says_only_what_is_waited_for_and_nothing_to_press(world: World, door: Door) -> None:
    changed_over(world, State.ACCEPTED)
    world.a_referral(State.PRE_ALERTED)
    wall = text(door("nia").get("/wall/network:cheshire-and-merseyside/"))
    assert "Waits for Ivy Lowe" in wall
    assert "With Ada Okoro" not in wall
    assert 'id="mine"' not in wall


def test_a_get_changes_nothing(world: World, door: Door) -> None:
    [referral] = changed_over(world, State.ACCEPTED)
    before = referral.events.count()
    door("ivy").get("/mine/", {"codes": referral.code})
    door("ivy").get("/mine/strip/")
    assert referral.events.count() == before
    assert referral.owned_at
    assert world.now - referral.owned_at > timedelta(hours=1)
