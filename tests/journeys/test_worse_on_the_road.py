"""A patient worsens on the road, is not treated at the door, and goes home; whoever was alerted says that they know."""

from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, expect

from tests import world
from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.journeys.test_a_crew_on_the_road import scanned
from tests.journeys.test_a_patient_crosses_the_network import stay, stayed
from tests.machine import processes


def has(house: House, who: str, code: str, words: str) -> bool:
    """Does this person's phone show a text about this patient with these words?"""
    texts = house.phones().received(house.number(who))
    return any(code in text and words in text for text in texts)


def asked_for(house: House) -> str:
    """Ben slept until cleo was paged as well; then he took the patient, and an ambulance was asked for."""
    said = {"spoke": "RBL14", "hubs": ["RET20"]} | world.facts(datetime.now(UTC), nhs_number=None)
    status, told = house.ask("ada", "/referrals", said)
    assert status == 201, told
    code = str(told["code"])
    assert processes.eventually(lambda: has(house, "cleo", code, "STROKE"))
    for who, verb, more in (
        ("ben", "accept", {"hub": "RET20"}),
        ("ada", "request_ambulance", {"category": "C2", "cad": "4711"}),
    ):
        status, told = house.ask(who, f"/referrals/{code}/{verb}", more)
        assert status == 200, told
    return code


def top(part: Locator) -> float:
    box = part.bounding_box()
    assert box
    return box["y"]


def unfold(page: Page, verb: str) -> Locator:
    """What is folded away behind this verb."""
    part = page.locator(f"#open-{verb}")
    part.locator("summary").first.click()
    return part


def test_worse_on_the_road_not_treated_at_the_door_and_home(house: House, opens: Open) -> None:
    code = asked_for(house)
    ada, ben = opens("ada"), opens("ben", size=PHONE)
    cleo, crew = opens("cleo", f"/r/{code}/", size=PHONE), opens("", size=PHONE)
    scanned(house, ada, crew, code)
    ada.get_by_role("link", name=f"Back to {code}").click()
    for page in (ada, cleo):
        stay(page)
    crew.get_by_role("button", name="I am with the patient").click()
    crew.get_by_role("button", name="We have left").click()

    # Worse: ben is paged, answers from his phone, and everybody who is at it reads what he said.
    crew.get_by_text("The patient is worse").click()
    crew.locator("[name=gcs]").fill("8")
    crew.get_by_role("button", name="Tell the hub: worse").click()
    expect(ada.locator("#part-banners")).to_contain_text("GCS 8")
    assert processes.eventually(lambda: has(house, "ben", code, "WORSE"))
    ben.goto(f"{house.url}/r/{code}/")
    expect(ben.locator("#part-ladder")).to_contain_text("Worse on the way")
    ben.locator("#part-next").get_by_text("Continue", exact=True).click()
    ben.get_by_role("button", name="Answer the crew").click()
    expect(crew.locator("#told")).to_contain_text("The hub says: Continue")
    expect(ada.locator("#part-banners")).to_contain_text("The hub answered")
    expect(ada.locator("#part-ladder")).to_contain_text("answered by Ben Hughes")

    # What the hub makes ready, and the minutes to the door, stand above the facts on its phone.
    expect(ben.locator("#part-ready-box")).to_contain_text("At the door in")
    assert top(ben.locator("#part-ready-box")) < top(ben.locator("#part-facts"))
    stay(ben)
    crew.get_by_role("button", name="We have arrived").click()
    expect(ben.locator("#part-head")).to_contain_text("At the hub")
    assert stayed(ben), "the operator's case reloaded"

    # At the door the scan shows blood: not treated. Who was alerted is told, and says so; everybody sees it.
    ending = unfold(ben, "grave").locator("#open-not_treat")
    ending.locator("summary").first.click()
    ending.locator("[name=reason]").select_option("haemorrhage")
    ending.get_by_role("button", name="Not treated").click()
    expect(ada.locator("#part-head")).to_contain_text("Not treated")
    assert processes.eventually(lambda: has(house, "cleo", code, "STOOD DOWN"))
    expect(cleo.locator("#part-ready-box")).to_contain_text("Not treated: who knows")
    assert stayed(cleo), "the second on call's case reloaded"
    cleo.get_by_role("button", name="I have seen it").click()
    known = ben.locator("#part-ready-box li.is-ready")
    expect(known).to_contain_text("Cleo Marsh")

    # Home, with the caution that a haemorrhage leaves.
    unfold(ben, "find_haemorrhage").get_by_role("button", name="Haemorrhage found").click()
    expect(ada.locator("#part-home")).to_contain_text("24 h after a haemorrhage")
    ben.locator("#part-next").get_by_role("button", name="Ask for a bed").click()
    expect(ada.locator("#part-head")).to_contain_text("Going back")
    assert stayed(ada), "the spoke's case reloaded"
    ada.get_by_role("button", name="Back at the spoke").click()
    expect(ben.locator("#part-head")).to_contain_text("Back at the spoke")
