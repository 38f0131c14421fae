"""Who works in a network, one line each: roles, since when, last signed in, phone, on duty now or next.

Called by frontend.views.people. Reads; says nothing of any patient.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks, reach_sheet, rota_sheet
from network import access
from network.access_rows import AccessChange
from network.models import Membership, Network, Person, Role
from workforce.models import Shift

LONGEST = 80  # of a name that is looked for
MOST = 200  # lines of one page; further ones are found by name


@dataclass(frozen=True)
class Post:
    """One role of somebody, and where."""

    pk: int
    role: str
    place: str
    since: str
    is_here: bool  # in the network that is looked at


@dataclass(frozen=True)
class Line:
    """One person."""

    username: str
    name: str
    is_active: bool
    posts: tuple[Post, ...]
    signed_in: str  # empty: never, as far as is known
    phone: str  # why a page may not reach them; empty: it is verified
    on_now: str  # their duty, until when
    following: str  # the next one, from when until when


@dataclass(frozen=True)
class Decided:
    """One thing that was decided about somebody."""

    what: str
    by: str
    when: str
    reason: str


@dataclass(frozen=True)
class Found:
    """Those who were looked for, and how many more there are."""

    lines: list[Line]
    more: int


def found(network: Network, *, said: str, at: datetime) -> Found:
    """Everybody with a role in this network whose name holds what was said, by name; three queries."""
    wanted = " ".join(said.split())[:LONGEST]
    own = access.standing(at).filter(access.of(network), person__name__icontains=wanted)
    people = list(Person.objects.filter(pk__in=own.values("person")).order_by("name", "pk"))
    return Found(lines(people[:MOST], network, at=at), max(0, len(people) - MOST))


def lines(people: Collection[Person], network: Network, *, at: datetime) -> list[Line]:
    """One line for each of these; two queries for all."""
    posts: dict[int, list[Post]] = {}
    for held in access.standing(at).filter(person__in=people).order_by("since", "pk"):
        posts.setdefault(held.person_id, []).append(post(held, network, at=at))
    shifts: dict[int, list[Shift]] = {}
    ahead = Shift.objects.filter(person__in=people, period__endswith__gt=at).select_related("hub")
    for shift in ahead.order_by("period"):
        shifts.setdefault(shift.person_id, []).append(shift)
    return [_line(person, posts.get(person.pk, []), shifts.get(person.pk, []), at) for person in people]


def post(held: Membership, network: Network, *, at: datetime) -> Post:
    """One role in words."""
    return Post(
        pk=held.pk,
        role=held.get_role_display(),
        place=str(held.site or held.network),
        since=clocks.day_of(held.since, at),
        is_here=network.pk in {held.network_id, held.site.network_id if held.site else None},
    )


def decided(person: Person, network: Network, *, at: datetime) -> list[Decided]:
    """What was decided about somebody, the newest first."""
    return [
        Decided(_what(one), one.by.name, clocks.moment(one.written_at, at), one.reason)
        for one in access.history(person, network)
    ]


def _what(one: AccessChange) -> str:
    if not one.role:
        return one.get_deed_display()
    return f"{one.get_deed_display()}: {Role(one.role).label}, {one.site or one.network}"


def _line(person: Person, posts: list[Post], shifts: list[Shift], at: datetime) -> Line:
    now = next((shift for shift in shifts if shift.period.lower <= at), None)
    following = next((shift for shift in shifts if shift.period.lower > at), None)
    return Line(
        username=person.username,
        name=person.name,
        is_active=person.is_active,
        posts=tuple(posts),
        signed_in=clocks.moment(person.last_login, at),
        phone=reach_sheet.trouble(person) if person.is_active else "",
        on_now=f"{duty(now)} until {clocks.moment(now.period.upper, at)}" if now else "",
        following=f"{duty(following)}, {_stretch(following)}" if following else "",
    )


def duty(shift: Shift) -> str:
    """A duty and its place: First on call, Walton."""
    return f"{shift.get_duty_display()}, {shift.hub}"


def _stretch(shift: Shift) -> str:
    return rota_sheet.in_words(shift.period.lower, shift.period.upper)
