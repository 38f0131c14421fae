"""`manage.py load_network`: loads the hospitals, their networks and the roads between them from CSV files.

Run at every deployment and by hand; a thin edge over network.sites, which decides and writes everything.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from network import hours, sheets, sites

DATA = Path(sites.__file__).parent / "data"


class Command(BaseCommand):
    help = (
        "Loads networks, hospitals and drive minutes from CSV files; all or nothing, and again without harm."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name in ("sites", "links", "networks"):
            parser.add_argument(
                f"--{name}",
                type=Path,
                metavar="FILE",
                default=DATA / f"{name}.csv",
                help=f"another file of {name}; its columns are described in network/data/README.md",
            )

        parser.add_argument(
            "--hours",
            type=Path,
            metavar="FILE",
            help="hours that hubs have published; those that come with Dido, where its own hospitals are loaded",
        )

    @transaction.atomic
    def handle(self, *_: str, **options: Any) -> None:
        facts = sites.Facts(
            networks=sheets.read(options["networks"], sites.NETWORK_COLUMNS),
            sites=sheets.read(options["sites"], sites.SITE_COLUMNS),
            links=sheets.read(options["links"], sites.LINK_COLUMNS),
        )
        try:
            outcome = sites.load(facts)
        except sites.FaultyFilesError as faulty:
            number = len(faulty.faults)
            word = "1 fault" if number == 1 else f"{number} faults"
            raise CommandError(f"Nothing was loaded: the files have {word}.\n{faulty}") from None
        for warning in outcome.warnings:
            self.stderr.write(self.style.WARNING(f"Warning: {warning}"))
        for name in ("networks", "sites", "links"):
            count: sites.Count = getattr(outcome, name)
            self.stdout.write(
                f"{name}: {count.made} made, {count.changed} changed, "
                f"{count.unchanged} unchanged, {count.removed} removed"
            )
        own = options["sites"] == DATA / "sites.csv"
        made = self._load_hours(options["hours"] or (DATA / "hours.csv" if own else None))
        if outcome.nothing_changed and not made:
            self.stdout.write("nothing changed")

    def _load_hours(self, path: Path | None) -> int:
        """The hours that hubs have published; what was changed on a screen since then goes on holding."""
        if path is None:
            return 0
        sheet = sheets.read(path, hours.COLUMNS)
        if faults := hours.faulty(sheet):
            told = "\n".join(str(fault) for fault in faults)
            raise CommandError(f"Nothing was loaded: the hours have faults.\n{told}")
        made = hours.load(sheet, at=timezone.now())
        self.stdout.write(f"hours: {made} made")
        return made
