"""How often people were alerted: everybody reads their own, a network's leads and medical directors its people's.

Thin: the counting is in paging.alerted. It changes nothing and names no patient.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import alerts_sheet, visit
from network import permissions
from paging import alerted


@require_safe
@login_required
@never_cache
def alerts(request: HttpRequest) -> HttpResponse:
    """One's own, and those of the networks that one leads."""
    now, person = timezone.now(), visit.person(request)
    asked = request.GET.get("days", "")
    days = next((one for one in alerts_sheet.DAYS if str(one) == asked), alerts_sheet.DAYS[-1])
    key = request.GET.get("by", "")
    key = key if key in alerts_sheet.BY_KEY else "nights"
    networks = alerts_sheet.led(permissions.rights(person, at=now))
    context = {
        "mine": alerts_sheet.mine(person, days=days, now=now),
        "teams": alerts_sheet.teams(networks, days=days, key=key, now=now) if networks else [],
        "columns": alerts_sheet.COLUMNS,
        "key": key,
        "days": days,
        "spans": alerts_sheet.DAYS,
        "night": alerted.NIGHT,
    }
    return render(request, "frontend/alerts.html", context)
