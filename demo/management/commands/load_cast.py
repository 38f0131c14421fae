"""Fills a demonstration with people and a rota. Run by `make run` before the house opens; harmless when repeated."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from demo import cast, shifts
from network.models import Site


class Command(BaseCommand):
    """`manage.py load_cast [--list]`"""

    help = "Load the cast of the demonstration and put everybody on the rota; may be repeated."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option: to see the cast."""
        parser.add_argument(
            "--list", action="store_true", help="print the cast that a visitor can be, and load nothing"
        )

    def handle(self, *args: object, list: bool, **options: object) -> None:
        """Load, or list."""
        if list:
            self.stdout.write(cast.listing())
            return
        if not settings.DEMO:
            raise CommandError("The cast is for demonstrations only: set DEMO=1 where no real patient is.")
        missing = {cast.WALTON, cast.ARROWE_PARK, cast.BRADFORD} - set(
            Site.objects.values_list("code", flat=True)
        )
        if missing:
            raise CommandError(f"{', '.join(sorted(missing))} is not loaded: run load_network first.")
        now = timezone.now()
        people = cast.load(now=now)
        put = shifts.keep(now=now)
        shifts.keep_patterns()
        self.stdout.write(f"The cast is in place: {people} people and {put} shifts are new.")
