"""Who is on at several hubs: now, tonight, and for fourteen days, with the gaps in words and as a strip to draw.

Called by frontend.views.on_call. Reads rows once for all hubs; writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from frontend import reach_sheet, telephone
from frontend.reach_sheet import Reach
from network.models import Site
from workforce import phases, rota
from workforce.models import Duty, Phase, Shift

DAYS = 14
EVENING, MORNING = time(20), time(8)


@dataclass(frozen=True)
class OnDuty:
    """One person on one duty, from when until when."""

    duty: str
    name: str
    phone: str
    number: str  # the same, as people dial it
    start: datetime
    end: datetime
    answers: str  # who answers for somebody under direct supervision; empty: nobody needs to
    trouble: str  # why a page may not reach them
    reach: Reach | None  # what the test at the start of the shift has shown

    @property
    def is_red(self) -> bool:
        return bool(self.trouble) or (self.reach is not None and self.reach.is_late)


@dataclass(frozen=True)
class Bar:
    """A stretch of the strip, in hours from its beginning."""

    x: float
    width: float
    kind: str  # held, other (the next person), gap
    title: str


@dataclass(frozen=True)
class Row:
    """One duty over fourteen days."""

    duty: str
    bars: list[Bar]


@dataclass(frozen=True)
class HubSheet:
    """One hub: who is on, and where nobody is."""

    code: str
    name: str
    network: str
    now: list[OnDuty]
    tonight: list[OnDuty]
    same_tonight: bool  # those who are on now stay on through the night, and nobody else comes
    gaps: list[str]  # nobody is first on call
    thin: list[str]  # a second or a supervisor is missing, where the hub has them at all
    first_gap_now: bool
    rows: list[Row]
    days: list[tuple[datetime, list[OnDuty]]]
    planned: bool

    @property
    def red(self) -> int:
        """How many of those who are on now, or tonight, a page may not reach."""
        return len({one.name for one in (*self.now, *self.tonight) if one.is_red})


@dataclass(frozen=True)
class Fortnight:
    """The stretch of time on the sheet: from this midnight in London to the fourteenth after it, and the night."""

    now: datetime
    start: datetime
    end: datetime
    night: tuple[datetime, datetime]

    @property
    def days(self) -> list[datetime]:
        """The midnights at which its days begin."""
        return [midnight(self.start, days=n) for n in range(DAYS)]

    @property
    def hours(self) -> float:
        return (self.end - self.start) / timedelta(hours=1)


def fortnight(now: datetime) -> Fortnight:
    """Today and the thirteen days after it, and the night that is or comes."""
    local = timezone.localtime(now)
    start = midnight(local)
    if local.time() < MORNING:
        night = (local, clock(local, MORNING))
    else:
        night = (max(local, clock(local, EVENING)), clock(midnight(local, days=1), MORNING))
    # In UTC: two moments of one zone are subtracted by the wall clock, which is an hour wrong twice a year.
    return Fortnight(local, start.astimezone(UTC), midnight(local, days=DAYS).astimezone(UTC), night)


def sheets(hubs: list[Site], *, of: Fortnight) -> list[HubSheet]:
    """One sheet for each hub, in the order given; three queries for all of them."""
    shifts = rota.between(hubs, start=of.start, end=of.end)
    reach = reach_sheet.of_shifts([s for s in shifts if s.period.lower <= of.now], now=of.now)
    held = phases.holding(of.now).filter(hub__in=hubs, phase=Phase.DIRECT)
    answers = {(a.person_id, a.hub_id): a.supervisor.name for a in held if a.supervisor}
    on_duty = {shift.pk: _on_duty(shift, answers, reach) for shift in shifts}
    return [_sheet(hub, [s for s in shifts if s.hub_id == hub.pk], on_duty, of) for hub in hubs]


def _sheet(hub: Site, shifts: list[Shift], on_duty: dict[int, OnDuty], of: Fortnight) -> HubSheet:
    people = [on_duty[shift.pk] for shift in shifts]
    there = [shift for shift in shifts if shift.person.is_active]
    gaps = rota.gaps(there, Duty.FIRST, start=of.now, end=of.end)
    duties = [duty for duty in Duty if duty == Duty.FIRST or any(s.duty == duty for s in shifts)]
    thin = [
        f"No {duty.label.lower()} {in_words(start, end)}"
        for duty in duties
        if duty != Duty.FIRST
        for start, end in rota.gaps(there, duty, start=of.now, end=of.end)
    ]
    now, tonight = _between(people, of.now, of.now), _between(people, *of.night)
    return HubSheet(
        code=hub.code,
        name=hub.short_name,
        network=hub.network.name,
        now=now,
        tonight=tonight,
        same_tonight=bool(now) and now == tonight and all(one.end >= of.night[1] for one in now),
        gaps=[f"Nobody first on call {in_words(start, end)}" for start, end in gaps],
        thin=thin,
        first_gap_now=bool(gaps) and gaps[0][0] <= of.now,
        rows=[Row(duty.label, _bars(there, duty, of)) for duty in duties],
        days=[(day, _between(people, day, midnight(day, days=1), starting=True)) for day in of.days],
        planned=bool(shifts),
    )


def _on_duty(shift: Shift, answers: dict[tuple[int, int], str], reach: dict[int, Reach]) -> OnDuty:
    return OnDuty(
        duty=shift.get_duty_display(),
        name=shift.person.name,
        phone=shift.person.phone,
        number=telephone.shown(shift.person.phone),
        start=timezone.localtime(shift.period.lower),
        end=timezone.localtime(shift.period.upper),
        answers=answers.get((shift.person_id, shift.hub_id), ""),
        trouble=reach_sheet.trouble(shift.person),
        reach=reach.get(shift.pk),
    )


def _between(
    people: Iterable[OnDuty], start: datetime, end: datetime, *, starting: bool = False
) -> list[OnDuty]:
    """Who is on during a stretch (or at an instant); `starting`: only those whose duty begins in it."""
    if starting:
        return [one for one in people if start <= one.start < end]
    return [
        one for one in people if one.start < max(end, start + timedelta(microseconds=1)) and one.end > start
    ]


def _bars(shifts: list[Shift], duty: Duty, of: Fortnight) -> list[Bar]:
    bars: list[Bar] = []
    last, kind = None, "other"
    for shift in (s for s in shifts if s.duty == duty):
        kind = kind if shift.person_id == last else ("held" if kind == "other" else "other")
        last = shift.person_id
        bars.append(_bar(of, shift.period.lower, shift.period.upper, kind, shift.person.name))
    empty = "Nobody" if duty == Duty.FIRST else "None"
    for start, end in rota.gaps(shifts, duty, start=of.start, end=of.end):
        bars.append(_bar(of, start, end, "gap" if duty == Duty.FIRST else "thin", empty))
    return bars


def _bar(of: Fortnight, start: datetime, end: datetime, kind: str, who: str) -> Bar:
    begun, done = max(start, of.start), min(end, of.end)
    hour = timedelta(hours=1)
    title = f"{who}, {in_words(start, end)}"
    return Bar(round((begun - of.start) / hour, 2), round((done - begun) / hour, 2), kind, title)


def in_words(start: datetime, end: datetime) -> str:
    """A stretch of time as people say it: 'Tue 24 Nov 20:00 to Wed 08:00'."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    until = f"{last:%H:%M}"
    if (last.date() - first.date()).days in range(1, 6):
        until = f"{last:%a %H:%M}"
    elif last.date() != first.date():
        until = f"{last:%a} {last.day} {last:%b %H:%M}"
    return f"{first:%a} {first.day} {first:%b %H:%M} to {until}"


def midnight(moment: datetime, *, days: int = 0) -> datetime:
    """London's midnight at the beginning of the moment's own day, or so many days later."""
    return clock(timezone.localtime(moment) + timedelta(days=days), time(0))


def clock(moment: datetime, hour: time) -> datetime:
    """This hour of the wall clock on the moment's own day."""
    local = timezone.localtime(moment)
    return datetime.combine(local.date(), hour, tzinfo=ZoneInfo(timezone.get_default_timezone_name()))
