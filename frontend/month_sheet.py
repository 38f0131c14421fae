"""A hub's month, day by day: who is on, where nobody is, what the rules say, and what was changed.

Called by frontend.views.rota. Reads rows; writes nothing. Days and hours are London's.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from frontend import rota_sheet
from network import permissions
from network.models import Person, Role, Site
from workforce import cover, holidays, patterns, phases, rota, rota_plan, swaps
from workforce.models import Duty, Phase, Shift
from workforce.rota_rows import Leave, RotaEvent, Swap
from workforce.rules.facts import Breach, Severity, Stretch, said, without

DAY = timedelta(days=1)
NOON = time(12)
LONG = {"weekly_hours", "least_operators", "ideal_operators"}  # of weeks, and of no single duty
HISTORY = 12
WORDS = {Severity.DANGER: "Dangerous", Severity.SERIOUS: "Serious", Severity.ADVICE: "Advice"}
MOODS = {Severity.DANGER: "late", Severity.SERIOUS: "soon", Severity.ADVICE: "quiet"}


@dataclass(frozen=True)
class Entry:
    """One person on a duty, as it stands in a day."""

    shift: int
    duty: str
    name: str
    hours: str
    mood: str  # late, soon or empty
    broken: tuple[str, ...]
    mine: bool


@dataclass(frozen=True)
class Day:
    """One day of the month."""

    on: date
    holiday: str
    is_today: bool
    is_past: bool
    entries: list[Entry]
    gaps: list[str]  # the hub can take nobody
    single: list[str]  # somebody could, and nobody is first on call
    away: list[str]
    chosen: bool


@dataclass(frozen=True)
class Said:
    """A breach as it is shown."""

    mood: str
    severity: str
    words: str
    source: str


@dataclass(frozen=True)
class Waiting:
    """A swap that waits, with what may be pressed by whoever looks."""

    pk: int
    asker: str
    duty: str
    when: str
    why: str
    offer: str  # who offers, and for what; empty: nobody yet
    may_offer: bool
    may_settle: bool
    may_withdraw: bool
    returns: list[tuple[int, str]]  # what the person could give for it

    @property
    def key(self) -> str:
        return str(self.pk)


@dataclass(frozen=True)
class Month:
    """Everything on the page."""

    hub: Site
    first: date
    before: date
    after: date
    days: list[Day]
    blanks: range
    breaches: list[Said]
    gaps: int
    single: int
    swaps: list[Waiting]
    history: list[str]


def month(
    hub: Site, first: date, *, viewer: Person, may_edit: bool, chosen: date | None, now: datetime
) -> Month:
    """The month of this hub that begins on this day."""
    after = (first + 31 * DAY).replace(day=1)
    start, end = patterns.instant(first, time()), patterns.instant(after, time())
    shifts = rota.between([hub], start=start, end=end)
    broken = rota_plan.judged([hub], rota_plan.rules_of(hub.network_id), start=start, end=end)
    gaps, single = _uncovered(hub, shifts, start=max(start, now), end=end)
    away = Leave.objects.filter(person__authorisations__hub=hub, period__overlap=(start, end))
    leave = list(away.select_related("person").distinct()) if may_edit else []
    rows = _Read(hub, viewer, shifts, broken, gaps, single, leave, now)
    days = [_day(first + n * DAY, rows, chosen) for n in range((after - first).days)]
    return Month(
        hub=hub,
        first=first,
        before=(first - DAY).replace(day=1),
        after=after,
        days=days,
        blanks=range(first.weekday()),
        breaches=[spoken(b) for b in broken if b.end > now],
        gaps=len(gaps),
        single=len(single),
        swaps=_swaps(hub, viewer, may_edit, now),
        history=_history(hub) if may_edit else [],
    )


def _uncovered(
    hub: Site, shifts: list[Shift], *, start: datetime, end: datetime
) -> tuple[list[Stretch], list[Stretch]]:
    """The gaps from now on, as the page of cover has them; and where else nobody is first on call."""
    if start >= end:
        return [], []
    found = cover.of_hubs([hub], start=start, end=end).get(hub.pk)
    gaps = [(start, end)] if found is None else cover.gaps(found)
    unled = rota.gaps(shifts, Duty.FIRST, start=start, end=end)
    return gaps, [left for one in unled for left in without(one, gaps)]


def spoken(breach: Breach) -> Said:
    """A breach with its mood."""
    return Said(MOODS[breach.severity], WORDS[breach.severity], breach.words, breach.source)


@dataclass(frozen=True)
class _Read:
    """The rows of the whole month, as its days are made of them."""

    hub: Site
    viewer: Person
    shifts: list[Shift]
    broken: list[Breach]
    gaps: list[Stretch]
    single: list[Stretch]
    leave: list[Leave]
    now: datetime


def _day(on: date, rows: _Read, chosen: date | None) -> Day:
    start, end = patterns.instant(on, time()), patterns.instant(on + DAY, time())
    today = timezone.localtime(rows.now).date()
    shifts = (s for s in rows.shifts if _stands_in(s.period.lower, s.period.upper, on))
    return Day(
        on=on,
        holiday=holidays.name(on, rows.hub.country),
        is_today=on == today,
        is_past=on < today,
        entries=[_entry(s, rows.broken, rows.viewer) for s in shifts],
        gaps=[said(s, e) for s, e in rows.gaps if _stands_in(s, e, on)],
        single=[said(s, e) for s, e in rows.single if _stands_in(s, e, on)],
        away=[a.person.name for a in rows.leave if a.period.lower < end and start < a.period.upper],
        chosen=on == chosen,
    )


def _stands_in(start: datetime, end: datetime, on: date) -> bool:
    """A duty stands in the day in which it begins, and in every other whose noon it covers."""
    noon = patterns.instant(on, NOON)
    return timezone.localtime(start).date() == on or start <= noon < end


def _entry(shift: Shift, broken: list[Breach], viewer: Person) -> Entry:
    start, end = timezone.localtime(shift.period.lower), timezone.localtime(shift.period.upper)
    mine = [
        b
        for b in broken
        if b.person == shift.person_id
        and b.rule not in LONG
        and b.touches(shift.period.lower, shift.period.upper)
    ]
    grave = {b.severity for b in mine}
    mood = "late" if Severity.DANGER in grave else "soon" if grave else ""
    return Entry(
        shift=shift.pk,
        duty=shift.get_duty_display(),
        name=shift.person.name,
        hours=f"{start:%H:%M} to {end:%H:%M}" if end - start <= DAY else f"until {end:%a %H:%M}",
        mood=mood,
        broken=tuple(b.words for b in mine),
        mine=shift.person_id == viewer.pk,
    )


def _swaps(hub: Site, viewer: Person, may_edit: bool, now: datetime) -> list[Waiting]:
    waiting = swaps.open_at([hub.pk], after=now)
    if not waiting:
        return []
    own = (
        Shift.objects.filter(person=viewer, period__startswith__gt=now)
        .select_related("hub")
        .order_by("period")
    )
    returns = [(s.pk, f"{s.get_duty_display()}, {rota_sheet.in_words(*_span(s))}") for s in own[:20]]
    return [
        Waiting(
            pk=swap.pk,
            asker=swap.asker.name,
            duty=Duty(swap.duty).label,
            when=rota_sheet.in_words(swap.period.lower, swap.period.upper),
            why=swap.why,
            offer=_offer(swap),
            may_offer=swaps.may_offer(swap, viewer, at=now),
            may_settle=may_edit and bool(swap.offerer_id),
            may_withdraw=viewer.pk in {swap.asker_id, swap.offerer_id},
            returns=returns,
        )
        for swap in waiting
    ]


def _span(shift: Shift) -> tuple[datetime, datetime]:
    return shift.period.lower, shift.period.upper


def _offer(swap: Swap) -> str:
    if swap.offerer is None:
        return ""
    if not swap.return_period:
        return f"{swap.offerer.name} offers to take it, and wants nothing for it."
    given = rota_sheet.in_words(swap.return_period.lower, swap.return_period.upper)
    return f"{swap.offerer.name} offers to take it for {Duty(swap.return_duty).label.lower()}, {given}."


def _history(hub: Site) -> list[str]:
    events = RotaEvent.objects.filter(hub=hub, by__isnull=False).select_related("person", "by")
    return [_event(event) for event in events.order_by("-pk")[:HISTORY]]


def _event(event: RotaEvent) -> str:
    at = timezone.localtime(event.written_at)
    duty = f", {Duty(event.duty).label.lower()}" if event.duty else ""
    when = f", {rota_sheet.in_words(event.start, event.end)}" if event.start and event.end else ""
    who = event.person.name if event.person else "Nobody" if event.start else ""
    what = f"{who}: {event.get_deed_display()}" if who else event.get_deed_display()
    why = f" “{event.reason}”" if event.reason else ""
    broken = f" Known then: {' '.join(event.breaches)}" if event.breaches else ""
    return f"{at:%-d %b %H:%M}, {event.by}: {what}{duty}{when}.{why}{broken}"


def people(hub: Site, *, now: datetime) -> list[tuple[int, str]]:
    """Who can be put on this hub's rota: its operators with their phase, then the network's coordinators."""
    able = phases.operators(hub, at=now)
    found = {
        a.person_id: a.person.name
        if a.phase == Phase.INDEPENDENT
        else f"{a.person.name} ({a.get_phase_display().lower()})"
        for a in able
    }
    held = permissions.holding(now).filter(role=Role.COORDINATOR, network=hub.network_id)
    for membership in held.select_related("person").order_by("person__name"):
        found.setdefault(membership.person_id, f"{membership.person.name} (coordinator)")
    return list(found.items())
