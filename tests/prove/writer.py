"""`python -m tests.prove.writer`: refers patients one after the other, and says aloud what was acknowledged to it.

Each line is a code and a version, written after the commit. With BREAK=early it speaks before the commit: the control.
What the database refuses because it is away is tried again with the next patient.
"""

import contextlib
import os
import sys
import time

import django

django.setup()

from django.db import DatabaseError, connection, transaction  # noqa: E402 Django must be set up first
from django.utils import timezone  # noqa: E402

from network.models import Person, Site  # noqa: E402
from referrals import remarks  # noqa: E402
from tests.world import World  # noqa: E402

PAUSE = 0.02  # seconds between two patients

TOO_EARLY = 0.5  # seconds before the commit, where it is broken on purpose


def _world() -> World:
    return World(
        now=timezone.now(),
        sites={site.code: site for site in Site.objects.all()},
        people={person.username: person for person in Person.objects.all()},
        spare=int(os.environ["FROM"]),
    )


def _say(code: str, version: int) -> None:
    sys.stdout.write(f"{code} {version} {time.monotonic()}\n")
    sys.stdout.flush()


def _refer(world: World, *, early: bool) -> None:
    world.now = timezone.now()
    with transaction.atomic() if early else contextlib.nullcontext():
        referral = world.refers()
        if early:
            _say(referral.code, referral.version)
            time.sleep(TOO_EARLY)
    if not early:
        _say(referral.code, referral.version)
    asked = remarks.ask(referral.code, text="Perfusion?", **world.press("ben"))
    _say(asked.code, asked.version)


def main() -> None:
    """Write until our input is closed."""
    world, early = _world(), os.environ.get("BREAK") == "early"
    os.set_blocking(sys.stdin.fileno(), False)
    while sys.stdin.buffer.read(1) != b"":
        try:
            _refer(world, early=early)
        except DatabaseError:
            connection.close()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
