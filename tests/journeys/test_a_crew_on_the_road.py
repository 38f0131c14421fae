"""An ambulance's crew with nothing but a phone: a dead spot, a patient who is worse, and the hub's answer."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests import world
from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House


def on_the_way(house: House) -> str:
    """A patient whom Walton has taken, and for whom an ambulance was asked."""
    said = {"spoke": "RBL14", "hubs": ["RET20"]}
    status, told = house.ask("ada", "/referrals", said | world.facts(datetime.now(UTC), nhs_number=None))
    assert status == 201, told
    code = str(told["code"])
    assert house.ask("ben", f"/referrals/{code}/accept", {"hub": "RET20"})[0] == 200
    assert (
        house.ask("ada", f"/referrals/{code}/request_ambulance", {"category": "C2", "cad": "4711"})[0] == 200
    )
    return code


def scanned(house: House, ada: Page, crew: Page, code: str) -> None:
    """Ada holds the square out, and the crew's phone opens what is in it."""
    ada.goto(f"{house.url}/r/{code}/crew-link/")
    ada.get_by_role("button", name="Make the link").click()
    expect(ada.locator(".qr-frame svg")).to_be_visible()
    address = urlsplit(ada.locator("#link-1").input_value())
    crew.goto(f"{house.url}{address.path}#{address.fragment}")


def test_a_crew_presses_in_a_dead_spot_and_is_answered(house: House, opens: Open) -> None:
    code = on_the_way(house)
    ada, ben = opens("ada"), opens("ben", size=PHONE)
    crew = opens("", size=PHONE)
    asked: list[str] = []
    crew.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer', '')}"))
    scanned(house, ada, crew, code)
    secret = crew.url.partition("#")[2]
    expect(crew.locator("#crew")).to_contain_text(code)
    expect(crew.locator("#crew")).not_to_contain_text("Canary")

    # In a dead spot the press stays on the page; it goes out once when the signal is back.
    crew.get_by_role("button", name="I am with the patient").click()
    depart = crew.get_by_role("button", name="We have left")
    expect(depart).to_be_visible()
    crew.context.set_offline(True)
    depart.click()
    expect(crew.locator("#pending")).to_contain_text("not sent yet")
    crew.context.set_offline(False)
    expect(crew.get_by_role("button", name="We have arrived")).to_be_visible()
    expect(crew.locator("#pending")).to_be_empty()
    _, events = house.ask("ada", f"/referrals/{code}/events")
    assert [e["via"] for e in events if e["verb"] == "depart"] == ["crew"]

    # Worse: the hub is asked, answers on a phone, and the crew reads it.
    crew.get_by_text("The patient is worse").click()
    crew.locator("[name=gcs]").fill("9")
    crew.get_by_role("button", name="Tell the hub: worse").click()
    expect(crew.locator("#told")).to_contain_text("the hub is being paged")
    ben.goto(f"{house.url}/r/{code}/?full=1")
    expect(ben.locator("#part-banners")).to_contain_text("GCS 9")
    ben.get_by_text("Continue", exact=True).click()
    ben.get_by_role("button", name="Answer the crew").click()
    expect(crew.locator("#told")).to_contain_text("The hub says: Continue")

    # The hub writes to the crew: a thumb confirms it, an answer written in a dead spot comes through once.
    ben.get_by_label("Message", exact=True).fill("Door 4, not A&E")
    ben.get_by_text("Ambulance crew", exact=True).click()
    ben.get_by_label("Please confirm").check()
    ben.get_by_role("button", name="Send", exact=True).click()
    crew.get_by_role("button", name="I have it").click()
    expect(ben.locator(".is-own .aside.is-ok")).to_contain_text("Confirmed by the ambulance’s crew")
    expect(ben.locator(".is-own .glance.is-ok").first).to_contain_text("The crew read this")
    crew.context.set_offline(True)
    crew.get_by_label("Write to the hospitals").fill("Ten minutes")
    crew.get_by_role("button", name="Send", exact=True).click()
    expect(crew.locator("#pending")).to_contain_text("not sent yet")
    crew.context.set_offline(False)
    expect(ben.locator("#talk-lines .words", has_text="Ten minutes")).to_have_count(1)
    expect(crew.locator("#pending")).to_be_empty()
    assert crew.evaluate("Object.values(sessionStorage).join()").count("Ten minutes") == 0

    # The secret went out in bodies alone.
    assert secret
    assert not [line for line in asked if secret in line]
    assert re.search(r"/crew/act/", " ".join(asked))
