"""Which words a page carries, by its reason and by whether this person can give the answer that is waited for.

Called by paging.sending and by the voice webhook; the words themselves are in paging.texts and paging.speech.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from network.models import PhoneTrouble
from paging import crew_texts, ladders, speech, texts, troubles, whom
from paging.models import Page, Reason
from paging.whom import Judged


@dataclass(frozen=True)
class Facts:
    """Everything that a page may say; nothing of it is a patient's."""

    code: str
    spoke: str
    hub: str
    reply: str
    since: datetime
    operator: str
    whose: str
    why: str
    fault: str
    subject: str
    mine: bool  # this person can give the answer that is waited for


Words = Callable[[Facts], str]


def _overdue(said: Facts, not_left: Callable[..., str], not_arrived: Callable[..., str]) -> str:
    """The subject is a code and the verb that is waited for."""
    code, _, waited_for = said.subject.partition(" ")
    return (not_left if waited_for == "depart" else not_arrived)(code=code, hub=said.hub)


TEXTS: dict[Reason, tuple[Words, Words]] = {  # to whoever can answer, and to whoever can only see to it
    Reason.OFFER: (
        lambda f: texts.offer(code=f.code, spoke=f.spoke, hub=f.hub, since=f.since, reply=f.reply),
        lambda f: texts.unanswered_offer(code=f.code, spoke=f.spoke, hub=f.hub),
    ),
    Reason.CONFIRM: (
        lambda f: texts.confirm(code=f.code, hub=f.hub, operator=f.operator, reply=f.reply),
        lambda f: texts.unanswered_confirmation(code=f.code, hub=f.hub, reply=f.reply),
    ),
    Reason.UNPLACED: (lambda f: texts.unplaced(code=f.code, spoke=f.spoke, reply=f.reply),) * 2,
    Reason.REACH: (
        lambda f: texts.reach_test(hub=f.hub, reply=f.reply),
        lambda f: texts.unreached(name=f.whose, hub=f.hub),
    ),
    Reason.DRILL: (
        lambda f: texts.drill(hub=f.hub, since=f.since, reply=f.reply),
        lambda f: texts.drill_unanswered(hub=f.hub),
    ),
    Reason.VERIFY: (lambda f: texts.verify(code=f.reply),) * 2,
    Reason.CONTACT: (lambda f: texts.troubled_phone(name=f.whose, hub=f.hub, why=f.why),) * 2,
    Reason.TOLD: (
        lambda f: texts.told(code=f.subject, hub=f.hub, operator=f.whose),
        lambda f: texts.untold(code=f.subject, hub=f.hub, operator=f.whose),
    ),
    Reason.WORSE: (lambda f: texts.worse(code=f.subject, hub=f.hub),) * 2,
    Reason.OVERDUE: (lambda f: _overdue(f, texts.not_left, texts.not_arrived),) * 2,
    Reason.DIVERT: (lambda f: texts.divert(code=f.subject, hub=f.hub),) * 2,
    Reason.STOOD: (lambda f: texts.stood_down(code=f.subject, reply=f.reply),) * 2,
    Reason.MESSAGE: (lambda f: texts.message(code=f.subject.partition(" ")[0]),) * 2,
    Reason.CREW: (lambda f: texts.crew(address=crew_texts.address(f.subject)),) * 2,
    Reason.PLATFORM: (lambda f: texts.platform(fault=f.fault, reply=f.reply),) * 2,
}
SPOKEN: dict[Reason, tuple[Words, Words]] = {
    Reason.OFFER: (
        lambda f: speech.offer(code=f.code, spoke=f.spoke, hub=f.hub),
        lambda f: speech.unanswered_offer(code=f.code, spoke=f.spoke, hub=f.hub),
    ),
    Reason.CONFIRM: (
        lambda f: speech.confirm(code=f.code, hub=f.hub, operator=f.operator),
        lambda f: speech.unconfirmed(code=f.code, hub=f.hub),
    ),
    Reason.UNPLACED: (lambda f: speech.unplaced(code=f.code, spoke=f.spoke),) * 2,
    Reason.REACH: (lambda _: speech.reach_test(), lambda f: speech.unreached(name=f.whose, hub=f.hub)),
    Reason.DRILL: (lambda f: speech.drill(hub=f.hub), lambda f: speech.drill_unanswered(hub=f.hub)),
    Reason.VERIFY: (lambda f: speech.verify(code=f.reply),) * 2,
    Reason.CONTACT: (lambda f: speech.troubled_phone(name=f.whose, why=f.why),) * 2,
    Reason.TOLD: (
        lambda f: speech.told(code=f.subject, hub=f.hub, operator=f.whose),
        lambda f: speech.untold(code=f.subject, hub=f.hub, operator=f.whose),
    ),
    Reason.WORSE: (lambda f: speech.worse(code=f.subject, hub=f.hub),) * 2,
    Reason.OVERDUE: (lambda f: _overdue(f, speech.not_left, speech.not_arrived),) * 2,
    Reason.DIVERT: (lambda f: speech.divert(code=f.subject, hub=f.hub),) * 2,
    Reason.STOOD: (lambda f: speech.stood_down(code=f.subject),) * 2,
    Reason.MESSAGE: (lambda f: speech.message(code=f.subject.partition(" ")[0]),) * 2,
    Reason.PLATFORM: (lambda f: speech.platform(fault=f.fault),) * 2,
}
ANSWERS = {
    Reason.OFFER: ("accept", "decline", "say that you are looking"),
    Reason.CONFIRM: ("confirm", "decline", "say that you are looking"),
    Reason.REACH: ("show that pages reach you",),
    Reason.DRILL: ("answer the drill",),
}  # what the keys do for whoever can answer
DEALT_WITH = frozenset({Reason.CONFIRM, Reason.UNPLACED, Reason.PLATFORM})  # by whoever can see to it


def facts(page: Page, known: Judged | None = None) -> Facts:
    """What this page may say."""
    escalation = page.escalation
    referral, about = escalation.referral, escalation.person
    return Facts(
        code=referral.code if referral else "",
        spoke=referral.spoke.short_name if referral else "",
        hub=escalation.hub.short_name if escalation.hub else "",
        reply=page.reply_code,
        since=escalation.opened_at,
        operator=referral.operator.name if referral and referral.operator else "",
        whose=about.name if about else "",
        why=PhoneTrouble(about.phone_trouble).label if about and about.phone_trouble else "cannot be reached",
        fault=fault(escalation.subject),
        subject=escalation.subject,
        mine=_is_theirs(page, known),
    )


def _is_theirs(page: Page, known: Judged | None) -> bool:
    """Is it theirs to answer; or, where they are only told, theirs to answer for?"""
    if page.escalation.reason == Reason.TOLD:
        return "coordinator" not in ladders.read(page.escalation.rungs)[page.rung].to
    return whom.can_answer(page, known)


def text(page: Page, known: Judged | None = None) -> str:
    """The words of this page as a text."""
    said = facts(page, known)
    return TEXTS[Reason(page.escalation.reason)][0 if said.mine else 1](said)


def keys(page: Page) -> list[tuple[str, str]]:
    """Which digit does what on this call."""
    reason = Reason(page.escalation.reason)
    if whom.can_answer(page):
        return list(zip(page.digits, ANSWERS.get(reason, ()), strict=False))
    return [(page.digits[:1], "say that you deal with it")] if reason in DEALT_WITH and page.digits else []


def twiml(page: Page, known: Judged | None = None) -> str:
    """The whole call."""
    said = facts(page, known)
    words = SPOKEN[Reason(page.escalation.reason)][0 if said.mine else 1](said)
    action = f"{settings.PUBLIC_URL}/twilio/voice/answer?page={page.pk}"
    return speech.call(words, keys=keys(page), action=action)


def fault(subject: str) -> str:
    """A fault of the platform, in words: the subject is a provider and its error."""
    provider, _, error = subject.partition(" ")
    return f"{provider} says {troubles.in_words(error)}" if error else provider
