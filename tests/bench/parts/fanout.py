"""One event of 1 KB to 100, 1,000 and 2,000 boards: Dido's tail and writer beside the peers, interleaved."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from config.machine.trouble import say
from tests.bench import hearing, population, serving, tools
from tests.bench.crowd import Crowd
from tests.bench.figures import Claim, Round, Section, against, at, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served

SIZES = (100, 1000, 2000)
EVENTS = {100: 100, 1000: 40, 2000: 25}
EVENTS_OF_STOCK = {100: 20, 1000: 8}  # it needs half a second for each; at 2,000 it is left out
WARM = 5
LIMITS = {
    ("websockets", 100): 1.0, ("websockets", 1000): 0.75, ("websockets", 2000): 0.8,
    ("C epoll", 1000): 1.5, ("socket.io", 1000): 1.0,
}  # fmt: skip
COLUMNS = [
    "server",
    "boards",
    "median ms",
    "p99 ms",
    "last board, median ms",
    "server's CPU s / 1,000 deliveries",
    "PostgreSQL's and Redis's",
    "lost",
]
METHOD = (
    "One event of 1,024 bytes at a time, the next one 50 ms after the last board had it. The peers are "
    "told by a board over its own socket and pass it on at once. Dido's comes the long way: committed to "
    "PostgreSQL by another process, rung, read back by the tail, rendered as the same 1,024 "
    "bytes, written; the clock starts when the commit has returned. Each of Dido's boards is signed in "
    "with a session of its own; the peers' boards are strangers."
)


def measure(house: House, effort: Effort) -> Section:
    """All servers up at once, the boards at one of them at a time."""
    found: dict[tuple[str, int], list[Round]] = {}
    notes: list[str] = []
    with contextlib.ExitStack() as stack:
        servers = list(_all(house, stack, notes))
        for size in SIZES:
            for number in range(effort.rounds):
                for served in servers[number % len(servers) :] + servers[: number % len(servers)]:
                    if one := _round(house, served, size, effort):
                        found.setdefault((served.name, size), []).append(one)
            say(f"    {effort.boards(size)} boards: {effort.rounds} rounds done")
    section = Section("Fan-out: one event to every board", METHOD, COLUMNS, notes=notes)
    for (name, size), rounds in found.items():
        figures = [median(rounds, column) for column in ("median", "p99", "last", "cpu", "beside", "lost")]
        section.rows.append([name, effort.boards(size), *figures])
    section.claims = list(_claims(found))
    return section


def _all(house: House, stack: contextlib.ExitStack, notes: list[str]) -> Iterator[Served]:
    environment = house.environment
    ours = serving.dido(environment, stream=population.STREAM, changes="payload")
    starts: list[Callable[[], AbstractContextManager[Served]]] = [
        lambda: ours,
        lambda: serving.broadcast(environment),
        lambda: serving.epoll(environment),
        lambda: serving.socket_io(environment),
        lambda: serving.stock(environment),
    ]
    for start in starts:
        try:
            yield stack.enter_context(start())
        except tools.Missing as missing:
            notes.append(f"Left out: {missing}.")


def _round(house: House, served: Served, size: int, effort: Effort) -> Round | None:
    events = EVENTS_OF_STOCK.get(size) if served.name.startswith("stock") else EVENTS[size]
    if events is None:
        return None
    headers = house.population.boards if served.ours else []
    with Crowd(served, effort.boards(size), headers) as crowd:
        crowd.join()
        hearing.one_by_one(crowd, WARM)
        before, beside = served.processor(), house.beside()
        heard = hearing.one_by_one(crowd, effort.times(events))
        used, beside_used = served.processor() - before, house.beside() - beside
        crowd.leave()
    delays = heard.delays()
    thousands = len(delays) / 1000 or float("nan")
    return {
        "median": at(delays, 0.5),
        "p99": at(delays, 0.99),
        "last": at(heard.last(), 0.5),
        "cpu": used / thousands,
        "beside": beside_used / thousands,
        "lost": heard.lost(),
    }


def _claims(found: dict[tuple[str, int], list[Round]]) -> Iterator[Claim]:
    for (name, size), limit in LIMITS.items():
        if peers := found.get((name, size)):
            yield against(
                f"p99 to {size:,} boards, to {name}", "p99", found["Dido", size], peers, limit=limit
            )
    for name, limit in (("websockets", 0.6), ("stock Channels", 1 / 20)):
        if peers := found.get((name, 1000)):
            what = f"CPU of the server for 1,000 deliveries, 1,000 boards, to {name}"
            yield against(what, "cpu", found["Dido", 1000], peers, limit=limit, unit="s")
