"""Searches for one rota that a screen asked for, gives way to everything else on the machine, and is gone."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from workforce import searching

GIVES_WAY = 10  # to the pager and the screens


class Command(BaseCommand):
    help = "Searches for the rota of one draft; started by the screen on which it was asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("draft", type=int, help="the number in the draft's address")

    def handle(self, *_args: Any, draft: int, **_options: Any) -> None:
        os.nice(GIVES_WAY)
        searching.run(draft, timezone.now)
