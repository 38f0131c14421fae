"""Whom a hub takes, and by which targets a network measures itself: read by all, changed by the network's lead.

Thin: referrals.rulebook writes, refuses, and keeps every version. Nothing here says anything of a patient.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend import hub_doors, rulebook_sheet, visit
from network import permissions
from network.models import Network, Site
from network.permissions import Rights
from referrals import rulebook
from referrals.refusals import BadInput, Refusal
from referrals.rulebook_rows import HubCriteria, NetworkTargets


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def criteria(request: HttpRequest, code: str) -> HttpResponse:
    """Every clause as it holds at a hub; posted to, the hub's next version."""
    rights = _rights(request)
    hub = hub_doors.enter(code, rights, lambda _rights, _hub: True)
    if request.method != "POST":
        return _criteria(request, hub, rights)
    said, faults = rulebook_sheet.differences(request.POST)
    try:
        if faults and rulebook.leads(rights, hub.network_id):
            raise BadInput(faults)
        saved = rulebook.put_criteria(
            hub,
            said,
            based_on=_number(request.POST.get("based_on", "")),
            reason=request.POST.get("reason", ""),
            rights=rights,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _criteria(request, hub, rights, refusal)
    messages.success(request, f"Saved as version {saved.version}. Who was judged before keeps their version.")
    return _see_other("criteria-of", hub.code)


def _criteria(
    request: HttpRequest, hub: Site, rights: Rights, refusal: Refusal | None = None
) -> HttpResponse:
    faults = refusal.fields if isinstance(refusal, BadInput) else {}
    may_edit = rulebook.leads(rights, hub.network_id)
    typed = request.POST.dict() if refusal and may_edit else None
    own, rows = rulebook_sheet.criteria(hub, typed=typed, faults=faults)
    versions = HubCriteria.objects.filter(hub=hub).select_related("by").order_by("-version")
    context = {"hub": hub, "rows": rows, **_common(own, versions, refusal, faults, request)}
    context["may_edit"] = may_edit
    return render(request, "frontend/criteria.html", context, status=refusal.status if refusal else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def targets_of(request: HttpRequest, code: str) -> HttpResponse:
    """Every target as it holds in a network; posted to, the network's next version."""
    rights = _rights(request)
    network = Network.objects.filter(code=code).first()
    if network is None:
        raise Http404
    if request.method != "POST":
        return _targets(request, network, rights)
    said, faults = rulebook_sheet.minutes(request.POST)
    try:
        if faults and rulebook.leads(rights, network.pk):
            raise BadInput(faults)
        saved = rulebook.put_targets(
            network,
            said,
            based_on=_number(request.POST.get("based_on", "")),
            reason=request.POST.get("reason", ""),
            rights=rights,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _targets(request, network, rights, refusal)
    messages.success(request, f"Saved as version {saved.version}.")
    return _see_other("targets", network.code)


def _targets(
    request: HttpRequest, network: Network, rights: Rights, refusal: Refusal | None = None
) -> HttpResponse:
    faults = refusal.fields if isinstance(refusal, BadInput) else {}
    may_edit = rulebook.leads(rights, network.pk)
    typed = request.POST.dict() if refusal and may_edit else None
    own, aims = rulebook_sheet.aims(network, typed=typed, faults=faults)
    versions = NetworkTargets.objects.filter(network=network).select_related("by").order_by("-version")
    context = {"network": network, "aims": aims, **_common(own, versions, refusal, faults, request)}
    context["may_edit"] = may_edit
    return render(request, "frontend/targets.html", context, status=refusal.status if refusal else 200)


def _common(
    own: HubCriteria | NetworkTargets | None,
    versions: Any,
    refusal: Refusal | None,
    faults: Any,
    request: HttpRequest,
) -> dict[str, Any]:
    return {
        "own": own,
        "versions": list(versions),
        "refused": refusal.message if refusal and not faults else "",
        "faults": faults,
        "reason": request.POST.get("reason", "") if refusal else "",
    }


def _rights(request: HttpRequest) -> Rights:
    return permissions.rights(visit.person(request), at=timezone.now())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _see_other(name: str, code: str) -> HttpResponse:
    return visit.see_other(name, code=code)
