"""A push that carries nothing wakes the worker of a closed case: it shows one sentence, and says that it was woken.

The push is delivered by the browser's own debugging protocol, in place of a vendor's push service.
"""

from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Response

from tests.journeys.conftest import PHONE, Open
from tests.journeys.house import House
from tests.machine import processes

SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  return (await registration.getNotifications()).map((shown) => [shown.title, shown.body, shown.data]);
}"""
KEPT = "async () => (await caches.keys()).length"


def install_the_worker(page: Page) -> None:
    """What the button does, save for the vendor's push service."""
    page.evaluate(
        """async () => {
          await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
          await navigator.serviceWorker.ready;
        }"""
    )


def registration_of(session: CDPSession, page: Page) -> str:
    """The browser's name of our worker's registration."""
    known: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    session.send("ServiceWorker.enable")

    def ours() -> list[str]:
        page.evaluate("0")  # lets Playwright hear what the browser told
        return [one["registrationId"] for one in known if not one["isDeleted"]]

    assert processes.eventually(lambda: bool(ours()))
    return ours()[0]


def answers_of(context: BrowserContext, path: str) -> list[Response]:
    """The answers to the worker's requests for this path, as they come in."""
    found: list[Response] = []
    context.on("response", lambda answer: found.append(answer) if answer.url.endswith(path) else None)
    return found


def deliver_until_shown(session: CDPSession, push: dict[str, str], page: Page) -> None:
    """The debugging protocol drops a push that comes while the browser is still putting the new worker to rest."""
    for _ in range(12):
        session.send("ServiceWorker.deliverPushMessage", push)
        if processes.eventually(lambda: bool(page.evaluate(SHOWN)), seconds=10):
            return
    raise AssertionError("the worker showed nothing for twelve pushes")


def test_a_push_shows_one_sentence_and_says_that_it_woke(house: House, opens: Open) -> None:
    page = opens("ben", size=PHONE)
    context = page.context
    context.grant_permissions(["notifications"], origin=house.url)
    woke = answers_of(context, "/me/push/woke/")
    install_the_worker(page)
    session = context.new_cdp_session(page)
    push = {"origin": house.url, "registrationId": registration_of(session, page), "data": ""}

    deliver_until_shown(session, push, page)
    sentence = ["Dido", "Somebody is waiting for your answer. Open Dido.", None]
    assert page.evaluate(SHOWN) == [sentence]
    assert processes.eventually(lambda: page.evaluate("1") and bool(woke))
    assert woke[0].status == 204

    # The second one wakes again, and still there is one notification and no copy of any page.
    before = len(woke)
    session.send("ServiceWorker.deliverPushMessage", push)
    assert processes.eventually(lambda: page.evaluate("1") and len(woke) > before)
    assert page.evaluate(SHOWN) == [sentence]
    assert page.evaluate(KEPT) == 0
