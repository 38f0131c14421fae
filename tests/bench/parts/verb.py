"""From a doctor's POST to all of 1,000 boards, beside the same view with a group send; and at 20 a second."""

import contextlib
import time
from collections.abc import Iterator

from config.machine.trouble import say
from tests.bench import hearing, population, serving, telling
from tests.bench.crowd import Crowd, Heard
from tests.bench.figures import Claim, Round, Section, against, at, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served
from tests.bench.telling import Doctor

BOARDS = 1000
PRESSES = {"Dido": 40, "stock Channels": 15}
A_SECOND = 20
SECONDS = 10.0
DOCTORS = 8
COLUMNS = ["server", "POST to boards: median ms", "p99 ms", "POST answered: median ms", "p99 ms", "lost"]
METHOD = (
    "The product as it is: a spoke doctor answers the hub's question by POST (session, CSRF, one "
    "transaction, fsync), and 1,000 boards get the event with its rendered card. The clock starts when "
    "the POST is sent. The peer runs the same view in the same way on stock Daphne, without our bell; a "
    f"middleware renders the same card once and sends it to the group. The last row: {A_SECOND} such POSTs "
    f"a second by {DOCTORS} doctors for {SECONDS:.0f} s while 1,000 boards listen, from the moment at "
    "which each was due."
)


def measure(house: House, effort: Effort) -> Section:
    """A round of the one, a round of the other."""
    found: dict[str, list[Round]] = {}
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(serving.dido(house.environment, stream=population.STREAM)),
            stack.enter_context(serving.stock(house.environment, changes="group_send")),
        ]
        for number in range(effort.rounds):
            for served in servers:
                found.setdefault(served.name, []).append(_pressed(house, served, effort))
            found.setdefault("busy", []).append(_busy(house, servers[0], effort))
            say(f"    round {number + 1} done")
    section = Section("A verb: from the POST to every board", METHOD, COLUMNS)
    for name, rounds in found.items():
        called = f"Dido, {A_SECOND} POSTs a second" if name == "busy" else name
        figures = ("median", "p99", "answered", "answered p99", "lost")
        section.rows.append([called, *(median(rounds, figure) for figure in figures)])
    section.claims = list(_claims(found))
    return section


def _pressed(house: House, served: Served, effort: Effort) -> Round:
    times = effort.times(PRESSES[served.name])
    doctor = Doctor(served, house.population.doctor, house.population.codes)
    with Crowd(served, effort.boards(BOARDS), house.population.boards) as crowd:
        crowd.join()
        told: list[int] = []
        answered: list[float] = []
        for count, noted in ((3, False), (times, True)):
            first = telling.head() + 1
            crowd.watch(first, count)
            for mark in range(first, first + count):
                begun = time.monotonic_ns()
                took = doctor.press()
                crowd.everybody_heard(mark)
                time.sleep(hearing.PAUSE)
                if noted:
                    told.append(begun)
                    answered.append(took)
        return _figures(crowd.heard(told), sorted(answered))


def _busy(house: House, served: Served, effort: Effort) -> Round:
    count = int(A_SECOND * SECONDS / (5 if effort.quick else 1))
    people = house.population
    with (
        Crowd(served, effort.boards(BOARDS), people.boards) as crowd,
        telling.surgery(served, people.doctor, people.codes, doctors=DOCTORS) as surgery,
    ):
        crowd.join()
        crowd.watch(telling.head() + 1, count)
        due, answered = surgery.press(count=count, every=1 / A_SECOND)
        crowd.settle(hearing.SETTLING)
        return _figures(crowd.heard(due), answered)


def _figures(heard: Heard, answered: list[float]) -> Round:
    delays = heard.delays()
    return {
        "median": at(delays, 0.5),
        "p99": at(delays, 0.99),
        "answered": at(answered, 0.5),
        "answered p99": at(answered, 0.99),
        "lost": heard.lost(),
    }


def _claims(found: dict[str, list[Round]]) -> Iterator[Claim]:
    what = "p99 from the POST of a verb to all of 1,000 boards, to the same view with group send"
    yield against(what, "p99", found["Dido"], found["stock Channels"], limit=1 / 12)
    busy = median(found["busy"], "answered p99")
    yield Claim(f"p99 of a verb, {A_SECOND} a second, while 1,000 boards listen", "ms", busy, 100)
