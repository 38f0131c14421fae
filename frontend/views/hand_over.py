"""The hand-over summary of one referral, for paper. Thin; a GET changes nothing."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import casefile, home_sheet
from frontend.views import answer
from referrals import queries


@require_safe
@login_required
@never_cache
def summary(request: HttpRequest, code: str) -> HttpResponse:
    """One page that travels with the patient, for whoever sees the referral."""
    now = timezone.now()
    desk = answer.desk(request, code, now=now)
    referral = desk.referral
    context = {
        "code": referral.code,
        "identity": casefile.identity(referral, now),
        "summary": home_sheet.summary(referral, list(queries.trail(referral))),
        "cautions": home_sheet.cautions(referral, now, dated=True),
        "printed": now,
        "person": desk.rights.person,
    }
    return render(request, "frontend/hand_over.html", context)
