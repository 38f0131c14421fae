"""A board says that it sounds. Called by the board's script; a board of another hospital is not believed.

Thin: what was sent is read, and paging.settling writes it down.
"""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from network import permissions
from network.models import Person
from paging import queries, settling

MOST = 50  # pages that one board may tell of at once
LARGEST = 4096  # bytes


@require_POST
@never_cache
def siren(request: HttpRequest) -> HttpResponse:
    """The boards at the places of this person sound for these pages."""
    person, now = request.user, timezone.now()
    if not isinstance(person, Person):
        return _fault("Sign in again.", 403)
    pages = _pages(request)
    if pages is None:
        return _fault("This is no list of pages.", 422)
    sites = permissions.rights(person, at=now).sites
    ours = queries.sirens_at(pages, sites=sites)
    if not ours:
        return _fault("No siren of your boards is among these.", 404)
    settling.rang(pages=ours, sites=sites, now=now)
    return HttpResponse(status=204)


def _pages(request: HttpRequest) -> list[int] | None:
    """The ids that were sent; None for anything else."""
    if request.content_type != "application/json" or len(request.body) > LARGEST:
        return None
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    pages = said.get("pages") if isinstance(said, dict) else None
    if not isinstance(pages, list) or not 0 < len(pages) <= MOST:
        return None
    fits = all(type(page) is int and 0 < page < 2**63 for page in pages)
    return pages if fits else None


def _fault(sentence: str, status: int) -> HttpResponse:
    return JsonResponse({"error": sentence}, status=status)
