"""The case: everything of one referral, for those who may see it."""

import re
from datetime import timedelta

import pytest

from paging import alarms, settling
from paging.models import Escalation, Page, Reason
from referrals import remarks, transitions
from referrals.states import State
from tests.frontend.browser import Door, Phones, act, see, text, tick
from tests.world import NIGHT, World
from workforce.models import Shift


def test_the_case_says_who_the_patient_is(world: World, door: Door) -> None:
    referral = world.refers()
    page = text(see(door("ada"), referral))
    number = referral.nhs_number
    assert "CANARY-WHITLOCK, Peregrine" in page
    assert f"{number[:3]} {number[3:6]} {number[6:]}" in page
    assert "31 Jan 1950" in page
    assert "Woman of 76, left M1 clot, 1 h 40 from onset" in page


@pytest.mark.parametrize("username", ["zed", "yan", "una", "wyn", "mo"])
def test_a_stranger_finds_nothing(world: World, door: Door, username: str) -> None:
    referral = world.refers()
    for address in (f"/r/{referral.code}/", f"/r/{referral.code}/live/", "/r/NOPE/"):
        response = door(username).get(address)
        assert response.status_code == 404
        assert "CANARY" not in text(response)
        assert referral.code not in text(response)
    assert act(door(username), referral, "accept").status_code == 404


def test_a_hub_that_lost_the_offer_is_told_who_took_the_patient_and_nothing_else(
    world: World, door: Door
) -> None:
    referral = world.refers("RET20", "RM301")
    world.wind(minutes=2)
    transitions.accept(referral.code, **world.press("ben"))
    for response in (see(door("mo"), referral), act(door("mo"), referral, "accept")):
        page = text(response)
        assert response.status_code == 404
        assert f"{referral.code} was already accepted by Ben Hale for Walton at 03:12." in page
        for fact in ("CANARY", "NIHSS", "Woman", referral.nhs_number):
            assert fact not in page


def test_a_hub_that_declined_is_told_so(world: World, door: Door) -> None:
    referral = world.refers("RET20", "RM301")
    transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    assert f"The offer of {referral.code} to Salford is declined." in text(see(door("mo"), referral))


def test_the_trail_tells_what_was_done_newest_first(world: World, door: Door) -> None:
    referral = world.a_referral(State.TREATED)
    lines = re.findall(
        r"<div><b>([^<]+)</b> <span class=\"quiet\">([^<]+)</span>", text(see(door("ben"), referral))
    )
    assert lines == [
        ("Procedure over", "Ben Hale"),
        ("Groin puncture", "Ben Hale"),
        ("Arrived", "Ben Hale"),
        ("Departed", "Ada Okoro"),
        ("Ambulance requested", "Ada Okoro"),
        ("Accepted", "Ben Hale"),
        ("Referred", "Ada Okoro"),
    ]
    page = text(see(door("ben"), referral))
    assert "Category 2 · CAD 4711" in page
    assert "mTICI 2b" in page
    assert "DIDO" in page


def test_the_conversation_is_on_the_page_and_an_open_question_is_what_comes_next(
    world: World, door: Door
) -> None:
    referral = world.refers()
    assert "Answer a question" in text(see(door("ada"), referral))
    remarks.ask(referral.code, text="How is the <airway>?", **world.press("ben"))
    page = text(see(door("ada"), referral))
    assert "How is the &lt;airway&gt;?" in page
    next_part = page[page.index('id="part-next"') : page.index('id="part-facts"')]
    assert "The hub asks:</b> How is the &lt;airway&gt;?" in next_part
    assert 'id="press-answer"' in next_part
    remarks.answer(referral.code, text="Safe.", **world.press("ada"))
    page = text(see(door("ada"), referral))
    assert 'id="press-answer"' not in page[page.index('id="part-next"') : page.index('id="part-facts"')]


def test_the_ladder_shows_each_page_and_who_comes_next(world: World, door: Door, phones: Phones) -> None:
    referral = world.refers()
    assert "Nobody has been paged." in text(see(door("ada"), referral))
    tick(world, phones)
    page = text(see(door("ada"), referral))
    assert "<b>Ben Hale</b>" in page
    assert '<span class="word">Text</span>' in page
    assert "<b>First on call</b><br><span>Ben Hale</span>" in page
    assert re.search(r'in <time datetime="[^"]+" data-tick="until">1:30</time>', page)


def test_the_spoke_is_told_to_ring_with_the_number_and_the_hub_is_not(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.refers()
    for seconds in (0, 90, 90):
        tick(world, phones, after=seconds)
    assert "Ring Walton now" not in text(see(door("ada"), referral))
    tick(world, phones, after=120)
    said = '<b>Ring Walton now: <a class="nowrap" href="tel:+441514960100">0151 496 0100</a></b>'
    assert said in text(see(door("ada"), referral))
    assert said in text(see(door("nia"), referral))
    assert "Ring Walton now" not in text(see(door("ben"), referral))


def test_who_is_told_to_ring_is_not_told_that_there_is_nothing_to_do(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.refers()
    tick(world, phones)
    assert "There is nothing for you to press now" in text(see(door("ada"), referral))
    for seconds in (90, 90, 120):
        tick(world, phones, after=seconds)
    page = text(see(door("ada"), referral))
    assert '<h2 id="next">Next: ring Walton</h2>' in page
    assert "There is nothing for you to press now" not in page


def test_without_a_hub_the_spoke_is_told_to_ring_the_next_one_until_somebody_deals_with_it(
    world: World, door: Door, phones: Phones
) -> None:
    referral = world.a_referral(State.UNPLACED)
    assert "Ring Salford now" not in text(see(door("ada"), referral))
    tick(world, phones)
    for who in ("ada", "nia"):
        page = text(see(door(who), referral))
        assert "<b>Ring Salford now" in page
        assert (
            f"Of those not asked, it could take the patient soonest. Offer {referral.code} to it below."
            in page
        )
    assert "Ring Salford now" not in text(see(door("ben"), referral))
    alarms.take(Escalation.objects.get(reason=Reason.UNPLACED).pk, **world.press("nia"))
    assert "Ring Salford now" not in text(see(door("ada"), referral))


def test_an_operator_who_is_asked_comes_to_the_answer_first(world: World, door: Door) -> None:
    referral = world.refers()
    assert door("ben").get(f"/r/{referral.code}/").headers["Location"] == f"/r/{referral.code}/answer/"
    assert door("hob").get(f"/r/{referral.code}/").status_code == 200
    assert door("ada").get(f"/r/{referral.code}/").status_code == 200
    assert "Answer now" in text(see(door("ben"), referral))


def test_the_live_part_is_the_page_without_its_surroundings(world: World, door: Door) -> None:
    referral = world.refers()
    page = text(door("ada").get(f"/r/{referral.code}/live/"))
    assert 'id="part-next"' in page
    assert "<html" not in page


def test_the_page_follows_the_stream_of_the_place_where_one_works(world: World, door: Door) -> None:
    referral = world.refers()
    assert 'data-stream="site:RBL14" data-since="1"' in text(see(door("ada"), referral))
    assert 'data-stream="site:RET20" data-since="1"' in text(see(door("ben"), referral))
    assert 'data-stream="network:cheshire-and-merseyside"' in text(see(door("nia"), referral))


def test_a_code_may_be_typed_in_small_letters(world: World, door: Door) -> None:
    referral = world.refers()
    assert door("ada").get(f"/r/{referral.code.lower()}/").status_code == 200


def test_nothing_of_the_case_stays_in_the_browser(world: World, door: Door) -> None:
    referral = world.refers()
    for address in (f"/r/{referral.code}/", f"/r/{referral.code}/live/"):
        assert "no-store" in door("ada").get(address).headers["Cache-Control"]


def test_an_acceptance_in_time_says_so_at_the_hub_of_the_offer(world: World, door: Door) -> None:
    referral = world.refers("RET20", "RM301")
    world.wind(minutes=1)
    transitions.decline(referral.code, reason="no_suite", **world.press("mo"))
    page = text(see(door("ada"), referral))
    assert "Declined by Mo Idris at 03:11: no angiography suite free" in page
    assert "Asked at 03:10, no answer yet" in page
    assert "27 min by road" in page


def test_the_day_is_said_of_a_time_that_is_not_of_today(world: World, door: Door) -> None:
    referral = world.refers(onset_at=(NIGHT - timedelta(hours=8)).isoformat())
    assert "Fri 19:10" in text(see(door("ada"), referral))


@pytest.mark.parametrize(
    ("later", "said"),
    [(0, "03:10"), (6, "Sat 03:10"), (7, "Sat 21 Nov 03:10"), (60, "Sat 21 Nov 2026 03:10")],
)
def test_the_trail_says_as_much_of_the_day_as_leaves_no_doubt(
    world: World, door: Door, later: int, said: str
) -> None:
    referral = world.refers()
    world.wind(days=later)
    [line] = re.findall(
        r"<time[^>]*>([^<]+)</time><div><b>Referred", text(door("ada").get(f"/r/{referral.code}/trail/"))
    )
    assert line == said


def test_the_case_says_who_was_told_when_and_whether_it_arrived(
    world: World, door: Door, phones: Phones
) -> None:
    Shift.objects.filter(person__username="ben").update(person=world.people["ivy"])
    referral = world.refers()
    transitions.accept(referral.code, **world.press("ivy"))
    tick(world, phones)
    page = text(see(door("ben"), referral))
    assert "The supervisor is told" in page
    assert "<b>Sam Quist</b>" in page
    sent = Page.objects.get(person=world.people["sam"], channel="sms")
    now = world.wind(seconds=50)
    settling.report(page_id=sent.pk, provider_id=sent.provider_id, status="delivered", error="", now=now)
    assert "Sam Quist was reached at 03:10" in text(see(door("ada"), referral))
