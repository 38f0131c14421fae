"""What every page knows: who is signed in, where they may go, and whether the pager is alive.

A context processor; it writes nothing and knows no patient.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from frontend import clocks, waits
from network.models import Membership, Person, Role
from paging import queries

SILENT = timedelta(seconds=15)  # a pager that has not ended a tick for so long
PAGED = {Role.OPERATOR, Role.COORDINATOR, Role.LEAD}
REFERS = {Role.SPOKE, Role.OPERATOR, Role.HUB}
TRAINS = {Role.LEAD, Role.GOVERNANCE}
DECIDES = {Role.COORDINATOR, Role.LEAD}
IN_A_ROW = 5  # so many ways stand side by side on a phone
BEFORE_MORE = 4  # where there are more, so many stand before “More”; one less where one of them is long


@dataclass(frozen=True)
class Way:
    """One entry of the main navigation."""

    name: str
    href: str
    here: bool


@dataclass(frozen=True)
class Shell:
    """What stands around every page."""

    now: str
    hour: str
    demo: bool
    name: str = ""
    place: str = ""
    posts: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    further: tuple[Way, ...] = ()  # those of them that stand behind “More” on a phone
    further_here: bool = False
    pager_silent: bool = False
    pager_last: str = ""
    phone_trouble: str = ""
    operates: bool = False


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """The shell of this request's page."""
    now = timezone.now()
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell": Shell(clocks.iso(now), waits.hour(now, seconds=True), settings.DEMO)}
    held = [m for m in user.memberships.select_related("site", "network") if m.holds(now)]
    last, ways = queries.last_tick(), _ways(request, held)
    further = _further(ways)
    shell = Shell(
        now=clocks.iso(now),
        hour=waits.hour(now, seconds=True),
        demo=settings.DEMO,
        name=user.name,
        place=_place(held),
        posts=tuple(f"{m.get_role_display()}, {m.site or m.network}" for m in held),
        ways=tuple(way for way in ways if way not in further),
        further=further,
        further_here=any(way.here for way in further),
        pager_silent=_silent(last, now),
        pager_last=waits.hour(last, seconds=True) if last else "",
        phone_trouble=_phone_trouble(user, held),
        operates=any(m.role == Role.OPERATOR for m in held),
    )
    return {"shell": shell}


def _silent(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last > SILENT


def _phone_trouble(person: Person, held: list[Membership]) -> str:
    """Whoever may be paged is told on every page that pages may not reach them."""
    if not any(m.role in PAGED for m in held):
        return ""
    if not person.phone:
        return "No number: nobody can page you."
    if person.phone_trouble:
        return "Your phone cannot be reached."
    return "" if person.phone_verified_at else "Your number is not proved yet."


def _place(held: list[Membership]) -> str:
    networks = [m.network.name for m in held if m.network]
    sites = [m.site.name for m in held if m.site]
    return next(iter([*networks, *sites]), "")


def _ways(request: HttpRequest, held: list[Membership]) -> tuple[Way, ...]:
    wanted = []
    if any(m.role != Role.GOVERNANCE for m in held) or not held:
        wanted += [("Board", reverse("board"), "/board/"), ("Who is on", reverse("on-call"), "/on-call/")]
    if any(m.role in REFERS for m in held):
        wanted.append(("Refer a patient", reverse("refer"), "/refer/"))
    if any(m.role in DECIDES for m in held):
        wanted.append(("Outcomes", reverse("outcomes"), "/outcomes/"))
        wanted.append(("Cover", reverse("cover"), "/cover/"))
        wanted.append(("Hours", reverse("hours"), "/hours/"))
        wanted.append(("Ladders", reverse("ladders"), "/ladders/"))
        wanted.append(("People", reverse("people"), "/people/"))
    if any(m.role in TRAINS for m in held):
        wanted.append(("Operators", reverse("operators"), "/operators/"))
    if settings.DEMO:
        wanted.append(("Phones", reverse("phones"), "/phones/"))
    return tuple(Way(name, href, here=request.path.startswith(start)) for name, href, start in wanted)


def _further(ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """What a phone has no room for in one row: everything after the first few."""
    if len(ways) <= IN_A_ROW:
        return ()
    is_long = any(way.href == reverse("refer") for way in ways)
    return ways[BEFORE_MORE - is_long :]
