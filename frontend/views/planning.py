"""The planning page: how many operators, how many cases each, how many nights; by a plain form, and nothing is kept.

Thin: the numbers are worked out by workforce.arithmetic. For those who lead, coordinate or govern a network.
"""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import planning_sheet, visit
from network import permissions
from network.models import Network


@login_required
@never_cache
@require_safe
def planning(request: HttpRequest) -> HttpResponse:
    """The arithmetic with the numbers in the address, and the person's own networks."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    networks = list(Network.objects.filter(pk__in=rights.networks | rights.governs).order_by("name"))
    if not networks:
        raise Http404
    asked = planning_sheet.fields(request.GET.dict())
    worked = planning_sheet.plan(asked)
    one_in = worked[1] if worked else planning_sheet.ONES[-1]
    context = {
        "asked": asked,
        "plan": worked[0] if worked else None,
        "one_in": one_in,
        "rows": planning_sheet.rows(one_in),
        "hubs": planning_sheet.hubs(networks, one_in=one_in, now=now),
        "networks": networks,
        "since": planning_sheet.since(now),
        "days": planning_sheet.BACK,
    }
    return render(request, "frontend/planning.html", context, status=200 if worked else 422)
