"""Tables as full as after two years of a busy network, and the visits that are measured on them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from frontend import cards
from network import people
from realtime.models import Entry
from referrals import queries
from referrals.states import State
from tests import world as worlds
from tests.bench import blanks, pressing
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

Visit = Callable[[], Any]


def visits(*, live: int, past: int, patients: str, others: Iterable[str]) -> dict[str, Visit]:
    """Fill the tables; then each visit by its name."""
    world = worlds.build(timezone.now())
    blanks.set_on("referrals_referral", "referrals_offer", "referrals_party")
    _past(world, past, patients, others)
    begun = world.now
    for number in range(live):
        world.now = begun
        world.a_referral(ALIVE[number % len(ALIVE)])
    tick(world, Phones(), after=120)
    now = world.now
    timezone.now = lambda: now
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    entries = list(Entry.objects.filter(stream_id=NETWORK).order_by("-position")[:1])
    return {
        "board of a network, whole page": _page(world, "nia", f"/board/{NETWORK}/"),
        "board of a spoke, whole page": _page(world, "ada", f"/board/{SPOKE}/"),
        "board of a network, its rows": lambda: list(queries.on_board(queries.of_stream(NETWORK), now=now)),
        "board of a spoke, its rows": lambda: list(queries.on_board(queries.of_stream(SPOKE), now=now)),
        "one entry of a feed": lambda: cards.frames(NETWORK, entries),
        "API: the board": _program(world, "nia", "/api/v1/referrals"),
        "API: ended ones, first page": _program(world, "nia", "/api/v1/referrals?live=false"),
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


def _page(world: World, who: str, path: str) -> Visit:
    browser = Client()
    browser.force_login(world.people[who])
    return lambda: _fine(browser.get(path))


def _program(world: World, who: str, path: str) -> Visit:
    caller = Client(
        headers={"Authorization": f"Bearer {people.issue_token(world.people[who], at=world.now)}"}
    )
    return lambda: _fine(caller.get(path))


def _fine(told: Any) -> None:
    assert told.status_code == 200, told.content


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
