"""“I have these two”: the patients over which a shift has changed, on one screen, and the strip that leads there.

Thin: frontend.mine_sheet shows, the verb `own` is done to each, one by one. A GET changes nothing.
"""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from frontend import mine_sheet, posted, press, visit
from network import permissions
from network.models import Person
from referrals import verbs
from referrals.refusals import Refusal

MOST = 60  # at one press


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The list; a POST says of those that it names that this person has them."""
    person, now = visit.person(request), timezone.now()
    if request.method == "POST":
        return _own(request, person, now)
    sheet = mine_sheet.sheet(permissions.rights(person, at=now), now=now)
    return render(request, "frontend/mine.html", {"sheet": sheet, "key": press.new_key()})


@login_required
@never_cache
@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """The strip again, for a board that heard of a change."""
    person, now = visit.person(request), timezone.now()
    shown = mine_sheet.strip(permissions.rights(person, at=now), now=now)
    return render(request, "frontend/_mine.html", {"strip": shown})


def _own(request: HttpRequest, person: Person, now: datetime) -> HttpResponse:
    """Each by itself: one that has ended meanwhile holds up none of the others."""
    key = posted.key(request.POST)
    done: list[str] = []
    refused = False
    for code in dict.fromkeys(request.POST.getlist("codes")[:MOST]):
        try:
            verbs.do(code, "own", {}, by=person, now=now, via="web", key=f"{key}-{code[:8]}" if key else "")
            done.append(code)
        except Refusal as refusal:
            refused = True
            messages.warning(request, refusal.message)
    if done:
        visit.saved(request, f"You have {', '.join(done)}", at=now)
    return visit.see_other("board" if done and not refused else "mine")
