"""Whether pages reach those who are on: their phones, the test at the start of a shift, the providers; and drills."""

import re
from datetime import timedelta
from typing import Any

import pytest

from network import people
from network.models import Person, PhoneTrouble
from paging import answers, reaching, routes
from paging.models import Escalation, Page, Provider, Reason
from tests.frontend.browser import Door, Phones, text, tick
from tests.paging import tables
from tests.world import World
from workforce import rota
from workforce.models import Duty, Shift

DRILL = "/ladders/RET20/drill/"
HUB_PAGE = 45


@pytest.fixture
def two_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts go by Twilio, and by Notify where Twilio fails; calls by Twilio alone."""
    other = Phones()
    other.provider = "notify"
    carried = routes.only(Phones(), other, Phones("voice"))
    monkeypatch.setattr("paging.routes.configured", lambda: carried)


def begin_a_shift(world: World, phones: Phones) -> Page:
    """Ben's shift begins now, and his phone is tested."""
    hub = world.sites["RET20"]
    Shift.objects.filter(hub=hub, duty=Duty.FIRST).delete()
    end = world.now + timedelta(hours=8)
    rota.put(hub, Duty.FIRST, world.people["ben"], start=world.now, end=end)
    tick(world, phones)
    tick(world, phones)  # the next tick climbs
    return Page.objects.get(escalation__reason=Reason.REACH, channel="sms")


def duty(door: Door, who: str = "nia", person: str = "Ben Hale") -> str:
    """What the on-call page says of this person's duty."""
    page = text(door(who).get("/on-call/"))
    found = re.search(rf'<li class="duty[^>]*>(?:(?!</li>).)*<b>{person}</b>.*?</li>', page)
    assert found
    return found[0]


def reply(world: World, page: Page) -> str:
    assert page.person
    return answers.receive(
        provider_id=f"SM{page.pk}", sender=page.person.phone, text=page.reply_code, now=world.now
    )


@pytest.mark.parametrize("who", ["nia", "ada", "ben", "lea"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phone": ""}, "has no phone number"),
        ({"phone_verified_at": None}, "has not shown yet that pages reach their phone"),
        ({"phone_trouble": PhoneTrouble.UNKNOWN}, "their phone is no number in use"),
    ],
)
def test_a_phone_that_cannot_be_reached_is_red_with_the_reason(
    world: World, door: Door, who: str, change: dict[str, Any], words: str
) -> None:
    assert "is-red" not in duty(door, who)
    Person.objects.filter(username="ben").update(**change)
    shown = duty(door, who)
    assert 'class="duty is-red"' in shown
    assert f"Not reached by pages: {words}" in shown
    assert "1 phone may not be reached" in text(door(who).get("/on-call/"))


def test_a_test_page_under_way_unanswered_and_answered_late_is_said_at_the_slot(
    world: World, door: Door, phones: Phones
) -> None:
    page = begin_a_shift(world, phones)
    assert '<span class="waiting">Test page sent 03:10, no answer yet</span>' in duty(door)
    assert "is-red" not in duty(door)
    world.wind(seconds=299)
    assert "unconfirmed" not in duty(door)
    tick(world, phones, after=1)
    shown = duty(door)
    assert 'class="duty is-red"' in shown
    assert "Unconfirmed since 03:15: the test page was not answered" in shown
    world.wind(minutes=20)
    assert "Unconfirmed since 03:15" in duty(door)
    assert "Pages reach you" in reply(world, page)
    assert "Reached 03:35 in 25 min" in duty(door)
    assert "is-red" not in duty(door)


def test_an_answer_in_time_is_said_quietly(world: World, door: Door, phones: Phones) -> None:
    page = begin_a_shift(world, phones)
    world.wind(seconds=40)
    reply(world, page)
    assert '<span class="proof">Reached 03:10 in 40 s</span>' in duty(door)
    world.wind(minutes=10)
    assert "is-red" not in duty(door)


def test_another_page_that_was_answered_since_shows_it_as_well(
    world: World, door: Door, phones: Phones
) -> None:
    begin_a_shift(world, phones)
    world.wind(minutes=30)
    people.phone_reached(world.people["ben"], at=world.now, by_text=True)
    assert "Reached 03:40 in 30 min" in duty(door)


def test_the_next_shift_knows_nothing_of_the_test_of_this_one(
    world: World, door: Door, phones: Phones
) -> None:
    begin_a_shift(world, phones)
    start = world.now + timedelta(hours=9)
    rota.put(
        world.sites["RET20"], Duty.FIRST, world.people["ivy"], start=start, end=start + timedelta(hours=9)
    )
    world.wind(minutes=6)
    assert "nconfirmed" in duty(door)
    world.now = start + timedelta(minutes=1)
    assert "nconfirmed" not in duty(door, person="Ivy Lowe")


def test_a_provider_in_trouble_is_one_line_for_coordinators(
    world: World, door: Door, two_providers: None
) -> None:
    assert "fail since" not in text(door("nia").get("/on-call/"))
    since = world.now - timedelta(minutes=12)
    Provider.objects.create(name="twilio", channel="sms", troubled_since=since, error="20429")
    line = "Texts by Twilio fail since 02:58: sent by GOV.UK Notify instead."
    assert line in text(door("nia").get("/on-call/"))
    for who in ("ada", "ben", "hob"):
        assert "fail since" not in text(door(who).get("/on-call/"))
    Provider.objects.create(name="notify", channel="sms", troubled_since=world.now, error="20429")
    Provider.objects.create(name="twilio", channel="voice", troubled_since=world.now, error="20429")
    Provider.objects.create(name="twilio", channel="push", troubled_since=None)
    page = text(door("nia").get("/on-call/"))
    assert "Texts by Twilio fail since 02:58: there is no other way." in page
    assert "Texts by GOV.UK Notify fail since 03:10: there is no other way." in page
    assert "Calls by Twilio fail since 03:10: there is no other way." in page
    assert "Pushes" not in page


def drills(door: Door, who: str = "nia") -> list[str]:
    page = text(door(who).get("/ladders/RET20/"))
    found = re.findall(r'<tr><th scope="row">(.*?)</tr>', page)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in found]


def test_a_drill_is_begun_by_a_press_and_shows_who_answered_when_and_how(
    world: World, door: Door, phones: Phones
) -> None:
    assert "There has been no drill yet." in text(door("hob").get("/ladders/RET20/"))
    begun = door("lea").post(DRILL, follow=True)
    assert begun.redirect_chain == [("/ladders/RET20/#drills", 303)]
    assert "The drill began at 03:10:00. No patient waits." in text(begun)
    assert "DRILL, no patient" in text(begun)
    assert drills(door) == ["Sat 21 Nov 03:10 Under way. Look again"]
    tick(world, phones)
    world.wind(seconds=41)
    assert "Drill answered after 41 s." in reply(world, Page.objects.get(channel="sms"))
    assert drills(door, "hob") == ["Sat 21 Nov 03:10 Ben Hale 41 s text"]


def test_a_drill_that_nobody_answers_says_so(world: World, door: Door, phones: Phones) -> None:
    door("nia").post(DRILL)
    while (due := tables.due_at(world.now)) is not None:
        world.now = max(world.now, due)
        tick(world, phones)
    assert drills(door) == ["Sat 21 Nov 03:10 Nobody answered"]


def test_a_patient_breaks_a_drill_off(world: World, door: Door, phones: Phones) -> None:
    door("nia").post(DRILL)
    tick(world, phones)
    world.wind(seconds=20)
    world.refers()
    tick(world, phones)
    tick(world, phones)
    assert drills(door) == ["Sat 21 Nov 03:10 Broken off: a patient came"]


def test_pressed_twice_it_is_one_drill(world: World, door: Door) -> None:
    door("nia").post(DRILL)
    again = door("nia").post(DRILL, follow=True)
    assert "No drill began: one is under way, or nobody is on call now." in text(again)
    assert Escalation.objects.count() == 1


def test_nobody_is_drilled_while_a_patient_waits(world: World, door: Door, phones: Phones) -> None:
    world.refers()
    tick(world, phones)
    page = text(door("nia").get("/ladders/RET20/"))
    assert '<button disabled aria-describedby="hindrance">Start a drill now</button>' in page
    refused = door("nia").post(DRILL, follow=True)
    assert "A patient waits for Walton now: no drill begins." in text(refused)
    assert not Escalation.objects.filter(reason=Reason.DRILL).exists()


def test_only_those_who_decide_have_the_button(world: World, door: Door) -> None:
    assert "Start a drill now" in text(door("lea").get("/ladders/RET20/"))
    assert "Start a drill now" not in text(door("ben").get("/ladders/RET20/"))


def test_an_answer_that_left_no_page_behind_is_still_an_answer(world: World, door: Door) -> None:
    reaching.drill(world.sites["RET20"], now=world.now)
    Escalation.objects.update(answered_by=world.people["ben"], answered_at=world.now, closed_at=world.now)
    assert drills(door) == ["Sat 21 Nov 03:10 Ben Hale 0 s another way"]


def test_the_hubs_page_costs_the_same_for_many_drills(
    world: World, door: Door, phones: Phones, django_assert_num_queries: Any
) -> None:
    browser = door("nia")
    door("nia").post(DRILL)
    tick(world, phones)
    with django_assert_num_queries(HUB_PAGE):
        browser.get("/ladders/RET20/")
    for _ in range(4):
        reply(world, Page.objects.filter(channel="sms").latest("pk"))
        world.wind(minutes=10)
        door("nia").post(DRILL)
        tick(world, phones)
    with django_assert_num_queries(HUB_PAGE):
        browser.get("/ladders/RET20/")
