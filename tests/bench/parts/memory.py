"""What a signed-in board costs in memory, and whether 10,000 updates leave anything behind."""

from config.machine.trouble import say
from tests.bench import hearing, population, serving
from tests.bench.crowd import Crowd
from tests.bench.figures import Claim, Round, Section, median
from tests.bench.house import House
from tests.bench.parts import Effort
from tests.bench.serving import Served

BOARDS = 1000
UPDATES = 10_000
BEFORE = (
    6_000  # updates after which a board is settled: buffers have their size, the first ping has been answered
)
RATE = 200
ROUNDS = 3  # each with a fresh server; memory is steadier than time
COLUMNS = ["server", "KB a board", f"KB a board after {UPDATES:,} updates", "grown by, KB a board"]
METHOD = (
    f"Resident memory of a fresh web process that 20 boards have visited, then with {BOARDS:,} boards, each "
    "signed in with a session of its own, after a few events: the median of "
    f"{ROUNDS} fresh processes. In the first of them {BEFORE:,} updates of 1,024 bytes come before that, at "
    f"{RATE} a second, and {UPDATES:,} after it: what they leave behind is the growth; less than 1 KB a board "
    "counts as none. `websockets` beside it, whose sockets know nobody."
)


def measure(house: House, effort: Effort) -> Section:
    """Fresh servers in each round."""
    found: dict[str, list[Round]] = {"Dido": [], "websockets": []}
    for number in range(ROUNDS):
        with serving.dido(house.environment, stream=population.STREAM, changes="payload") as served:
            found["Dido"].append(_held(house, served, effort, updates=UPDATES if number == 0 else 0))
        with serving.broadcast(house.environment) as served:
            found["websockets"].append(_held(house, served, effort, updates=0))
        say(f"    fresh process {number + 1} done")
    section = Section("Memory of a signed-in board", METHOD, COLUMNS)
    for name, rounds in found.items():
        grown = rounds[0]["after"] - rounds[0]["settled"]
        section.rows.append([name, median(rounds, "settled"), rounds[0]["after"], grown])
    ours = found["Dido"]
    section.claims = [
        Claim("memory of a signed-in board", "KB", median(ours, "settled"), 45),
        Claim(f"growth of a board after {UPDATES:,} updates", "KB", ours[0]["after"] - ours[0]["settled"], 1),
    ]
    return section


def _held(house: House, served: Served, effort: Effort, *, updates: int) -> Round:
    headers = house.population.boards if served.ours else []
    size = effort.boards(BOARDS)
    with Crowd(served, 20, headers) as first:
        first.join()
        hearing.one_by_one(first, 10)
    empty = served.memory()
    with Crowd(served, size, headers) as crowd:
        crowd.join()
        hearing.one_by_one(crowd, 20)
        if updates:
            _many(crowd, effort.times(BEFORE))
        settled = served.memory()
        if updates:
            _many(crowd, effort.times(updates))
        after = served.memory()
    return {"settled": (settled - empty) / size, "after": (after - empty) / size}


def _many(crowd: Crowd, updates: int) -> None:
    hearing.at_a_rate(crowd, rate=RATE, seconds=updates / RATE)
    hearing.one_by_one(crowd, 5)
