"""Who of the cast does what in the director's name, and through which door.

Called by demo.acting and demo.answering. Every change goes through referrals.verbs, as a real person's would; a
visitor's own people are only asked for where nobody else may do it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from demo import cast
from demo.models import Patient
from demo.plans import Plan
from network.models import Membership, Network, Person, Role, Site
from referrals import verbs
from referrals.models import Referral, Via
from workforce import phases
from workforce.models import Phase


@dataclass(frozen=True)
class Text:
    """Somebody answers a page from their phone: to be sent after the commit."""

    number: str
    body: str


@dataclass(frozen=True)
class PickUp:
    """Somebody takes the call that rings on their phone."""

    number: str


@dataclass(frozen=True)
class Press:
    """Somebody presses a key in a call."""

    number: str
    key: str


@dataclass(frozen=True)
class Signal:
    """A phone loses its signal or finds it again: to be done after the commit."""

    number: str
    on: bool


Deed = Text | PickUp | Press | Signal


@dataclass
class Scene:
    """One patient at one moment, locked; `deeds` are done after the commit."""

    patient: Patient
    referral: Referral
    plan: Plan
    now: datetime
    speed: float
    has_phones: bool
    deeds: list[Deed] = field(default_factory=list)

    def wall(self, minutes: float) -> timedelta:
        """How long so many minutes of the night take here."""
        return timedelta(minutes=minutes / self.speed)


class NobodyError(Exception):
    """Nobody of the cast may do this; the message says what."""


def do(scene: Scene, verb: str, by: Person, **said: object) -> None:
    """One verb, now, by this person."""
    verbs.do(scene.referral.code, verb, said, by=by, now=scene.now, via=Via.NIGHT)
    scene.referral.refresh_from_db()


def spoke(site: Site) -> Person:
    """The doctor of this spoke; at a hub, whoever looks after its own patients."""
    username = cast.hub_team(site) if site.is_hub else cast.spoke_doctor(site)
    return _player(username, Role.SPOKE, site=site)


def hub(site: Site) -> Person:
    """The one who keeps this hub's times."""
    return _player(cast.hub_team(site), Role.HUB, site=site)


def operator(site: Site) -> Person:
    """An independent operator of this hub whom no visitor plays."""
    return _player(cast.operator(site, 1), Role.OPERATOR, site=site)


def in_training(site: Site, *, at: datetime) -> Person:
    """An operator of this hub under direct supervision; at Walton that is dev."""
    learning = [a.person for a in phases.operators(site, at=at) if a.phase == Phase.DIRECT]
    return learning[0] if learning else operator(site)


def coordinator(network: Network) -> Person:
    """The coordinator of this network whom no visitor plays."""
    return _player(cast.coordinator(network), Role.COORDINATOR, network=network)


def _player(username: str, role: Role, *, site: Site | None = None, network: Network | None = None) -> Person:
    held = Membership.objects.filter(
        role=role, site=site, network=network, until=None, person__is_active=True
    )
    people = [m.person for m in held.select_related("person").order_by("pk")]
    people.sort(key=lambda person: (person.username != username, cast.is_star(person)))
    if not people:
        raise NobodyError(f"nobody is left as {role.label.lower()} at {site or network}")
    return people[0]
