"""Who plays: the nine whom a visitor can be, and the supporting cast by whom the whole country lives.

Called by load_cast. What is there already is left as it is, so it may be run again at any time. Who is on call
is in demo.shifts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from demo import published
from network import people, sites
from network.models import Membership, Network, Person, Role, Site
from workforce import phases
from workforce.models import Authorisation, Phase, Specialty

HOME = "cheshire-and-merseyside"
WALTON = "RET20"
ARROWE_PARK = "RBL14"
BRADFORD = "RAE01"
SINCE = timedelta(days=365)  # how long the cast has been at work when it is first loaded
NAMES_SEED = 1  # the same people in every demonstration
PAGED_BY = 100  # 07700 900000 to 900099 are for the cast and for whoever is added by hand


@dataclass(frozen=True)
class Star:
    """One of those whom a visitor can be."""

    username: str
    name: str
    phone: str
    role: Role
    place: str  # a site's code, or a network's
    phrase: str
    phase: Phase | None = None


STARS = (
    Star("ada", "Ada Okoro", "+447700900001", Role.SPOKE, ARROWE_PARK, "spoke doctor at Arrowe Park"),
    Star(
        "ben", "Ben Hughes", "+447700900002", Role.OPERATOR, WALTON, "operator at Walton", Phase.INDEPENDENT
    ),
    Star(
        "cleo", "Cleo Marsh", "+447700900003", Role.OPERATOR, WALTON, "operator at Walton", Phase.INDEPENDENT
    ),
    Star(
        "dev",
        "Dev Patel",
        "+447700900004",
        Role.OPERATOR,
        WALTON,
        "operator at Walton, under direct supervision",
        Phase.DIRECT,
    ),
    Star("sam", "Sam Whitfield", "+447700900005", Role.OPERATOR, WALTON, "supervises dev", Phase.INDEPENDENT),
    Star(
        "nia",
        "Nia Roberts",
        "+447700900006",
        Role.COORDINATOR,
        HOME,
        "coordinator of Cheshire and Merseyside",
    ),
    Star("zed", "Zed Hussain", "+447700900007", Role.SPOKE, BRADFORD, "spoke doctor of another network"),
    Star("lea", "Lea Thornton", "+447700900008", Role.LEAD, HOME, "lead of Cheshire and Merseyside"),
    Star(
        "gwen",
        "Gwen Morris",
        "+447700900009",
        Role.GOVERNANCE,
        HOME,
        "medical director, signs operators off",
    ),
)
STAR_NAMES = frozenset(star.username for star in STARS)
SPECIALTIES = (
    Specialty.INR,
    Specialty.INR,
    Specialty.IR,
    Specialty.INR,
    Specialty.IC,
    Specialty.INR,
    Specialty.IR,
)


@dataclass(frozen=True)
class Part:
    """One person of the cast: where, as what, and in which phase where they operate."""

    username: str
    role: Role
    site: Site | None = None
    network: Network | None = None
    phase: Phase | None = None
    specialty: Specialty = Specialty.INR
    supervised_by: str = ""
    name: str = ""
    phone: str = ""


@transaction.atomic
def load(*, now: datetime) -> int:
    """Everybody in place, with roles and authorisations; says how many people were new."""
    parts = list(_parts())
    new = _people(parts, since=now - SINCE)
    cast = {
        person.username: person for person in Person.objects.filter(username__in=[p.username for p in parts])
    }
    _roles(parts, cast, since=now - SINCE)
    _authorisations(parts, cast, since=now - SINCE)
    _telephones()
    return new


def _parts() -> Iterator[Part]:
    """Everybody, the stars first."""
    by_code = {site.code: site for site in Site.objects.select_related("network").order_by("code")}
    networks = {network.code: network for network in Network.objects.order_by("code")}
    for star in STARS:
        yield Part(
            star.username,
            star.role,
            site=by_code.get(star.place),
            network=networks.get(star.place),
            phase=star.phase,
            supervised_by="sam" if star.phase == Phase.DIRECT else "",
            name=star.name,
            phone=star.phone,
        )
    for site in by_code.values():
        yield from _at_hub(site) if site.is_hub else iter([Part(spoke_doctor(site), Role.SPOKE, site=site)])
    for network in networks.values():
        yield Part(coordinator(network), Role.COORDINATOR, network=network)
        if network.code != HOME:
            yield Part(f"lead-{network.code}", Role.LEAD, network=network)
            yield Part(f"director-{network.code}", Role.GOVERNANCE, network=network)


def _at_hub(hub: Site) -> Iterator[Part]:
    """Six to eight operators, two of them in training, and one of the hub's team."""
    yield Part(hub_team(hub), Role.HUB, site=hub)
    yield Part(hub_team(hub), Role.SPOKE, site=hub)  # a hub has patients of its own
    wanted = 4 if hub.code == WALTON else 6 + sum(map(ord, hub.code)) % 3
    for number in range(1, wanted + 1):
        phase = Phase.INDEPENDENT
        if number == wanted:
            phase = Phase.INDIRECT
        elif number == wanted - 1 and hub.code != WALTON:
            phase = Phase.DIRECT
        yield Part(
            operator(hub, number),
            Role.OPERATOR,
            site=hub,
            phase=phase,
            specialty=SPECIALTIES[number % len(SPECIALTIES)],
            supervised_by="" if phase == Phase.INDEPENDENT else operator(hub, 1),
        )


def spoke_doctor(site: Site) -> str:
    """The username of the supporting doctor of this spoke."""
    return f"doctor-{site.code.lower()}"


def hub_team(site: Site) -> str:
    """The username of the one who keeps this hub's times."""
    return f"hub-{site.code.lower()}"


def operator(site: Site, number: int) -> str:
    """The username of a supporting operator of this hub."""
    return f"operator-{site.code.lower()}-{number}"


def coordinator(network: Network) -> str:
    """The username of this network's supporting coordinator."""
    return f"coordinator-{network.code}"


def _people(parts: Iterable[Part], *, since: datetime) -> int:
    """Make those who are missing, with an unusable password and a number that nobody has."""
    there = set(Person.objects.values_list("username", flat=True))
    taken = set(Person.objects.exclude(phone="").values_list("phone", flat=True))
    free = (n for n in (f"+447700900{i:03d}" for i in range(PAGED_BY, 1000)) if n not in taken)
    made = []
    for part, name in zip(parts, _names(), strict=False):
        if part.username in there:
            continue
        there.add(part.username)
        wanted = part.phone or next(free, "")
        person = Person(
            username=part.username,
            name=part.name or name,
            phone="" if wanted in taken else wanted,
            phone_verified_at=since,
        )
        person.set_unusable_password()
        made.append(person)
    Person.objects.bulk_create(made)
    return len(made)


def _names() -> Iterator[str]:
    """Names without end, the same in every demonstration, and none twice until they run out."""
    rng = Random(NAMES_SEED)  # noqa: S311 - invents people, guards nothing
    firsts = [*published.names("female"), *published.names("male")]
    pairs = [f"{first} {family}" for first in firsts for family in published.names("family")]
    rng.shuffle(pairs)
    starring = {star.name for star in STARS}
    yield from (name for name in pairs if name not in starring)


def _roles(parts: Iterable[Part], cast: dict[str, Person], *, since: datetime) -> None:
    ever = set(Membership.objects.values_list("person__username", "role"))
    for part in parts:
        if (part.username, part.role.value) not in ever:  # a role that was ended stays ended
            people.grant(cast[part.username], part.role, at=since, site=part.site, network=part.network)


def _authorisations(parts: Iterable[Part], cast: dict[str, Person], *, since: datetime) -> None:
    ever = set(Authorisation.objects.values_list("person__username", "hub_id"))
    # Whoever answers for another is there before them.
    for part in sorted(parts, key=lambda part: part.phase != Phase.INDEPENDENT):
        if part.site is None or part.phase is None or (part.username, part.site.pk) in ever:
            continue
        phases.authorise(
            cast[part.username],
            part.site,
            specialty=part.specialty,
            phase=part.phase,
            at=since,
            supervisor=cast[part.supervised_by] if part.supervised_by else None,
        )


def _telephones() -> None:
    """A number to ring at each hospital that has none, from the ranges reserved for drama."""
    every = Site.objects.select_related("network").order_by("code")
    for number, site in enumerate(every, start=100):
        if site.phone:
            continue
        liverpool = site.network.code == HOME
        sites.set_phone(site, f"+44151496{number:04d}" if liverpool else f"+441632960{number:03d}")


def listing() -> str:
    """The cast of nine with one phrase each."""
    width = max(len(star.username) for star in STARS)
    return "\n".join(f"{star.username:<{width}}  {star.phrase}" for star in STARS)


def is_star(person: Person) -> bool:
    """May a visitor be this person?"""
    return person.username in STAR_NAMES
