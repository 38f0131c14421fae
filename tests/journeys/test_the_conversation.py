"""Two desks and a phone talk about one patient over bad lines: nothing is lost, doubled or out of order."""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.machine import processes
from tests.world import facts

WORDS = "#talk-lines .is-message .words"
A_LONG_TALK = """
from django.utils import timezone
from network.models import Person
from referrals.conversation import sending
ada = Person.objects.get(username="ada")
for number in range(1, 106):
    words = f"Line {number} {'needle' if number == 3 else 'of many'}"
    sending.send(CODE, text=words, by=ada, at=timezone.now(), now=timezone.now())
"""


def accepted(house: House) -> str:
    """A patient of Arrowe Park whom Walton has taken."""
    said = facts(datetime.now(UTC), nhs_number=None) | {"spoke": "RBL14", "hubs": ["RET20"]}
    status, answer = house.ask("ada", "/referrals", said)
    assert status == 201, answer
    code = str(answer["code"])
    assert house.ask("ben", f"/referrals/{code}/accept", {})[0] == 200
    return code


def writes(page: Page, words: str) -> None:
    page.get_by_label("Message", exact=True).fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def told(house: House, code: str) -> list[dict[str, Any]]:
    status, messages = house.ask("nia", f"/referrals/{code}/messages")
    assert status == 200
    return list(messages)


def test_a_conversation_over_bad_lines(house: House, opens: Open) -> None:
    code = accepted(house)
    path = f"/r/{code}/?full=1"
    ada, nia, ben = opens("ada", path), opens("nia", path), opens("ben", path, size=PHONE, theme="dark")
    for page in (ada, ben, nia):
        expect(page.locator("#live")).to_contain_text("Live")

    writes(ada, "One")
    expect(ada.locator(WORDS)).to_have_text(["One"])
    ben.locator(WORDS, has_text="One").scroll_into_view_if_needed()
    expect(ada.locator(".glance", has_text="Walton: read")).to_be_visible()

    ada.context.set_offline(True)  # a dead spot
    writes(ada, "Two")
    writes(ada, "Three")
    waiting = ada.locator("#talk-outbox .is-pending")
    expect(waiting).to_have_count(2)
    expect(waiting.first).to_contain_text("Not sent yet. It is kept on this page")
    writes(ben, "Meanwhile")
    expect(ben.locator(WORDS)).to_have_text(["One", "Meanwhile"])
    assert ada.evaluate("localStorage.length + sessionStorage.length") == 0
    ada.context.set_offline(False)
    expected = ["One", "Meanwhile", "Two", "Three"]
    for page in (ada, ben, nia):
        expect(page.locator(WORDS)).to_have_text(expected)
    expect(ada.locator("#talk-outbox li")).to_have_count(0)

    lost = 0

    def loses_the_answer(route: Route) -> None:
        """It comes to the server, and the server's answer never comes back."""
        nonlocal lost
        lost += 1
        if lost <= 2:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    ben.route(lambda url: url.endswith(f"/r/{code}/messages/"), loses_the_answer)
    writes(ben, "Four")
    writes(ben, "Five")
    expected += ["Four", "Five"]
    for page in (ada, ben, nia):
        expect(page.locator(WORDS)).to_have_text(expected)
    expect(ben.locator("#talk-outbox li")).to_have_count(0)
    assert lost > 3

    assert [one["text"] for one in told(house, code)] == expected
    assert [one["number"] for one in told(house, code)] == list(range(1, 7))
    unread = [page.locator("#talk-lines .is-unread") for page in (ada, ben, nia)]
    while left := [(lines, many) for lines in unread if (many := lines.count())]:
        for lines, _ in left:  # each is read when it has been before their eyes for a moment
            lines.first.scroll_into_view_if_needed()
        for lines, many in left:
            expect(lines).not_to_have_count(many)

    def is_read_by_all() -> bool:
        readers = [
            {one["name"] for one in message["seen"] if one["read_at"]} for message in told(house, code)
        ]
        return all(len(names) == 2 for names in readers)

    assert processes.eventually(is_read_by_all), told(house, code)


def picture(points: int) -> FilePayload:
    """A photograph of more than one part."""
    drawn = BytesIO()
    Image.effect_noise((points, points), 90).convert("RGB").save(drawn, "JPEG", quality=98)
    return {"name": "chart.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}


def test_a_picture_is_given_up_while_it_is_sent_and_another_one_comes_through(
    house: House, opens: Open
) -> None:
    code = accepted(house)
    ada = opens("ada", f"/r/{code}/?full=1", size=PHONE)
    expect(ada.locator("#live")).to_contain_text("Live")

    def is_second_part(url: str) -> bool:
        return url.endswith("/part/?at=1048576")

    ada.route(is_second_part, lambda _route: None)  # it never ends
    ada.set_input_files("#compose-files", picture(1500))
    line = ada.locator("#talk-outbox li")
    expect(line).to_contain_text(re.compile(r"Sending, [1-9]\d? %"))
    with ada.expect_request(lambda request: request.url.endswith("/drop/")):
        line.get_by_role("button", name="Give up").click()
    expect(line).to_contain_text("Given up. Nothing of it was kept.")
    line.get_by_role("button", name="Put it away").click()
    expect(line).to_have_count(0)
    assert told(house, code) == []

    ada.unroute(is_second_part)
    ada.set_input_files("#compose-files", picture(1500))
    expect(ada.locator("#talk-lines .paper-link")).to_have_text("Open the photograph")
    expect(line).to_have_count(0)
    assert [one["paper"] for one in told(house, code)] == ["photo"]


def test_a_long_conversation_goes_back_page_by_page_from_the_keyboard_and_to_what_was_found(
    house: House, opens: Open
) -> None:
    code = accepted(house)
    house.manage("shell", "--no-imports", "-c", f"CODE = {code!r}\n{A_LONG_TALK}")
    ben = opens("ben", f"/r/{code}/?full=1", size=PHONE)
    words, older = ben.locator(WORDS), ben.get_by_role("button", name="Older messages")
    expect(words).to_have_count(50)
    older.focus()
    first = ben.locator("#line-m56")
    before = first.bounding_box()
    ben.keyboard.press("Enter")
    expect(words).to_have_count(100)
    assert before
    there = before["y"]

    def stays() -> bool:
        after = first.bounding_box()
        return after is not None and abs(after["y"] - there) < 2

    assert processes.eventually(stays), "what was read stays where it was"
    ben.keyboard.press("Enter")
    expect(words).to_have_count(105)
    expect(older).to_be_hidden()
    expect(ben.locator("#talk-window")).to_be_focused()

    finds = opens("ben", "/messages/", size=PHONE)
    finds.get_by_label("Words").fill("needle")
    finds.get_by_label("All", exact=True).check()
    finds.get_by_role("button", name="Find").click()
    finds.get_by_role("link", name=code).click()
    expect(finds.locator("#line-m3")).to_be_focused()
    expect(finds.locator("#line-m3")).to_be_in_viewport()
