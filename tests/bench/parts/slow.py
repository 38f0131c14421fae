"""Slow work in the database beside everything else: what it adds to the others, who do not need it."""

import threading

from config.machine.trouble import say
from tests.bench import hearing, population, serving, slow, telling
from tests.bench.crowd import Crowd
from tests.bench.figures import Claim, Round, Section, against, at, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served
from tests.bench.telling import Doctor

BOARDS = 1000
A_SECOND = 10  # verbs, and slow requests
SECONDS = 10.0
HANDS = 4
COLUMNS = ["beside it", "POST to boards: median ms", "p99 ms", "POST answered: median ms", "p99 ms"]
METHOD = (
    f"{A_SECOND} verbs a second by POST, 1,000 boards listening, {SECONDS:.0f} s; then the same while "
    f"{A_SECOND} other requests a second wait {slow.WORK * 1000:.0f} ms each for a statement of "
    "PostgreSQL, in the same web process. The others are the boards and the verbs."
)


def measure(house: House, effort: Effort) -> Section:
    """Without and with it, in turn."""
    found: dict[str, list[Round]] = {"nothing": [], "slow database work": []}
    with serving.dido(house.environment, stream=population.STREAM, changes="slow") as served:
        for number in range(effort.rounds):
            for name in sorted(found, reverse=bool(number % 2)):
                found[name].append(_run(house, served, effort, beside=name != "nothing"))
            say(f"    round {number + 1} done")
    section = Section("Slow database work beside it", METHOD, COLUMNS)
    for name, rounds in found.items():
        figures = ("median", "p99", "answered", "answered p99")
        section.rows.append([name, *(median(rounds, figure) for figure in figures)])
    section.claims = [
        _claim(found, "p99", "to the boards"),
        _claim(found, "answered p99", "of a verb's answer"),
    ]
    return section


def _claim(found: dict[str, list[Round]], figure: str, of: str) -> Claim:
    what = f"p99 {of} with slow database work {A_SECOND} a second, to without"
    return against(what, figure, found["slow database work"], found["nothing"], limit=1.2)


def _run(house: House, served: Served, effort: Effort, *, beside: bool) -> Round:
    people = house.population
    count = int(A_SECOND * SECONDS / (5 if effort.quick else 1))
    ended = threading.Event()
    ask = (served, people.doctor, ended)
    hands = [threading.Thread(target=_ask, args=ask, daemon=True) for _ in range(HANDS if beside else 0)]
    with (
        Crowd(served, effort.boards(BOARDS), people.boards) as crowd,
        telling.surgery(served, people.doctor, people.codes, doctors=HANDS) as surgery,
    ):
        crowd.join()
        for hand in hands:
            hand.start()
        crowd.watch(telling.head() + 1, count)
        due, answered = surgery.press(count=count, every=1 / A_SECOND)
        crowd.settle(hearing.SETTLING)
        ended.set()
        for hand in hands:
            hand.join()
        delays = crowd.heard(due).delays()
    return {
        "median": at(delays, 0.5),
        "p99": at(delays, 0.99),
        "answered": at(answered, 0.5),
        "answered p99": at(answered, 0.99),
    }


def _ask(served: Served, session: str, ended: threading.Event) -> None:
    """One of the hands that keep asking for slow work, each its share of the rate."""
    visitor = Doctor(served, session, [])
    while not ended.wait(HANDS / A_SECOND):
        visitor.request("GET", slow.ADDRESS, {}, expected=200)
