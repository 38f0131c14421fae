"""A hub's month: read by its people, changed by its network's coordinators and leads; swaps, and taking a shift now.

Thin: frontend.month_sheet reads, workforce.rota_edits and workforce.swaps check and write.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import hub_doors, ladder_desk, month_sheet, rota_form, rota_sheet, visit
from frontend.rota_form import Unreadable, Wanted
from network import digits, permissions
from network.models import Person, Site
from workforce import drafts, rota, rota_edits, swaps
from workforce.models import Duty, Shift
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_rows import Swap
from workforce.rules.facts import Breach

REFUSED = (Unreadable, NotOnTheRota, rota.Unreachable)
WEEKDAYS = list(enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))


@dataclass(frozen=True)
class Place:
    """Whose rota this is, which month, who looks and when."""

    hub: Site
    person: Person
    may_edit: bool
    first: date
    now: datetime
    address: str = field(default="")


@dataclass(frozen=True)
class Refusal:
    """Why something was not done, and at which form it is said."""

    form: str  # assign, fill, take, or swap and its number
    fault: str = ""
    breaches: Sequence[Breach] = ()


@login_required
@never_cache
@require_safe
def rotas(request: HttpRequest) -> HttpResponse:
    """The hubs whose rota this person may read; straight to the only one."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    hubs = hub_doors.open_to(rights, ladder_desk.may_read)
    if len(hubs) == 1:
        return redirect("rota", code=hubs[0].code)
    return render(request, "frontend/rotas.html", {"hubs": hubs})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def month(request: HttpRequest, code: str, when: str | None = None) -> HttpResponse:
    """One hub's month; a POST changes it."""
    place = _place(request, code, when)
    if request.method != "POST":
        return _page(request, place)
    if not place.may_edit:
        raise Http404
    wanted = rota_form.typed(request.POST)
    known = dict(month_sheet.people(place.hub, now=place.now))
    if request.POST.get("deed") == "fill":
        return _try(request, place, "fill", wanted, lambda: _fill(place, wanted, known))
    return _try(request, place, "assign", wanted, lambda: _assign(place, wanted, known))


@login_required
@require_POST
def take(request: HttpRequest, code: str, shift: int) -> HttpResponse:
    """From now on this shift is theirs, who press."""
    place = _place(request, code, None)
    found = Shift.objects.filter(pk=shift, hub=place.hub).select_related("hub__network").first()
    if found is None or not rota_edits.may_take(place.person, found, at=place.now):
        raise Http404
    wanted = rota_form.typed(request.POST)

    def taken() -> str:
        rota_edits.take_now(found, by=place.person, at=place.now, reason=wanted.reason)
        until = timezone.localtime(found.period.upper)
        return f"You are {found.get_duty_display().lower()} at {place.hub} until {until:%a %H:%M}."

    return _try(request, place, "take", wanted, taken)


@login_required
@require_POST
def swap(request: HttpRequest, code: str, number: int, verb: str) -> HttpResponse:
    """Offer for a swap, approve or refuse it, or withdraw."""
    place = _place(request, code, None)
    found = Swap.objects.filter(pk=number, hub=place.hub).first()
    verbs: dict[str, Callable[[Swap], str]] = {
        "offer": lambda one: _offer(request, place, one),
        "approve": lambda one: _approve(request, place, one),
        "refuse": lambda one: _refuse(request, place, one),
        "withdraw": lambda one: _withdraw(place, one),
    }
    if found is None or verb not in verbs:
        raise Http404
    wanted = rota_form.typed(request.POST)
    return _try(request, place, f"swap-{number}", wanted, lambda: verbs[verb](found))


def _assign(place: Place, wanted: Wanted, known: dict[int, str]) -> str:
    who, duty = rota_form.person(wanted.who, known), rota_form.duty(wanted.duty)
    start, end = rota_form.stretch(wanted)
    rota_edits.assign(
        place.hub, duty, who, start=start, end=end, by=place.person, at=place.now, reason=wanted.reason
    )
    name = who.name if who else "Nobody"
    return f"{name}: {Duty(duty).label.lower()}, {rota_sheet.in_words(start, end)}."


def _fill(place: Place, wanted: Wanted, known: dict[int, str]) -> str:
    again, team, stretches = rota_form.filling(wanted, known)
    _, left = rota_edits.fill(
        place.hub, again, team, stretches=stretches, by=place.person, at=place.now, reason=wanted.reason
    )
    rota_edits.keep_pattern(place.hub, again, by=place.person, at=place.now)
    if not left:
        return "The weeks are filled. What was held before stays."
    return f"The weeks are filled, but nobody was free for {len(left)}: {', '.join(left[:4])}."


def _offer(request: HttpRequest, place: Place, one: Swap) -> str:
    wanted = request.POST.get("return", "")
    given = Shift.objects.filter(pk=digits.whole(wanted) or 0, person=place.person).first()
    if wanted and given is None:
        raise NotOnTheRota("What you give in return is a duty of your own that has not begun.")
    reason = request.POST.get("reason", "")
    swaps.offer(one, by=place.person, at=place.now, in_return=given, reason=reason)
    return "Your offer stands. A coordinator or lead decides."


def _approve(request: HttpRequest, place: Place, one: Swap) -> str:
    swaps.approve(one, by=place.person, at=place.now, reason=request.POST.get("reason", ""))
    return "The swap is made."


def _refuse(request: HttpRequest, place: Place, one: Swap) -> str:
    swaps.refuse(one, by=place.person, at=place.now, reason=request.POST.get("reason", ""))
    return "The swap is refused, and the duties stay where they are."


def _withdraw(place: Place, one: Swap) -> str:
    swaps.withdraw(one, by=place.person, at=place.now)
    return "Withdrawn."


def _try(
    request: HttpRequest, place: Place, form: str, wanted: Wanted, deed: Callable[[], str]
) -> HttpResponse:
    """Do it and come back to the month, or say at the form why it was not done."""
    try:
        done = deed()
    except Breaks as broken:
        return _page(request, place, wanted, Refusal(form, breaches=broken.breaches))
    except REFUSED as refusal:
        return _page(request, place, wanted, Refusal(form, fault=str(refusal)))
    messages.success(request, done)
    return visit.see_other(place.address)


def _place(request: HttpRequest, code: str, when: str | None) -> Place:
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    hub = hub_doors.enter(code, rights, ladder_desk.may_read)
    try:
        first = rota_form.month(when, now=now)
    except Unreadable as error:
        raise Http404 from error
    address = reverse("rota-month", args=[hub.code, f"{first:%Y-%m}"])
    return Place(hub, rights.person, rota_edits.may_edit(rights, hub), first, now, address)


def _page(
    request: HttpRequest, place: Place, wanted: Wanted | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    chosen = rota_form.chosen(request.GET.get("day", ""))
    today = timezone.localtime(place.now).date()
    sheet = month_sheet.month(
        place.hub, place.first, viewer=place.person, may_edit=place.may_edit, chosen=chosen, now=place.now
    )
    context: dict[str, Any] = {
        "place": place,
        "sheet": sheet,
        "duties": Duty.choices,
        "people": month_sheet.people(place.hub, now=place.now) if place.may_edit else [],
        "wanted": wanted or rota_form.begin(chosen or max(place.first, today)),
        "weekdays": [(str(number), name) for number, name in WEEKDAYS],
        "chosen": chosen,
        "refusal": refusal,
        "broken": [month_sheet.spoken(b) for b in refusal.breaches] if refusal else [],
        "takes": _takes(place),
        "drafts": drafts.waiting(place.hub, at=place.now) if place.may_edit else [],
        "last": sheet.after,
    }
    return render(request, "frontend/rota.html", context, status=422 if refusal else 200)


def _takes(place: Place) -> list[Shift]:
    """The shifts that are on now and that this person may take."""
    on = rota.on_call(place.hub, at=place.now)
    return [shift for shift in on if rota_edits.may_take(place.person, shift, at=place.now)]
