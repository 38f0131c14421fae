"""Every screen, on a phone and on a desk, light and dark: axe finds nothing, nothing is wider than the screen."""

from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys.conftest import DESK, PHONE, Open
from tests.journeys.house import House
from tests.world import facts

TOUCH = 44  # pixels; what a thumb needs
SCREENS = {
    "sign-in": ("", "/sign-in/"),
    "board": ("nia", "/board/network:cheshire-and-merseyside/"),
    "wall": ("nia", "/wall/network:cheshire-and-merseyside/"),
    "case at the spoke": ("ada", "/r/{code}/"),
    "case for the coordinator": ("nia", "/r/{code}/"),
    "answer": ("cleo", "/r/{code}/answer/"),
    "referral form": ("ada", "/refer/"),
    "who is on": ("nia", "/on-call/"),
    "on-call card": ("ada", "/on-call/card/"),
    "ladders of a hub": ("nia", "/ladders/RET20/"),
    "ladder to edit": ("nia", "/ladders/RET20/offer/"),
    "ladder to read": ("ben", "/ladders/RET20/confirm/"),
    "hours of a hub": ("nia", "/hours/RET20/"),
    "criteria of a hub": ("nia", "/criteria/RET20/"),
    "rota to build": ("nia", "/rota/RET20/build/"),
    "who is away": ("nia", "/rota/RET20/away/"),
    "rules of the rota": ("lea", "/rota-rules/cheshire-and-merseyside/"),
    "phones": ("", "/phones/"),
    "my phone": ("ben", "/me/phone/"),
    "rota": ("lea", "/rota/RET20/"),
    "duties from a table": ("lea", "/rota/RET20/import/"),
    "cover": ("nia", "/cover/"),
    "planning": ("lea", "/planning/"),
    "operators": ("gwen", "/operators/RET20/"),
    "one operator, to sign": ("gwen", "/operators/RET20/dev/"),
    "logbook": ("sam", "/logbook/dev/"),
    "my duties": ("ben", "/me/rota/"),
    "my calendars": ("ben", "/me/calendars/"),
    "notices": ("nia", "/notices/"),
    "how often who was alerted": ("lea", "/alerts/"),
    "quiet hours": ("ben", "/me/quiet/"),
    "outcomes": ("nia", "/outcomes/"),
    "whose they are": ("ada", "/mine/"),
    "PACS or AI": ("ada", "/r/{code}/references/"),
    "viewers of a network": ("nia", "/viewers/cheshire-and-merseyside/"),
    "people of a network": ("lea", "/people/cheshire-and-merseyside/"),
    "one person, for a coordinator": ("nia", "/people/cheshire-and-merseyside/ben/"),
    "what follows when somebody is disabled": ("lea", "/people/cheshire-and-merseyside/ben/disable/"),
    "nothing here": ("ada", "/r/ZZZZ/"),
}


@pytest.fixture(scope="module")
def code(house: House) -> str:
    said = facts(datetime.now(UTC), nhs_number=None) | {"spoke": "RBL14", "hubs": ["RET20"]}
    status, answer = house.ask("ada", "/referrals", said)
    assert status == 201, answer
    code = str(answer["code"])
    ai = {"kind": "ai_result", "device": "RAPID", "conclusion": "LVO suspected, M1 left"}
    said = {
        **ai,
        "issued_at": datetime.now(UTC).isoformat(),
        "address": "https://ai.example.nhs.uk/view/4711",
    }
    assert house.ask("ada", f"/referrals/{code}/references", said)[0] == 201
    return code


# Of all that is judged, the colours alone are others in the dark.
CONTRAST = {"runOnly": ["color-contrast"]}


@pytest.mark.parametrize("screen", sorted(SCREENS))
def test_axe_finds_nothing(opens: Open, code: str, screen: str) -> None:
    who, path = SCREENS[screen]
    page = opens(who, path.format(code=code))
    page.locator("main").wait_for()
    page.evaluate(Axe().axe_script)
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{screen} is {wider} pixels wider than a screen of {width}"
        tall = page.evaluate("document.querySelector('nav.ways')?.offsetHeight ?? 0")
        assert tall < 2 * TOUCH, f"{screen}: the ways stand in more than one row, {width} wide"
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            asked = {"resultTypes": ["violations"], **(CONTRAST if theme == "dark" else {})}
            found = page.evaluate("asked => axe.run(asked).then((told) => told.violations)", asked)
            nodes = [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found]
            assert not found, f"{screen}, {width} wide, {theme}: {nodes}"
