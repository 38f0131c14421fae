"""What whoever saves a ladder should have seen: its shape, and the rota and the phones of the coming nights.

Called by frontend.ladder_desk. It reads the rows of all nights once, by the same rules by which the pager looks
people up one night at a time; a test compares the two.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from frontend import ladder_sheet, reach_sheet
from frontend.ladder_sheet import Lookup
from network.models import Membership, Person
from paging import ladders, whom
from paging.ladders import Remark, Rung
from workforce import phases, rota


class Nights:
    """Whom a ladder's names mean on each of these nights, whether a page could reach them or not."""

    def __init__(self, lookup: Lookup, at: Sequence[datetime]) -> None:
        hub, self.at, self._lookup = lookup.hub, at, lookup
        begun = Q(since__lte=at[-1]) & (Q(until=None) | Q(until__gt=at[0]))
        self._shifts = rota.between([hub], start=at[0], end=at[-1] + timedelta(seconds=1))
        may_operate = phases.touching(at[0], at[-1]).filter(hub=hub).select_related("person")
        self._may_operate = [(held.since, held.ends_at, held.person) for held in may_operate]
        roles = list(whom.ROLES.values())
        held = Membership.objects.filter(begun, network=hub.network_id, role__in=roles)
        self._members = list(held.select_related("person"))

    def named(self, rung: Rung, at: datetime) -> list[Person]:
        """Everybody whom this rung means at that moment, each once."""
        found = {person.pk: person for name in rung.to for person in self._of(name, at) if person.is_active}
        if self._lookup.operator:
            found.pop(self._lookup.operator.pk, None)
        return list(found.values())

    def _of(self, name: str, at: datetime) -> list[Person]:
        if name in whom.DUTIES:
            duty = whom.DUTIES[name]
            on = [s.person for s in self._shifts if s.duty == duty and s.period.lower <= at < s.period.upper]
            return [self._lookup.supervisor, *on] if name == "supervisor" and self._lookup.supervisor else on
        rows = self._may_operate
        if name in whom.ROLES:
            rows = [(m.since, m.until, m.person) for m in self._members if m.role == whom.ROLES[name]]
        return [person for since, until, person in rows if since <= at and (until is None or until > at)]


def doubts(lookup: Lookup, rungs: Sequence[Rung], *, now: datetime) -> list[Remark]:
    """Everything that is hardly meant, the worst first."""
    nights = Nights(lookup, ladder_sheet.nights(now))
    steps = [(n, rung) for n, rung in enumerate(rungs) if rung.to]
    found = [] if _anybody(nights, lookup, steps) else [Remark("Tonight this ladder reaches nobody at all.")]
    found += ladders.doubts(rungs)
    empty: dict[tuple[int, ...], list[int]] = {}
    for n, rung in steps:
        without = tuple(
            number
            for number, at in enumerate(nights.at)
            if not lookup.would_reach(rung, [p for p in nights.named(rung, at) if p.phone])
        )
        empty.setdefault(without, []).append(n + 1)
    for without, numbers in empty.items():
        if without:
            one, several = (
                f"Step {numbers[0]} reaches",
                f"Steps {ladder_sheet.names(map(str, numbers))} reach",
            )
            who = one if len(numbers) == 1 else several
            found.append(Remark(f"{who} nobody {_on(without, nights.at)}.", numbers[0] - 1))
    return found + _phones(nights, [rung for _, rung in steps])


def _anybody(nights: Nights, lookup: Lookup, steps: Sequence[tuple[int, Rung]]) -> bool:
    return any(
        person.phone and not person.phone_trouble and lookup.ways(person, rung)
        for _, rung in steps
        for person in nights.named(rung, nights.at[0])
    )


def _on(empty: Sequence[int], at: Sequence[datetime]) -> str:
    """At which of the nights: “tonight or on any …”, “at 03:00 on Thu 26 Nov and Sat 28 Nov to Mon 30 Nov”."""
    if len(empty) == len(at):
        return f"tonight or on any of the next {len(at) - 1} nights"
    stretches: list[list[int]] = []
    for number in empty:
        if stretches and stretches[-1][-1] == number - 1:
            stretches[-1].append(number)
        else:
            stretches.append([number])
    words = [_day(at[one[0]]) + (f" to {_day(at[one[-1]])}" if len(one) > 1 else "") for one in stretches]
    return f"at 03:00 on {ladder_sheet.names(words)}"


def _day(moment: datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}"


def _phones(nights: Nights, rungs: Sequence[Rung]) -> list[Remark]:
    """The people whom a page may not reach, on any of the nights."""
    meant = {p.pk: p for at in nights.at for rung in rungs for p in nights.named(rung, at)}
    people = sorted(meant.values(), key=lambda person: person.name)
    return [Remark(f"{p.name}: {words}.") for p in people if (words := reach_sheet.trouble(p))]
