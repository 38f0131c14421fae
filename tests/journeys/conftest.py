"""One house and one browser for all journeys; each journey opens screens of its own."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import pristine
from tests.journeys.house import House

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = (1440, 900), (390, 844)
PATIENCE = 120_000  # milliseconds; only what never comes on a screen needs them
expect.set_options(timeout=PATIENCE)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def database(django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database; made and dropped on a thread of its own, for Playwright's loop runs on this one."""
    copy = pristine.copied(f"test_house_{os.getpid()}")
    with ThreadPoolExecutor(1) as beside, django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield beside.submit(copy.__enter__).result()
        beside.submit(copy.__exit__, None, None, None).result()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[House]:
    built = House(Path(tmp_path_factory.mktemp("house")), database)
    try:
        built.start()
        yield built
    finally:
        built.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM")
    assert path, "CHROMIUM must name a browser: `make test` finds or installs one."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


def _sign_in(context: BrowserContext, url: str, who: str) -> None:
    """What the press on the first page sends, without drawing that page and the one after it."""
    context.request.get(f"{url}/sign-in/")
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    said: dict[str, str | float | bool] = {"username": who, "csrfmiddlewaretoken": token}
    assert context.request.post(f"{url}/sign-in/demo/", form=said, max_redirects=0).status == 302


@pytest.fixture
def opens(house: House, browser: Browser) -> Iterator[Open]:
    """Opens a screen as one of the cast; fails when the page's console complained of anything."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_as(
        who: str,
        path: str = "/",
        *,
        size: tuple[int, int] = DESK,
        theme: str = "light",
        by_hand: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
        )
        if who and by_hand:
            page.goto(f"{house.url}/sign-in/")
            page.locator(f"button[value={who}]").click()
            page.wait_for_url(lambda url: "/sign-in/" not in url)
        elif who:
            _sign_in(context, house.url, who)
        page.goto(house.url + path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert not complaints
