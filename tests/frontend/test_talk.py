"""The conversation on the case's page: who said what, who has seen it, and the referral's own events between."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from frontend import talk
from network import permissions
from referrals import remarks, transitions, verbs
from referrals.conversation import sending
from referrals.models import Mark, Message, Referral
from referrals.states import State
from tests.frontend.browser import Door, act, see, text
from tests.world import World


def writes(client: Any, referral: Referral, words: str, **more: Any) -> Any:
    said = {"text": words, "key": f"key-{words[:40]}", **more}
    return client.post(f"/r/{referral.code}/messages/", said, headers={"X-Fragment": "yes"})


def lines(response: Any) -> list[str]:
    """Each line of the conversation: its kind and its words."""
    page = text(response)
    page = page[page.index('id="talk-lines"') :]
    found = re.findall(r'class="line is-(\w+)[^"]*"[^>]*>(.*?)</li> ?(?=<li id="line|</ol>)', page)
    return [f"{kind}: {re.sub('<[^>]+>', ' ', words)}" for kind, words in found]


def test_messages_and_events_stand_in_one_line_of_time(world: World, door: Door) -> None:
    referral = world.refers()
    for who, words in (("ada", "Family is on the way."), ("ben", "Which artery?")):
        world.wind(minutes=1)
        assert writes(door(who), referral, words).status_code == 201
    world.wind(minutes=1)
    remarks.ask(referral.code, text="INR?", **world.press("ben"))
    world.wind(minutes=1)
    transitions.accept(referral.code, **world.press("ben"))
    shown = lines(see(door("ada"), referral))
    assert [line.split(":")[0] for line in shown] == ["deed", "message", "message", "ask", "deed"]
    assert "Ada Okoro" in shown[1]
    assert "Spoke stroke team, Arrowe Park" in shown[1]
    assert "Hub operator, Walton" in shown[2]
    assert "INR?" in shown[3]
    assert "Accepted" in shown[4]


def test_the_sender_sees_at_a_glance_whether_anybody_at_the_hub_has_seen_it(world: World, door: Door) -> None:
    referral = world.refers("RET20", "RM301")
    writes(door("ada"), referral, "Thrombolysed at 02:50")
    page = text(see(door("ada"), referral))
    assert "Nobody at Walton has seen this yet" in page
    assert "Nobody at Salford has seen this yet" in page
    world.wind(minutes=1)
    seen = f"/r/{referral.code}/messages/seen/"
    assert door("ben").post(seen, {"delivered": ["1-1"]}).status_code == 204
    assert "Walton: on a screen, not read yet" in text(see(door("ada"), referral))
    world.wind(minutes=1)
    door("ben").post(seen, {"read": ["1-1"]})
    page = text(see(door("ada"), referral))
    assert "Walton: read 03:12, Ben Hale" in page
    assert "Ben Hale, Walton: read 03:12, on a screen 03:11" in page
    assert "Nobody at Salford has seen this yet" in page


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una"])
def test_a_stranger_neither_reads_nor_writes_nor_marks(world: World, door: Door, username: str) -> None:
    referral = world.refers()
    writes(door("ada"), referral, "Confidential words")
    stranger = door(username)
    address = f"/r/{referral.code}/messages/"
    for response in (
        stranger.get(address),
        writes(stranger, referral, "Hello"),
        stranger.post(f"{address}seen/", {"read": ["1-1"]}),
    ):
        assert response.status_code == 404
        assert "Confidential" not in text(response)
    assert stranger.get("/messages/unread/").json() == {}
    assert Message.objects.count() == 1
    assert not Mark.objects.exists()


def test_a_message_sent_again_with_its_key_is_there_once(world: World, door: Door) -> None:
    referral = world.refers()
    answers = [writes(door("ada"), referral, "Once").json() for _ in range(3)]
    assert answers == [{"number": 1}] * 3
    assert Message.objects.count() == 1


def test_without_a_script_the_form_sends_too_and_comes_back_to_the_conversation(
    world: World, door: Door
) -> None:
    referral = world.refers()
    address = f"/r/{referral.code}/messages/"
    response = door("ada").post(address, {"text": "Plain", "key": "k"})
    assert (response.status_code, response["Location"]) == (303, f"/r/{referral.code}/?full=1#talk")
    response = door("ada").post(address, {"text": " ", "key": "k2"}, follow=True)
    assert "Write something first." in text(response)


def test_words_that_waited_are_not_sent_under_the_name_of_who_signed_in_since(
    world: World, door: Door
) -> None:
    referral = world.refers()
    response = writes(door("ben"), referral, "Of Ada", me=str(world.people["ada"].pk))
    assert response.status_code == 403
    assert "Somebody else is signed in here now" in response.json()["message"]
    assert not Message.objects.exists()


def test_a_correction_shows_both(world: World, door: Door) -> None:
    referral = world.refers()
    writes(door("ada"), referral, "Weight 80 kg")
    world.wind(minutes=1)
    writes(door("ada"), referral, "Weight 60 kg", corrects="1")
    page = text(see(door("ben"), referral))
    assert '<p class="words">Weight 80 kg</p>' in page
    assert "Corrected at 03:11: see below." in page
    assert "<span>Corrects</span> <q>Weight 80 kg</q>" in page


def test_what_somebody_wrote_is_shown_as_words_and_never_as_a_page(world: World, door: Door) -> None:
    referral = world.refers()
    writes(door("ada"), referral, "<script>alert(1)</script> & <b>")
    page = text(see(door("ben"), referral))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page


def test_the_boards_are_told_how_many_messages_are_unread(world: World, door: Door) -> None:
    referral = world.refers()
    writes(door("ada"), referral, "One")
    writes(door("ada"), referral, "Two")
    assert door("ben").get("/messages/unread/").json() == {referral.code: 2}
    door("ben").post(f"/r/{referral.code}/messages/seen/", {"read": ["1-2", "nonsense", "9-1"]})
    assert door("ben").get("/messages/unread/").json() == {}


def test_a_long_conversation_opens_at_its_end_with_as_many_queries_as_a_short_one(
    world: World, door: Door, django_assert_max_num_queries: Any
) -> None:
    referral = world.refers()
    sending.send(referral.code, text="first of all", **world.press("ben"))
    for number in range(120):
        sending.send(referral.code, text=f"line {number}.", **world.press("ada"))
    door("nia").post(f"/r/{referral.code}/messages/seen/", {"read": ["1-50", "60-121"]})
    browser = door("ada")
    address = f"/r/{referral.code}/messages/"
    with django_assert_max_num_queries(14):
        newest = browser.get(address)
    assert "line 119." in text(newest)
    assert "line 69." not in text(newest)
    assert 'data-before="72"' in text(newest)
    with django_assert_max_num_queries(15):
        middle = browser.get(address, {"before": "72"})
    assert "line 69." in text(middle)
    assert "first of all" in text(browser.get(address, {"before": "22"}))
    assert browser.get(address, {"before": "nonsense"}).status_code == 200


def test_one_tap_asks_and_the_answer_has_the_boxes_of_its_question(world: World, door: Door) -> None:
    referral = world.refers()
    assert "Blood pressure?</button>" in text(see(door("ben"), referral))
    assert "Blood pressure?</button>" not in text(see(door("ada"), referral))
    act(door("ben"), referral, "ask", topic="blood_pressure")
    page = text(see(door("ada"), referral))
    next_part = page[page.index('id="part-next"') : page.index('id="part-facts"')]
    assert 'name="systolic"' in next_part
    assert 'name="dose_at"' not in next_part
    act(door("ada"), referral, "answer", topic="blood_pressure", systolic="150", diastolic="90")
    page = text(see(door("ben"), referral))
    facts = page[page.index('id="part-facts"') : page.index('id="part-amend"')]
    assert "<dt>Blood pressure</dt><dd>150/90 mmHg <small>answered 03:10</small></dd>" in facts


def test_a_message_to_a_role_says_whom_it_waits_for_until_somebody_confirms(world: World, door: Door) -> None:
    referral = world.refers()
    assert writes(door("ada"), referral, "Go?", to="operator", confirm="yes").status_code == 201
    page = text(see(door("ada"), referral))
    assert "Waits for the hub operator to confirm" in page
    assert "I have it: confirm" not in page
    fragment = text(door("cleo").get(f"/r/{referral.code}/messages/"))
    assert f'action="/r/{referral.code}/messages/1/confirm/"' in fragment
    assert "I have it: confirm" not in text(see(door("hob"), referral))
    assert "To the hub operator: that is you" in text(see(door("cleo"), referral))
    world.wind(minutes=2)
    address = f"/r/{referral.code}/messages/1/confirm/"
    assert door("zed").post(address).status_code == 404
    assert "addressed to the hub operator" in text(door("hob").post(address, follow=True))
    assert door("cleo").post(address).status_code == 303
    page = text(see(door("ada"), referral))
    assert "Confirmed by Cleo Marsh, Walton, 03:12" in page
    assert "Waits for the hub operator" not in page


def test_an_address_of_a_study_or_a_result_can_be_followed(world: World, door: Door) -> None:
    referral = world.refers()
    writes(door("ada"), referral, 'Study: https://pacs.example/study/1?a="><b> and javascript:alert(1)')
    page = text(see(door("ben"), referral))
    assert '<a href="https://pacs.example/study/1' in page
    assert 'href="javascript' not in page
    assert "<b> and" not in page


def test_messages_that_wait_to_be_confirmed_cost_no_query_each(world: World, door: Door) -> None:
    referral, ben = world.refers(), door("ben")
    address, asked = f"/r/{referral.code}/messages/", []
    for many in (2, 8):
        for number in range(many):
            writes(door("ada"), referral, f"Confirm {many}-{number}", to="operator", confirm="yes")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert ben.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


@pytest.mark.parametrize("before", ["999", "0", "1"])
def test_a_page_before_a_message_that_is_not_there_is_a_page(world: World, door: Door, before: str) -> None:
    referral = world.refers()
    writes(door("ada"), referral, "One")
    assert door("ben").get(f"/r/{referral.code}/messages/?before={before}").status_code == 200


def test_what_was_written_late_is_told_as_itself_among_the_messages(world: World) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    rights = permissions.rights(world.people["ada"], at=world.now)
    left = world.now + timedelta(minutes=1)
    world.wind(minutes=9)
    remarks.ask(referral.code, text="Has she left?", **world.press("ben"))
    world.wind(minutes=1)
    transitions.depart(referral.code, **{**world.press("ada"), "at": left})
    lines = {line.id: (line.kind, line.what) for line in talk.of(referral, rights, now=world.now).lines}
    events = {f"e{event.number}": event.verb for event in referral.events.all()}
    assert {verbs.DONE[verb] for verb in events.values()} == {what for _, what in lines.values()}
    assert all(what == verbs.DONE[events[id_]] for id_, (_, what) in lines.items())
