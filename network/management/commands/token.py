"""`manage.py token USERNAME`: prints a new bearer token of one person, and nothing else, for a program to act as them.

A thin edge over network.people; the token is shown this once, and only its digest is kept.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from network import people
from network.models import Person


class Command(BaseCommand):
    help = "Prints a new bearer token, with which a program acts as one person."
    # A token needs the database and nothing else of the settings that the checks look at.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose token it is")

    def handle(self, *_: str, **options: Any) -> None:
        username = options["username"]
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is nobody called “{username}”, so no token was made.")
        if not person.is_active:
            raise CommandError(f"{person.name} may no longer sign in, so no token was made.")
        self.stdout.write(people.issue_token(person, at=timezone.now()))
