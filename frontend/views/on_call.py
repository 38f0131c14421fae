"""Who is on: now, tonight, and for the next fourteen days, at the hubs that matter to the person who asks.

Thin: the rota is read by frontend.rota_sheet. Telephone numbers are shown to those who may have to ring them.
"""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from frontend import card_sheet, cover_sheet, ladder_desk, reach_sheet, rota_sheet, visit
from network import permissions
from network.models import Link, Role, Site
from network.permissions import Rights
from workforce import access

NEXT_HUBS = 3  # the nearest linked hubs of a spoke, whichever network they are in


@login_required
@never_cache
@require_safe
def on_call(request: HttpRequest) -> HttpResponse:
    """The rota of the hubs in the person's networks, and of the hubs nearest to the person's spokes."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    stretch = rota_sheet.fortnight(now)
    own = card_sheet.networks_of(rights)
    hubs = _hubs(rights, own)
    coordinates = any(rights.coordinates(pk) for pk in rights.networks)
    context = {
        "hubs": rota_sheet.sheets(hubs, of=stretch),
        "stretch": stretch,
        "rings": _rings(rights),
        "cards": {hub.code for hub in hubs if hub.network_id in own},
        "ladders": {hub.code for hub in hubs if ladder_desk.may_read(rights, hub)},
        "operators": {hub.code for hub in hubs if access.may_read_hub(rights, hub)},
        "providers": reach_sheet.providers() if coordinates else [],
        "ahead": cover_sheet.alarm(cover_sheet.covered(_led(hubs, rights), of=stretch))
        if coordinates
        else "",
        "anywhere": bool(rights.sites or rights.networks),
    }
    return render(request, "frontend/on_call.html", context)


def _hubs(rights: Rights, networks: set[int]) -> list[Site]:
    """The person's own hubs first, then the network's, then the nearest beyond it."""
    spokes = [pk for pk in rights.sites if rights.has(Role.SPOKE, site_id=pk)]
    near: dict[int, int] = {}
    seen: dict[int, int] = {}
    for origin_id, hub_id, minutes in (
        Link.objects.filter(origin__in=spokes)
        .order_by("origin", "minutes", "hub__code")
        .values_list("origin_id", "hub_id", "minutes")
    ):
        seen[origin_id] = seen.get(origin_id, 0) + 1
        if seen[origin_id] <= NEXT_HUBS:
            near[hub_id] = min(minutes, near.get(hub_id, minutes))
    found = Site.objects.filter(Q(network__in=networks) | Q(pk__in=near), is_hub=True).select_related(
        "network"
    )
    return sorted(
        found,
        key=lambda s: (
            s.pk not in rights.sites,
            s.network_id not in networks,
            near.get(s.pk, 0),
            s.short_name,
        ),
    )


def _led(hubs: list[Site], rights: Rights) -> list[Site]:
    """The hubs of the networks that this person coordinates."""
    return [hub for hub in hubs if rights.coordinates(hub.network_id)]


def _rings(rights: Rights) -> bool:
    """Whoever waits for an answer or is paged for one rings people; a lead is, when nobody else answers."""
    roles = {role for held in (*rights.at_site.values(), *rights.in_network.values()) for role in held}
    return bool(roles & {Role.SPOKE, Role.OPERATOR, Role.HUB, Role.COORDINATOR, Role.LEAD})
