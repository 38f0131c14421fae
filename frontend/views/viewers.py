"""The PACS and AI viewers of a network, by host: listed and taken off by its coordinators and leads.

Thin: network.viewers writes and refuses. Nothing here says anything of a patient.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend import clocks, visit
from network import digits, permissions
from network import viewers as listing
from network.models import Network
from network.viewers import ViewersRefused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def viewers(request: HttpRequest, code: str) -> HttpResponse:
    """The list; posted to, one viewer more, or one less."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    network = get_object_or_404(Network, code=code)
    if not listing.may_change(rights, network):
        raise Http404
    faults: dict[str, str] = {}
    if request.method == "POST":
        try:
            said = _put(request, network)
        except ViewersRefused as refused:
            faults = refused.fields
        else:
            messages.success(request, said)
            return visit.see_other("viewers", network.code)
    shown = {
        "network": network,
        "rows": [(one, clocks.moment(one.written_at, now)) for one in listing.listed(network)],
        "faults": faults,
        "said": request.POST if faults else {},
    }
    return render(request, "frontend/viewers.html", shown, status=422 if faults else 200)


def _put(request: HttpRequest, network: Network) -> str:
    by, at, said = visit.person(request), timezone.now(), request.POST
    if "off" in said:
        gone = listing.take_off(network, digits.whole(said["off"]) or 0, by=by, at=at)
        return f"{gone.name} is off the list: its addresses are text to copy from now on."
    put = listing.put(network, host=said.get("host", ""), name=said.get("name", ""), by=by, at=at)
    return f"{put.name} is listed: an address of {put.host} is a link from now on."
