"""The only writer of what operators enter into their logbooks by hand. A mistake is struck out, and stays to be read.

Called by the screens. What referrals tell of is read by referrals.cases, and is never written here.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from network.models import Person, Site
from network.permissions import Rights
from workforce import access, changes
from workforce.models import EntryKind, LogbookEntry, Operator
from workforce.refusals import Refused

LOOKS_LIKE_A_PATIENT = re.compile(r"(?:\d[ -]?){10}")  # an NHS number has ten digits


@dataclass(frozen=True)
class Written:
    """What somebody enters: what it was, when, how often, and what proves it."""

    kind: EntryKind
    on: date
    count: int
    evidence: str
    code: str = ""  # the referral's, where it was one


def add(person: Person, hub: Site, said: Written, *, rights: Rights, at: datetime) -> LogbookEntry:
    """The owner enters something that no referral tells of. Refused where it cannot be, or names a patient."""
    access.check(rights.person.pk == person.pk, "Only the owner writes into a logbook.")
    if not Operator.objects.filter(person=person, hub=hub).exists():
        raise Refused(f"You are no operator at {hub}.")
    if said.on > changes.day(at):
        raise Refused("This day lies in the future. Check it.")
    if LOOKS_LIKE_A_PATIENT.search(said.evidence):
        raise Refused("This looks like a patient’s number. A logbook names no patient.")
    if said.code and said.count != 1:
        raise Refused("One referral is one case.")
    return LogbookEntry.objects.create(
        person=person,
        hub=hub,
        kind=said.kind,
        on=said.on,
        count=said.count,
        code=said.code,
        evidence=said.evidence,
        written_at=at,
    )


def strike(entry: LogbookEntry, *, why: str, rights: Rights, at: datetime) -> None:
    """The owner takes an entry back: both stay to be read, and neither counts."""
    access.check(rights.person.pk == entry.person_id, "Only the owner writes into a logbook.")
    if entry.strikes_id is not None:
        raise Refused("This has been struck out already.")
    try:
        with transaction.atomic():
            LogbookEntry.objects.create(
                person=entry.person,
                hub=entry.hub,
                kind=entry.kind,
                on=entry.on,
                count=entry.count,
                code=entry.code,
                evidence=why,
                written_at=at,
                strikes=entry,
            )
    except IntegrityError:
        raise Refused("This has been struck out already.") from None


def entries(person: Person, *, since: date | None = None) -> list[LogbookEntry]:
    """What was entered by hand and counts, the newest first."""
    kept = LogbookEntry.objects.filter(person=person, strikes=None, struck_by=None).select_related("hub")
    if since is not None:
        kept = kept.filter(on__gte=since)
    return list(kept.order_by("-on", "-pk"))


def struck(person: Person) -> list[LogbookEntry]:
    """What was taken back, each with the reason."""
    taken = LogbookEntry.objects.filter(person=person, strikes__isnull=False)
    return list(taken.select_related("strikes", "hub").order_by("-pk"))
