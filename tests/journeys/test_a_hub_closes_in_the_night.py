"""The nearest hub closes in the middle of the offer, the next declines, and a third accepts under supervision."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests import world
from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.journeys.test_a_patient_crosses_the_network import stay, stayed
from tests.machine import processes

LONDON = ZoneInfo("Europe/London")
NEAR = (
    "RM301",
    "RXN02",
    "RJEHQ",
    "RR801",
    "RHQHH",
)  # who could be next, whatever the rota and the queues say tonight


def asked_now(house: House, code: str) -> str:
    """The hub whose answer is waited for."""
    _, told = house.ask("ada", f"/referrals/{code}")
    (hub,) = [offer["hub"] for offer in told["offers"] if offer["state"] == "open"]
    return str(hub)


def closes(lea: Page, url: str) -> None:
    """The lead closes Walton from now on, for three hours."""
    lea.goto(f"{url}/hours/RET20/")
    part = lea.get_by_role("region", name="Closures")
    part.get_by_text("Close Walton", exact=True).first.click()
    part.locator("#c-until").fill((datetime.now(LONDON) + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M"))
    part.locator("#c-reason").fill("The suite has no power")
    part.get_by_role("button", name="Close Walton").click()
    expect(part).to_contain_text("The suite has no power")


def opens_again(lea: Page, url: str) -> None:
    lea.goto(f"{url}/hours/RET20/")
    part = lea.get_by_role("region", name="Closures")
    part.get_by_text("Open again", exact=True).first.click()
    part.locator("[name=reason]").first.fill("The power is back")
    part.get_by_role("button", name="Open Walton again now").click()
    expect(part).to_contain_text("open again")


def let_in(opens: Open, url: str, somebody: dict[str, Any]) -> Page:
    """A phone on which one of the supporting cast has signed in, with the board open."""
    page = opens("", size=PHONE)
    name, value = somebody["cookie"]
    page.context.add_cookies([{"name": name, "value": value, "url": url}])
    page.goto(f"{url}/board/")
    stay(page)
    return page


def test_an_offer_finds_its_way_past_a_closed_hub_and_one_that_declines(house: House, opens: Open) -> None:
    teams = house.teams(*NEAR)
    ada, ben, lea = opens("ada"), opens("ben", size=PHONE), opens("lea")
    said = {"spoke": "RBL14", "hubs": ["RET20"]} | world.facts(datetime.now(UTC), nhs_number=None)
    status, told = house.ask("ada", "/referrals", said)
    assert status == 201, told
    code = str(told["code"])
    ada.goto(f"{house.url}/r/{code}/")
    stay(ada)
    expect(ben.locator(f"#card-{code}")).to_be_visible()

    # Walton closes while its operator is being paged: the next hub is asked, and ada sees which.
    closes(lea, house.url)
    try:
        offers = ada.locator("#part-offers li")
        expect(offers).to_have_count(2)
        expect(ada.locator("#part-offers")).to_contain_text("no answer yet")
        second = asked_now(house, code)
        hub = teams[second]["independent"]["hub"]
        expect(ada.locator("#part-offers")).to_contain_text(hub)

        # Its operator declines for a coded reason, and asks the next hub with the same tap.
        operator = let_in(opens, house.url, teams[second]["independent"])
        operator.goto(f"{house.url}/r/{code}/")
        operator.get_by_text("Decline", exact=True).click()
        operator.get_by_text("No angiography suite free", exact=True).click()
        operator.locator("[name=onward][value=yes]").check(force=True)
        operator.get_by_role("button", name=f"Decline for {hub}").click()
        expect(offers).to_have_count(3)
        expect(ada.locator("#part-offers")).to_contain_text("no angiography suite free")
        third = asked_now(house, code)
        assert third not in {"RET20", second}
        accepted_under_supervision(house, opens, ada, code, teams[third]["direct"])
        assert stayed(ada), "the spoke's case reloaded"
        expect(ben.locator(f"#card-{code}")).to_have_count(0)
    finally:
        opens_again(lea, house.url)


def accepted_under_supervision(house: House, opens: Open, ada: Page, code: str, dev: dict[str, Any]) -> None:
    """Somebody under direct supervision takes the patient, and the supervisor confirms by text."""
    learner = let_in(opens, house.url, dev)
    learner.locator(f"#card-{code}").click()
    learner.get_by_role("button", name=f"Accept for {dev['hub']}").click()
    expect(ada.locator("#part-head")).to_contain_text("Supervisor to confirm")
    learner.goto(f"{house.url}/r/{code}/?full=1")
    stay(learner)
    phones, number = house.phones(), dev["answers"]
    asks = re.compile(rf"STROKE {code} .*Reply (\w+) confirm")
    assert processes.eventually(lambda: any(asks.search(t) for t in phones.received(number)))
    reply = next(found[1] for text in phones.received(number) if (found := asks.search(text)))
    phones.reply(number, reply)
    for page in (ada, learner):
        expect(page.locator("#part-head")).to_contain_text("Accepted")
    expect(ada.locator("#part-offers")).to_contain_text(f"{dev['hub']}")
    assert stayed(learner), "the operator's case reloaded"
