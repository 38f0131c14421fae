"""Whom a hub takes, and by which targets a network measures itself: read by all, changed by the network's lead.

Thin: referrals.rulebook writes, refuses, and keeps every version. Nothing here says anything of a patient.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend import hub_doors, rulebook_sheet, visit
from network import digits, permissions
from network.models import Network, Site
from network.permissions import Rights
from referrals import rulebook
from referrals.refusals import BadInput, Refusal
from referrals.rulebook_rows import HubCriteria, NetworkTargets

type Version = HubCriteria | NetworkTargets


@dataclass(frozen=True)
class Book:
    """One kind of rules at one place: how it is read from a form, kept, and shown."""

    name: str  # of its page
    place: Site | Network
    network_id: int
    template: str
    read: Callable[[QueryDict], tuple[Any, dict[str, str]]]
    put: Callable[..., Version]
    rows: Callable[..., tuple[Version | None, Sequence[object]]]
    versions: QuerySet[HubCriteria] | QuerySet[NetworkTargets]
    saved: str


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def criteria(request: HttpRequest, code: str) -> HttpResponse:
    """Every clause as it holds at a hub; posted to, the hub's next version."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    hub = hub_doors.enter(code, rights, lambda _rights, _hub: True)
    book = Book(
        name="criteria-of",
        place=hub,
        network_id=hub.network_id,
        template="frontend/criteria.html",
        read=rulebook_sheet.differences,
        put=rulebook.put_criteria,
        rows=rulebook_sheet.criteria,
        versions=HubCriteria.objects.filter(hub=hub),
        saved="Who was judged before keeps their version.",
    )
    return _open(request, book, rights)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def targets_of(request: HttpRequest, code: str) -> HttpResponse:
    """Every target as it holds in a network; posted to, the network's next version."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    network = get_object_or_404(Network, code=code)
    book = Book(
        name="targets",
        place=network,
        network_id=network.pk,
        template="frontend/targets.html",
        read=rulebook_sheet.minutes,
        put=rulebook.put_targets,
        rows=rulebook_sheet.aims,
        versions=NetworkTargets.objects.filter(network=network),
        saved="",
    )
    return _open(request, book, rights)


def _open(request: HttpRequest, book: Book, rights: Rights) -> HttpResponse:
    if request.method != "POST":
        return _page(request, book, rights)
    said, faults = book.read(request.POST)
    try:
        if faults and rights.leads(book.network_id):
            raise BadInput(faults)
        saved = book.put(
            book.place,
            said,
            based_on=digits.whole(request.POST.get("based_on", "")) or 0,
            reason=request.POST.get("reason", ""),
            rights=rights,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, book, rights, refusal)
    messages.success(request, f"Saved as version {saved.version}. {book.saved}".strip())
    return visit.see_other(book.name, book.place.code)


def _page(request: HttpRequest, book: Book, rights: Rights, refusal: Refusal | None = None) -> HttpResponse:
    faults = refusal.fields if isinstance(refusal, BadInput) else {}
    may_edit = rights.leads(book.network_id)
    typed = request.POST.dict() if refusal and may_edit else None
    own, rows = book.rows(book.place, typed=typed, faults=faults)
    context = {
        "place": book.place,
        "rows": rows,
        "own": own,
        "versions": list(book.versions.select_related("by").order_by("-version")),
        "refused": refusal.message if refusal and not faults else "",
        "faults": faults,
        "reason": request.POST.get("reason", "") if refusal else "",
        "may_edit": may_edit,
    }
    return render(request, book.template, context, status=refusal.status if refusal else 200)
