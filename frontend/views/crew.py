"""The ambulance crew's page, without signing in, and the spoke's page that hands its link over.

The secret is behind the “#” of the address and comes in the body of a POST: it is in no log, no Referer and no cookie.
Thin: referrals.crew decides. A GET changes nothing and shows nothing of any patient.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import crew_words, posted, road_sheet, telephone, visit
from frontend import press as presses
from frontend.telephone import NotMobile
from frontend.views import answer
from frontend.views.answer import Desk
from network import digits, failures
from paging import crew_texts
from referrals import crew
from referrals.conversation import crews, marks
from referrals.ledger import Press
from referrals.refusals import NotVisible, Refusal

GONE = "This link opens nothing any more. Ask the hospital for a new one."
SLOWER = "Too many wrong links from here. Wait ten minutes, or ring the hospital."
TRIED = "crew link"  # as what wrong secrets are counted


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
def page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 the same for everybody: a shell that knows no secret
    """The empty page; its script reads the secret from the address, and asks."""
    return _private(HttpResponse(render_to_string("frontend/crew.html")))


@csrf_exempt  # no cookie is read: the secret in the body is all that counts
@require_POST
@never_cache
@sensitive_variables("said")
def look(request: HttpRequest) -> HttpResponse:
    """What the link of this secret shows now."""
    said, now = _read(request), timezone.now()
    try:
        link = crew.opened(str(said.get("secret", "")), now=now)
        crews.seen(link, delivered=_numbers(said.get("delivered")), read=_numbers(said.get("read")), now=now)
    except NotVisible:
        return _nothing(request, now)
    return _shown(link, now)


def _nothing(request: HttpRequest, now: datetime) -> HttpResponse:
    """A secret that opens nothing; who tries many is told to wait, and a right one opens meanwhile all the same."""
    address = request.META.get("REMOTE_ADDR", "")
    if failures.too_many(TRIED, address, at=now):
        return _private(JsonResponse({"message": SLOWER}, status=429))
    failures.note(TRIED, address, at=now)
    return _private(JsonResponse({"message": GONE}, status=404))


def _shown(link: Any, now: Any) -> HttpResponse:
    shown = {"page": road_sheet.crew_page(link, now), "words": crew_words.of(link, now)}
    html = render_to_string("frontend/_crew.html", shown)
    return _private(JsonResponse({"html": html}))


@csrf_exempt  # as above
@require_POST
@never_cache
@sensitive_variables("said")
def act(request: HttpRequest) -> HttpResponse:
    """Do one of the crew's verbs, take a message of theirs or their thumb under one, and show what there is now."""
    said, now = _read(request), timezone.now()
    secret = str(said.get("secret", ""))
    try:
        _do(secret, said, now)
        return _shown(crew.opened(secret, now=now), now)
    except NotVisible:
        return _nothing(request, now)
    except Refusal as refusal:
        return _private(JsonResponse({"message": refusal.message}, status=refusal.status))


def _do(secret: str, said: dict[str, Any], now: datetime) -> None:
    words, ago = said.get("said", {}), said.get("ago", 0)
    words = words if isinstance(words, dict) else {}
    verb, key = str(said.get("verb", ""))[:24], str(said.get("key", ""))[:60]
    waited = timedelta(seconds=ago if isinstance(ago, int | float) and abs(ago) < 1e6 else 0)
    if verb == "confirm":
        crews.confirm(secret, next(iter(_numbers([words.get("number")])), 0), now=now)
    elif verb == "say":
        crews.say(secret, str(words.get("text", "")), key=key, ago=waited, now=now)
    else:
        crew.press(secret, verb, words, key=key, ago=waited, now=now)


def _numbers(said: Any) -> list[int]:
    """The numbers of messages in a list; what is none is left out."""
    some = said[: marks.MOST] if isinstance(said, list) else []
    return [one for one in some if type(one) is int and 0 < one < 10**9]


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """The open links of a referral as QR codes, for the spoke; a POST makes one, texts it, or ends them all."""
    now, fault, status = timezone.now(), "", 200
    try:
        desk = answer.desk(request, code, now=now)
        if request.method == "POST":
            _press(request, desk, now)
            return visit.see_other("crew-link", code=desk.referral.code)
    except NotVisible:
        raise
    except Refusal as refusal:
        fault, status = refusal.message, refusal.status
    except NotMobile as wrong:
        fault, status = str(wrong), 422
    # Its own address holds no secret; and with "no-referrer" browsers send "Origin: null", which CSRF refuses.
    return render(request, "frontend/crew_link.html", _links(request, desk, now, fault), status=status)


@login_required
@never_cache
@require_safe
def hand_over_live(request: HttpRequest, code: str) -> HttpResponse:
    """The same page's parts again, for a page that heard of a change."""
    now = timezone.now()
    desk = answer.desk(request, code, now=now)
    return render(request, "frontend/_crew_link.html", _links(request, desk, now, ""))


def _press(request: HttpRequest, desk: Desk, now: datetime) -> None:
    said, code, key = request.POST, desk.referral.code, posted.key(request.POST)
    press = Press(by=desk.rights.person, at=now, now=now, via="web", key=key, rights=desk.rights)
    if said.get("do") == "text":
        link = digits.whole(said.get("link", "")) or 0
        crew_texts.send(code, link, telephone.mobile(said.get("number", "")), press)
    elif said.get("do") == "end":
        crew.unlink_crew(code, **press)
    elif not said.get("do"):
        crew.link_crew(code, **press)


def _links(request: HttpRequest, desk: Desk, now: datetime, fault: str) -> dict[str, Any]:
    """What the spoke hands over, and what was typed where it was refused."""
    road = road_sheet.of(desk.referral, [], desk.rights)
    links = crew.links(desk.referral, now=now) if road.may_link else []
    texts = crew_texts.of(desk.referral.code) if links else {}
    return {
        "code": desk.referral.code,
        "hub": desk.referral.hub,
        "may_link": road.may_link,
        "links": [road_sheet.shown(link, texts.get(link.pk, [])) for link in links],
        "key": presses.new_key(),
        "fault": fault,
        "number": request.POST.get("number", "")[: telephone.LONGEST],
        "typed": request.POST.get("link", ""),
        "watch": desk.watch,
    }
