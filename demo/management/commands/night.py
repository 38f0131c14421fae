"""Plays the demonstration's night until it is told to stop. Started by `make run`; a second one waits for the first.

It outlives the database, the simulator and the pager: it says in one line that something is away, and goes on.
"""

import signal
import time
from argparse import ArgumentParser

import psycopg
import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from demo import cast
from demo.director import Director
from demo.stage_door import Baton, Hands
from network.models import Person
from paging import phones

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0


class Curtain(BaseException):
    """Somebody asked the director to stop."""


class Command(BaseCommand):
    """`manage.py night [--speed N] [--seed N] [--once]`"""

    help = "Play a night of patients, answers and journeys; for demonstrations only."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How fast, which night, and whether to stop after one tick."""
        parser.add_argument(
            "--speed", type=float, default=settings.NIGHT_SPEED, help="minutes of the night a minute"
        )
        parser.add_argument("--seed", type=int, default=settings.NIGHT_SEED, help="which night it is")
        parser.add_argument("--once", action="store_true", help="do what is due now, and stop")

    def handle(self, *args: object, speed: float, seed: int, once: bool, **options: object) -> None:
        """Play until SIGTERM or SIGINT."""
        if not settings.DEMO:
            raise CommandError("The night is for demonstrations only: set DEMO=1 where no real patient is.")
        if speed <= 0:
            raise CommandError("--speed must be more than 0.")
        director = Director(seed=seed, speed=speed, perform=Hands() if phones.configured() else None)
        baton = Baton.of_this_database()
        signal.signal(signal.SIGTERM, _down)
        signal.signal(signal.SIGINT, _down)
        try:
            _play(director, baton, once=once)
        except Curtain:
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # its threads would hold up the end of the process
            log.info("night_ends")
        finally:
            baton.drop()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _down(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise Curtain


def _play(director: Director, baton: Baton, *, once: bool) -> None:
    """A tick each second, as long as the baton is ours."""
    was = ""
    while True:
        state = _tick(director, baton)
        if state != was:
            log.info("night", state=state)
        was = state
        if once and state != "waits for the database":
            return
        time.sleep(LOOK_SECONDS)


def _tick(director: Director, baton: Baton) -> str:
    """Do what is due, and say how it stands."""
    try:
        if not baton.take():
            return "waits for another director"
        if not Person.objects.filter(username=cast.STARS[0].username).exists():
            return "waits for the cast"
        director.tick(now=timezone.now())
    except (OperationalError, InterfaceError, psycopg.Error):
        connection.close()
        return "waits for the database"
    return "plays"
