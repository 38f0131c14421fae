"""Answers by SMS from the page of phones: under supervision, confirmed by the supervisor."""

import re

from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.journeys.test_a_patient_crosses_the_network import refers_to_walton, type_the_facts
from tests.machine import processes


def test_a_reply_from_the_page_of_phones_accepts(house: House, opens: Open) -> None:
    ada = opens("ada", "/refer/")
    type_the_facts(ada)
    ada.locator("[name=nhs_number]").fill("")
    refers_to_walton(ada)
    ada.wait_for_url(re.compile(r"/r/[A-Z0-9]+/$"))
    code = ada.url.rstrip("/").split("/")[-1]
    phones = opens("", "/phones/", size=PHONE)
    ben = phones.locator("article.phone", has=phones.get_by_role("heading", name="Ben"))
    expect(ben.locator(".bubble").filter(has_text=code)).to_be_visible()
    text = next(text for text in house.phones().received(house.number("ben")) if code in text)
    found = re.search(r"Reply (\w+) accept", text)
    assert found
    ben.get_by_label("Write from").fill(found[1].lower())
    ben.get_by_role("button", name="Send").click()
    expect(ben.locator(".bubble").filter(has_text=f"You have accepted {code} for Walton.")).to_be_visible()
    expect(ada.locator("#part-head")).to_contain_text("Accepted")


def test_an_operator_in_training_accepts_and_the_supervisor_confirms_by_sms(
    house: House, opens: Open
) -> None:
    ada = opens("ada", "/refer/")
    type_the_facts(ada)
    ada.locator("[name=nhs_number]").fill("")
    refers_to_walton(ada)
    ada.wait_for_url(re.compile(r"/r/[A-Z0-9]+/$"))
    code = ada.url.rstrip("/").split("/")[-1]
    dev = opens("dev", f"/r/{code}/", size=PHONE)
    dev.get_by_role("button", name=re.compile("Accept")).first.click()
    expect(ada.locator("#part-head")).to_contain_text("Supervisor to confirm")
    phones, sam = house.phones(), house.number("sam")
    assert processes.eventually(lambda: any(code in t and "confirm" in t for t in phones.received(sam)))
    text = next(t for t in phones.received(sam) if code in t and "confirm" in t)
    found = re.search(r"Reply (\w+) confirm", text)
    assert found
    phones.reply(sam, found[1])
    expect(ada.locator("#part-head")).to_contain_text("Accepted")
