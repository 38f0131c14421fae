"""Somebody answers a page by phone: do what was meant, once, and say what came of it in one sentence.

Called by the webhooks with what was signed: a text with its one-time code, or a key pressed in a call. Whatever is
late, wrong, replayed or not theirs gets a polite reply and changes nothing; an unknown number gets none.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from network import people
from network.models import Person, PhoneTrouble
from paging import alarms, escalations, reaching, replies, showing, texts, whom
from paging.models import ABOUT_A_REFERRAL, Escalation, Fate, Inbound, Page, Reason
from paging.replies import LeftToProvider, Looking, No, Yes
from referrals import remarks, transitions
from referrals.ledger import Press
from referrals.models import Referral, Via
from referrals.refusals import Refusal
from referrals.states import DeclineReason

WRONG_TRIES = 5
WITHIN = timedelta(minutes=10)
CODE_LIVES = timedelta(hours=2)
BACK_AGAIN = frozenset({"START", "YES", "UNSTOP"})

Meant = Yes | No | Looking


def receive(*, provider_id: str, sender: str, text: str, now: datetime) -> str:
    """What to answer to this text; the same message delivered twice is answered the same and done once."""
    reply, _ = hear(provider_id=provider_id, sender=sender, text=text, now=now)
    return reply


def hear(*, provider_id: str, sender: str, text: str, now: datetime) -> tuple[str, bool]:
    """The same, and whether this message is heard for the first time."""
    with transaction.atomic():
        _one_at_a_time(provider_id)
        if known := Inbound.objects.filter(provider_id=provider_id).first():
            return known.reply, False
        person = Person.objects.filter(phone=sender, is_active=True).exclude(phone="").first()
        made_of_it, reply = _answer(person, text, provider_id, now)
        return _keep(provider_id, person, made_of_it, reply, now), True


def press(*, page: Page, call_id: str, meant: Meant, now: datetime) -> str:
    """What to say to this key, pressed in the call of this page; the same key again is answered the same."""
    provider_id = f"{call_id}:{type(meant).__name__}"
    with transaction.atomic():
        _one_at_a_time(provider_id)
        if known := Inbound.objects.filter(provider_id=provider_id).first():
            return known.reply
        assert page.person
        made_of_it, reply = _respond(
            page, meant, page.person, via=Via.VOICE, key=f"voice:{provider_id}", now=now
        )
        return _keep(provider_id, page.person, made_of_it, reply, now)


def _one_at_a_time(provider_id: str) -> None:
    with connection.cursor() as cursor:  # a second copy of the same message waits for the first
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 3))", [provider_id])


def _keep(provider_id: str, person: Person | None, made_of_it: str, reply: str, now: datetime) -> str:
    kept = Inbound.objects.create(
        provider_id=provider_id, person=person, received_at=now, made_of_it=made_of_it, reply=texts.fit(reply)
    )
    return kept.reply


def _answer(person: Person | None, text: str, provider_id: str, now: datetime) -> tuple[str, str]:
    if person is None:
        return "unknown_number", ""
    meant = replies.parse(text)
    if isinstance(meant, LeftToProvider):
        if meant.word in BACK_AGAIN:
            people.phone_freed(person, PhoneTrouble.OPTED_OUT)
        elif meant.word in replies.STOPS:
            alarms.opted_out(person, now=now)
        return "keyword", ""
    if _too_many_wrong(person, now):
        return "too_many", "Too many wrong codes. Please sign in and answer there."
    if not isinstance(meant, (Yes, No, Looking)):
        return (
            "unclear",
            "Nothing was recorded. Reply with the code alone, or X and the code to decline, or sign in.",
        )
    page = _mine().filter(reply_code=meant.code, person=person).first()
    if page is None or page.due_at < now - CODE_LIVES or page.escalation.reason == Reason.VERIFY:
        return "wrong_code", "Sorry, this code is not one of yours, or it is too old. Check it, or sign in."
    return _respond(page, meant, person, via=Via.SMS, key=f"sms:{provider_id}", now=now)


def _mine() -> QuerySet[Page]:
    return Page.objects.select_related(
        "escalation__referral", "escalation__hub", "escalation__person", "person"
    )


def _respond(
    page: Page, meant: Meant, person: Person, *, via: Via, key: str, now: datetime
) -> tuple[str, str]:
    """Do it under the locks of everything that it may change; a refusal is an answer too."""
    referral_id = page.escalation.referral_id
    if referral_id is not None:
        # Two texts with one code queue up here.
        Referral.objects.select_for_update(no_key=True).values_list("pk").get(pk=referral_id)
    escalations.lock(page.escalation_id)
    page = _mine().select_for_update(no_key=True, of=("self",)).get(pk=page.pk)
    try:
        with transaction.atomic():
            reply = _do(page, meant, person, Press(by=person, at=now, now=now, via=via, key=key))
    except Refusal as refusal:
        return "refused", refusal.message
    if not isinstance(meant, Looking):
        Page.objects.filter(pk=page.pk).update(used_at=now, fate=Fate.ANSWERED, settled_at=now)
    showing.show(referral_id, now=now)
    return "done", reply


def _too_many_wrong(person: Person, now: datetime) -> bool:
    wrong = Inbound.objects.filter(person=person, made_of_it="wrong_code", received_at__gt=now - WITHIN)
    return wrong.count() >= WRONG_TRIES


def _do(page: Page, meant: Meant, person: Person, press: Press) -> str:
    escalation = page.escalation
    if escalation.reason == Reason.STOOD:
        remarks.noted(escalation.subject, **press)
        return f"Thank you. You have seen that {escalation.subject} is stood down."
    if escalation.reason not in ABOUT_A_REFERRAL:
        return _without_a_referral(page, meant, person, now=press["at"])
    assert escalation.referral
    code = escalation.referral.code
    if page.used_at is not None:
        raise Refusal("code_used", f"You have already answered about {code}. To change it, sign in or ring.")
    if escalation.reason != Reason.OFFER and not whom.can_answer(page):
        return _of_an_alarm(escalation, code, meant, press)
    hub = escalation.hub.code if escalation.hub else ""
    name = escalation.hub.short_name if escalation.hub else ""
    if isinstance(meant, Looking):
        remarks.seen(code, hub=hub, **press)
        return f"Noted: you are looking at {code}. {_held(escalation, person)}"
    if isinstance(meant, No):
        how = "by phone call" if press.get("via") == Via.VOICE else "by SMS"
        transitions.decline(code, reason=DeclineReason.OTHER, hub=hub, text=f"Declined {how}", **press)
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


def _held(escalation: Escalation, person: Person) -> str:
    """What a look of theirs holds; the next tick does it."""
    if escalation.closed_at or escalation.alarm_since or person.pk in escalation.held_for:
        return "Others go on being paged until it is answered."
    return f"Nobody else is paged for {escalation.seen_holds} seconds; then the next person is."


def _of_an_alarm(escalation: Escalation, code: str, meant: Meant, press: Press) -> str:
    if isinstance(meant, Yes):
        alarms.take(escalation.pk, **press)
        return f"Thank you. You are dealing with {code}. If nothing comes of it the alarm rings again in 10 minutes."
    if isinstance(meant, No):
        still = Escalation.objects.filter(pk=escalation.pk, closed_at=None, alarm_since=None, taken_at=None)
        still.filter(next_at__gt=press["at"]).update(next_at=press["at"])
    return f"Noted. {code} still needs somebody; others are paged."


def _without_a_referral(page: Page, meant: Meant, person: Person, *, now: datetime) -> str:
    escalation = page.escalation
    if escalation.reason == Reason.PLATFORM:
        if not isinstance(meant, Yes):
            return "Noted. The platform still needs somebody."
        alarms.take_platform(escalation.pk, by=person, at=now)
        return "Thank you. You are dealing with it. The alarm rings again in 10 minutes if it goes on."
    if escalation.reason == Reason.WORSE:
        return (
            f"A text cannot answer the crew of {escalation.subject}: open the link or ring. Others are paged."
        )
    if not whom.can_answer(page):
        return "Thank you. Nothing needs to be answered."
    reaching.answered(page, by=person, now=now)
    seconds = round((now - escalation.opened_at).total_seconds())
    if escalation.reason == Reason.DRILL:
        return f"Thank you. Drill answered after {seconds} s. No patient waits."
    return "Thank you. Pages reach you on this phone."
