"""One patient, two desktops and four phones: from Arrowe Park to Walton and back, and nobody else sees it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from paging.simulator import segments
from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.journeys.test_a_crew_on_the_road import scanned
from tests.machine import processes

LONDON = ZoneInfo("Europe/London")
SECRETS = ("Canary", "Whitlock", "Peregrine", "999 000 0018", "9990000018", "1950")


def type_the_facts(page: Page) -> None:
    """What Ada knows, typed as she would."""
    now = datetime.now(LONDON)

    def local(minutes: float) -> str:
        return (now - timedelta(minutes=minutes)).strftime("%H:%M")

    for name, value in {
        "family_name": "Canary-Whitlock",
        "given_name": "Peregrine",
        "nhs_number": "999 000 0018",
        "date_of_birth": "1950-01-31",
        "nihss": "14",
        "aspects": "8",
        "callback": "0151 496 0123",
    }.items():
        page.locator(f"[name={name}]").fill(value)
    for name, value in {
        "sex": "female",
        "onset_kind": "witnessed",
        "occlusion": "M1",
        "side": "left",
    }.items():
        page.locator(f"[name={name}][value={value}]").check(force=True)
    page.locator("[name=thrombolysis][value=given]").check(force=True)
    for name, minutes in {"onset_at": 100, "arrived_at": 45, "cta_at": 12, "thrombolysis_at": 20}.items():
        page.locator(f"#f-{name}").fill(local(minutes))


def stay(page: Page) -> None:
    """Mark the page: a reload would lose the mark."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed === true"))


def refers_to_walton(page: Page) -> None:
    """Walton, whichever hub is soonest by now."""
    walton = page.locator("[name=hubs][value=RET20]")
    further = page.locator("#hubs details.more")
    expect(walton.or_(further).first).to_be_attached()
    if not walton.is_visible():  # with many patients before this one, it is not among the soonest
        further.locator("> summary").click()
    walton.check()
    others = page.locator("[name=hubs]:checked:not([value=RET20])")
    while others.count():
        others.first.uncheck()
    page.get_by_role("button", name="Refer to Walton").click()


def test_a_patient_crosses_the_network(house: House, opens: Open) -> None:
    # Two desktops: the spoke doctor and the coordinator. Four phones: both operators, the crew's, and a stranger's.
    ada, nia = opens("ada", "/refer/", by_hand=True), opens("nia", by_hand=True)
    ben, cleo = opens("ben", size=PHONE), opens("cleo", size=PHONE)
    crew, zed = opens("", size=PHONE), opens("zed", size=PHONE)
    for page in (nia, ben, zed):
        stay(page)

    # Ada refers.
    type_the_facts(ada)
    refers_to_walton(ada)
    ada.wait_for_url(re.compile(r"/r/[A-Z0-9]+/$"))
    code = ada.url.rstrip("/").split("/")[-1]
    stay(ada)
    expect(nia.locator(f"#card-{code}")).to_contain_text("Arrowe Park → Walton")
    expect(ben.locator(f"#card-{code}")).to_be_visible()

    # The first on call gets one segment without a patient fact, and sleeps. Nobody else is woken yet.
    first, second = house.number("ben"), house.number("cleo")
    phones = house.phones()
    assert processes.eventually(lambda: any(code in text for text in phones.received(first)))
    text = next(text for text in phones.received(first) if code in text)
    assert segments.count(text) == 1
    assert not [secret for secret in SECRETS if secret in text]

    # The ladder climbs to the second on call, who opens the link on the phone and accepts.
    assert processes.eventually(lambda: any(code in text for text in phones.received(second)))
    woken = next(text for text in phones.received(second) if code in text)
    link = re.search(r"https?://\S+", woken)
    assert link
    cleo.goto(link[0])
    cleo.get_by_role("button", name="Accept for Walton").click()
    expect(cleo.locator("main")).to_contain_text("Walton")
    expect(ada.locator("#part-head")).to_contain_text("Accepted")
    expect(nia.locator(f"[data-lane=accepted]#card-{code}")).to_be_visible()

    # The way: ambulance, and then the crew's own thumb; ada's case follows by itself.
    ada.locator("#part-next [name=category]").first.wait_for()
    ada.locator("#part-next").get_by_text("IFT level 2", exact=True).first.click()
    ada.locator("#part-next [name=cad]").fill("4711")
    ada.get_by_role("button", name="Ambulance requested").click()
    scanned(house, ada, crew, code)
    ada.get_by_role("link", name=f"Back to {code}").click()
    stay(ada)
    crew.get_by_role("button", name="I am with the patient").click()
    crew.get_by_role("button", name="We have left").click()
    expect(ada.locator(".dido")).to_contain_text("DIDO")
    expect(nia.locator(f"#card-{code}")).to_contain_text("DIDO")
    cleo.goto(f"{house.url}/r/{code}/")
    crew.get_by_role("button", name="We have arrived").click()
    expect(crew.locator("#crew")).to_contain_text("Thank you")
    cleo.get_by_role("button", name="Groin puncture").click()
    expect(ada.locator("#part-head")).to_contain_text("Groin puncture")
    cleo.locator("#part-next").get_by_text("2b", exact=True).click()
    cleo.get_by_role("button", name="Procedure over").click()
    expect(nia.locator(f"#card-{code}")).to_contain_text("2b")

    # The way home: the caution counts down, the hub asks for a bed, the spoke has one, and the patient is back.
    expect(ada.locator("#part-home")).to_contain_text("Better not before 4 h after the end of the procedure")
    assert stayed(ada), "the spoke's case reloaded"
    cleo.get_by_role("button", name="Ask for a bed").click()
    ada.locator("#open-offer_bed > summary").click()
    ada.locator("#open-offer_bed [name=text]").fill("HASU 3")
    ada.get_by_role("button", name="A bed is ready").click()
    expect(cleo.locator("#part-home")).to_contain_text("A bed is ready: HASU 3")
    ada.get_by_role("button", name="Back at the spoke").click()
    expect(cleo.locator("#part-head")).to_contain_text("Back at the spoke")
    expect(nia.locator(f"#card-{code}")).to_contain_text("Back")
    assert stayed(nia), "the coordinator's board reloaded"
    assert stayed(ben), "the first on call's board reloaded"

    # DIDO on the case equals the events.
    status, events = house.ask("ada", f"/referrals/{code}/events")
    assert status == 200
    departed = next(event for event in events if event["verb"] == "depart")
    _, referral = house.ask("ada", f"/referrals/{code}")
    minutes = (moment(departed["at"]) - moment(referral["arrived_at"])).total_seconds() // 60
    assert referral["dido_minutes"] == minutes
    shown = ada.locator(".dido").inner_text()
    assert f"{int(minutes // 60)}:{int(minutes % 60):02}" in shown

    # Walton's patient is nobody else's: no page, no API, no socket.
    nobody_else_sees_it(house, zed, code)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def nobody_else_sees_it(house: House, zed: Page, code: str) -> None:
    assert stayed(zed)
    assert code not in zed.content()
    for path in (
        f"/r/{code}/",
        f"/r/{code}/answer/",
        f"/r/{code}/live/",
        "/board/network:cheshire-and-merseyside/",
    ):
        answer = zed.request.get(house.url + path)
        assert answer.status == 404
        assert not [secret for secret in SECRETS if secret in answer.text()]
    assert house.ask("zed", f"/referrals/{code}")[0] == 404
    assert house.ask("zed", f"/referrals/{code}/events")[0] == 404
    assert house.ask("zed", f"/referrals/{code}/accept", {})[0] == 404
    assert code not in str(house.ask("zed", "/referrals"))
    address = f"ws://127.0.0.1:{house.port}/ws/feed/?stream=network:cheshire-and-merseyside&since=0"
    with connect(address, additional_headers={"Authorization": f"Bearer {house.tokens['zed']}"}) as socket:
        assert '"not_allowed"' in str(socket.recv())
