"""Cover: every hub of one's networks, every hour of the next fourteen days, and the gaps weeks ahead.

Thin: frontend.cover_sheet reads.
"""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import card_sheet, cover_sheet, ladder_desk, rota_sheet, visit
from network import permissions
from network.models import Site


@login_required
@never_cache
@require_safe
def cover(request: HttpRequest) -> HttpResponse:
    """The hubs of the person's networks."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    own = Site.objects.filter(is_hub=True, network__in=card_sheet.networks_of(rights))
    hubs = list(own.select_related("network").order_by("short_name"))
    of = rota_sheet.fortnight(now)
    context = {
        "hubs": cover_sheet.covered(hubs, of=of),
        "stretch": of,
        "may_read": {hub.code for hub in hubs if ladder_desk.may_read(rights, hub)},
    }
    return render(request, "frontend/cover.html", context)
