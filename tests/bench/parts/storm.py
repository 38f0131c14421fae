"""A thousand boards come back at once, as after a restart: Dido with sign-in beside a bare Uvicorn without."""

import contextlib
import dataclasses

from config.machine.trouble import say
from realtime.models import Stream
from tests.bench import population, serving, telling, tools
from tests.bench.crowd import Crowd
from tests.bench.figures import Claim, Round, Section, against, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served

BOARDS = 1000
COLUMNS = ["server", "median board live, ms", "all boards live, ms", "refused"]
METHOD = (
    "1,000 boards connect in the same instant, without the jitter that Dido's own client has. A board is "
    "live when it has its greeting. Dido's are signed in with a session each (looked up, like the person "
    "and their roles, in PostgreSQL) and resume from a position; Uvicorn, on uvloop with its fastest "
    "WebSocket implementation, greets whoever comes."
)


def measure(house: House, effort: Effort) -> Section:
    """One storm at each server a round; the first, in which everything is cold, does not count."""
    found: dict[str, list[Round]] = {}
    notes: list[str] = []
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(serving.dido(house.environment, stream=population.STREAM))
        telling.commit()
        stream = Stream.objects.get(key=population.STREAM)
        servers = [dataclasses.replace(ours, path=f"{ours.path}&since={stream.head}&epoch={stream.epoch}")]
        try:
            servers.append(stack.enter_context(serving.uvicorn(house.environment)))
        except tools.Missing as missing:
            notes.append(f"Left out: bare Uvicorn ({missing}).")
        for number in range(effort.rounds + 1):
            for served in servers:
                one = _storm(house, served, effort)
                if number:
                    found.setdefault(served.name, []).append(one)
        say(f"    {effort.rounds} storms done")
    section = Section("A thousand boards at once", METHOD, COLUMNS, notes=notes)
    for name, rounds in found.items():
        section.rows.append([name, *(median(rounds, column) for column in ("median", "last", "refused"))])
    if "bare Uvicorn" in found:
        what = "1,000 boards reconnecting at once: all live, to a bare Uvicorn"
        section.claims.append(against(what, "last", found["Dido"], found["bare Uvicorn"], limit=3))
    most = max(one["refused"] for one in found["Dido"])
    section.claims.append(Claim("boards refused in the worst of these storms", "", most, 0))
    return section


def _storm(house: House, served: Served, effort: Effort) -> Round:
    headers = house.population.boards if served.ours else []
    size = effort.boards(BOARDS)
    with Crowd(served, size, headers) as crowd:
        joined = crowd.join(at_once=size)
        crowd.leave()
    return {"median": joined.median / 1e6, "last": joined.last / 1e6, "refused": float(joined.refused)}
