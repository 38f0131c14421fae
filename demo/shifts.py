"""Who is on call in the demonstration: a rota for every hub that keeps the rules, from two days ago to sixteen ahead.

Called by load_cast, and by the director every few minutes. At Walton a visitor always finds ben first, cleo second
and sam supervising; whoever was on just before or after them gives way. No other shift is ever written over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
from workforce.rules.facts import Stretch, without

LONDON = ZoneInfo("Europe/London")
MORNING, EVENING = time(8), time(20)
BEFORE, AHEAD = 2, 16  # days
GAPS_AT = "RXN02"  # Preston: every fifth day nobody is first on call, and everybody can see it coming
TONIGHT = {Duty.FIRST: "ben", Duty.SECOND: "cleo", Duty.SUPERVISOR: "sam"}
# A night is over at noon, and has not begun for whoever comes at four: so the rules allow these, and no visitor who
# comes in the small hours finds that ben goes home.
NOON, SMALL_HOURS = time(12), time(4)
A_DAY, HALF_A_DAY = timedelta(hours=24), timedelta(hours=12)
LOOKED_AT, MOST_NIGHTS = timedelta(days=42), 7  # one night in six
ORDER = (Duty.SUPERVISOR, Duty.FIRST, Duty.SECOND)  # who is in training is on only with a supervisor


@dataclass(frozen=True)
class Turn:
    """One duty at one hub that somebody of its team is to hold."""

    hub: Site
    duty: Duty
    start: datetime
    end: datetime

    @property
    def has_a_night(self) -> bool:
        return self.end - self.start > HALF_A_DAY


@dataclass
class Table:
    """Everybody's shifts, as far as they matter for who can come next."""

    by_duty: dict[tuple[int, str], list[Stretch]] = field(default_factory=dict)
    by_person: dict[int, list[tuple[str, Stretch]]] = field(default_factory=dict)

    def put(self, hub: int, duty: str, person: int, stretch: Stretch) -> None:
        self.by_duty.setdefault((hub, duty), []).append(stretch)
        self.by_person.setdefault(person, []).append((duty, stretch))

    def is_held(self, turn: Turn) -> bool:
        held = self.by_duty.get((turn.hub.pk, turn.duty), [])
        return any(start < turn.end and turn.start < end for start, end in held)

    def is_supervised(self, turn: Turn) -> bool:
        held = self.by_duty.get((turn.hub.pk, Duty.SUPERVISOR), [])
        return not without((turn.start, turn.end), held)

    def is_rested(self, person: int, turn: Turn) -> bool:
        """A day off after a night and before the next; half a day where there was none."""
        for _, (start, end) in self.by_person.get(person, []):
            before, after = _rest(end - start), _rest(turn.end - turn.start)
            if start < turn.end + after and turn.start < end + before:
                return False
        return True

    def nights(self, person: int, turn: Turn) -> int:
        """The nights on call that weigh on this one, before it and after it."""
        held = [
            start
            for duty, (start, end) in self.by_person.get(person, [])
            if duty != Duty.SUPERVISOR and end - start > HALF_A_DAY and abs(start - turn.start) < LOOKED_AT
        ]
        return len(held)

    def last(self, person: int, turn: Turn) -> datetime:
        """When this person was on last, as seen from this turn."""
        ends = [end for _, (_, end) in self.by_person.get(person, []) if end <= turn.start]
        return max(ends, default=datetime.min.replace(tzinfo=LONDON))


def _rest(length: timedelta) -> timedelta:
    return A_DAY if length > HALF_A_DAY else HALF_A_DAY


@transaction.atomic
def keep(*, now: datetime) -> int:
    """Every hub's rota full for the coming days, Walton's as the visitor finds it; says how many shifts are new."""
    teams = _teams()
    table = _table(now)
    tonight = _tonight(now)
    new = _bring_on(tonight) if tonight else 0
    if new:
        table = _table(now)
    today = now.astimezone(LONDON).date()
    days = [today + timedelta(days=n) for n in range(-BEFORE, AHEAD)]
    for hub, team in teams.items():
        turns = sorted(_turns(hub, days), key=lambda turn: (turn.start.date(), ORDER.index(turn.duty)))
        new += sum(_fill(piece, team, table) for turn in turns for piece in _open(turn, table))
    return new


def keep_patterns() -> None:
    """What comes again each week at Walton, from which a visitor may have a rota built."""
    walton = Site.objects.get(code=cast.WALTON)
    for duty in (Duty.FIRST, Duty.SUPERVISOR):
        for weekdays, start, end in (("0123456", EVENING, MORNING), ("56", MORNING, EVENING)):
            wanted = {"hub": walton, "duty": duty, "weekdays": weekdays, "start": start}
            Pattern.objects.get_or_create(**wanted, defaults={"end": end})


def _teams() -> dict[Site, list[tuple[Person, str]]]:
    """Everybody of the cast who operates, with their phase, by hub; the small teams are left alone."""
    ours = Q(person__username__startswith="operator-") | Q(person__username__in=cast.STAR_NAMES)
    held = Authorisation.objects.filter(ours, until=None, person__is_active=True, hub__is_hub=True)
    teams: dict[Site, list[tuple[Person, str]]] = {}
    for one in held.select_related("person", "hub").order_by("hub__code", "person__username"):
        teams.setdefault(one.hub, []).append((one.person, one.phase))
    return {hub: team for hub, team in teams.items() if len(team) >= len(ORDER)}


def _table(now: datetime) -> Table:
    table = Table()
    window = DateTimeTZRange(now - LOOKED_AT, now + LOOKED_AT)
    rows = Shift.objects.filter(period__overlap=window).values_list("hub", "duty", "person", "period")
    for hub, duty, person, period in rows:
        table.put(hub, duty, person, (period.lower, period.upper))
    return table


def _turns(hub: Site, days: Iterable[date]) -> Iterator[Turn]:
    """First and supervisor around the clock, second by day; some days nobody is first on call at night, or at all."""
    for day in days:
        start, evening, end = (
            local(day, MORNING),
            local(day, EVENING),
            local(day + timedelta(days=1), MORNING),
        )
        yield Turn(hub, Duty.SUPERVISOR, start, end)
        yield Turn(hub, Duty.SECOND, start, evening)
        if hub.code == GAPS_AT and day.toordinal() % 5 == 2:
            continue
        short = hub.code == cast.WALTON and day.toordinal() % 6 == 1
        yield Turn(hub, Duty.FIRST, start, evening if short else end)


def _open(turn: Turn, table: Table) -> Iterator[Turn]:
    """What of this turn nobody holds yet; elsewhere than at Walton a part that somebody holds is enough."""
    if turn.hub.code != cast.WALTON:
        if not table.is_held(turn):
            yield turn
        return
    held = table.by_duty.get((turn.hub.pk, turn.duty), [])
    for start, end in without((turn.start, turn.end), held):
        yield Turn(turn.hub, turn.duty, start, end)


def _fill(turn: Turn, team: list[tuple[Person, str]], table: Table) -> int:
    """Put on whoever has had the fewest nights and the longest rest; nobody where the rules allow nobody."""
    supervised = table.is_supervised(turn)
    able = [
        person
        for person, phase in team
        if (phase == Phase.INDEPENDENT or (supervised and turn.duty != Duty.SUPERVISOR))
        and table.is_rested(person.pk, turn)
    ]
    if turn.has_a_night and turn.duty != Duty.SUPERVISOR:
        able = [person for person in able if table.nights(person.pk, turn) < MOST_NIGHTS]
        able.sort(key=lambda person: (table.nights(person.pk, turn), table.last(person.pk, turn)))
    else:
        able.sort(key=lambda person: table.last(person.pk, turn))
    if not able:
        return 0
    rota.put(turn.hub, turn.duty, able[0], start=turn.start, end=turn.end)
    table.put(turn.hub.pk, turn.duty, able[0].pk, (turn.start, turn.end))
    return 1


def _tonight(now: datetime) -> Stretch | None:
    """From when until when ben, cleo and sam are to be on; None where they are on already."""
    on = {s.duty: s.person.username for s in rota.on_call_at(Site.objects.filter(code=cast.WALTON), at=now)}
    if on == TONIGHT:
        return None
    today, hour = now.astimezone(LONDON).date(), now.astimezone(LONDON).time()
    if hour < SMALL_HOURS:
        return local(today - timedelta(days=1), MORNING), local(today, NOON)
    return local(today, MORNING if hour >= MORNING else SMALL_HOURS), local(
        today + timedelta(days=1), MORNING
    )


def _bring_on(stretch: Stretch) -> int:
    """Whoever else is on there then goes off, and so do these three for a day around it; says how many came on."""
    people = {p.username: p for p in Person.objects.filter(username__in=TONIGHT.values(), is_active=True)}
    hub = Site.objects.filter(code=cast.WALTON).first()
    if hub is None:
        return 0
    around = DateTimeTZRange(stretch[0] - A_DAY, stretch[1] + A_DAY)
    within = Shift.objects.filter(hub=hub, duty__in=list(TONIGHT), period__overlap=DateTimeTZRange(*stretch))
    within.delete()
    Shift.objects.filter(person__in=people.values(), period__overlap=around).delete()
    wanted = [(duty, people[name]) for duty, name in TONIGHT.items() if name in people]
    for duty, person in wanted:
        rota.put(hub, duty, person, start=stretch[0], end=stretch[1])
    return len(wanted)


def local(day: date, at: time) -> datetime:
    """This hour of this day in London."""
    return datetime.combine(day, at, tzinfo=LONDON)
