"""Tables as full as after two years of a busy network, and the visits that are measured on them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils import timezone

from frontend import cards
from realtime.models import Entry
from referrals import gathering, queries
from referrals.states import State
from tests import world as worlds
from tests.bench import blanks, pressing, talks
from tests.bench.talks import Visit
from tests.frontend.browser import Phones, tick
from tests.world import World

NETWORK = "network:cheshire-and-merseyside"
SPOKE = "site:RBL14"
ALIVE = (
    State.REFERRED,
    State.REFERRED,
    State.PRE_ALERTED,
    State.UNPLACED,
    State.PROVISIONAL,
    State.ACCEPTED,
    State.DEPARTED,
    State.PUNCTURE,
)


def filled(*, live: int, past: int, patients: str, others: Iterable[str]) -> World:
    """Past referrals by SQL, live ones by real verbs, messages to all of them; its clock stands still."""
    world = worlds.build(timezone.now())
    tables = ("referral", "offer", "party", "message")
    blanks.set_on(*(f"referrals_{table}" for table in tables))
    _past(world, past, patients, others)
    begun = world.now
    for number in range(live):
        world.now = begun
        world.a_referral(ALIVE[number % len(ALIVE)])
    tick(world, Phones(), after=120)
    talks.everywhere(world)
    now = world.now
    timezone.now = lambda: now
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    return world


def visits(world: World) -> dict[str, Visit]:
    """Each visit to a board by its name."""
    now = world.now
    entries = list(Entry.objects.filter(stream_id=NETWORK).order_by("-position")[:1])
    return {
        "board of a network, whole page": talks.get(world, "nia", f"/board/{NETWORK}/"),
        "board of a spoke, whole page": talks.get(world, "ada", f"/board/{SPOKE}/"),
        "board of a network, its rows": lambda: gathering.gathered(
            queries.on_board(queries.of_stream(NETWORK), now=now)
        ),
        "board of a spoke, its rows": lambda: gathering.gathered(
            queries.on_board(queries.of_stream(SPOKE), now=now)
        ),
        "one entry of a feed": lambda: cards.frames(NETWORK, entries),
        "unread messages of all its cards": talks.get(world, "nia", "/messages/unread/"),
        "API: the board": talks.program(world, "nia", "/api/v1/referrals"),
        "API: ended ones, first page": talks.program(world, "nia", "/api/v1/referrals?live=false"),
    }


def _past(world: World, past: int, patients: str, others: Iterable[str]) -> None:
    spokes = [world.sites["RBL14"].pk, world.sites["RBN01"].pk]
    values: dict[str, int | datetime] = {
        "past": past,
        "now": world.now,
        "hub": world.sites["RET20"].pk,
        "operator": world.people["ben"].pk,
        "count": len(spokes),
    }
    with connection.cursor() as cursor:
        cursor.execute(patients.replace("%(spokes)s", ",".join(map(str, spokes))), values)
        for statement in others:
            cursor.execute(statement)


def count(visit: Visit) -> int:
    """How many statements one visit sends."""
    return len(pressing.statements(visit))


def plans(visit: Visit) -> list[str]:
    """PostgreSQL's plan for each statement of a visit that reads referrals, parties or offers."""
    found: list[str] = []
    for statement in pressing.statements(visit):
        if statement.startswith("SELECT") and "referrals_" in statement:
            with connection.cursor() as cursor:
                cursor.execute("explain (analyze, buffers off, costs off) " + statement.replace("%", "%%"))
                found.append("\n".join(row[0] for row in cursor.fetchall()))
    return found
