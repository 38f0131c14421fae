"""Two hundred people of one network read and write at once, by real sockets and real requests, over lines that break.

Each does what the case's page does: hears that there is something new, fetches it, says what was read, and sends again
with its key whatever was not answered. In the end every page, every number and every receipt is right.
"""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from referrals.conversation import marks
from tests.prove import emptied
from tests.prove.contract import Control, Proof, Result, Tally
from tests.prove.feed import boards, ward, webs, wire
from tests.prove.feed.ward import Ward
from tests.prove.telling import teller

SIZE = 200  # people
IN_ONE = 20  # people in one conversation
EACH = 5  # messages of each
LASTS = 60.0  # seconds in which they are written
SETTLES = 0.6  # seconds in which a page gathers what it heard before it asks
LOSES = 0.15  # of the requests to write: they come to the server, and the answer never comes back
CUTS_EVERY = (5.0, 40.0)  # seconds between two breaks of one person's socket
PATIENCE = 90.0  # seconds until all are right
AT_ONCE = 24  # requests
WEBS = 2
PLACES = {ward.SPOKE: "Arrowe Park", ward.WALTON: "Walton", ward.NETWORK: None}
STREAMS = tuple(PLACES)


@dataclass
class Reader:
    """One person with one case open."""

    number: int
    stream: str
    code: str
    name: str
    token: str
    served: "Served"
    lines: dict[int, str] = field(default_factory=dict)  # what the page shows: the words, by number
    wrote: list[str] = field(default_factory=list)
    told: set[int] = field(default_factory=set)  # numbers that were said to be read
    receipts: int = 0
    sockets: int = 0
    stale: asyncio.Event = field(default_factory=asyncio.Event)
    line: wire.Wire | None = None

    async def listens(self) -> None:
        """An open socket, again and again; whoever was away looks at everything anew."""
        query = f"stream={self.stream}&case={self.code}"
        while True:
            try:
                headers = {"Authorization": f"Bearer {self.token}"}
                self.line = await wire.opened(self.served.port, query, headers, self._heard)
                self.sockets += 1
                self.stale.set()
                while True:
                    await self.line.recv()
            except OSError:
                await asyncio.sleep(0.5)

    def _heard(self, text: str) -> None:
        read = json.loads(text)
        for frame in read if isinstance(read, list) else [read]:
            if frame.get("referral") != self.code:
                continue
            if frame["type"] == "receipts":
                self.receipts += 1
            if frame["type"] == "event" and frame["verb"] == "message":
                self.stale.set()

    async def reads(self) -> None:
        """Fetch what is new, and say that it was read."""
        while True:
            await self.stale.wait()
            await asyncio.sleep(SETTLES)
            self.stale.clear()
            try:
                await self._fetches()
                mine = {number for number, words in self.lines.items() if _author(words) == self.number}
                if new := sorted(set(self.lines) - self.told - mine):
                    await self.served.asks(self, "/messages/marks", {"read": _runs(new)})
                self.told |= {*mine, *new}
            except OSError:
                self.stale.set()

    async def _fetches(self) -> None:
        cursor = ""
        while True:
            page = await self.served.asks(self, f"/messages?limit=50{cursor}")
            new = [one for one in page if one["number"] not in self.lines]
            self.lines |= {one["number"]: one["text"] for one in new}
            if len(new) < len(page) or len(page) < 50:
                return
            cursor = f"&cursor={page[0]['number']}"

    async def writes(self, lasts: float, rng: Random) -> None:
        """Some messages, each sent until it is answered, one after the other."""
        for number in range(EACH):
            await asyncio.sleep(rng.uniform(0, 2 * lasts / EACH))
            words = f"{self.number}-{number}"
            self.wrote.append(words)
            while True:
                lost = rng.random() < LOSES
                try:
                    await self.served.asks(self, "/messages", {"text": words}, key=words)
                    if not lost:
                        break
                    self.served.tally.faults["the answer to a message is lost"] += 1
                except OSError:
                    await asyncio.sleep(0.5)

    async def breaks(self, rng: Random) -> None:
        """The line breaks now and then."""
        while True:
            await asyncio.sleep(rng.uniform(*CUTS_EVERY))
            if self.line:
                self.line.cut()
                self.served.tally.faults["a socket is cut"] += 1


def _author(words: str) -> int:
    return int(words.partition("-")[0])


def _runs(numbers: list[int]) -> list[list[int]]:
    """At most as many as are taken at once."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found[: marks.MOST]


@dataclass
class Served:
    """The one address that all of them call."""

    port: int
    url: str
    tally: Tally
    hands: ThreadPoolExecutor
    requests: int = 0

    async def asks(self, who: Reader, path: str, said: Any = None, *, key: str = "") -> Any:
        """One request of this person about their case."""
        self.requests += 1
        headers = {"Authorization": f"Bearer {who.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        body = None if said is None else json.dumps(said).encode()
        address = f"{self.url}/api/v1/referrals/{who.code}{path}"
        asked = urllib.request.Request(address, body, headers)
        return await asyncio.get_running_loop().run_in_executor(self.hands, partial(_answer, asked))


def _answer(asked: urllib.request.Request) -> Any:
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            content = answer.read()
    except urllib.error.HTTPError as refused:
        if refused.code < 500:
            raise RuntimeError(refused.read().decode()) from refused
        raise
    return json.loads(content) if content else None


async def _run(
    readers: list[Reader], served: Served, rng: Random, *, lasts: float, patience: float
) -> dict[str, int | float]:
    loops = [asyncio.create_task(deed) for one in readers for deed in (one.listens(), one.reads())]
    live = await boards.until(lambda: all(one.sockets for one in readers), seconds=PATIENCE)
    served.tally.check(live, "somebody was never connected")
    breaks = [asyncio.create_task(one.breaks(Random(rng.random()))) for one in readers]
    writing = [asyncio.create_task(one.writes(lasts, Random(rng.random()))) for one in readers]
    for count, done in enumerate(asyncio.as_completed(writing)):
        await done
        teller.step(count, len(readers))
    for task in breaks:
        task.cancel()
    settled = time.monotonic()
    await boards.until(lambda: all(map(_is_whole, _cases(readers).values())), seconds=patience)
    took = time.monotonic() - settled
    for case in _cases(readers).values():
        await _judged(case, served)
    for task in loops:
        task.cancel()
    await asyncio.gather(*loops, *breaks, return_exceptions=True)
    return {
        "messages": sum(len(one.wrote) for one in readers),
        "requests": served.requests,
        "sockets": sum(one.sockets for one in readers),
        "all_right_after_s": round(took, 1),
    }


def _cases(readers: list[Reader]) -> Mapping[str, list[Reader]]:
    found: dict[str, list[Reader]] = {}
    for one in readers:
        found.setdefault(one.code, []).append(one)
    return found


def _is_whole(case: list[Reader]) -> bool:
    """Has everybody everything on the page, and said so?"""
    wanted = {words for one in case for words in one.wrote}
    return all(set(one.lines.values()) >= wanted and set(one.lines) <= one.told for one in case)


async def _judged(case: list[Reader], served: Served) -> None:
    """Of one conversation: what each page shows, and what is said of who has read."""
    tally = served.tally
    for one in case:
        tally.cases += 1
        shown = [one.lines[number] for number in sorted(one.lines)]
        tally.check(sorted(one.lines) == list(range(1, len(shown) + 1)), "a number is missing")
        tally.check(len(shown) == len(set(shown)), "a message is there twice")
        tally.check(one.lines == case[0].lines, "two pages show two conversations")
        for other in case:
            of = [words for words in shown if _author(words) == other.number]
            tally.check(of == other.wrote, f"of what was written {of} is there, in this order")
        tally.check(one.receipts, "nobody's reading was ever told")
    author, cursor = case[0], ""
    while True:
        page = await served.asks(author, f"/messages?limit=50{cursor}")
        for said in page:
            read = {(seen["name"], seen["site"]) for seen in said["seen"] if seen["read_at"]}
            others = {(one.name, PLACES[one.stream]) for one in case if one.number != _author(said["text"])}
            tally.check(read == others, f"{len(others)} have read a message, and it says {len(read)}")
        if len(page) < 50:
            return
        cursor = f"&cursor={page[0]['number']}"


def _readers(size: int, at_work: Ward, served: Served) -> list[Reader]:
    people = {stream: ward.watchers(stream, 1 + size // len(STREAMS)) for stream in STREAMS}
    found = []
    for number in range(size):
        stream = STREAMS[number % len(STREAMS)]
        person, token = people[stream][number // len(STREAMS)]
        code = at_work.codes[number // IN_ONE]
        found.append(Reader(number, stream, code, person.name, token, served))
    return found


def _trial(size: int, seed: int, *, broken: str = "", patience: float = PATIENCE) -> Result:
    rng, tally, world = Random(seed), Tally(), emptied.world()
    at_work = ward.opened(world, 1 + (size - 1) // IN_ONE, rng)
    with webs.running(WEBS, BREAK=broken) as running, ThreadPoolExecutor(AT_ONCE) as hands:
        served = Served(running.port, running.url, tally, hands)
        lasts = max(6.0, LASTS * size / SIZE)
        figures = asyncio.run(
            _run(_readers(size, at_work, served), served, rng, lasts=lasts, patience=patience)
        )
    return tally.result(**figures, web_processes=WEBS)


PROOF = Proof(
    promise="Two hundred people of one network read and write at once over lines that break: no message is lost, "
    "doubled or out of order on any page, and in the end every receipt is right.",
    unit="people",
    size=SIZE,
    least=20,
    run=_trial,
    in_tests=False,  # web processes of its own; tests/journeys/test_the_conversation.py talks in each `make test`
    controls=(
        Control(
            broken="a message that is sent again is another message",
            run=lambda size, seed: _trial(size, seed, broken="no keys"),
            size=20,
            in_tests=False,
        ),
        Control(
            broken="nobody is told that somebody wrote",
            run=lambda size, seed: _trial(size, seed, broken="no word", patience=15.0),
            size=20,
            in_tests=False,
        ),
        Control(
            broken="of what is said to be read only the first is kept",
            run=lambda size, seed: _trial(size, seed, broken="one mark"),
            size=20,
            in_tests=False,
        ),
    ),
)
