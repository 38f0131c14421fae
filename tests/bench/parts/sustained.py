"""How many events a second reach 1,000 boards with p99 within 150 ms: each server climbs until it fails."""

import contextlib
from collections.abc import Iterator

from config.machine.trouble import say
from tests.bench import hearing, population, serving
from tests.bench.crowd import Crowd
from tests.bench.figures import Claim, Round, Section, against, at, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served

BOARDS = 1000
SECONDS = 4.0
WITHIN = 150.0  # ms, the 99th percentile
RATES = (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 320, 400, 480, 640, 800)
BEGIN = {"Dido": 120, "websockets": 20, "C epoll": 40, "stock Channels": 1}
COLUMNS = [
    "server",
    "events a second",
    "p99 ms at that rate",
    "events a second one by one, whatever the delay",
]
METHOD = (
    "Fan-out alone, 1,024 bytes, 1,000 boards. Events are due at a steady rate whatever becomes of them, "
    f"for {SECONDS:.0f} s; a rate is kept when every board has every event and p99 from the moment at "
    f"which it was due is within {WITHIN:.0f} ms; the rate that ends a climb is tried twice. Dido's are "
    "committed one by one at that rate, and a tail that is behind sends its backlog as one frame; the peers "
    "send a frame for each. The last column is what a server does when the next event waits for the last "
    "board: for the stock consumer, which never comes within 150 ms of 1,000 boards, it stands in the ratio."
)


def measure(house: House, effort: Effort) -> Section:
    """One climb of each server a round."""
    found: dict[str, list[Round]] = {}
    environment = house.environment
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(serving.dido(environment, stream=population.STREAM, changes="payload"))
        servers = [
            ours,
            stack.enter_context(serving.broadcast(environment)),
            stack.enter_context(serving.epoll(environment)),
            stack.enter_context(serving.stock(environment)),
        ]
        for number in range(effort.rounds):
            for served in servers:
                found.setdefault(served.name, []).append(_climb(house, served, effort))
            say(f"    round {number + 1}: " + _rates(found))
    section = Section("Sustained: events a second to 1,000 boards", METHOD, COLUMNS)
    for name, rounds in found.items():
        section.rows.append([name, *(median(rounds, column) for column in ("rate", "p99", "one by one"))])
    section.claims = list(_claims(found))
    return section


def _climb(house: House, served: Served, effort: Effort) -> Round:
    headers = house.population.boards if served.ours else []
    with Crowd(served, effort.boards(BOARDS), headers) as crowd:
        crowd.join()
        hearing.one_by_one(crowd, 3)
        last = hearing.one_by_one(crowd, 5).last()
        best, p99 = 0.0, float("nan")
        place, step = RATES.index(BEGIN[served.name]), 1
        while 0 <= place < len(RATES):
            delay = _delay(crowd, RATES[place], effort)
            if delay > WITHIN and best:  # where it ends may be a moment's disturbance: once more
                delay = _delay(crowd, RATES[place], effort)
            if delay <= WITHIN:
                best, p99 = RATES[place], delay
                if step < 0:
                    break
            elif best or place == 0:
                break
            else:
                step = -1
            place += step
    return {"rate": best, "p99": p99, "one by one": 1000 / at(last, 0.5)}


def _delay(crowd: Crowd, rate: float, effort: Effort) -> float:
    """p99 in milliseconds, or infinity where a board missed an event."""
    heard, cut = hearing.at_a_rate(crowd, rate=rate, seconds=SECONDS / 2 if effort.quick else SECONDS)
    return float("inf") if cut or heard.lost() else at(heard.delays(), 0.99)


def _rates(found: dict[str, list[Round]]) -> str:
    return ", ".join(f"{name} {rounds[-1]['rate']:.0f}/s" for name, rounds in found.items())


def _claims(found: dict[str, list[Round]]) -> Iterator[Claim]:
    ours, unit = found["Dido"], "/s"
    what = "events a second to 1,000 boards with p99 ≤ 150 ms, to"
    yield against(f"{what} websockets", "rate", ours, found["websockets"], limit=4, unit=unit, at_most=False)
    stock: list[Round] = [{"rate": max(one["rate"], one["one by one"])} for one in found["stock Channels"]]
    yield against(
        f"{what} what stock Channels does at any delay",
        "rate",
        ours,
        stock,
        limit=100,
        unit=unit,
        at_most=False,
    )
