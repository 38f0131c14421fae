"""What hubs and supervisors say to their pages, and when: by the phone that was paged, or on the screen.

Called by demo.acting, and by the director for tests of phones. People answer pages that reached them; where no pager
is at work, those on the rota answer as if they had been paged. A visitor's own people are given time: a visitor may
always be first, and takes every call.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from django.db.models import QuerySet

from demo import cast, players
from demo.plans import PATIENCE_OF_STARS, Answer
from demo.players import PickUp, Press, Scene, Signal, Text
from network import permissions
from network.models import Person, Site
from paging import whom
from paging.models import Channel, Fate, Page, Reason
from referrals import policy
from referrals.models import Offer, OfferState, Referral
from workforce import phases, rota
from workforce.models import Duty, Phase

PICKED_UP = timedelta(seconds=8)  # a call, after so long
GLANCE = timedelta(seconds=4)  # how often a waiting referral is looked at
ON_ITS_WAY = timedelta(seconds=8)  # a text that has had no effect by then was lost, and the screen is used
NO_PAGER = timedelta(seconds=45)  # after so long without a page that arrived, people look at the rota instead
LONGEST = timedelta(minutes=7)  # then whoever was paged last answers, whatever was planned
DARK = timedelta(seconds=150)
REACHED = (Fate.SENT, Fate.DELIVERED)
TESTS = (
    Reason.REACH,
    Reason.DRILL,
)  # a code for a new number goes to nobody of the cast, and is never answered here
PATIENCE_WITH_TESTS = (
    90  # seconds; then a test at the start of a visitor's shift is answered, before the phone rings
)
TESTS_AT_ONCE = 5  # in one tick, so that a change of shifts is no flood
AS_IF_PAGED = {Duty.FIRST: 0, Duty.SECOND: 180, Duty.SUPERVISOR: 180}  # seconds, as the ladder does


@dataclass(frozen=True)
class Reached:
    """Somebody who knows that an answer is wanted, and since when."""

    person: Person
    since: datetime
    text: Page | None = None  # the one whose code they can send back
    call: Page | None = None  # that is ringing, or that they have picked up

    def ready(self, seconds: int) -> datetime:
        """When this person answers, who takes so many seconds; a visitor's person takes longer, a call is picked up."""
        if cast.is_star(self.person):
            return self.since + timedelta(seconds=max(seconds, PATIENCE_OF_STARS))
        ready = self.since + timedelta(seconds=seconds)
        return min(ready, self.call.sent_at + PICKED_UP) if self.call and self.call.sent_at else ready


def begin(scene: Scene) -> datetime:
    """A hub or a supervisor is to answer: sometimes the first on call has no signal."""
    offers = _open_offers(scene.referral)
    if len(offers) == 1 and scene.plan.answer(_number(offers[0])).no_signal:
        _lose_signal(scene, offers[0].hub)
    return scene.now + GLANCE


def _lose_signal(scene: Scene, hub: Site) -> None:
    """The first on call is out of reach for a while; never a phone that a visitor may hold."""
    first = next((s.person for s in rota.on_call(hub, at=scene.now) if s.duty == Duty.FIRST), None)
    if scene.has_phones and first and first.phone and not scene.plan.dark and not cast.is_star(first):
        scene.plan.dark, scene.plan.dark_until = first.phone, (scene.now + DARK).isoformat()
        scene.deeds.append(Signal(first.phone, on=False))


def answer(scene: Scene) -> datetime | None:
    """The hubs of the open offers answer when they are ready; says when to look again, None once it is done."""
    glance = scene.now + GLANCE
    for offer in _open_offers(scene.referral):
        say = scene.plan.answer(_number(offer))
        speaker = _speaker(scene, offer, say)
        if speaker is None:
            continue
        if (ready := speaker.ready(say.seconds)) > scene.now:
            glance = min(glance, ready)
            continue
        if say.by_text and (later := _by_phone(scene, speaker, yes=say.kind == "accept")):
            return scene.now + later
        if say.kind == "accept":
            players.do(scene, "accept", speaker.person, hub=offer.hub.code)
        else:
            players.do(scene, "decline", speaker.person, hub=offer.hub.code, reason=say.reason)
        return None
    return glance


def confirm(scene: Scene) -> datetime | None:
    """The supervisor confirms, or will not have it; says when to look again, None once it is done."""
    referral, plan = scene.referral, scene.plan
    assert referral.provisional_at is not None
    pages = Page.objects.filter(escalation__referral=referral, escalation__reason=Reason.CONFIRM)
    known = _reached(pages, since=referral.provisional_at, now=scene.now)
    if known is None:
        known = [Reached(referral.supervisor, referral.provisional_at)] if referral.supervisor else []
    able = [one for one in known if _may_confirm(scene, one.person)]
    if not able:
        return scene.now + GLANCE
    speaker = able[0]
    if (ready := speaker.ready(plan.rng("confirms").randint(20, 60))) > scene.now:
        return min(ready, scene.now + GLANCE)
    by_phone = plan.rng("confirms by").random() < 0.6
    if by_phone and (later := _by_phone(scene, speaker, yes=plan.confirms)):
        return scene.now + later
    if plan.confirms:
        players.do(scene, "confirm", speaker.person)
    else:
        players.do(scene, "decline", speaker.person, reason="outside_criteria")
    return None


def _may_confirm(scene: Scene, person: Person) -> bool:
    rights = permissions.rights(person, at=scene.now)
    return policy.may_confirm(rights, scene.referral, at=scene.now)


def _open_offers(referral: Referral) -> list[Offer]:
    return list(referral.offers.filter(state=OfferState.OPEN).select_related("hub").order_by("pk"))


def _number(offer: Offer) -> int:
    """Which offer of its patient this is, from 0."""
    return Offer.objects.filter(referral=offer.referral_id, pk__lt=offer.pk).count()


def _speaker(scene: Scene, offer: Offer, say: Answer) -> Reached | None:
    """Who will answer this offer; None while nobody is in a position to."""
    pages = Page.objects.filter(escalation__offer=offer)
    known = _reached(pages, since=offer.opened_at, now=scene.now)
    if known is None:
        known = _on_the_rota(offer.hub, since=offer.opened_at, now=scene.now)
    able = phases.operators(offer.hub, at=scene.now)
    if say.trainee and known:
        learning = [a.person for a in able if a.phase == Phase.DIRECT]
        if learning:
            return Reached(learning[0], known[0].since)
    operating = {a.person_id for a in able}
    known = [one for one in known if one.person.pk in operating]
    if len(known) > say.unanswered:
        return known[say.unanswered]
    return known[-1] if known and scene.now - offer.opened_at > LONGEST else None


def _reached(pages: QuerySet[Page], *, since: datetime, now: datetime) -> list[Reached] | None:
    """Those whom a page has reached, in order, each once; None where no pager seems to be at work."""
    found: dict[int, Reached] = {}
    arrived = pages.filter(fate__in=REACHED, sent_at__isnull=False, person__isnull=False)
    for page in arrived.select_related("person").order_by("sent_at", "pk"):
        assert page.person and page.sent_at
        known = found.get(page.person.pk) or Reached(page.person, page.sent_at)
        found[page.person.pk] = replace(known, text=_text(page) or known.text, call=_call(page) or known.call)
    if not found and now - since > NO_PAGER:
        return None
    return list(found.values())


def _on_the_rota(hub: Site, *, since: datetime, now: datetime) -> list[Reached]:
    """Those who would have been paged by now."""
    on_call = rota.on_call(hub, at=now)
    known = [Reached(s.person, since + timedelta(seconds=AS_IF_PAGED[Duty(s.duty)])) for s in on_call]
    there = {one.person.pk for one in known}
    everybody = [a.person for a in phases.operators(hub, at=now) if a.person_id not in there]
    known += [Reached(person, since + timedelta(minutes=5)) for person in everybody]
    return [one for one in known if one.since <= now]


def _text(page: Page) -> Page | None:
    """This page, if it is a text on its phone's screen that nobody has answered."""
    shows = page.channel == Channel.SMS and page.fate == Fate.DELIVERED and page.used_at is None
    return page if shows else None


def _call(page: Page) -> Page | None:
    """This page, if it is a call that rings or is under way."""
    is_on = page.channel == Channel.VOICE and page.provider_status in {"ringing", "in-progress"}
    return page if is_on and page.used_at is None else None


def _by_phone(scene: Scene, speaker: Reached, *, yes: bool) -> timedelta | None:
    """Answer from the phone, in the call or by text, once for each person; says when to look again."""
    if not scene.has_phones or speaker.person.pk in scene.plan.texted:
        return None
    call, text = speaker.call, speaker.text
    if call and not cast.is_star(speaker.person):
        if call.provider_status == "ringing":
            scene.deeds.append(PickUp(call.phone))
            return GLANCE
        scene.deeds.append(Press(call.phone, call.digits[0 if yes else 1]))
    elif text:
        scene.deeds.append(Text(text.phone, text.reply_code if yes else f"X{text.reply_code}"))
    else:
        return None
    scene.plan.texted.append(speaker.person.pk)
    return ON_ITS_WAY


def tests(*, now: datetime, done: Container[int]) -> dict[int, Text]:
    """The tests of phones and drills that somebody of the cast answers now, by their pages; `done` are answered."""
    asked = Page.objects.filter(
        escalation__reason__in=TESTS, escalation__closed_at=None, escalation__answered_at=None
    ).filter(channel=Channel.SMS, fate=Fate.DELIVERED, used_at=None)
    ready = [
        page
        for page in asked.select_related("escalation", "person").order_by("sent_at", "pk")
        if page.pk not in done and _is_ready(page, now) and whom.can_answer(page)
    ]
    return {page.pk: Text(page.phone, page.reply_code) for page in ready[:TESTS_AT_ONCE]}


def _is_ready(page: Page, now: datetime) -> bool:
    """Would they have answered by now? A test that a visitor asked for is the visitor's."""
    assert page.person and page.sent_at
    seconds = Random(page.pk).randint(5, 40)  # noqa: S311 - plays dice, guards nothing
    if cast.is_star(page.person):
        if page.escalation.reason == Reason.REACH and page.escalation.shift_id is None:
            return False
        seconds = PATIENCE_WITH_TESTS
    return now >= page.sent_at + timedelta(seconds=seconds)
