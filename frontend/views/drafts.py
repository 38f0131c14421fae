"""Rotas from the solver: what to ask for, how the search is getting on, the draft, and its publication.

Thin: workforce.drafts checks rights and writes; only coordinators and leads of the hub's network find these pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import draft_sheet, hub_doors, month_sheet, rota_form, visit
from frontend.rota_form import Unreadable
from network import digits, permissions
from network.models import Person, Site
from workforce import building, drafts, rota, rota_edits, searching
from workforce.draft_rows import RotaDraft
from workforce.models import Duty
from workforce.patterns import Again
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_rows import Pattern
from workforce.solver import process

SHOWN = 8
DUTIES = [(duty.value, duty.label) for duty in Duty if duty in rota.ON_CALL]
WEEKDAYS = [(str(n), name) for n, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))]


@dataclass(frozen=True)
class Place:
    """Whose rota this is, who looks and when."""

    hub: Site
    person: Person
    now: datetime


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest, code: str) -> HttpResponse:
    """What a rota is built from; a POST changes the pattern or asks for the rota."""
    place = enter(request, code)
    if request.method != "POST":
        return _page(request, place)
    deeds: dict[str, Callable[[], HttpResponse]] = {
        "ask": lambda: _ask(request, place),
        "pattern": lambda: _pattern(request, place),
        "drop": lambda: _drop(request, place),
    }
    deed = deeds.get(request.POST.get("deed", ""))
    if deed is None:
        raise Http404
    try:
        return deed()
    except (Unreadable, NotOnTheRota) as refusal:
        return _page(request, place, fault=str(refusal), form=request.POST["deed"])


@login_required
@never_cache
@require_safe
def draft(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One draft."""
    place = enter(request, code)
    return _shown(request, place, _draft(place, number))


@login_required
@never_cache
@require_safe
def live(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The same draft's parts again, while it is searched for."""
    place = enter(request, code)
    sheet = draft_sheet.sheet(_draft(place, number), now=place.now)
    return render(request, "frontend/_rota_draft.html", {"place": place, "sheet": sheet})


@login_required
@require_POST
def settle(request: HttpRequest, code: str, number: int, verb: str) -> HttpResponse:
    """Publish it, discard it, or search again."""
    place = enter(request, code)
    found = _draft(place, number)
    verbs = {"publish": _publish, "discard": _discard, "again": _again}
    if verb not in verbs:
        raise Http404
    try:
        return verbs[verb](request, place, found)
    except Breaks as broken:
        said = [month_sheet.spoken(b) for b in broken.breaches]
        return _shown(request, place, found, fault="", broken=said)
    except (NotOnTheRota, rota.Unreachable) as refusal:
        return _shown(request, place, found, fault=str(refusal))


def enter(request: HttpRequest, code: str) -> Place:
    """The hub behind this address, for those who write its rota; nobody else finds it."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    return Place(hub_doors.enter(code, rights, rota_edits.may_edit), rights.person, now)


def begun(place: Place, asked: RotaDraft) -> HttpResponse:
    """The search starts once the draft is committed; its page follows it."""
    transaction.on_commit(lambda: searching.start(asked))
    return visit.see_other("rota-draft", place.hub.code, asked.pk)


def _ask(request: HttpRequest, place: Place) -> HttpResponse:
    first = rota_form.day(request.POST.get("first", ""), "First day")
    weeks = digits.whole(request.POST.get("weeks", ""))
    if weeks is None:
        raise Unreadable(f"Weeks: give a number from {building.LEAST} to {building.MOST}.")
    keeps = request.POST.get("keeps") != "no"
    asked = drafts.ask(place.hub, first=first, weeks=weeks, keeps=keeps, by=place.person, at=place.now)
    return begun(place, asked)


def _pattern(request: HttpRequest, place: Place) -> HttpResponse:
    duty = rota_form.duty(request.POST.get("duty", ""))
    start = rota_form.hour(request.POST.get("from", ""), "From")
    end = rota_form.hour(request.POST.get("until", ""), "Until")
    days = frozenset(int(day) for day in request.POST.getlist("weekdays") if day in set("0123456"))
    rota_edits.keep_pattern(place.hub, Again(duty, days, start, end), by=place.person, at=place.now)
    return visit.see_other("rota-build", place.hub.code)


def _drop(request: HttpRequest, place: Place) -> HttpResponse:
    number = digits.whole(request.POST.get("pattern", "")) or 0
    rota_edits.drop_pattern(place.hub, number, by=place.person, at=place.now)
    return visit.see_other("rota-build", place.hub.code)


def _publish(request: HttpRequest, place: Place, found: RotaDraft) -> HttpResponse:
    reason = request.POST.get("reason", "")[:500]
    drafts.publish(found, by=place.person, at=place.now, reason=reason)
    messages.success(request, "The draft is published: it is the rota now.")
    begins = timezone.localtime(max(found.period.lower, place.now))
    return visit.see_other("rota-month", place.hub.code, f"{begins:%Y-%m}")


def _discard(request: HttpRequest, place: Place, found: RotaDraft) -> HttpResponse:
    drafts.discard(found, by=place.person, at=place.now)
    messages.success(request, "The draft is discarded. The rota is as it was.")
    return visit.see_other("rota-build", place.hub.code)


def _again(_request: HttpRequest, place: Place, found: RotaDraft) -> HttpResponse:
    return begun(place, drafts.again(found, by=place.person, at=place.now))


def _draft(place: Place, number: int) -> RotaDraft:
    rows = RotaDraft.objects.filter(hub=place.hub).select_related(
        "hub__network", "person", "asked_by", "settled_by"
    )
    found = rows.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _shown(
    request: HttpRequest, place: Place, found: RotaDraft, *, fault: str = "", broken: list[Any] | None = None
) -> HttpResponse:
    context = {
        "place": place,
        "sheet": draft_sheet.sheet(found, now=place.now),
        "fault": fault,
        "broken": broken,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "frontend/rota_draft.html", context, status=422 if fault or broken else 200)


def _page(request: HttpRequest, place: Place, *, fault: str = "", form: str = "") -> HttpResponse:
    monday = _next_month(timezone.localtime(place.now).date())
    rows = Pattern.objects.filter(hub=place.hub, duty__in=rota.ON_CALL).order_by("duty", "start", "weekdays")
    context = {
        "place": place,
        "patterns": [(row.pk, Duty(row.duty).label, _days(row.weekdays), row) for row in rows],
        "drafts": drafts.of_hub(place.hub, most=SHOWN),
        "is_installed": process.installed(),
        "missing": process.MISSING,
        "duties": DUTIES,
        "weekdays": WEEKDAYS,
        "least": building.LEAST,
        "most": building.MOST,
        "first": request.POST.get("first", f"{monday}"),
        "typed": request.POST,
        "chosen": request.POST.getlist("weekdays") if form == "pattern" else [day for day, _ in WEEKDAYS],
        "fault": fault,
        "form": form,
    }
    return render(request, "frontend/rota_build.html", context, status=422 if fault else 200)


def _next_month(today: date) -> date:
    """The first Monday of the next month: most rotas begin there."""
    first = (today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=-first.weekday() % 7)


def _days(weekdays: str) -> str:
    if weekdays == "0123456":
        return "Every day"
    return ", ".join(name for number, name in WEEKDAYS if number in weekdays)
