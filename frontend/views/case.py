"""One referral on one page, and the door through which every verb is pressed on the web.

Thin: the rights, the referral, present; a press goes to referrals.verbs and comes back with its sentence where it
was refused. A GET changes nothing.
"""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from frontend import casefile, next_step, posted, press, reference_sheet, talk, visit
from frontend.press import Typed
from frontend.views import answer
from frontend.views.answer import Desk
from network import digits
from paging import alarms
from referrals import offers, verbs
from referrals.refusals import BadInput, NotVisible, Refusal
from referrals.soonest import Around
from referrals.states import ENDED


@require_safe
@login_required
@never_cache
def case(request: HttpRequest, code: str) -> HttpResponse:
    """Everything of one referral; an operator who is asked for an answer goes to the answer's page first."""
    now = timezone.now()
    try:
        desk = answer.desk(request, code, now=now)
    except NotVisible:
        return gone(request, code, now)
    if "full" not in request.GET and answer.is_asked(desk, now=now):
        return redirect("answer", code=desk.referral.code)
    return _page(request, desk, now)


@require_safe
@login_required
@never_cache
def live(request: HttpRequest, code: str) -> HttpResponse:
    """The same page's parts again, for a page that heard of a change."""
    now = timezone.now()
    desk = answer.desk(request, code, now=now)
    return render(request, "frontend/_case.html", _context(desk, now))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_post_parameters()
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Do one verb; what was refused comes back with everything that was typed. A GET only leads to the case."""
    if request.method != "POST":
        return redirect("case", code=code)
    now = timezone.now()
    person, key = visit.person(request), posted.key(request.POST)
    try:
        if verb == "take":
            alarms.take(
                _number(request.POST.get("escalation", "")), by=person, at=now, now=now, via="web", key=key
            )
        else:
            verbs.do(code, verb, posted.said(request.POST), by=person, now=now, via="web", key=key)
    except NotVisible:
        return gone(request, code, now)
    except Refusal as refusal:
        return _refused(request, code, verb, refusal, now)
    return _done(request, code.upper(), verb, now)


def _done(request: HttpRequest, code: str, verb: str, now: datetime) -> HttpResponse:
    """Back to where it was pressed, with a sentence; the answer's page says by itself that one is looking."""
    on_answer = request.POST.get("from") == "answer"
    if not (on_answer and verb == "seen"):
        done = "You are dealing with it" if verb == "take" else verbs.DONE[verb]
        visit.saved(request, f"{code}: {done}", at=now)
    back = on_answer and verb in {"accept", "confirm", "ask", "seen"}
    where = reverse("answer" if back else "case", args=[code])
    return visit.see_other(where if back else f"{where}?full=1")


def answer_or_act(request: HttpRequest, code: str) -> HttpResponse:
    """Opened, it is the hub's question and its buttons; posted to, it is the spoke's verb `answer`."""
    return act(request, code, "answer") if request.method == "POST" else answer.answer(request, code)


def _number(text: str) -> int:
    number = digits.whole(text, longest=15)
    if number is None:
        raise NotVisible
    return number


def _refused(request: HttpRequest, code: str, verb: str, refusal: Refusal, now: datetime) -> HttpResponse:
    faults = refusal.fields if isinstance(refusal, BadInput) else {}
    typed = Typed(
        verb=verb,
        said=posted.words(request.POST),
        hubs=tuple(request.POST.getlist("hubs")),
        risks=tuple(request.POST.getlist("risks")),
        complications=tuple(request.POST.getlist("complications")),
        faults=faults,
        message="" if faults else refusal.message,
        key=posted.key(request.POST),
    )
    try:
        desk = answer.desk(request, code, now=now)
    except NotVisible:
        return gone(request, code, now)
    if request.POST.get("from") == "answer" and answer.is_asked(desk, now=now):
        return answer.page(request, desk, now=now, typed=typed, status=refusal.status)
    return _page(request, desk, now, typed=typed, status=refusal.status)


def _page(
    request: HttpRequest, desk: Desk, now: datetime, *, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "frontend/case.html", _context(desk, now, typed=typed), status=status)


def _context(desk: Desk, now: datetime, *, typed: Typed | None = None) -> dict[str, object]:
    around, events = Around(desk.referral, now=now), casefile.events_of(desk.referral)
    file = casefile.of(around, desk.rights, events)
    may_press = press.presses(
        around,
        desk.rights,
        typed=typed,
        asked=file.is_asked,
        topic=file.topic,
        looked=file.looking.looked,
    )
    shown = {one.verb for one in may_press.all}
    return {
        "file": file,
        "presses": may_press,
        "talk": talk.of(desk.referral, desk.rights, now=now, events=events),
        "talk_key": press.new_key(),
        "topics": press.topics(),
        "images": talk.images(desk.referral, now=now),
        "references": reference_sheet.standing(desk.referral, now=now),
        "next": next_step.of(file, may_press, turn=press.whose_turn(desk.referral)),
        "watch": desk.watch,
        "may_take": alarms.may_take(desk.rights, desk.referral),
        "take_key": press.new_key(),
        "asked": answer.is_asked(desk, now=now),
        "lost": typed if typed and (typed.verb not in shown or "hub" in typed.faults) else None,
    }


def gone(request: HttpRequest, code: str, now: datetime) -> HttpResponse:
    """No such referral for this person; a hub that was asked before is told what became of it, and no more."""
    offer = answer.lost_offer(request, code, now=now)
    if offer is None:
        raise Http404
    referral = offer.referral
    if (
        referral.hub_id
        and referral.hub_id != offer.hub_id
        and referral.operator_id
        and referral.state not in ENDED
    ):
        sentence = offers.taken_sentence(referral)
    else:
        sentence = f"The offer of {referral.code} to {offer.hub} is {offer.get_state_display().lower()}."
    return render(request, "frontend/gone.html", {"code": referral.code, "sentence": sentence}, status=404)
