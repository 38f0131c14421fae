"""What a network's hubs make ready: its list, one thing a line, for its lead and coordinator.

Thin: referrals.readiness decides. A GET changes nothing.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend import visit
from network import digits, permissions
from network.models import Network
from referrals import readiness
from referrals.refusals import BadInput, Refusal


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The list as it stands; a POST saves the next version of it."""
    person, now = visit.person(request), timezone.now()
    network, rights = get_object_or_404(Network, code=code), permissions.rights(person, at=now)
    if not readiness.may_edit(rights, network):
        raise Http404
    standing, fault, status = readiness.current(network), "", 200
    text = "\n".join(item["label"] for item in standing.items)
    if request.method == "POST":
        text = request.POST.get("items", "")
        based_on = digits.whole(request.POST.get("based_on", ""))
        try:
            readiness.put(
                network,
                text.splitlines(),
                based_on=-1 if based_on is None else based_on,
                rights=rights,
                by=person,
                at=now,
            )
        except Refusal as refusal:
            fault = refusal.fields["items"] if isinstance(refusal, BadInput) else refusal.message
            status = refusal.status
        else:
            messages.success(request, "Saved. Referrals whose hub has begun keep the list that they have.")
            return visit.see_other("readiness", code=code)
    context = {"network": network, "text": text, "version": standing.version, "fault": fault}
    return render(request, "frontend/readiness.html", context, status=status)
