"""One house and one browser for all journeys; each journey opens screens of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

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

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = House(Path(tmp_path_factory.mktemp("house")))
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


@pytest.fixture
def opens(house: House, browser: Browser) -> Iterator[Open]:
    """Opens a screen as one of the cast; fails when the page's console complained of anything."""
    contexts = []
    complaints: list[str] = []

    def open_as(who: str, path: str = "", *, size: tuple[int, int] = DESK, theme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(f"{house.url}/sign-in/")
        if who:
            page.locator(f"button[value={who}]").click()
            page.wait_for_url(lambda url: "/sign-in/" not in url)
        if path:
            page.goto(house.url + path)
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert not complaints
