"""The crew's page and the spoke's: the secret goes nowhere, and nothing of who the patient is comes out."""

import json
from typing import Any

import pytest
from django.test import Client

from frontend.views import crew as views
from network import failures
from network.models import Site
from paging import settling
from paging.models import Page
from referrals import crew, road
from referrals.crew_link import CrewLink
from referrals.models import Event, Referral
from referrals.states import State
from tests.frontend.browser import Door, Phones, act, see, text, tick
from tests.world import World

CANARIES = ("Canary", "CANARY", "Peregrine", "1950", "999 0", "Ben Hale", "Ada Okoro")


def linked(world: World, state: State = State.AMBULANCE_REQUESTED) -> tuple[Referral, str]:
    """A patient in this state whose crew has a link, and its secret."""
    referral = world.a_referral(state)
    crew.link_crew(referral.code, **world.press("ada"))
    return referral, crew.secret_of(CrewLink.objects.get(referral=referral).seed)


def posts(path: str, **said: Any) -> Any:
    """A phone without any account, whose browser checks nothing for us."""
    phone = Client(enforce_csrf_checks=True)
    return phone.post(f"/crew/{path}/", json.dumps(said), content_type="application/json")


def test_the_empty_page_is_the_same_for_everybody_and_tells_no_address_on(db: None) -> None:
    page = Client().get("/crew/")
    assert (page.status_code, page["Referrer-Policy"], page["X-Robots-Tag"]) == (
        200,
        "no-referrer",
        "noindex, nofollow",
    )
    assert not page.cookies
    assert "csrf" not in text(page)


def test_a_crew_sees_where_to_go_and_no_name(world: World, door: Door) -> None:
    referral, secret = linked(world)
    page = posts("look", secret=secret)
    html = page.json()["html"]
    for words in (
        referral.code,
        "Walton",
        "Woman of 76, NIHSS 14",
        "Category 2, CAD 4711",
        "I am with the patient",
    ):
        assert words in html
    for fact in CANARIES:
        assert fact not in html
    assert referral.nhs_number not in html
    assert not page.cookies
    assert page["Referrer-Policy"] == "no-referrer"


def test_a_crew_presses_and_sees_what_comes_next(world: World, door: Door) -> None:
    referral, secret = linked(world)
    html = posts("act", secret=secret, verb="crew_at_spoke", key="1").json()["html"]
    assert 'data-verb="depart"' in html
    html = posts("act", secret=secret, verb="depart", key="2", ago=30).json()["html"]
    assert 'data-verb="arrive"' in html
    world.wind(minutes=2)
    html = posts("act", secret=secret, verb="delay", said={"minutes": "15"}, key="3").json()["html"]
    assert "as said at 03:14" in html
    html = posts("act", secret=secret, verb="worsen", said={"gcs": "9", "text": "Vomits"}, key="4").json()[
        "html"
    ]
    assert "the hub is being paged" in html
    road.instruct(referral.code, instruction="continue", text="Go on", **world.press("ben"))
    html = posts("look", secret=secret).json()["html"]
    assert "The hub says: Continue" in html
    html = posts("act", secret=secret, verb="arrive", key="5").json()["html"]
    assert "Arrived at 03:14. Thank you." in html
    assert "data-verb" not in html


def test_a_refusal_is_a_sentence(world: World, door: Door) -> None:
    referral, secret = linked(world, State.DEPARTED)
    page = posts("act", secret=secret, verb="depart", key="1")
    assert (page.status_code, "cannot be done now" in page.json()["message"]) == (409, True)
    page = posts("act", secret=secret, verb="worsen", said={"gcs": "99"}, key="2")
    assert (page.status_code, "GCS" in page.json()["message"]) == (422, True)
    assert Event.objects.filter(referral=referral, via="crew").count() == 0


@pytest.mark.parametrize("said", [{}, {"secret": "wrong"}, {"secret": None}, {"secret": ["x"]}])
def test_a_wrong_secret_is_told_so_and_guessing_is_slowed_down(world: World, door: Door, said: Any) -> None:
    _, secret = linked(world)
    for path in ("look", "act"):
        page = posts(path, **said)
        assert (page.status_code, page.json()["message"]) == (404, views.GONE)
    for _ in range(failures.FREE_TRIES):
        posts("look", **said)
    assert posts("look", **said).status_code == 429
    assert posts("look", secret=secret).status_code == 200, "another crew behind the same address goes on"
    world.wind(minutes=11)
    assert posts("look", **said).status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"'])
def test_what_is_no_object_opens_nothing(world: World, door: Door, body: bytes) -> None:
    page = Client().post("/crew/act/", body, content_type="application/json")
    assert page.status_code == 404


def test_the_spoke_hands_over_a_square_with_the_secret_behind_the_hash(world: World, door: Door) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    address = f"/r/{referral.code}/crew-link/"
    assert address in text(see(door("ada"), referral))
    assert "<svg" not in text(door("ada").get(address))
    made = door("ada").post(address, {"key": "k1"})
    assert (made.status_code, made["Location"]) == (303, address)
    page = text(door("ada").get(address))
    link = CrewLink.objects.get(referral=referral)
    assert f"/crew/#{crew.secret_of(link.seed)}" in page
    assert "<svg" in page
    assert "Not opened yet." in page
    posts("look", secret=crew.secret_of(link.seed))
    assert "Open on a phone" in text(door("ada").get(address))
    door("ada").post(address, {"key": "k2", "do": "end"})
    assert posts("look", secret=crew.secret_of(link.seed)).status_code == 404
    assert "Links for the crew ended" in text(see(door("ada"), referral))


def test_nobody_else_hands_a_link_over(world: World, door: Door) -> None:
    referral, _ = linked(world)
    address = f"/r/{referral.code}/crew-link/"
    assert door("zed").get(address).status_code == 404
    assert door("zed").post(address).status_code == 404
    hub = door("ben").get(address)
    assert "<svg" not in text(hub)
    assert door("ben").post(address).status_code == 403
    assert address not in text(see(door("ben"), referral))


def test_whoever_is_worse_is_on_the_board_and_the_case_until_the_hub_answers(
    world: World, door: Door
) -> None:
    referral, secret = linked(world, State.DEPARTED)
    world.wind(minutes=2)
    posts("act", secret=secret, verb="worsen", said={"gcs": "9", "text": "Vomits"}, key="1")
    assert "The patient is WORSE" in text(door("ada").get("/board/site:RBL14/lanes/"))
    for who in ("ada", "ben"):
        page = text(see(door(who), referral))
        assert "Worse at" in page
        assert "GCS 9" in page
        assert "“Vomits”" in page
    assert 'action="/r/' + referral.code + '/instruct/"' in text(see(door("ben"), referral))
    assert "Salford: Mo Idris" in text(see(door("ben"), referral))
    refused = act(door("ben"), referral, "instruct", instruction="divert")
    assert (refused.status_code, "Say to which hub" in text(refused)) == (422, True)
    act(door("ben"), referral, "instruct", instruction="critical_care", text="Meet them at the services")
    page = text(see(door("ada"), referral))
    assert "The hub answered at 03:15: <strong>Critical care</strong>, “Meet them at the services”" in page
    assert "The patient is WORSE" not in text(door("ada").get("/board/site:RBL14/lanes/"))


def test_the_crews_word_is_the_arrival_on_the_board_with_its_age(world: World, door: Door) -> None:
    referral = world.a_referral(State.DEPARTED)
    road.delay(referral.code, minutes="10", **world.press("ada"))
    world.wind(minutes=4)
    assert "At the door about 03:50, said" in text(door("ben").get("/board/site:RET20/lanes/"))


def test_after_a_diversion_the_same_link_leads_to_the_other_hub(world: World, door: Door) -> None:
    referral, secret = linked(world, State.DEPARTED)
    Site.objects.filter(code="RM301").update(phone="+441612060100", postcode="M6 8HD")
    road.worsen(referral.code, **world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **world.press("ben"))
    html = posts("look", secret=secret).json()["html"]
    assert "The hub says: Divert" in html
    for words in ("Salford Royal Hospital", "M6 8HD", "tel:+441612060100"):
        assert words in html
    assert "Walton" not in html
    assert "At the door about" not in html
    assert "Mo Idris" not in html
    assert door("mo").get(f"/r/{referral.code}/").status_code == 200
    assert "Arrived at" in posts("act", secret=secret, verb="arrive", key="2").json()["html"]


def test_what_is_written_to_the_crew_is_confirmed_with_a_thumb_and_answered(world: World, door: Door) -> None:
    referral, secret = linked(world, State.DEPARTED)
    address, hour = f"/r/{referral.code}/messages/", f"{world.now:%H:%M}"
    page = text(see(door("ben"), referral))
    assert "Ambulance crew</label>" in page
    assert "nobody can page them" in page
    door("ben").post(address, {"text": "Only for us", "key": "1"})
    door("ben").post(address, {"text": "Door 4", "to": "crew", "confirm": "yes", "key": "2"})
    assert "The crew has not seen this yet" in text(see(door("ben"), referral))
    posts("look", secret=secret, delivered=[1, 2])
    assert "On the crew’s page, not read yet" in text(see(door("ben"), referral))
    html = posts("look", secret=secret, delivered=[1, 2], read=[2, "x", None]).json()["html"]
    assert "Ben Hale" in html
    assert "Hub operator, Walton" in html
    assert 'data-verb="confirm" data-number="2"' in html
    assert "Only for us" not in html
    page = text(see(door("ben"), referral))
    assert f"The crew read this {hour}" in page
    assert "Waits for the ambulance crew to confirm, who cannot be paged" in page
    assert "I have told the crew: confirm" in text(see(door("ada"), referral))
    html = posts("act", secret=secret, verb="confirm", said={"number": 2}, key="3").json()["html"]
    assert f"✓ Confirmed, {hour}" in html
    assert f"Confirmed by the ambulance’s crew, on the crew’s page, {hour}" in text(
        see(door("ben"), referral)
    )
    html = posts("act", secret=secret, verb="say", said={"text": "Ten minutes"}, key="4").json()["html"]
    assert "Ten minutes" in html
    page = text(see(door("ben"), referral))
    assert "Ten minutes" in page
    assert "from the road" in page
    assert "Ten minutes" in text(door("ben").post("/messages/", {"words": "minutes"}))
    refused = posts("act", secret=secret, verb="say", said={"text": "x" * 301}, key="5")
    assert (refused.status_code, "At most 300" in refused.json()["message"]) == (422, True)


def test_an_old_message_to_the_crew_makes_room_for_the_road(world: World, door: Door) -> None:
    referral, secret = linked(world, State.DEPARTED)
    door("ben").post(f"/r/{referral.code}/messages/", {"text": "Door 4", "to": "crew", "key": "1"})
    before: list[int] = []
    after: list[int] = []
    for found in (before, after):
        html = posts("look", secret=secret).json()["html"]
        found += [html.index("Door 4"), html.index("We have arrived")]
        world.wind(minutes=11)
    assert before[0] < before[1]
    assert after[0] > after[1]


def test_after_a_diversion_the_words_of_the_first_hub_no_longer_count(world: World, door: Door) -> None:
    referral, secret = linked(world, State.DEPARTED)
    door("ben").post(f"/r/{referral.code}/messages/", {"text": "Door 4", "to": "crew", "key": "1"})
    assert "you no longer go there" not in posts("look", secret=secret).json()["html"]
    road.worsen(referral.code, **world.press("ada"))
    road.instruct(referral.code, instruction="divert", to="RM301 mo", **world.press("ben"))
    html = posts("look", secret=secret).json()["html"]
    assert "From the hub before: you no longer go there." in html
    assert html.index("Door 4") > html.index("We have arrived")


def test_without_a_link_the_crew_is_nobody_to_write_to(world: World, door: Door) -> None:
    referral = world.a_referral(State.DEPARTED)
    assert "Ambulance crew</label>" not in text(see(door("ben"), referral))
    said = {"text": "Door 4", "to": "crew", "key": "1"}
    answer = door("ben").post(f"/r/{referral.code}/messages/", said, headers={"X-Fragment": "yes"})
    assert (answer.status_code, "No crew has a link" in answer.json()["message"]) == (409, True)


def test_the_spoke_texts_the_link_and_sees_what_came_of_it(world: World, door: Door, phones: Phones) -> None:
    referral, _ = linked(world)
    address, link = f"/r/{referral.code}/crew-link/", CrewLink.objects.get(referral=referral)
    for wrong, why in (
        ("", "Type your mobile number"),
        ("0151 496 0123", "not a mobile number"),
        ("999", "Check the digits"),
    ):
        page = door("ada").post(address, {"do": "text", "link": link.pk, "number": wrong, "key": "k"})
        assert page.status_code == 422
        assert why in text(page)
        assert f'value="{wrong}"' in text(page), "what was typed stays"
    assert not Page.objects.filter(channel="sms", person=None).exists()
    done = door("ada").post(address, {"do": "text", "link": link.pk, "number": "07700 900777", "key": "k"})
    assert done.status_code == 303
    assert '07700 900777</b> <span class="">about to go' in text(door("ada").get(address))
    tick(world, phones)
    sent = Page.objects.get(phone="+447700900777")
    assert "sent at" in text(door("ada").get(f"{address}live/"))
    settling.report(
        page_id=sent.pk, provider_id=sent.provider_id, status="delivered", error="", now=world.now
    )
    assert "delivered at" in text(door("ada").get(address))
    again = door("ada").post(address, {"do": "text", "link": link.pk, "number": "07700 900777", "key": "k2"})
    assert (again.status_code, "under way" in text(again)) == (409, True)
    assert (
        door("ben").post(address, {"do": "text", "link": link.pk, "number": "07700 900777"}).status_code
        == 403
    )
    assert door("zed").get(f"{address}live/").status_code == 404
