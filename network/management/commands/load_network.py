"""`manage.py load_network`: loads the hospitals, their networks and the roads between them from CSV files.

Run at every deployment and by hand; a thin edge over network.sites, which decides and writes everything.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from network import sheets, sites

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
        if outcome.nothing_changed:
            self.stdout.write("nothing changed")
