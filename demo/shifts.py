"""Who is on call in the demonstration: a plain rota for every hub, kept full from two days ago to sixteen ahead.

Called by load_cast, and by the director every few minutes. At Walton a visitor always finds ben first, cleo second
and sam supervising, now and on the next duty. It never writes over a shift that somebody else has put down elsewhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from demo import cast
from network.models import Person, Site
from workforce import rota
from workforce.models import Authorisation, Duty, Phase, Shift
from workforce.rota_rows import Pattern

LONDON = ZoneInfo("Europe/London")
MORNING, EVENING = time(8), time(20)
BEFORE, AHEAD = 2, 16  # days
GAPS_AT = "RXN02"  # Preston: every fifth day nobody is first on call, and everybody can see it coming
TONIGHT = ("ben", "cleo", "sam")
# First, second and supervisor at Walton, duty after duty: nobody on two running, dev never without a supervisor.
WALTON_ROTA = (
    ("operator-ret20-1", "operator-ret20-3", "sam"),
    ("ben", "operator-ret20-4", "operator-ret20-2"),
    ("dev", "operator-ret20-1", "sam"),
    ("cleo", "operator-ret20-3", "operator-ret20-2"),
    ("operator-ret20-4", "ben", "sam"),
    ("operator-ret20-3", "dev", "operator-ret20-2"),
    ("ben", "operator-ret20-4", "cleo"),
)
DUTIES = (Duty.FIRST, Duty.SECOND, Duty.SUPERVISOR)


@dataclass(frozen=True)
class Turn:
    """One stretch of duty at one hub, and who is wanted for it: first, second, supervisor."""

    hub: Site
    start: datetime
    end: datetime
    wanted: tuple[Person | None, Person | None, Person | None]

    def touches(self, shift: Shift) -> bool:
        return bool(shift.period.lower < self.end and self.start < shift.period.upper)


@transaction.atomic
def keep(*, now: datetime) -> int:
    """Every hub's rota full for the coming days, Walton's as the visitor finds it; says how many shifts are new."""
    crew = _crew()
    turns = list(_turns(crew, now=now))
    tonight = [t for t in turns if t.hub.code == cast.WALTON and t.end > now][:2]
    for turn in tonight:
        _clear_unless_right(turn)
    return _fill(turns, now=now)


def keep_patterns() -> None:
    """What comes again each week at Walton, from which a visitor may have a rota built."""
    walton = Site.objects.get(code=cast.WALTON)
    for duty in (Duty.FIRST, Duty.SUPERVISOR):
        for weekdays, start, end in (("0123456", EVENING, MORNING), ("56", MORNING, EVENING)):
            wanted = {"hub": walton, "duty": duty, "weekdays": weekdays, "start": start}
            Pattern.objects.get_or_create(**wanted, defaults={"end": end})


def _crew() -> dict[str, Person]:
    """Everybody of the cast who operates, by username."""
    ours = Q(username__startswith="operator-") | Q(username__in=cast.STAR_NAMES)
    return {person.username: person for person in Person.objects.filter(ours, is_active=True)}


def _turns(crew: dict[str, Person], *, now: datetime) -> Iterator[Turn]:
    """All duties of all hubs from two days ago on, in order of time within each hub."""
    today = now.astimezone(LONDON).date()
    days = [today + timedelta(days=n) for n in range(-BEFORE, AHEAD)]
    phases = dict(Authorisation.objects.filter(until=None).values_list("person__username", "phase"))
    for hub in Site.objects.filter(is_hub=True).order_by("code"):
        if hub.code == cast.WALTON:
            yield from _at_walton(hub, crew, days, now=now)
            continue
        numbered = [cast.operator(hub, n) for n in range(1, 9)]
        team = [crew[name] for name in numbered if name in crew]
        independent = [p for p in team if phases.get(p.username) == Phase.INDEPENDENT]
        if len(team) >= len(DUTIES) and independent:
            yield from (_day(hub, day, team, independent) for day in days)


def _at_walton(hub: Site, crew: dict[str, Person], days: Iterable[date], *, now: datetime) -> Iterator[Turn]:
    """Duties of twelve hours; this one and the next as a visitor should find them; a night without a first ahead."""
    to_come = 0
    for day in days:
        halves = (
            (local(day, MORNING), local(day, EVENING)),
            (local(day, EVENING), local(day + timedelta(days=1), MORNING)),
        )
        for half, (start, end) in enumerate(halves):
            names: tuple[str, ...] = WALTON_ROTA[(2 * day.toordinal() + half) % len(WALTON_ROTA)]
            if half == 1 and day.toordinal() % 6 == 1:
                names = ("", *names[1:])
            if end > now and to_come < 2:
                names, to_come = TONIGHT, to_come + 1
            first, second, supervisor = (crew.get(name) for name in names)
            yield Turn(hub, start, end, (first, second, supervisor))


def _day(hub: Site, day: date, team: list[Person], independent: list[Person]) -> Turn:
    """Twenty-four hours at one of the other hubs; everybody has a day off after a day on."""
    number = day.toordinal()
    first, second = team[number % len(team)], team[(number + 2) % len(team)]
    ranked = [independent[(number + n) % len(independent)] for n in range(len(independent))]
    supervisor = next((p for p in ranked if p not in {first, second}), None)
    nobody = hub.code == GAPS_AT and number % 5 == 2
    end = local(day + timedelta(days=1), MORNING)
    return Turn(hub, local(day, MORNING), end, (None if nobody else first, second, supervisor))


def local(day: date, at: time) -> datetime:
    """This hour of this day in London."""
    return datetime.combine(day, at, tzinfo=LONDON)


def _clear_unless_right(turn: Turn) -> None:
    """Where others than those wanted are on this duty, take them off; and those wanted off whatever else they do."""
    wanted = {person.pk: duty for person, duty in zip(turn.wanted, DUTIES, strict=True) if person}
    touching = Shift.objects.filter(period__overlap=DateTimeTZRange(turn.start, turn.end))
    concerned = list(touching.filter(Q(hub=turn.hub) | Q(person__in=wanted)))
    wrong = [
        shift.pk
        for shift in concerned
        if shift.hub_id != turn.hub.pk or (shift.duty in DUTIES and wanted.get(shift.person_id) != shift.duty)
    ]
    Shift.objects.filter(pk__in=wrong).delete()


def _fill(turns: list[Turn], *, now: datetime) -> int:
    """Put down every shift that nothing stands in the way of."""
    day = timedelta(days=1)
    window = DateTimeTZRange(now - (BEFORE + 2) * day, now + (AHEAD + 2) * day)
    by_duty: dict[tuple[int, str], list[Shift]] = {}
    by_person: dict[int, list[Shift]] = {}
    for shift in Shift.objects.filter(period__overlap=window):
        by_duty.setdefault((shift.hub_id, shift.duty), []).append(shift)
        by_person.setdefault(shift.person_id, []).append(shift)
    put = 0
    for turn in turns:
        for person, duty in zip(turn.wanted, DUTIES, strict=True):
            if person is None:
                continue
            holders, others = by_duty.setdefault((turn.hub.pk, duty), []), by_person.setdefault(person.pk, [])
            if any(turn.touches(shift) for shift in (*holders, *others)):
                continue
            shift = rota.put(turn.hub, duty, person, start=turn.start, end=turn.end)
            holders.append(shift)
            others.append(shift)
            put += 1
    return put
