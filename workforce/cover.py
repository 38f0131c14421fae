"""How well each hub is covered, hour by hour, and whether it is open: two queries for all hubs, the rest is pure.

Called by the cover screen, the referral form and the API. A hub of whose rota Dido knows nothing is not called closed.
"""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network.models import Person, Site
from workforce import phases
from workforce.models import Duty, Phase, Shift
from workforce.rules.facts import Held, Stretch, Turn

HOUR = timedelta(hours=1)
KNOWN = timedelta(days=28)  # a hub with no duty for so long before and after has no rota here
OPERATING = (Duty.FIRST.value, Duty.SECOND.value)


class Cover(StrEnum):
    """What a hub can do at an instant, the worst first."""

    GAP = (
        "gap"  # nobody is on who may operate, or only somebody under direct supervision without a supervisor
    )
    SUPERVISED = "supervised"  # whoever is on operates under supervision, and the supervisor is there
    SINGLE = "single"  # one independent operator and nobody beside, or nobody who is called first
    SAFE = "safe"  # an independent operator, and somebody else to call


WORST = {cover: number for number, cover in enumerate(Cover)}


@dataclass(frozen=True)
class Door:
    """Is a hub open now; if not, when does somebody come on call next."""

    is_open: bool
    opens_at: datetime | None = None
    known: bool = True  # False: no rota is kept here, so that nobody can say


def at_instant(turns: Iterable[Turn], held: Iterable[Held], *, at: datetime) -> Cover:
    """What one hub can do at an instant, by its duties and phases. Pure."""
    phase = {h.person: h.phase for h in held if h.since <= at and (h.until is None or at < h.until)}
    on = [t for t in turns if t.start <= at < t.end and t.person in phase]
    operating = {t.person for t in on if t.duty in OPERATING}
    supervising = {t.person for t in on if t.duty == Duty.SUPERVISOR and phase[t.person] == Phase.INDEPENDENT}
    independent = {p for p in operating if phase[p] == Phase.INDEPENDENT}
    if independent:
        first = any(t.duty == Duty.FIRST for t in on)
        return Cover.SAFE if first and len(operating | supervising) > 1 else Cover.SINGLE
    alone = not supervising and all(phase[p] == Phase.DIRECT for p in operating)
    return Cover.GAP if not operating or alone else Cover.SUPERVISED


def stretches(
    turns: Sequence[Turn], held: Sequence[Held], *, start: datetime, end: datetime
) -> list[tuple[Stretch, Cover]]:
    """The cover of one hub from start until end, in stretches that follow each other and differ. Pure.

    What is beyond the last operator's duty stands apart: there the rota is not written yet, whoever holds that duty.
    """
    written = max((t.end for t in turns if t.duty in OPERATING), default=None)
    edges = {start, end} | {edge for t in turns for edge in (t.start, t.end)}
    edges |= {edge for h in held for edge in (h.since, h.until) if edge}
    moments = sorted(edge for edge in edges if start <= edge <= end)
    found: list[tuple[Stretch, Cover]] = []
    for begun, done in itertools.pairwise(moments):
        cover = at_instant(turns, held, at=begun)
        if found and found[-1][1] == cover and begun != written:
            found[-1] = ((found[-1][0][0], done), cover)
        else:
            found.append(((begun, done), cover))
    return found


def hours(found: Iterable[tuple[Stretch, Cover]], *, start: datetime, end: datetime) -> list[Cover]:
    """The worst of each hour from start until end. Pure."""
    worst = [Cover.SAFE] * int((end - start) / HOUR)
    for (begun, done), cover in found:
        first, last = int((begun - start) / HOUR), -int((start - done) // HOUR)
        for number in range(max(first, 0), min(last, len(worst))):
            worst[number] = min(worst[number], cover, key=WORST.__getitem__)
    return worst


def of_hubs(
    hubs: Collection[Site], *, start: datetime, end: datetime, without: Person | None = None
) -> dict[int, list[tuple[Stretch, Cover]]]:
    """The cover of these hubs from start until end, by their ids; two queries. A hub without any duty is left out.

    `without`: as it would be if this person could not operate any more.
    """
    ids = [hub.pk for hub in hubs]
    within = Shift.objects.filter(hub__in=ids, period__overlap=DateTimeTZRange(start, end))
    turns: dict[int, list[Turn]] = {}
    for person, hub, duty, period in within.values_list("person_id", "hub_id", "duty", "period"):
        turns.setdefault(hub, []).append(Turn(person, hub, duty, period.lower, period.upper))
    held: dict[int, list[Held]] = {}
    for h in (
        phases.touching(start, end).filter(hub__in=turns, person__is_active=True).exclude(person=without)
    ):
        held.setdefault(h.hub_id, []).append(Held(h.person_id, h.hub_id, h.phase, h.since, h.ends_at))
    return {pk: stretches(found, held.get(pk, []), start=start, end=end) for pk, found in turns.items()}


def gaps(found: Iterable[tuple[Stretch, Cover]]) -> list[Stretch]:
    """When, within these stretches, the hub can take nobody."""
    gaps: list[Stretch] = []
    for (start, end), cover in found:
        if cover == Cover.GAP:
            begun = gaps.pop()[0] if gaps and gaps[-1][1] == start else start
            gaps.append((begun, end))
    return gaps


def doors(hubs: Collection[Site], *, at: datetime) -> dict[int, Door]:
    """Which of these hubs have an operator on call now, by their ids, and when the others open; one query.

    Whoever was disabled opens no hub.
    """
    near = DateTimeTZRange(at - KNOWN, at + KNOWN)
    ids = [hub.pk for hub in hubs]
    rows = Shift.objects.filter(hub__in=ids, duty__in=OPERATING, period__overlap=near)
    known: set[int] = set()
    is_open: set[int] = set()
    opens: dict[int, datetime] = {}
    for hub, period, is_active in rows.values_list("hub", "period", "person__is_active"):
        known.add(hub)
        if not is_active:
            continue
        if period.lower <= at < period.upper:
            is_open.add(hub)
        elif period.lower > at:
            opens[hub] = min(period.lower, opens.get(hub, period.lower))
    return {
        pk: Door(pk in is_open, None if pk in is_open else opens.get(pk), known=pk in known) for pk in ids
    }
