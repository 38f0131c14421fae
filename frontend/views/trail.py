"""Everything that was done to one patient, on a page of its own. Thin; a GET changes nothing."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import casefile, story, visit
from network import permissions
from referrals import queries


@require_safe
@login_required
@never_cache
def whole(request: HttpRequest, code: str) -> HttpResponse:
    """The trail from its end to its beginning, however long it is."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    referral = queries.get(rights, code)
    trail = story.trail(casefile.events_of(referral), now)
    shown = {"code": referral.code, "trail": trail, "at": now}
    return render(request, "frontend/trail.html", shown)
