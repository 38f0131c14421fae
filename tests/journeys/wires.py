"""A page whose end of the feed is ours: it hears what a test says, by a clock that is wound by hand."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Error, Page, WebSocketRoute, expect

from tests.machine import processes

CHANCE = "Math.random = () => globalThis.chance ?? 0.5;"


@dataclass
class Wires:
    """The sockets that a page opened, the last one at the end."""

    page: Page
    opened: list[WebSocketRoute] = field(default_factory=list)

    def opens(self, wire: WebSocketRoute) -> None:
        self.opened.append(wire)

    @property
    def asked(self) -> dict[str, str]:
        """What the last socket asked for."""
        return dict(parse_qsl(urlsplit(self.opened[-1].url).query))

    def say(self, *frames: dict[str, Any]) -> None:
        """Over the last socket, as one message."""
        self.opened[-1].send(json.dumps(frames[0] if len(frames) == 1 else frames))

    def hello(self, head: int | None = None, **more: Any) -> None:
        head = int(self.asked["since"]) if head is None else head
        self.say({"type": "hello", "epoch": self.asked["epoch"], "head": head, **more})

    def beat(self, head: int | None = None, *, pager_age: float | None = 1, late: float = 0) -> None:
        """A beat of the page's own time, `late` by seconds; `pager_age` in seconds, None where no pager ever worked."""
        head = int(self.asked["since"]) if head is None else head
        told = self.page.evaluate(
            "([age, late]) => [Date.now() - late, age === null ? null : Date.now() - late - age * 1000]"
            ".map(moment => moment && new Date(moment).toISOString())",
            [pager_age, late * 1000],
        )
        self.say({"type": "beat", "head": head, "now": told[0], "pager": told[1]})

    def cut(self) -> None:
        """The connection is gone, and the page knows it."""
        self.opened[-1].close(code=4000)
        expect(self.page.locator("#live")).to_contain_text("Reconnecting")

    def count(self) -> int:
        """How many sockets there have been until now."""
        self.page.evaluate("0")  # what the page did meanwhile is heard while it answers
        return len(self.opened)

    def are(self, number: int) -> bool:
        """There come to be so many sockets, and no more."""
        return processes.eventually(lambda: self.count() >= number) and self.count() == number

    def comes_after(self, milliseconds: int) -> None:
        """The page connects again after this time, and not before."""
        before = self.count()
        self.page.clock.run_for(milliseconds - 1)
        assert self.count() == before, f"it came before {milliseconds} ms"
        self.page.clock.run_for(2)
        assert self.are(before + 1), f"it did not come after {milliseconds} ms"


def wired(page: Page, url: str) -> Wires:
    """This page with its feed in our hands, and the first socket open."""
    wires = Wires(page)
    page.add_init_script(CHANCE)
    page.route_web_socket("**/ws/feed/**", wires.opens)
    page.clock.install()
    page.goto(url)
    assert wires.are(1)
    assert processes.eventually(lambda: _stops(page))
    return wires


def _stops(page: Page) -> bool:
    """The page's clock stands still; it cannot where the moment for it had passed before it was told."""
    try:
        page.clock.pause_at(page.evaluate("Date.now() / 1000") + 2)
    except Error:
        return False
    return True
