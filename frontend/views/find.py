"""Finds messages again, and prints a conversation. Thin; what is looked for goes by POST, into no address or log."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from frontend import clocks, talk, visit
from network import permissions
from referrals import queries
from referrals.conversation import finding
from referrals.conversation.finding import Wanted

CHOICES = (
    (Wanted.ALL, "All"),
    (Wanted.UNREAD, "Unread"),
    (Wanted.PAPERS, "With a picture, paper or link"),
    (Wanted.WAITING, "To be confirmed"),
)
EVERYTHING = 10_000  # messages on paper


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_post_parameters()
def find(request: HttpRequest) -> HttpResponse:
    """The form, with what is unread; posted, what was found. It changes nothing."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    said = request.POST
    kind = said.get("kind", Wanted.UNREAD)
    wanted = Wanted(kind) if kind in set(Wanted) else Wanted.ALL
    words, by = said.get("words", "").replace("\x00", ""), said.get("by", "").replace("\x00", "")
    found = finding.find(rights, words=words, by=by, wanted=wanted)
    rows = [
        (message, talk.author(message), talk.place(message), clocks.moment(message.at, now))
        for message in found
    ]
    shown = {
        "rows": rows,
        "words": words,
        "by": by,
        "wanted": wanted,
        "choices": CHOICES,
        "most": finding.MOST if len(rows) == finding.MOST else 0,
    }
    return render(request, "frontend/find.html", shown)


@require_safe
@login_required
@never_cache
def printed(request: HttpRequest, code: str) -> HttpResponse:
    """The whole conversation with its receipts, on paper."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    referral = queries.get(rights, code)
    shown = talk.of(referral, rights, now=now, most=EVERYTHING)
    return render(
        request,
        "frontend/talk_print.html",
        {"talk": shown, "code": referral.code, "at": now},
    )
