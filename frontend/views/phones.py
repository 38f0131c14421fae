"""The page of phones: a demonstration's visitors hold every phone of the cast, and answer as its owner would.

Only in a demonstration, and only where our own simulator is at the other end; anywhere else there is no such page.
Every number here belongs to somebody invented.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import phone_wall, visit
from paging import phones as handsets

NUMBER = re.compile(r"\+44\d{9,10}")
LONGEST = 320
AWAY = "The phones do not answer just now. Trying again."
View = Callable[..., HttpResponse]


def _only_in_a_demonstration(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        if not settings.DEMO or not handsets.configured():
            raise Http404
        number = kwargs.get("number")
        if number is not None and not NUMBER.fullmatch(number):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@never_cache
@_only_in_a_demonstration
@require_safe
def phones(request: HttpRequest) -> HttpResponse:
    """Every phone in play, as it is now."""
    return render(request, "frontend/phones.html", _wall(request))


@never_cache
@_only_in_a_demonstration
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The same phones as a fragment, for a page that asks every other second."""
    wall = _wall(request)
    return render(request, "frontend/_phones.html", wall, status=503 if wall["away"] else 200)


@_only_in_a_demonstration
@require_POST
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """The owner of this phone writes to Dido."""
    body = request.POST.get("body", "").strip()
    if not body or len(body) > LONGEST:
        return _back(request, number, f"A text has 1 to {LONGEST} characters.", 422)
    return _try(request, number, lambda: handsets.reply(number, body))


@_only_in_a_demonstration
@require_POST
def signal(request: HttpRequest, number: str) -> HttpResponse:
    """This phone loses its signal, or finds it again."""
    on = request.POST.get("signal") == "on"
    return _try(request, number, lambda: handsets.set_signal(number, on))


@_only_in_a_demonstration
@require_POST
def voicemail(request: HttpRequest, number: str) -> HttpResponse:
    """A machine takes this phone's calls, or its owner may."""
    on = request.POST.get("voicemail") == "on"
    return _try(request, number, lambda: handsets.set_voicemail(number, on))


@_only_in_a_demonstration
@require_POST
def call(request: HttpRequest, number: str) -> HttpResponse:
    """The owner of this phone answers, presses a key, or hangs up."""
    key = request.POST.get("key", "")
    if key in phone_wall.KEYS:
        return _try(request, number, lambda: handsets.press(number, key))
    if request.POST.get("deed") == "answer":
        return _try(request, number, lambda: handsets.answer(number))
    if request.POST.get("deed") == "hang_up":
        return _try(request, number, lambda: handsets.hang_up(number))
    return _back(request, number, "A phone can be answered and hung up, and has twelve keys.", 422)


def _wall(request: HttpRequest) -> dict[str, Any]:
    everybody = request.GET.get("all") == "1"
    try:
        known = handsets.phones()
    except handsets.PhonesAway:
        return {"phones": [], "away": AWAY, "all": everybody}
    found = phone_wall.cards(known, at=timezone.now(), everybody=everybody)
    return {"phones": found, "away": "", "all": everybody, "keys": phone_wall.KEYS}


def _try(request: HttpRequest, number: str, deed: Callable[[], None]) -> HttpResponse:
    try:
        deed()
    except handsets.Refused as refused:
        return _back(request, number, str(refused), 409)
    except handsets.PhonesAway:
        return _back(request, number, "The phones do not answer just now. Nothing was sent.", 503)
    return _back(request, number, "", 204)


def _back(request: HttpRequest, number: str, sentence: str, status: int) -> HttpResponse:
    """To the page's script a status with a sentence; to a browser without it the page again."""
    if request.headers.get("X-Requested-With") == "fetch":
        return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
    if sentence:
        messages.error(request, sentence)
    filtered = "?all=1" if request.POST.get("all") == "1" else ""
    return visit.see_other(f"{reverse('phones')}{filtered}#phone-{number.lstrip('+')}")
