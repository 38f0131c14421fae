"""Whether pages reach the people on a rota, in words: their phones, the test at the start of a shift, the providers.

Called by the on-call page, the card and the ladder's editor. Reads; writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks, waits
from network.models import Person, PhoneTrouble
from paging import reaching, routes
from paging.models import Channel, Escalation, Provider, Reason
from workforce.models import Shift

WAYS = {Channel.SMS.value: "Texts", Channel.VOICE.value: "Calls", Channel.PUSH.value: "Pushes"}
NAMES = {"twilio": "Twilio", "notify": "GOV.UK Notify", "push": "the push services"}


@dataclass(frozen=True)
class Reach:
    """What the test at the start of a shift has shown."""

    words: str
    is_late: bool  # nobody knows whether a page reaches them
    is_proved: bool = True  # a page has reached them; a test under way proves nothing yet


def trouble(person: Person) -> str:
    """Why a page may not reach this person, to be said after their name; empty where nothing is known against it."""
    if not person.is_active:
        return "was disabled: nobody pages them"
    if not person.phone:
        return "has no phone number"
    if person.phone_trouble:
        return f"their phone {PhoneTrouble(person.phone_trouble).label}"
    if person.phone_verified_at is None:
        return "has not shown yet that pages reach their phone"
    return ""


def of_shifts(shifts: Iterable[Shift], *, now: datetime) -> dict[int, Reach]:
    """What is known of each shift (by id) whose start has been tested; one query for all."""
    by_id = {shift.pk: shift for shift in shifts}
    tests = Escalation.objects.filter(reason=Reason.REACH, shift__in=by_id)
    found: dict[int, Reach] = {}
    for shift_id, opened, answered in tests.values_list("shift", "opened_at", "answered_at"):
        assert shift_id is not None, "it was looked for by its shift"
        proved = by_id[shift_id].person.phone_verified_at
        later = proved if proved and proved >= opened else None  # by another page than this test
        if reached := answered or later:
            took = clocks.ago(reached - opened)
            found[shift_id] = Reach(f"reached {waits.hour(reached)} in {took}", is_late=False)
        elif now - opened >= reaching.UNCONFIRMED_AFTER:
            since = waits.hour(opened + reaching.UNCONFIRMED_AFTER)
            found[shift_id] = Reach(f"unconfirmed since {since}", is_late=True, is_proved=False)
        else:
            words = f"test page sent {waits.hour(opened)}, no answer yet"
            found[shift_id] = Reach(words, is_late=False, is_proved=False)
    return found


def providers() -> list[str]:
    """One sentence for each provider that fails now, and what is done instead."""
    known = routes.configured()
    troubled = list(Provider.objects.exclude(troubled_since=None).order_by("troubled_since", "pk"))
    failing = {(row.name, row.channel) for row in troubled}
    found = []
    for row in troubled:
        others = [
            NAMES.get(way.provider, way.provider)
            for way in known.ways.get(row.channel, ())
            if (way.provider, row.channel) not in failing
        ]
        since = waits.hour(row.troubled_since) if row.troubled_since else ""
        instead = f"sent by {others[0]} instead" if others else "there is no other way"
        what = WAYS.get(row.channel, row.channel)
        found.append(f"{what} by {NAMES.get(row.name, row.name)} fail since {since}: {instead}.")
    return found
