"""Who would be paged when, tonight at three, by a ladder that may not be saved yet.

Called by frontend.ladder_desk. It climbs with the pager's own rules and looks people up as the pager does; nothing
is saved, and nobody is paged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.utils import timezone

from frontend import telephone, waits
from network.models import Person, Site
from paging import climbing, ladders, routes, whom
from paging.ladders import Rung
from paging.models import PHONE_CHANNELS, Channel, Device, Escalation, Reason
from referrals.models import Referral
from workforce import phases
from workforce.models import Phase

THREE = time(3)
NIGHTS = 15  # tonight, and the fourteen after it


@dataclass(frozen=True)
class Reached:
    """People whom one step reaches in the same ways."""

    names: str
    ways: str


@dataclass(frozen=True)
class Moment:
    """What happens at one time of the night."""

    hour: str
    reached: list[Reached]
    also: list[str]
    end: str = ""  # a sentence, where the ladder ends
    hurries: bool = False  # nobody is reached, and the next step does not wait


@dataclass(frozen=True)
class Night:
    """The ladder climbed once, with nobody answering."""

    begins: datetime
    premise: str
    moments: list[Moment]
    without_device: str  # whom no push wakes


class Lookup:
    """Whom a ladder's names reach at this hub, as the pager finds them; everybody is looked up once."""

    def __init__(self, hub: Site, reason: Reason, *, at: datetime) -> None:
        self.hub, self.reason, self.premise = hub, reason, ""
        self.operator: Person | None = None  # who has accepted, where a confirmation is waited for
        self.supervisor: Person | None = None  # who answers for them
        self._climb = Escalation(reason=reason, hub=hub)
        if reason == Reason.CONFIRM:
            self._suppose_an_acceptance(at)
        if reason == Reason.UNPLACED:
            self.premise = f"Say that the patient is from a hospital of {hub.network}."
        self._channels = routes.configured().channels
        self._devices: set[int] | None = None
        self._named: dict[tuple[str, int, datetime], list[Person]] = {}
        self._known: dict[datetime, whom.Known] = {}

    def _suppose_an_acceptance(self, at: datetime) -> None:
        """Somebody under direct supervision has accepted: their own supervisor is asked too."""
        trained = [a for a in phases.operators(self.hub, at=at) if a.phase == Phase.DIRECT]
        if not trained:
            self.premise = f"Nobody at {self.hub} works under direct supervision now."
            return
        one, referral = trained[0], Referral()
        referral.spoke = referral.hub = self.hub
        referral.operator = self.operator = one.person
        referral.supervisor = self.supervisor = one.supervisor
        self._climb.referral = referral
        self.premise = f"Say that {one.person}, under direct supervision, has accepted."

    def supposes(self, rungs: Sequence[Rung]) -> None:
        """These are the rungs of the climb, before anybody is looked up."""
        self._climb.rungs = [ladders.row(rung) for rung in rungs]

    def people(self, rung: Rung, at: datetime) -> list[Person]:
        """The people of this rung, each once, in its order."""
        found: dict[int, Person] = {}
        for name in rung.to:
            after = rung.after if name == "coordinator" else 0  # a later rung may reach the others
            if (name, after, at) not in self._named:
                known = self._known.setdefault(at, {})
                self._named[name, after, at] = whom.people(
                    Rung(after, (name,)), self._climb, at=at, known=known
                )
            for person in self._named[name, after, at]:
                found.setdefault(person.pk, person)
        return list(found.values())

    def ways(self, person: Person, rung: Rung) -> tuple[str, ...]:
        """The channels by which this person is reached on this rung."""
        able = [way for way in ladders.ORDER if way in rung.by and way in self._channels]
        return tuple(way for way in able if way != Channel.PUSH or person.pk in self.wakeable)

    @property
    def wakeable(self) -> set[int]:
        """Everybody who has a device."""
        if self._devices is None:
            self._devices = set(Device.objects.values_list("person", flat=True).distinct())
        return self._devices

    def reaches(self, rung: Rung, at: datetime) -> bool:
        """Would the pager find anybody here, or hurry on?"""
        return self.would_reach(rung, self.people(rung, at))

    def would_reach(self, rung: Rung, people: Iterable[Person]) -> bool:
        """Is there a phone among these people's ways; or, where the rung only pushes, a device?"""
        only_push = set(rung.by) == {Channel.PUSH}
        found = {way for person in people for way in self.ways(person, rung)}
        return bool(found & set(PHONE_CHANNELS)) or (only_push and bool(found))


def nights(now: datetime) -> list[datetime]:
    """Three o'clock in London tonight and in the nights after it."""
    local = timezone.localtime(now)
    first = local.date() + timedelta(days=0 if local.time() < THREE else 1)
    zone = ZoneInfo(timezone.get_default_timezone_name())
    return [datetime.combine(first + timedelta(days=n), THREE, tzinfo=zone) for n in range(NIGHTS)]


def night(lookup: Lookup, rungs: Sequence[Rung], *, now: datetime) -> Night:
    """The whole climb tonight, while nobody answers."""
    lookup.supposes(rungs)
    begins = nights(now)[0]
    moments = list(_climb(lookup, rungs, begins.astimezone(UTC)))
    pushed = [rung for rung in rungs if Channel.PUSH in rung.by]
    asleep = {
        person.pk: person.name
        for rung in pushed
        for person in lookup.people(rung, begins)
        if person.pk not in lookup.wakeable
    }
    return Night(begins, lookup.premise, moments, names(asleep.values()))


def _climb(lookup: Lookup, rungs: Sequence[Rung], start: datetime) -> Iterable[Moment]:
    stand = climbing.start(rungs, at=start)
    now = stand.next_at
    while True:
        reach = partial(_reaches, lookup, rungs, now)
        climbed = climbing.climb(stand, rungs, now=now, reach=reach)
        yield from (_moment(lookup, rungs, n, now) for n in climbed.fired)
        if climbed.end is not None:
            yield Moment(waits.hour(now, seconds=True), [], [], end=_hands_on(lookup.hub, now))
            return
        stand = climbed.stand
        if stand.next_rung >= len(rungs) or stand.alarm_since:
            return
        now = max(now, stand.next_at)


def _reaches(lookup: Lookup, rungs: Sequence[Rung], at: datetime, number: int) -> bool:
    return lookup.reaches(rungs[number], at)


def _moment(lookup: Lookup, rungs: Sequence[Rung], number: int, at: datetime) -> Moment:
    rung, hub = rungs[number], lookup.hub
    by_ways: dict[tuple[str, ...], list[str]] = {}
    for person in lookup.people(rung, at):
        if ways := lookup.ways(person, rung):
            by_ways.setdefault(ways, []).append(person.name)
    also = []
    if rung.siren:
        boards = "The spoke’s boards" if lookup.reason == Reason.UNPLACED else f"{hub}’s boards"
        also.append(f"{boards} sound.")
    if rung.phone_now:
        where = f" {hub} now, {telephone.shown(hub.phone)}" if hub.phone else f" {hub} now"
        also.append(f"The spoke is told to phone{' now' if lookup.reason == Reason.UNPLACED else where}.")
    if rung.alarm:
        also.append("An alarm: again every minute, until a named person takes it.")
    elif number + 1 == len(rungs):
        also.append("And again every minute, without an alarm.")
    return Moment(
        hour=waits.hour(at, seconds=True),
        reached=[
            Reached(names(people), ladders.by_words(Rung(0, rung.to, ways)))
            for ways, people in by_ways.items()
        ],
        also=also,
        hurries=not lookup.reaches(rung, at) and not rung.alarm and number + 1 < len(rungs),
    )


def _hands_on(hub: Site, at: datetime) -> str:
    """What happens when an offer's ladder has ended, for a patient of this hub's own network."""
    rungs = ladders.read(ladders.current(hub, Reason.UNPLACED).rungs)
    after = Lookup(hub, Reason.UNPLACED, at=at)
    after.supposes(rungs)
    people = after.people(rungs[0], at)
    told = f"{names(p.name for p in people)} is paged" if len(people) == 1 else ""
    told = told or (f"{names(p.name for p in people)} are paged" if people else "nobody can be paged")
    if hub.network.offers_next_hub:
        return f"The offer goes to the next hub. Where none is left, the patient has no hub: {told}."
    return f"The offer to {hub} ends. If no other hub is asked, the patient has no hub: {told}."


def names(people: Iterable[str]) -> str:
    """Names as they are said: “Ben Hale, Cleo Marsh and Sam Quist”."""
    known = list(people)
    return f"{', '.join(known[:-1])} and {known[-1]}" if len(known) > 1 else "".join(known)
