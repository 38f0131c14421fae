"""What a failure leads to beside the next rung: another provider, one more try, a red rota, a call to the owner.

Called when a page is marked or reported failed. Whoever must hear of it is paged by an escalation of its own.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from network import people
from network.models import Person, PhoneTrouble
from paging import escalations, routes, rungs, troubles, whom
from paging.models import PHONE_CHANNELS, Channel, Escalation, Fate, Page, Reason
from paging.routes import Sent
from paging.transports.contract import Kind
from paging.troubles import Trouble

log = structlog.get_logger(__name__)

ONCE_MORE = timedelta(seconds=60)  # a text to a phone that was off is tried once more after so long


def of_providers(sent: Sent, *, now: datetime) -> None:
    """Our own account or set-up is wrong: whoever looks after the platform is paged, by whatever still works."""
    faults = [*sent.faults]
    if sent.outcome.kind is not Kind.ACCEPTED and sent.provider:
        faults.append((sent.provider, sent.outcome.error))
    for provider, error in dict.fromkeys(faults):
        if troubles.of(error) is Trouble.OURS:
            misconfigured(provider, error, now=now)


def misconfigured(provider: str, error: str, *, now: datetime) -> None:
    """Open a climb to the platform's owner for this fault; where they deal with it already, it goes on."""
    subject = f"{provider} {error}"[:60]
    if escalations.open_one(Reason.PLATFORM, now=now, subject=subject):
        log.error("platform_fault", provider=provider, code=error)
        return
    taken = Escalation.objects.filter(
        reason=Reason.PLATFORM, subject=subject, closed_at=None, taken_at__isnull=False
    )
    taken.filter(alarm_since=None).update(alarm_since=now)


def mended(provider: str, error: str, *, now: datetime) -> None:
    """This fault is over: its owner is paged for it no more."""
    subject = f"{provider} {error}"[:60]
    with transaction.atomic():
        rows = Escalation.objects.select_for_update(no_key=True).filter(
            reason=Reason.PLATFORM, closed_at=None
        )
        for escalation in rows.filter(subject=subject):
            escalations.close(escalation, now=now)
            log.warning("platform_fault_over", provider=provider, code=error)


def of_page(page: Page, *, now: datetime) -> bool:
    """What this failure leads to; True where the page itself goes on by another provider: nothing is hurried then."""
    trouble = troubles.of(page.error)
    if page.person is not None and page.channel in PHONE_CHANNELS and page.error in troubles.PHONE:
        phone_troubled(page.person, page.phone, troubles.PHONE[page.error], now=now)
    if trouble is Trouble.OURS and page.provider:
        misconfigured(page.provider, page.error, now=now)
    if page.channel != Channel.SMS or page.escalation.closed_at is not None:
        return False
    if trouble in troubles.ELSEWHERE and page.provider_id and not page.passed_over:
        return _by_another(page, now=now)
    if trouble is Trouble.UNREACHABLE and page.round == 0 and page.escalation.alarm_since is None:
        Page.objects.bulk_create([rungs.copy_of(page, due_at=now + ONCE_MORE)], ignore_conflicts=True)
    return False


def _by_another(page: Page, *, now: datetime) -> bool:
    """The provider took the page and could not deliver it: the other one carries it, at once."""
    if not routes.configured().another(page.channel, page.provider):
        return False
    page.passed_over, page.fate, page.due_at = page.provider, Fate.DUE, now
    page.provider_id = page.provider_status = ""
    page.attempt, page.settled_at = page.attempt + 1, None
    page.save(
        update_fields=[
            "passed_over",
            "fate",
            "due_at",
            "provider_id",
            "provider_status",
            "attempt",
            "settled_at",
        ]
    )
    return True


def phone_troubled(person: Person, number: str, trouble: PhoneTrouble, *, now: datetime) -> None:
    """The rota shows it, and the coordinator hears of it once."""
    if not people.phone_troubled(person, number, trouble):
        return
    log.warning("phone_troubled", person=person.pk, trouble=trouble.value)
    shift = whom.on_a_rota(person, at=now)
    if shift is not None:
        escalations.open_one(Reason.CONTACT, now=now, hub=shift.hub, person=person)
