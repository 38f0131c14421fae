"""Who of a hub is away: leave entered for others by coordinators and leads, and who takes the duties that it meets.

Thin: workforce.leaves and workforce.drafts check rights and write.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from frontend import rota_form, rota_sheet, visit
from frontend.rota_form import Unreadable
from frontend.views import drafts as screens
from frontend.views.drafts import Place
from network import digits
from network.models import Person
from workforce import drafts, leaves, mending, patterns, phases
from workforce.building import CannotAsk
from workforce.rota_edits import NotOnTheRota
from workforce.rota_rows import Leave, LeaveKind
from workforce.solver import process

NAMED = 4


@dataclass(frozen=True)
class Absence:
    """One stretch of leave, and the duties here that it meets."""

    pk: int
    name: str
    kind: str
    when: str
    duties: list[str]
    more: int


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest, code: str) -> HttpResponse:
    """Who is away; a POST enters leave for somebody, and may go on to who takes their duties."""
    place = screens.enter(request, code)
    if request.method != "POST":
        return _page(request, place)
    try:
        leave = _entered(request, place)
    except (Unreadable, NotOnTheRota) as refusal:
        return _page(request, place, fault=str(refusal))
    messages.success(request, f"{leave.person}: {leave.get_kind_display().lower()} entered.")
    if request.POST.get("then") != "cover":
        return visit.see_other("rota-away", place.hub.code)
    try:
        return screens.begun(place, drafts.ask_cover(place.hub, leave, by=place.person, at=place.now))
    except CannotAsk as refusal:
        messages.warning(request, str(refusal))
        return visit.see_other("rota-away", place.hub.code)


@login_required
@require_POST
def change(request: HttpRequest, code: str, number: int, verb: str) -> HttpResponse:
    """Who takes the duties in this leave, or the leave is off."""
    place = screens.enter(request, code)
    leave = Leave.objects.filter(pk=number, person__in=_team(place)).select_related("person").first()
    if leave is None or verb not in {"cover", "withdraw"}:
        raise Http404
    try:
        if verb == "cover":
            return screens.begun(place, drafts.ask_cover(place.hub, leave, by=place.person, at=place.now))
        leaves.withdraw(leave, by=place.person, at=place.now)
    except NotOnTheRota as refusal:
        return _page(request, place, fault=str(refusal))
    messages.success(request, f"The leave of {leave.person} is withdrawn.")
    return visit.see_other("rota-away", place.hub.code)


def _entered(request: HttpRequest, place: Place) -> Leave:
    kind = request.POST.get("kind", "")
    who = _team(place).get(digits.whole(request.POST.get("who", "")) or 0)
    if who is None:
        raise Unreadable("Choose who is away.")
    if kind not in LeaveKind.values:
        raise Unreadable("Choose why.")
    first = rota_form.day(request.POST.get("first", ""), "First day")
    last = rota_form.day(request.POST.get("last", ""), "Last day")
    start = patterns.instant(first, time())
    if kind == LeaveKind.SICK and first == timezone.localtime(place.now).date():
        start = place.now  # what they did before they fell ill, they did
    end = patterns.instant(last + timedelta(days=1), time())
    return leaves.enter(who, LeaveKind(kind), start=start, end=end, by=place.person, at=place.now)


def _team(place: Place) -> dict[int, Person]:
    return {held.person_id: held.person for held in phases.operators(place.hub, at=place.now)}


def _page(request: HttpRequest, place: Place, *, fault: str = "") -> HttpResponse:
    team = _team(place)
    rows = Leave.objects.filter(person__in=team, period__endswith__gt=place.now).select_related("person")
    today = timezone.localtime(place.now).date().isoformat()
    context = {
        "place": place,
        "absences": [_absence(place, row) for row in rows.order_by("period")],
        "team": sorted((person.name, pk) for pk, person in team.items()),
        "kinds": [(LeaveKind.SICK.value, LeaveKind.SICK.label)]
        + [(value, label) for value, label in LeaveKind.choices if value != LeaveKind.SICK],
        "first": request.POST.get("first", today),
        "last": request.POST.get("last", today),
        "typed": request.POST,
        "fault": fault,
        "is_installed": process.installed(),
    }
    return render(request, "frontend/rota_away.html", context, status=422 if fault else 200)


def _absence(place: Place, row: Leave) -> Absence:
    start: datetime = max(row.period.lower, place.now)
    held = mending.duties(place.hub, row.person, start=start, end=row.period.upper)
    said = [
        f"{s.get_duty_display()}, {rota_sheet.in_words(s.period.lower, s.period.upper)}" for s in held[:NAMED]
    ]
    return Absence(
        row.pk,
        row.person.name,
        row.get_kind_display(),
        _days(row),
        said,
        len(held) - len(said),
    )


def _days(row: Leave) -> str:
    first = timezone.localtime(row.period.lower)
    last = timezone.localtime(row.period.upper - timedelta(microseconds=1))
    if first.date() == last.date():
        return f"{first:%a %-d %b %Y}"
    return f"{first:%a %-d %b} to {last:%a %-d %b %Y}"
