"""Wishes for a rota that is still to be built: a day on which somebody would like a duty, or would rather have none.

Called by frontend.views.my_rota; workforce.building hands them to the solver. A wish binds nobody: leave does.
"""

from datetime import date, datetime, timedelta

from network.models import Person
from workforce.draft_rows import Wish
from workforce.rota_edits import NotOnTheRota
from workforce.rules.facts import LONDON

AHEAD = timedelta(days=400)
MOST = 60


def enter(person: Person, day: date, *, wanted: bool, at: datetime) -> Wish:
    """This person's wish for the duties that begin on this day; a new one takes an old one's place."""
    today = at.astimezone(LONDON).date()
    if not today < day <= today + AHEAD:
        raise NotOnTheRota("A wish is for a day from tomorrow to thirteen months ahead.")
    others = Wish.objects.filter(person=person, day__gt=today).exclude(day=day)
    if others.count() >= MOST:
        raise NotOnTheRota(f"You have {MOST} wishes already: more would weigh nothing. Take one back first.")
    row, _ = Wish.objects.update_or_create(person=person, day=day, defaults={"wanted": wanted})
    return row


def of(person: Person, *, at: datetime) -> list[Wish]:
    """This person's wishes from today on, in order of time."""
    today = at.astimezone(LONDON).date()
    return list(Wish.objects.filter(person=person, day__gte=today).order_by("day"))


def take_back(person: Person, number: int) -> bool:
    """The wish is off; False where this person has no such wish."""
    gone, _ = Wish.objects.filter(person=person, pk=number).delete()
    return bool(gone)
