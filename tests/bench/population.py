"""Whom the benchmark measures with: a coordinator signed in at each board, and referrals to press verbs on.

People and their sessions are slow-moving facts and are written as rows; referrals get where they are by real verbs.
"""

import secrets
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from network.models import Membership, Network, Person, Role
from tests import world as worlds

STREAM = "network:cheshire-and-merseyside"
NETWORK = "cheshire-and-merseyside"
CSRF = "c" * 32


@dataclass(frozen=True)
class Population:
    """Headers for the handshake of each board, the cookie of a spoke doctor, and her referrals."""

    boards: list[str]
    doctor: str
    codes: list[str]


def build(*, boards: int, referrals: int) -> Population:
    """The small network, one coordinator with a session for each board, and so many referrals that wait."""
    world = worlds.build(timezone.now())
    codes = [world.refers().code for _ in range(referrals)]
    coordinators = _coordinators(boards)
    cookies = [f"Cookie: {settings.SESSION_COOKIE_NAME}={_session(person)}" for person in coordinators]
    return Population(cookies, _session(world.people["ada"]), codes)


def _coordinators(count: int) -> list[Person]:
    nobody_knows = make_password(None)
    people = Person.objects.bulk_create(
        Person(username=f"board-{n}", name=f"Board {n}", password=nobody_knows, access_epoch=1)
        for n in range(count)
    )
    network, since = Network.objects.get(code=NETWORK), worlds.LONG_AGO
    Membership.objects.bulk_create(
        Membership(person=person, role=Role.COORDINATOR, network=network, since=since) for person in people
    )
    return people


def _session(person: Person) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    (store[BACKEND_SESSION_KEY],) = settings.AUTHENTICATION_BACKENDS
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def key() -> str:
    """An idempotency key that nobody used yet."""
    return secrets.token_hex(8)
