"""An SMS answers a page: find the page by its one-time code, do the verb, and say what came of it in one segment.

Called by the webhook with a signed message. Whatever is late, wrong, replayed or not theirs gets a polite reply and
changes nothing; an unknown number gets none.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from network.models import Person
from paging import alarms, replies, settling, texts, whom
from paging.models import Escalation, Fate, Inbound, Page, Reason
from paging.replies import LeftToTwilio, No, Yes
from referrals import transitions
from referrals.ledger import Press
from referrals.models import Referral, Via
from referrals.refusals import Refusal
from referrals.states import DeclineReason

WRONG_TRIES = 5
WITHIN = timedelta(minutes=10)
CODE_LIVES = timedelta(hours=2)


def receive(*, provider_id: str, sender: str, text: str, now: datetime) -> str:
    """What to answer to this SMS; the same message delivered twice is answered the same and done once."""
    with transaction.atomic():
        with connection.cursor() as cursor:  # a second copy of the same message waits for the first
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 3))", [provider_id])
        if known := Inbound.objects.filter(provider_id=provider_id).first():
            return known.reply
        person = Person.objects.filter(phone=sender, is_active=True).exclude(phone="").first()
        made_of_it, reply = _answer(person, text, provider_id, now)
        Inbound.objects.create(
            provider_id=provider_id,
            person=person,
            received_at=now,
            made_of_it=made_of_it,
            reply=texts.fit(reply),
        )
        return texts.fit(reply)


def _answer(person: Person | None, text: str, provider_id: str, now: datetime) -> tuple[str, str]:
    if person is None:
        return "unknown_number", ""
    meant = replies.parse(text)
    if isinstance(meant, LeftToTwilio):
        return "keyword", ""
    if _too_many_wrong(person, now):
        return "too_many", "Too many wrong codes. Please sign in and answer there."
    if not isinstance(meant, (Yes, No)):
        return (
            "unclear",
            "Nothing was recorded. Reply with the code alone, or X and the code to decline, or sign in.",
        )
    mine = Page.objects.select_related("escalation__referral", "escalation__hub", "person")
    page = mine.filter(reply_code=meant.code, person=person).first()
    if page is None or page.due_at < now - CODE_LIVES:
        return "wrong_code", "Sorry, this code is not one of yours, or it is too old. Check it, or sign in."
    referral_id = page.escalation.referral_id
    # The referral before the page, like everybody else: two texts with one code queue up here.
    Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    page.refresh_from_db(fields=["used_at"])
    try:
        with transaction.atomic():
            reply = _do(page, meant, person, provider_id, now)
    except Refusal as refusal:
        return "refused", refusal.message
    Page.objects.filter(pk=page.pk).update(used_at=now, fate=Fate.ANSWERED, settled_at=now)
    settling.show(referral_id, now=now)
    return "done", reply


def _too_many_wrong(person: Person, now: datetime) -> bool:
    wrong = Inbound.objects.filter(person=person, made_of_it="wrong_code", received_at__gt=now - WITHIN)
    return wrong.count() >= WRONG_TRIES


def _do(page: Page, meant: Yes | No, person: Person, provider_id: str, now: datetime) -> str:
    escalation = page.escalation
    code = escalation.referral.code
    if page.used_at is not None:
        raise Refusal("code_used", f"You have already answered about {code}. To change it, sign in or ring.")
    press = Press(by=person, at=now, now=now, via=Via.SMS, key=f"sms:{provider_id}")
    hub = escalation.hub.code if escalation.hub else ""
    name = escalation.hub.short_name if escalation.hub else ""
    if escalation.reason != Reason.OFFER and not whom.can_answer(page):
        if isinstance(meant, No):
            still = Escalation.objects.filter(
                pk=escalation.pk, closed_at=None, alarm_since=None, taken_at=None
            )
            still.filter(next_at__gt=now).update(next_at=now)
            return f"Noted. {code} still needs somebody; others are paged."
        alarms.take(escalation.pk, by=person, at=now)
        return f"Thank you. You are dealing with {code}. If nothing comes of it the alarm rings again in 10 minutes."
    if isinstance(meant, No):
        transitions.decline(code, reason=DeclineReason.OTHER, hub=hub, text="Declined by SMS", **press)
        return f"You have declined {code} for {name}."
    if escalation.reason == Reason.CONFIRM:
        transitions.confirm(code, **press)
        return f"You have confirmed {code} for {name}."
    referral = transitions.accept(code, hub=hub, **press)
    if referral.provisional_at and not referral.accepted_at:
        return (
            f"You have provisionally accepted {code} for {name}. Your supervisor is being paged to confirm."
        )
    return f"You have accepted {code} for {name}."
