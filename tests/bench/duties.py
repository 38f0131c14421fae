"""Ten years of duties under the constraints of the real table, and how long it takes to say who is on.

Three duties around the clock at each hub, which has a team of nine. Called by tests.bench.on_call, in its own house.
"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from network.models import Network, Person, Site
from tests.bench import pressing
from workforce import rota
from workforce.models import Shift

TIMES = 300
TEAM = 9
FIRST = datetime(2020, 1, 1, 8, tzinfo=UTC)
SHIFTS = """
insert into workforce_shift (hub_id, duty, person_id, period)
select %(hub)s, (array['first', 'second', 'supervisor'])[1 + duty], (%(team)s)[1 + duty * 3 + day %% 3],
    tstzrange(%(first)s + day * interval '1 day', %(first)s + (day + 1) * interval '1 day')
from generate_series(0, 2) duty, generate_series(0, %(days)s - 1) day
"""


def measured(*, hubs: int, years: int) -> tuple[int, int, float, float]:
    """How many shifts there are, how many statements it takes, and median and p99 in milliseconds."""
    days = years * 365
    places = _fill(hubs, days)
    rng = Random(1)  # the same instants in every run
    moments = [FIRST + timedelta(minutes=rng.randrange(days * 1440)) for _ in range(TIMES)]
    statements = pressing.statements(lambda: _ask(places, moments[0]))
    took: list[float] = []
    for moment in moments:
        begun = time.perf_counter()
        found = rota.on_call_at(places, at=moment)
        took.append((time.perf_counter() - begun) * 1000)
        if len(found) != 3 * hubs:
            raise AssertionError("somebody is on for each duty at each hub")
    took.sort()
    return Shift.objects.count(), len(statements), statistics.median(took), took[int(TIMES * 0.99)]


def _ask(places: list[Site], at: datetime) -> None:
    rota.on_call_at(places, at=at)


def plan() -> str:
    """PostgreSQL's plan for the one statement."""
    places = list(Site.objects.filter(is_hub=True))
    (asked,) = pressing.statements(lambda: _ask(places, FIRST + timedelta(days=400)))
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, costs off) " + asked.replace("%", "%%"))
        return "\n".join(row[0] for row in cursor.fetchall())


def _fill(hubs: int, days: int) -> list[Site]:
    network = Network.objects.create(code="bench", name="Bench")
    places = Site.objects.bulk_create(
        Site(
            code=f"H{n:04}",
            name=f"Hub {n}",
            short_name=f"Hub {n}",
            network=network,
            is_hub=True,
            country="England",
            latitude=53.4,
            longitude=-2.9,
        )
        for n in range(hubs)
    )
    for hub in places:
        names = [f"{hub.code}-{n}" for n in range(TEAM)]
        team = Person.objects.bulk_create(Person(username=name, name=name) for name in names)
        said: dict[str, Any] = {"hub": hub.pk, "team": [p.pk for p in team], "first": FIRST, "days": days}
        with connection.cursor() as cursor:
            cursor.execute(SHIFTS, said)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze workforce_shift")
    return places
