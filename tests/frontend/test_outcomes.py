"""The work list of outcomes, an outcome's form on a phone, who has not answered, the case and the logbook."""

from typing import Any

import pytest

from frontend import outcomes_sheet
from network import permissions
from referrals.after import owed
from referrals.after.rows import Outcome
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, see, text
from tests.referrals.test_outcomes import DAY, HOME, NINETY, record
from tests.world import World


def page_of(referral: Referral, kind: str) -> str:
    return f"/r/{referral.code}/outcomes/{kind}/"


def strip(world: World, who: str) -> str:
    found = outcomes_sheet.strip(permissions.rights(world.people[who], at=world.now), now=world.now)
    return found.words if found else ""


def test_the_list_says_what_is_due_where_and_until_when(world: World, door: Door) -> None:
    world.a_referral(State.TREATED)
    world.wind(hours=20)
    page = text(door("ben").get("/outcomes/"))
    for words in ("Due now", "24 h after the procedure", "Walton is asked", "until 22 Nov 15:1"):
        assert words in page
    assert "CANARY" not in page
    assert "Who has not answered" not in page, "only those who count are told of others"
    world.wind(days=3)
    assert "overdue for 2 days" in text(door("ben").get("/outcomes/"))
    assert "Due now" not in text(door("ada").get("/outcomes/")), "nothing is asked of the spoke"


def test_the_board_of_a_team_that_is_asked_says_so_and_nobody_elses(world: World, door: Door) -> None:
    world.a_referral(State.TREATED)
    world.wind(hours=20)
    assert strip(world, "hob") == "1 outcome is due"
    world.wind(days=2)
    assert strip(world, "hob") == "1 outcome is due, 1 is overdue"
    assert strip(world, "ada") == strip(world, "zed") == ""
    assert "1 outcome is due, 1 is overdue" in text(door("hob").get("/board/"))


def test_who_counts_sees_who_has_not_answered_with_the_age_of_the_oldest(world: World, door: Door) -> None:
    back, treated = world.a_referral(State.REPATRIATED), world.a_referral(State.TREATED)
    world.wind(days=5)
    record(world, treated, **DAY)
    page = text(door("nia").get("/outcomes/"))
    assert (
        '<th scope="row">Arrowe Park</th><td class="late">1</td><td>3 days</td><td>1</td><td>0 of 1</td>'
        in page
    )
    assert '<th scope="row">Walton</th><td>0</td><td>–</td><td>1</td><td>1 of 1</td>' in page
    assert back.code in page


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(world: World, door: Door) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(days=80)
    browser, address = door("ben"), page_of(referral, "ninety")
    assert "mRS at 90 days, as the trials" in text(browser.get(address))
    answer = browser.post(address, {"mrs": "6", "method": "records", "text": "From the GP", "key": "a"})
    assert answer.status_code == 422
    page = text(answer)
    assert "On which day?" in page
    assert 'value="From the GP"' in page
    assert 'name="mrs" value="6" checked' in page
    assert Outcome.objects.count() == 0
    said = {"mrs": "6", "method": "records", "died_on": "2026-12-24", "key": "b"}
    assert browser.post(address, said).status_code == 303
    assert browser.post(address, said).status_code == 303, "the same press twice"
    assert Outcome.objects.count() == 2
    assert "Died on 24 Dec 2026" in text(see(door("ada"), referral))


def test_a_correction_is_asked_for_its_reason_and_both_stay_to_be_read(world: World, door: Door) -> None:
    referral = world.a_referral(State.TREATED)
    record(world, referral, **HOME)
    browser, address = door("hob"), page_of(referral, "discharge")
    said: dict[str, Any] = {"mrs": "3", "destination": "home", "taken": "2026-11-21", "key": "c"}
    assert "This corrects what is recorded" in text(browser.post(address, said))
    assert browser.post(address, said | {"text": "Seen again", "key": "d"}).status_code == 303
    page = text(browser.get(address))
    assert "<b>mRS 3</b>" in page
    assert "<s>mRS 2</s>" in page


def test_others_read_and_do_not_write_and_strangers_find_nothing(world: World, door: Door) -> None:
    referral = world.a_referral(State.TREATED)
    address = page_of(referral, "discharge")
    assert "The spoke or the hub enters this." in text(door("nia").get(address))
    assert door("nia").post(address, {"mrs": "2", "destination": "home", "key": "e"}).status_code == 403
    assert door("zed").get(address).status_code == door("zed").post(address, {}).status_code == 404
    assert door("ben").get(page_of(referral, "nothing")).status_code == 404
    assert door("ben").get(page_of(world.a_referral(State.ACCEPTED), "day")).status_code == 404


def test_the_lead_says_who_asks_at_90_days(world: World, door: Door) -> None:
    world.a_referral(State.TREATED)
    world.wind(days=80)
    assert "Who takes the mRS at 90 days" not in text(door("nia").get("/outcomes/"))
    lead, address = door("lea"), "/outcomes/rule/cheshire-and-merseyside/"
    assert "Who takes the mRS at 90 days" in text(lead.get("/outcomes/"))
    said = {"taken_by": "spoke", "reason": "Spokes know them", "based_on": "0"}
    assert door("zed").post(address, said).status_code == 404
    door("nia").post(address, said)
    assert "Arrowe Park is asked" not in text(door("ada").get("/outcomes/"))
    lead.post(address, said)
    assert "Arrowe Park is asked" in text(door("ada").get("/outcomes/"))


def test_the_case_the_trail_and_the_logbook_tell_it(world: World, door: Door) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(hours=20)
    said: dict[str, Any] = DAY | {"bleed": "symptomatic", "complications": ["access_site"]}
    record(world, referral, **said)
    world.wind(days=80)
    record(world, referral, **NINETY)
    page = text(see(door("ada"), referral))
    for words in ("NIHSS 4", "Symptomatic haemorrhage", "mRS 1", "By phone", "Outcome recorded"):
        assert words in page
    book = text(door("ben").get("/logbook/ben/"))
    assert "Symptomatic intracranial haemorrhage, At the access site</td><td>1</td>" in book


def test_a_board_looks_at_so_many_patients_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owed, "MOST_OPEN", 2)
    for _ in range(3):
        world.a_referral(State.TREATED)
    world.wind(hours=20)
    assert strip(world, "hob") == "Outcomes of 2 patients or more are due"
