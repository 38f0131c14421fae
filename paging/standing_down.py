"""A transfer is stood down, before the hub's door or at it: exactly those who were alerted about it are told.

It is known who has seen it.

Called by the engine's tick, by paging.whom for the rung's people, and by the case. It notices; it decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from network import permissions
from network.models import Person
from paging import escalations
from paging.glance import When
from paging.models import ON_THE_ROAD, Escalation, Fate, Page, Reason
from paging.quiet_rows import KeptBack
from referrals import crew, facts, policy, queries, remarks
from referrals.models import Event, Referral
from referrals.states import State

LATELY = timedelta(minutes=10)  # after an outage a stand-down of long ago wakes nobody
ENDS = (State.STOOD_DOWN, State.NOT_TREATED)


def work(now: When) -> tuple[QuerySet[Referral]]:
    """The transfers that were just stood down, and of which nobody has been told."""
    told = Escalation.objects.filter(reason=Reason.STOOD, subject=OuterRef("code"))
    # It may have happened long before it was written down: whoever was alerted still waits.
    written = Event.objects.filter(referral=OuterRef("pk"), after__in=ENDS, written_at__gt=now - LATELY)
    at_most = Q(state__in=[*ENDS, State.REPATRIATING], ended_at__gt=now - facts.OLDEST, punctured_at=None)
    transfers = Referral.objects.filter(at_most).exclude(spoke=F("hub"))
    lately = transfers.filter(Exists(written.exclude(before__in=ENDS)))
    return (lately.exclude(Exists(told)),)


def notice(*, now: datetime) -> None:
    """One climb for each transfer that was just stood down."""
    (untold,) = work(now)
    for code in untold.values_list("code", flat=True):
        escalations.open_one(Reason.STOOD, now=now, subject=code)


def beside(code: str) -> Q:
    """The climbs about this referral for which its state does not wait: they name it by its code."""
    on_the_way = Q(reason__in=ON_THE_ROAD, subject__in=[code, f"{code} depart", f"{code} arrive"])
    return Q(reason=Reason.TOLD, subject=code) | on_the_way


def about(code: str) -> QuerySet[Escalation]:
    """Every climb about this referral: its own, and those beside."""
    return Escalation.objects.filter(Q(referral__code=code) | beside(code))


def alerted(code: str, *, at: datetime) -> list[Person]:
    """Whoever was paged about this referral, took it, or did something to it, and still sees it; not who ended it."""
    referral = Referral.objects.filter(code=code).select_related("spoke", "hub").first()
    if referral is None:
        return []
    before = about(code).exclude(reason=Reason.STOOD)
    paged = Page.objects.filter(escalation__in=before.values("pk"), person__isnull=False)
    left = Q(sent_at__isnull=False) | Q(fate=Fate.ANSWERED)
    events = Event.objects.filter(referral=referral, by__isnull=False)
    known: set[int | None] = set(paged.filter(left).values_list("person", flat=True))
    known |= set(events.values_list("by", flat=True))
    known |= {referral.operator_id, referral.supervisor_id}
    ended = events.filter(after__in=ENDS).order_by("number").values_list("by", flat=True).first()
    queries.open_parties(referral)  # read once, for everybody who is judged by them
    wanted = [pk for pk in known if pk not in {None, ended}]
    people = list(Person.objects.filter(pk__in=wanted, is_active=True).order_by("name", "pk"))
    return [one.person for one in permissions.rights_of(people, at=at) if policy.sees(one, referral)]


@dataclass(frozen=True)
class Told:
    """One person who was alerted, and what is known of whether they know."""

    name: str
    person_id: int
    seen_at: datetime | None
    page: str  # what became of the page that told them; empty where there is none yet


@dataclass(frozen=True)
class StoodDown:
    """Everybody who was alerted, and the crew."""

    told: tuple[Told, ...]
    crew_linked: bool
    crew_seen_at: datetime | None


def of(referral: Referral, events: Sequence[Event], *, now: datetime) -> StoodDown | None:
    """Who knows that this transfer is stood down; None where it is not."""
    if not remarks.is_stood_down(referral) or referral.ended_at is None:
        return None
    seen = {event.by_id: event.at for event in reversed(events) if event.verb == "noted"}
    pages = Page.objects.filter(escalation__reason=Reason.STOOD, escalation__subject=referral.code)
    fates = {page.person_id: str(Fate(page.fate).label).lower() for page in pages.order_by("pk")}
    kept = KeptBack.objects.filter(escalation__reason=Reason.STOOD, escalation__subject=referral.code)
    fates |= dict.fromkeys(kept.values_list("person", flat=True), "kept for the screen: quiet hours")
    linked, heard_at = crew.heard(referral) if referral.hub_arrived_at is None else (False, None)
    written = queries.left_road_at(referral) or referral.ended_at
    return StoodDown(
        told=tuple(
            Told(one.name, one.pk, seen.get(one.pk), fates.get(one.pk, ""))
            for one in alerted(referral.code, at=now)
        ),
        crew_linked=linked,
        crew_seen_at=heard_at if heard_at and heard_at >= written else None,
    )
