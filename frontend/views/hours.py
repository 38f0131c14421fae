"""When a hub takes patients: its weekly hours, its closures, and who said so. Edited by its coordinators and leads.

Thin: network.hours writes and refuses; a closure is said as a notice, which its operators may do too. Everybody who
is signed in may read the hours: they say nothing of any patient.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import hours_form, hub_doors, notice_sheet, visit
from frontend.hours_form import Typed
from network import hours, permissions
from network.hours import HoursRefused
from network.hours_rows import Closure
from network.models import Network, Site
from network.permissions import Rights
from referrals.models import NoticeKind
from referrals.notices import reading, saying
from referrals.refusals import BadInput, Refusal

NOT_YOURS = "Only the coordinators and leads of the hub’s network change this. Nothing was changed."
NOT_YOURS_TO_CLOSE = (
    "Only the hub’s operators and its network’s coordinators and leads do this. Nothing was changed."
)


@dataclass(frozen=True)
class Door:
    """One hub, and who looks at it."""

    hub: Site
    rights: Rights
    now: datetime

    @property
    def may_close(self) -> bool:
        return hours.may_close(self.rights, self.hub)

    @property
    def may_change(self) -> bool:
        return hours.may_change(self.rights, self.hub)


@login_required
@never_cache
@require_safe
def hubs(request: HttpRequest) -> HttpResponse:
    """Every hub, with the way to its hours and criteria."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    found = hub_doors.open_to(rights, lambda _rights, _hub: True)
    own = [hub for hub in found if hub.network_id in rights.networks or hub.pk in rights.sites]
    leads = Network.objects.filter(pk__in=rights.networks).order_by("name")
    others = [hub for hub in found if hub not in own]
    context = {"own": own, "others": others, "networks": leads}
    return render(request, "frontend/hours_hubs.html", context)


@login_required
@never_cache
@require_safe
def of_hub(request: HttpRequest, code: str) -> HttpResponse:
    """One hub's hours and closures."""
    return _page(request, _door(request, code))


@login_required
@never_cache
@require_POST
def put(request: HttpRequest, code: str) -> HttpResponse:
    """New hours from a day on."""
    door = _door(request, code)
    if not door.may_change:
        return HttpResponse(NOT_YOURS, status=403)
    try:
        said = hours_form.put(request.POST)
        hours.put(
            door.hub,
            said.weekly,
            network=said.network,
            since=said.since,
            until=said.until,
            reason=said.reason,
            by=door.rights.person,
            at=door.now,
        )
    except HoursRefused as refused:
        return _page(request, door, Typed(request.POST.dict(), refused.fields, "put"))
    return _done(request, door, "The hours are saved. Referrals are ranked by them from now on.")


@login_required
@never_cache
@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """The hub takes nobody for a while."""
    door = _door(request, code)
    if not door.may_close:
        return HttpResponse(NOT_YOURS_TO_CLOSE, status=403)
    try:
        said = request.POST
        since = door.now if said.get("now") == "1" else hours_form.instant(said, "since", now=door.now)
        saying.say(
            door.rights,
            door.hub.network,
            door.hub,
            kind=NoticeKind.CLOSED,
            words=said.get("reason", ""),
            since=since,
            until=hours_form.instant(said, "until", now=door.now),
            at=door.now,
        )
    except (HoursRefused, BadInput) as refused:
        return _page(request, door, Typed(request.POST.dict(), refused.fields, "close"))
    told = f"{door.hub} is closed, and everybody concerned in {door.hub.network} is told."
    return _done(request, door, f"{told} An offer that waits there moves on at once.")


@login_required
@never_cache
@require_POST
def reopen(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A closure ends before its time."""
    door = _door(request, code)
    if not door.may_close:
        return HttpResponse(NOT_YOURS_TO_CLOSE, status=403)
    closure = Closure.objects.filter(hub=door.hub, pk=number).first()
    if closure is None:
        raise Http404
    try:
        saying.reopen(door.rights, closure, words=request.POST.get("reason", ""), at=door.now)
    except Refusal as refused:
        fault = {"reason": refused.message}
        return _page(request, door, Typed(request.POST.dict(), fault, f"reopen-{number}"))
    told = f"everybody concerned in {door.hub.network} is told"
    return _done(request, door, f"The closing of {door.hub} is taken back, and {told}.")


def _door(request: HttpRequest, code: str) -> Door:
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    return Door(hub_doors.enter(code, rights, lambda _rights, _hub: True), rights, now)


def _page(request: HttpRequest, door: Door, typed: Typed | None = None) -> HttpResponse:
    today = timezone.localdate(door.now)
    said: dict[str, Any] = dict(typed.said) if typed else {}
    context = {
        "hub": door.hub,
        "may_change": door.may_change,
        "may_close": door.may_close,
        "notices": notice_sheet.lines(reading.of_hub(door.rights, door.hub, at=door.now), at=door.now),
        "held": hours_form.held(door.hub, day=today),
        "history": hours_form.history(door.hub),
        "closures": [
            (one, hours_form.goes_on(one, now=door.now), f"reopen-{one.pk}")
            for one in hours_form.closures(door.hub)
        ],
        "networks": Network.objects.order_by("name"),
        "typed": typed or Typed(),
        "days": hours_form.days(said if typed and typed.form == "put" else {}),
        "today": today.isoformat(),
    }
    return render(request, "frontend/hours.html", context, status=422 if typed else 200)


def _done(request: HttpRequest, door: Door, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return visit.see_other("hours-of", code=door.hub.code)
