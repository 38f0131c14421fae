"""What people do to a rota: put somebody on or off, take a shift now, fill weeks from a pattern, change a figure.

Rights first, then the rules, then workforce.rota writes. A breach needs a reason, and stands in the event with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network import permissions
from network.models import Network, Person, Role, Site
from network.permissions import Rights
from workforce import patterns, phases, rota, rota_plan
from workforce.models import Duty, Shift
from workforce.patterns import Again
from workforce.rota_plan import Holding
from workforce.rota_rows import Deed, Leave, Pattern, RotaEvent, RuleFigures
from workforce.rules import judge
from workforce.rules.facts import Breach, Severity, Stretch, said


class NotOnTheRota(ValueError):
    """This cannot be put on the rota; the message says why, in words."""


class Breaks(ValueError):
    """A rule would be broken, and no reason was given."""

    def __init__(self, breaches: Sequence[Breach]) -> None:
        super().__init__(" ".join(b.words for b in breaches))
        self.breaches = list(breaches)


def may_edit(rights: Rights, hub: Site) -> bool:
    """The coordinators and leads of a hub's network write its rota."""
    return rights.oversees(hub.network_id)


def check_edits(person: Person, hub: Site, *, at: datetime) -> None:
    """NotOnTheRota unless this person may write the rota of this hub."""
    if not may_edit(permissions.rights(person, at=at), hub):
        raise NotOnTheRota(f"Only a coordinator or lead of {hub.network} changes the rota of {hub}.")


def lock(hubs: Collection[Site]) -> None:
    """One change at a time in these networks, so that what the rules were asked is what is written."""
    wanted = sorted({hub.network_id for hub in hubs})
    list(Network.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))


def grave(found: Sequence[Breach]) -> list[Breach]:
    """The breaches that need a reason; advice does not."""
    return [b for b in found if b.severity != Severity.ADVICE]


def apply(
    changes: Sequence[Holding], *, deed: Deed, by: Person, at: datetime, reason: str = "", note: str = ""
) -> list[Breach]:
    """Make these changes together once the rules were asked; says what they break. Breaks without a reason.

    The caller has checked that this person may. What was on before now was on: a change begins now at the earliest.
    A `note` says in the history where the changes come from; it is no reason to break a rule.
    """
    changes = [_from_now(change, at=at) for change in changes]
    with transaction.atomic():
        lock([change.hub for change in changes])
        for change in changes:
            if change.person:
                rota.check_reachable(change.person)
                _check_place(change, at=at)
        broken = rota_plan.would_break(changes)
        twice = [b for b in broken if b.rule == "two_places"]
        if twice:
            raise NotOnTheRota(twice[0].words)
        if grave(broken) and not reason.strip():
            raise Breaks(grave(broken))
        why = " ".join(part for part in (reason.strip(), note) if part)
        try:
            rota.carve(changes, deed=deed, by=by, reason=why, breaches=[b.words for b in broken])
        except IntegrityError as error:
            raise NotOnTheRota("Somebody in this change is on duty elsewhere at that time.") from error
    return broken


def _from_now(change: Holding, *, at: datetime) -> Holding:
    if change.start >= change.end:
        raise NotOnTheRota("The end is not later than the beginning.")
    if change.end <= at:
        raise NotOnTheRota("This is past: what was on the rota then stays as it was.")
    return replace(change, start=max(change.start, at))


def _check_place(change: Holding, *, at: datetime) -> None:
    """A coordinator's duty is for a coordinator of the network; for the others the rules look at the phase."""
    assert change.person
    if not change.person.is_active:
        raise NotOnTheRota(f"{change.person.name} does not work here any more.")
    if change.duty != Duty.COORDINATOR:
        return
    held = permissions.holding(max(at, change.start)).filter(role=Role.COORDINATOR)
    if not held.filter(person=change.person, network=change.hub.network_id).exists():
        raise NotOnTheRota(f"{change.person.name} is no coordinator of {change.hub.network}.")


def assign(
    hub: Site,
    duty: str,
    person: Person | None,
    *,
    start: datetime,
    end: datetime,
    by: Person,
    at: datetime,
    reason: str = "",
) -> list[Breach]:
    """A lead or coordinator puts a person on a duty (None: nobody); whoever held it then gives it up for that time."""
    check_edits(by, hub, at=at)
    change = Holding(hub, duty, person, start, end)
    return apply([change], deed=Deed.PUT, by=by, at=at, reason=reason)


def may_take(person: Person, shift: Shift, *, at: datetime) -> bool:
    """An operator of this hub may take over a duty there that is on now, and is not theirs."""
    is_on = shift.period.lower <= at < shift.period.upper and shift.duty in rota.ON_CALL
    return (
        is_on and shift.person_id != person.pk and phases.authorisation(person, shift.hub, at=at) is not None
    )


def take_now(shift: Shift, *, by: Person, at: datetime, reason: str) -> list[Breach]:
    """From now until its end this shift is theirs, who press; whatever else they hold at this hub they give up."""
    if not may_take(by, shift, at=at):
        raise NotOnTheRota(f"You cannot take this shift at {shift.hub}.")
    if not reason.strip():
        raise NotOnTheRota("Say in a few words why you take it: it stands in the rota’s history.")
    end = shift.period.upper
    own = Shift.objects.filter(person=by, hub=shift.hub, period__overlap=DateTimeTZRange(at, end))
    given_up = [
        Holding(shift.hub, o.duty, None, max(at, o.period.lower), min(end, o.period.upper)) for o in own
    ]
    changes = [*given_up, Holding(shift.hub, shift.duty, by, at, end)]
    return apply(changes, deed=Deed.TOOK, by=by, at=at, reason=reason)


def planned(
    hub: Site, again: Again, people: Sequence[Person], *, stretches: Sequence[Stretch]
) -> tuple[list[Holding], list[Stretch]]:
    """Who would hold these duties in turn, and those that nobody is free for; what is held already stays."""
    start, end = min(s for s, _ in stretches), max(e for _, e in stretches)
    window = DateTimeTZRange(start, end)
    held = Shift.objects.filter(hub=hub, duty=again.duty, period__overlap=window)
    taken = [(s.period.lower, s.period.upper) for s in held]
    free = [(s, e) for s, e in stretches if all(e <= lower or upper <= s for lower, upper in taken)]
    shifts = Shift.objects.filter(person__in=people, period__overlap=window)
    away = Leave.objects.filter(person__in=people, period__overlap=window)
    rows: list[Shift | Leave] = [*shifts, *away]
    busy = [(row.person_id, (row.period.lower, row.period.upper)) for row in rows]
    known = {person.pk: person for person in people}
    turns = patterns.in_turn(free, list(known), busy)
    changes = [
        Holding(hub, again.duty, known[who], s, e)
        for (s, e), who in zip(free, turns, strict=True)
        if who is not None
    ]
    return changes, [stretch for stretch, who in zip(free, turns, strict=True) if who is None]


def fill(
    hub: Site,
    again: Again,
    people: Sequence[Person],
    *,
    stretches: Sequence[Stretch],
    by: Person,
    at: datetime,
    reason: str = "",
) -> tuple[list[Breach], list[str]]:
    """Put people on a pattern's duties in turn; says what that breaks, and the duties for which nobody was free."""
    check_edits(by, hub, at=at)
    ahead = [(start, end) for start, end in stretches if end > at]
    if not ahead or not people:
        raise NotOnTheRota("Choose days ahead, and at least one person.")
    with transaction.atomic():
        lock([hub])
        changes, left = planned(hub, again, people, stretches=ahead)
        broken = apply(changes, deed=Deed.PUT, by=by, at=at, reason=reason) if changes else []
    return broken, [said(start, end) for start, end in left]


def keep_pattern(hub: Site, again: Again, *, by: Person, at: datetime) -> Pattern:
    """From now on this hub has this pattern; one of the same duty, days and start gets the new end."""
    check_edits(by, hub, at=at)
    days = "".join(str(day) for day in sorted(again.weekdays))
    if not days:
        raise NotOnTheRota("Choose at least one day of the week.")
    with transaction.atomic():
        row, _ = Pattern.objects.update_or_create(
            hub=hub, duty=again.duty, weekdays=days, start=again.start, defaults={"end": again.end}
        )
        RotaEvent.objects.create(
            network=hub.network, hub=hub, deed=Deed.PATTERN, duty=again.duty, by=by, reason=str(row)
        )
    return row


def drop_pattern(hub: Site, number: int, *, by: Person, at: datetime) -> None:
    """This hub does not have this pattern any more; the rota as it stands is not touched."""
    check_edits(by, hub, at=at)
    with transaction.atomic():
        row = Pattern.objects.select_for_update().filter(hub=hub, pk=number).first()
        if row is None:
            raise NotOnTheRota("This pattern is gone already.")
        RotaEvent.objects.create(
            network=hub.network, hub=hub, deed=Deed.PATTERN, duty=row.duty, by=by, reason=f"No more: {row}"
        )
        row.delete()


def change_figures(
    network: Network,
    figures: dict[str, float],
    *,
    by: Person,
    at: datetime,
    note: str,
    seen: int | None = None,
) -> RuleFigures:
    """The next version of a network's own figures; only its lead decides, and says why.

    `seen` is the version that was looked at (0: none yet); NotOnTheRota where there is a newer one.
    """
    rights = permissions.rights(by, at=at)
    if not rights.leads(network.pk):
        raise NotOnTheRota(f"Only the lead of {network} changes its rules.")
    if not note.strip():
        raise NotOnTheRota("Say why the rules change: it stands in their history.")
    known = judge.rules()
    for name, figure in figures.items():
        rule = known.get(name)
        if rule is None or not rule.unit:
            raise NotOnTheRota(f"There is no figure for “{name[:40]}”.")
        if not rule.least <= figure <= rule.most:
            raise NotOnTheRota(f"{rule.title}: from {rule.least:g} to {rule.most:g} {rule.unit}.")
    with transaction.atomic():
        list(Network.objects.select_for_update(no_key=True).filter(pk=network.pk))
        newest = RuleFigures.objects.filter(network=network).order_by("-version").first()
        if seen is not None and seen != (newest.version if newest else 0):
            raise NotOnTheRota("Somebody else changed these figures meanwhile. Look at them again.")
        row = RuleFigures.objects.create(
            network=network,
            version=newest.version + 1 if newest else 1,
            figures=figures,
            note=note.strip(),
            by=by,
            at=at,
        )
        RotaEvent.objects.create(network=network, deed=Deed.FIGURES, by=by, reason=note.strip())
    return row
