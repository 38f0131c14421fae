"""The answer: one question on a phone at three in the morning, its facts, and three answers under the thumb.

Thin, like every view; a GET changes nothing, and the answers are pressed through frontend.views.case.act.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import casefile, criteria_sheet, present, press, reference_sheet, visit, waits
from frontend.press import Press, Typed
from network import permissions
from network.permissions import Rights
from realtime import feed, reading
from realtime.reading import Place
from referrals import policy, queries
from referrals.models import Offer, Referral
from referrals.refusals import NotVisible
from referrals.soonest import Around
from referrals.states import TAKEN, State


@dataclass(frozen=True)
class Watch:
    """The stream that this page follows, from which position on."""

    key: str
    head: int
    epoch: str


@dataclass(frozen=True)
class Desk:
    """One referral in front of one person."""

    referral: Referral
    rights: Rights
    watch: Watch


@require_safe
@login_required
@never_cache
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """The question, or what was answered."""
    now = timezone.now()
    try:
        sitting = desk(request, code, now=now)
    except NotVisible:
        return redirect("case", code=code)
    if is_asked(sitting, now=now):
        return page(request, sitting, now=now)
    if is_mine(sitting):
        return render(request, "frontend/answered.html", _answered(sitting, now))
    return redirect("case", code=sitting.referral.code)


@require_safe
@login_required
@never_cache
def live(request: HttpRequest, code: str) -> HttpResponse:
    """The question's parts again; 404 when there is nothing to answer any more."""
    now = timezone.now()
    sitting = desk(request, code, now=now)
    if not is_asked(sitting, now=now):
        raise Http404
    return render(request, "frontend/_answer.html", _asked(sitting, now, None))


def desk(request: HttpRequest, code: str, *, now: datetime) -> Desk:
    """This referral for this person, or NotVisible; the stream's head is read before the rows."""
    rights = permissions.rights(visit.person(request), at=now)
    keys = feed.watchable(rights)
    place: dict[str, Place] = {}
    found = queries.get(rights, code)
    key = next((k for k in reversed(keys) if k in queries.streams(found)), "")
    if key:
        place[key] = reading.place(key, since=None, epoch=None)
    row = queries.with_surroundings(queries.visible(rights).filter(pk=found.pk)).first()
    if row is None:
        raise NotVisible
    at = place.get(key)
    return Desk(row, rights, Watch(key, at.head if at else 0, at.epoch if at else ""))


def lost_offer(request: HttpRequest, code: str, *, now: datetime) -> Offer | None:
    """The offer of this referral that a hub of this person once had."""
    return queries.offered(permissions.rights(visit.person(request), at=now), code)


def is_asked(sitting: Desk, *, now: datetime) -> bool:
    """Is an answer of this very person wanted?"""
    referral, rights = sitting.referral, sitting.rights
    if referral.state in {State.REFERRED, State.UNPLACED}:  # a hub that did not answer may still accept
        return any(policy.may_accept(rights, offer.hub_id) for offer in policy.answerable(rights, referral))
    return referral.state == State.PROVISIONAL and policy.may_confirm(rights, referral, at=now)


def is_mine(sitting: Desk) -> bool:
    """Has this person taken the patient, alone or as supervisor?"""
    referral = sitting.referral
    taken = referral.state in TAKEN | {State.PROVISIONAL}
    return taken and sitting.rights.person.pk in {referral.operator_id, referral.supervisor_id}


def page(
    request: HttpRequest, sitting: Desk, *, now: datetime, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    """The question, with what was typed and refused before."""
    return render(request, "frontend/answer.html", _asked(sitting, now, typed), status=status)


def _asked(sitting: Desk, now: datetime, typed: Typed | None) -> dict[str, object]:
    around = Around(sitting.referral, now=now)
    file = casefile.of(around, sitting.rights, casefile.events_of(sitting.referral))
    may_press = press.presses(around, sitting.rights, typed=typed, looked=file.looking.looked)
    by_verb: dict[str, list[Press]] = {}
    for one in may_press.all:
        by_verb.setdefault(one.verb, []).append(one)
    return {
        "file": file,
        "takes": [*by_verb.get("accept", []), *by_verb.get("confirm", [])],
        "looks": may_press.look,
        "declines": by_verb.get("decline", []),
        "ask": next(iter(by_verb.get("ask", [])), None),
        "topics": press.topics(),
        "roads": _roads(sitting),
        "advice": criteria_sheet.of_offers(_mine(sitting)),
        "references": reference_sheet.standing(sitting.referral, now=now),
        "watch": sitting.watch,
        "lost": typed,
    }


def _mine(sitting: Desk) -> list[Offer]:
    """The offers at the hubs of whoever answers."""
    return [offer for offer in sitting.referral.offers.all() if offer.hub_id in sitting.rights.sites]


def _roads(sitting: Desk) -> list[tuple[str, int]]:
    """The drive to each hub at which this person may answer."""
    roads = present.drives([sitting.referral])
    mine = [offer.hub for offer in _mine(sitting)]
    spoke = sitting.referral.spoke_id
    return [(str(hub), roads[(spoke, hub.pk)]) for hub in mine if (spoke, hub.pk) in roads]


def _answered(sitting: Desk, now: datetime) -> dict[str, object]:
    referral = sitting.referral
    at = referral.accepted_at or referral.provisional_at
    return {
        "file": casefile.of(Around(referral, now=now), sitting.rights, casefile.events_of(referral)),
        "hub": referral.hub,
        "hour": waits.hour(at) if at else "",
        "provisional": referral.state == State.PROVISIONAL,
        "supervisor": referral.supervisor,
        "operator": referral.operator,
        "is_operator": sitting.rights.person.pk == referral.operator_id,
        "watch": sitting.watch,
    }
