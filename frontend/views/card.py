"""The on-call card to print, for the day the computers are down.

Thin: only people with a role in the network see it, for it names everybody's number; no browser may keep it.
"""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import card_sheet, visit
from network import permissions
from network.models import Site


@login_required
@never_cache
@require_safe
def card(request: HttpRequest) -> HttpResponse:
    """One hub by ?hub=, or every hub of a network by ?network=; else of the person's own."""
    now = timezone.now()
    networks = card_sheet.networks_of(permissions.rights(visit.person(request), at=now))
    code, wanted = request.GET.get("hub", "").upper(), request.GET.get("network", "")
    sites = Site.objects.filter(is_hub=True, network__in=networks).select_related("network")
    found = [
        hub
        for hub in sites.order_by("network__name", "short_name")
        if code in {"", hub.code} and (code or wanted in {"", hub.network.code})
    ]
    hubs = [hub for hub in found if hub.network_id == found[0].network_id]
    if not hubs:
        raise Http404
    context = {"card": card_sheet.card(hubs, now=now), "person": visit.person(request)}
    return render(request, "frontend/card.html", context)
