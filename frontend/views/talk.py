"""The conversation's three doors on the web: a page of it, a message into it, and what was seen of it.

Thin, like every view; a GET changes nothing. What a page could not send it keeps itself and sends again with its key.
"""

import re
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import posted, talk, visit
from network import digits, permissions
from referrals import queries, verbs
from referrals.conversation import confirming, marks, sending
from referrals.conversation.marks import Range
from referrals.models import Via
from referrals.refusals import BadInput, NotAllowed, NotVisible, Refusal

RANGE = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_post_parameters()
def conversation(request: HttpRequest, code: str) -> HttpResponse:
    """A page of the conversation, for the case's page; posted to, it takes one message."""
    return _send(request, code) if request.method == "POST" else _read(request, code)


def _read(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    before = digits.whole(request.GET.get("before", ""))
    rights = permissions.rights(visit.person(request), at=now)
    referral = queries.get(rights, code)
    shown = talk.of(referral, rights, now=now, before=before)
    return render(request, "frontend/_talk_lines.html", {"talk": shown})


def _send(request: HttpRequest, code: str) -> HttpResponse:
    now = timezone.now()
    scripted = "X-Fragment" in request.headers
    try:
        _check_author(request)
        message = sending.send(
            code,
            text=request.POST.get("text", ""),
            to=request.POST.get("to", ""),
            confirm=bool(request.POST.get("confirm")),
            corrects=digits.whole(request.POST.get("corrects", "")),
            typed_at=_typed(request.POST.get("typed_at", ""), now),
            by=visit.person(request),
            at=now,
            via=Via.WEB,
            key=posted.key(request.POST),
        )
    except NotVisible:
        raise
    except Refusal as refusal:
        if scripted:
            return JsonResponse({"message": refusal.message}, status=refusal.status)
        messages.error(request, refusal.message)
        return _back(code)
    if scripted:
        return JsonResponse({"number": message.number}, status=201)
    return _back(code)


def _check_author(request: HttpRequest) -> None:
    """A page may have waited while somebody else signed in on this computer: nobody's words go out under their name."""
    wrote = request.POST.get("me", "")
    if wrote and wrote != str(visit.person(request).pk):
        sentence = (
            "Somebody else is signed in here now. Not sent: who wrote this signs in again, or writes it anew."
        )
        raise NotAllowed("somebody_else", sentence)


def _back(code: str) -> HttpResponse:
    return visit.see_other(f"{reverse('case', args=[code])}?full=1#talk")


def _typed(said: str, now: datetime) -> datetime | None:
    """When a page says that it was written; what cannot be read says nothing, and loses no message."""
    try:
        return verbs.moment(said, now=now) if said else None
    except BadInput:
        return None


@require_POST
@login_required
@never_cache
def confirm(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Somebody of the role to which a message is addressed has it."""
    now = timezone.now()
    try:
        confirming.confirm(code, min(number, 10**9), by=visit.person(request), at=now, via=Via.WEB)
    except NotVisible:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return _back(code)


@require_POST
@login_required
@never_cache
def seen(request: HttpRequest, code: str) -> HttpResponse:
    """What was put on this person's screen, and what lay before their eyes."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    marks.add(
        rights,
        code,
        delivered=_ranges(request.POST.getlist("delivered")),
        read=_ranges(request.POST.getlist("read")),
        at=now,
    )
    return HttpResponse(status=204)


def _ranges(said: list[str]) -> list[Range]:
    found = [RANGE.fullmatch(one) for one in said[: marks.MOST]]
    return [(int(one[1]), int(one[2])) for one in found if one]


@require_safe
@login_required
@never_cache
def unread(request: HttpRequest) -> HttpResponse:
    """How many messages this person has not read, for the cards of a board."""
    now = timezone.now()
    person = visit.person(request)
    shown = queries.on_board(queries.visible(permissions.rights(person, at=now)), now=now)
    return JsonResponse(marks.unread(person, list(shown.values_list("code", flat=True))))
