"""The browser's side of push: the service worker's script, this person's devices, and what the worker tells us.

The worker has no CSRF token and, at three in the morning, often no session: what it says counts only from our own
origin, and it names itself by its push address, which nobody else knows. Nothing here shows a patient.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from network.models import Person
from paging import devices as known
from paging import settling
from paging.transports import push

WORKER = Path(__file__).resolve().parent.parent / "static" / "frontend" / "sw.js"
LARGEST = 4096  # bytes

type Said = Mapping[str, object]


@require_safe
def worker(_: HttpRequest) -> HttpResponse:
    """The service worker, from the root, so that its scope is the whole of Dido; the browser keeps no copy of it."""
    script = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    script["Service-Worker-Allowed"] = "/"
    script["Cache-Control"] = "no-store"
    return script


@never_cache
@require_http_methods(["GET", "HEAD", "POST", "DELETE"])
def devices(request: HttpRequest) -> HttpResponse:
    """The key to subscribe with and this person's devices, by their fingerprints; add this browser; remove it."""
    person = request.user
    if not isinstance(person, Person):
        return _fault("Sign in again.", 403)
    if request.method in {"GET", "HEAD"}:
        return JsonResponse({"key": _public_key(), "devices": _devices(person)})
    said = _read(request)
    if said is None:
        return _fault("This browser’s answer cannot be read. Load the page again, and try once more.", 422)
    if request.method == "DELETE":
        known.remove(person, endpoint=_text(said, "endpoint"))
        return HttpResponse(status=204)
    try:
        known.add(person, endpoint=_text(said, "endpoint"), **_keys(said), at=timezone.now())
    except known.NotADevice as refused:
        return _fault(str(refused), 422)
    return JsonResponse({}, status=201)


def _from_here(view: Callable[[HttpRequest, Said], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Only what a browser sends from a page or a worker of ours; another site cannot set this header."""

    @csrf_exempt
    @never_cache
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.headers.get("Origin") != settings.PUBLIC_URL:
            return _fault("This did not come from Dido.", 403)
        said = _read(request)
        return _fault("This cannot be read.", 422) if said is None else view(request, said)

    return checked


@_from_here
def woke(request: HttpRequest, said: Said) -> HttpResponse:
    """A browser was woken by a push: its owner's, or, where it cannot name itself, that of whoever is signed in."""
    endpoint = _text(said, "endpoint")
    person = known.owner(endpoint) if endpoint else request.user
    if not isinstance(person, Person):
        return _fault("Nobody is known here.", 403)
    settling.woke(person=person, now=timezone.now())
    return HttpResponse(status=204)


@_from_here
def moved(_: HttpRequest, said: Said) -> HttpResponse:
    """The push service gave a browser another address."""
    old, endpoint = _text(said, "old"), _text(said, "endpoint")
    try:
        is_ours = known.moved(old=old, endpoint=endpoint, **_keys(said), at=timezone.now())
    except known.NotADevice as refused:
        return _fault(str(refused), 422)
    return HttpResponse(status=204) if is_ours else _fault("This device is not known here.", 404)


def _public_key() -> str:
    """Empty where push is not set up, or not rightly."""
    try:
        return push.public_key(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else ""
    except push.BadKey:
        return ""


def _devices(person: Person) -> dict[str, str]:
    found = person.devices.values_list("endpoint", "failed_at")
    return {
        hashlib.sha256(endpoint.encode()).hexdigest(): "refused" if failed_at else "works"
        for endpoint, failed_at in found
    }


def _read(request: HttpRequest) -> Said | None:
    """The JSON object that was sent; None for anything else."""
    if request.content_type != "application/json" or len(request.body) > LARGEST:
        return None
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, Mapping) else None


def _keys(said: Said) -> dict[str, str]:
    keys = said.get("keys")
    return {name: _text(keys if isinstance(keys, Mapping) else {}, name) for name in ("p256dh", "auth")}


def _text(said: Said, name: str) -> str:
    """A plain value; nothing where it has what no address and no key can have."""
    value = said.get(name)
    return value if isinstance(value, str) and value.isascii() and value.isprintable() else ""


def _fault(sentence: str, status: int) -> HttpResponse:
    return JsonResponse({"error": sentence}, status=status)
