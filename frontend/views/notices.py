"""Notices: what hubs and networks tell everybody concerned, who has seen it, and the strip above a board.

Thin: referrals.notices decides and writes. A GET changes nothing; a screen itself says what it showed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import hours_form, notice_sheet, visit
from frontend.hours_form import Typed
from network import digits, permissions
from network.hours import HoursRefused
from network.models import Network, Site
from network.permissions import Rights
from referrals.models import NoticeKind, NoticeMarking
from referrals.notices import receipts, saying
from referrals.refusals import BadInput, NotAllowed, Refusal

KINDS = (
    (NoticeKind.INFORMATION, "Information", "Good to know. Nothing else changes."),
    (NoticeKind.REDUCED, "Reduced", "It takes patients, but not as usual. Whoever refers reads it beside the hub."),
    (NoticeKind.CLOSED, "Closed", "The hub takes no new referral: it is ranked so, and a waiting offer moves on."),
)  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """Who looks, and when."""

    rights: Rights
    now: datetime


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """Everything that was said to this person lately; a POST says one."""
    seat = _seat(request)
    if request.method != "POST":
        return _page(request, seat, chosen=request.GET.get("of", ""))
    try:
        notice = _say(request, seat)
    except (BadInput, HoursRefused) as refused:
        return _page(request, seat, Typed(request.POST.dict(), refused.fields, "say"), status=422)
    except NotAllowed as refused:
        return HttpResponse(refused.message, status=403)
    closed = f" {notice.hub} is closed: an offer that waits there moves on." if notice.closure else ""
    messages.success(request, f"Everybody concerned in {notice.network} is told.{closed}")
    return visit.see_other("notices")


@login_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The list again, for a page that waits until everybody has seen it."""
    seat = _seat(request)
    return render(request, "frontend/_notices.html", _context(seat, Typed()))


@login_required
@never_cache
@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """The strip again, for a board that heard that something was said."""
    return _strip(request, _seat(request))


@login_required
@never_cache
@require_POST
def marked(request: HttpRequest, kind: str) -> HttpResponse:
    """These notices were on this person's screen, or they have seen them."""
    seat = _seat(request)
    numbers = digits.those(request.POST.getlist("number"))
    receipts.add(seat.rights, numbers, NoticeMarking(kind), at=seat.now)
    if "X-Fragment" in request.headers:
        return _strip(request, seat) if kind == NoticeMarking.SEEN else HttpResponse(status=204)
    return visit.see_other("notices")


@login_required
@never_cache
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """It no longer holds; a hub that it closed takes patients again."""
    seat = _seat(request)
    try:
        back = saying.take_back(seat.rights, number, words=request.POST.get("words", ""), at=seat.now)
    except BadInput as refused:
        return _page(request, seat, Typed(request.POST.dict(), refused.fields, f"back-{number}"), status=422)
    except Refusal as refused:
        return HttpResponse(refused.message, status=refused.status)
    opened = back.takes_back and back.takes_back.closure
    what = f"The closing of {back.hub} is taken back" if opened else "Taken back"
    messages.success(request, f"{what}, and everybody concerned in {back.network} is told.")
    return visit.see_other("notices")


def _say(request: HttpRequest, seat: Seat) -> Any:
    said = request.POST
    network, hub = _of(said.get("of", ""))
    until = said.get("until", "").strip()
    return saying.say(
        seat.rights,
        network,
        hub,
        kind=said.get("kind", ""),
        words=said.get("words", ""),
        since=hours_form.instant(said, "since", now=seat.now) if said.get("since", "").strip() else None,
        until=hours_form.instant(said, "until", now=seat.now) if until else None,
        at=seat.now,
    )


def _of(said: str) -> tuple[Network, Site | None]:
    kind, _, code = said.partition(":")
    plain = code if code.replace("-", "").isalnum() else ""
    hub = (
        Site.objects.select_related("network").filter(code=plain, is_hub=True).first()
        if kind == "hub"
        else None
    )
    network = (
        hub.network if hub else Network.objects.filter(code=plain).first() if kind == "network" else None
    )
    if network is None:
        raise BadInput({"of": "Choose of what it is."})
    return network, hub


def _seat(request: HttpRequest) -> Seat:
    now = timezone.now()
    return Seat(permissions.rights(visit.person(request), at=now), now)


def _strip(request: HttpRequest, seat: Seat) -> HttpResponse:
    wall = "wall" in request.GET
    shown = notice_sheet.strip(seat.rights, at=seat.now, wall=wall)
    return render(request, "frontend/_strip.html", {"strip": shown, "wall": wall})


def _context(seat: Seat, typed: Typed, chosen: str = "") -> dict[str, Any]:
    page = notice_sheet.page(seat.rights, at=seat.now)
    return {"page": page, "typed": typed, "kinds": KINDS, "chosen": typed.said.get("of", chosen)}


def _page(
    request: HttpRequest, seat: Seat, typed: Typed | None = None, *, chosen: str = "", status: int = 200
) -> HttpResponse:
    context = _context(seat, typed or Typed(), chosen)
    return render(request, "frontend/notices.html", context, status=status)
