"""`manage.py token USERNAME`: prints a new bearer token of one person, and nothing else, for a program to act as them.

A thin edge over network.people; the token is shown this once, and only its digest is kept. With `--end` it makes none:
those that the person has open nothing any more.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from network import people
from network.models import Person, Token


class Command(BaseCommand):
    help = "Prints a new bearer token, with which a program acts as one person."
    # A token needs the database and nothing else of the settings that the checks look at.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose token it is")
        parser.add_argument("--end", action="store_true", help="make none; every token of theirs ends now")

    def handle(self, *_: str, **options: Any) -> None:
        username, done = options["username"], "ended" if options["end"] else "made"
        person = Person.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is nobody called “{username}”, so no token was {done}.")
        if options["end"]:
            self._end(person)
            return
        if not person.is_active:
            raise CommandError(f"{person.name} may no longer sign in, so no token was made.")
        self.stdout.write(people.issue_token(person, at=timezone.now()))

    def _end(self, person: Person) -> None:
        held = Token.objects.filter(person=person, ended_at=None).select_related("person")
        for token in held:
            people.end_token(token, at=timezone.now())
        self.stdout.write(f"Ended: {len(held)}.")
