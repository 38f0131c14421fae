"""Everybody's own duties and leave: ask for a swap, note a call-out, enter leave or take it back.

Thin: workforce.swaps and workforce.leaves check and write.
"""

from collections.abc import Callable
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
from network.models import Person
from workforce import leaves, patterns, swaps, wishes
from workforce.models import Shift
from workforce.rota_edits import NotOnTheRota
from workforce.rota_rows import OPEN, CallOut, Leave, LeaveKind, Swap

BACK = timedelta(days=7)  # call-outs may be noted for so long
MOST = 40


@dataclass(frozen=True)
class Mine:
    """One duty of the person who looks."""

    pk: int
    duty: str
    hub: str
    code: str
    when: str
    is_over: bool
    is_on: bool
    swap: str  # what became of the question, where one was asked
    out: list[str]  # call-outs that were noted
    start: str
    end: str

    @property
    def key(self) -> str:
        return str(self.pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """My duties and leave; a POST enters leave."""
    if request.method != "POST":
        return _page(request)
    person, now = visit.person(request), timezone.now()

    def enter() -> str:
        kind = request.POST.get("kind", "")
        if kind not in LeaveKind.values:
            raise Unreadable("Choose what kind of leave it is.")
        first = rota_form.day(request.POST.get("first", ""), "First day")
        last = rota_form.day(request.POST.get("last", ""), "Last day")
        start = patterns.instant(first, time())
        end = patterns.instant(last + timedelta(days=1), time())
        leaves.enter(person, LeaveKind(kind), start=start, end=end, by=person, at=now)
        return "Your leave is entered. Swap whatever duties lie in it."

    return _try(request, enter, "leave")


@login_required
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """This leave of mine is off."""
    person = visit.person(request)
    leave = Leave.objects.filter(pk=number, person=person).first()
    if leave is None:
        raise Http404

    def take_back() -> str:
        leaves.withdraw(leave, by=person, at=timezone.now())
        return "The leave is withdrawn."

    return _try(request, take_back, "leave")


@login_required
@require_POST
def swap(request: HttpRequest, number: int) -> HttpResponse:
    """I ask to be relieved of this duty."""
    shift = _shift(request, number)

    def ask() -> str:
        why = request.POST.get("why", "")[:300]
        swaps.ask(shift, by=visit.person(request), at=timezone.now(), why=why)
        return f"Your colleagues at {shift.hub} see that you ask for a swap."

    return _try(request, ask, f"shift-{number}")


@login_required
@require_POST
def called_out(request: HttpRequest, number: int) -> HttpResponse:
    """I was called out during this duty."""
    shift = _shift(request, number)

    def note() -> str:
        start = rota_form.moment(request.POST.get("start", ""), "From")
        end = rota_form.moment(request.POST.get("end", ""), "Until")
        leaves.called_out(shift, start=start, end=end, by=visit.person(request), at=timezone.now())
        return "The call-out is noted. Where it was at night, a full day of rest is due."

    return _try(request, note, f"shift-{number}")


@login_required
@require_POST
def wish(request: HttpRequest) -> HttpResponse:
    """A day on which I would like a duty, or would rather have none."""

    def enter() -> str:
        day = rota_form.day(request.POST.get("day", ""), "Day")
        wanted = request.POST.get("wanted") == "yes"
        wishes.enter(visit.person(request), day, wanted=wanted, at=timezone.now())
        return "Your wish is kept for the next rota that is built. Where it must be certain, enter leave."

    return _try(request, enter, "wish")


@login_required
@require_POST
def unwish(request: HttpRequest, number: int) -> HttpResponse:
    """I take this wish back."""
    if not wishes.take_back(visit.person(request), number):
        raise Http404
    return _try(request, lambda: "The wish is taken back.", "wish")


def _try(request: HttpRequest, deed: Callable[[], str], form: str) -> HttpResponse:
    try:
        done = deed()
    except (Unreadable, NotOnTheRota) as refusal:
        return _page(request, form=form, fault=str(refusal))
    messages.success(request, done)
    return visit.see_other("my-rota")


def _shift(request: HttpRequest, number: int) -> Shift:
    found = (
        Shift.objects.filter(pk=number, person=visit.person(request)).select_related("hub__network").first()
    )
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, *, form: str = "", fault: str = "") -> HttpResponse:
    person, now = visit.person(request), timezone.now()
    shifts = Shift.objects.filter(person=person, period__endswith__gt=now - BACK).select_related("hub")
    duties = _duties(person, list(shifts.order_by("period")[:MOST]), now)
    leave = Leave.objects.filter(person=person, period__endswith__gt=now).order_by("period")
    context = {
        "duties": [one for one in duties if not one.is_over],
        "past": [one for one in reversed(duties) if one.is_over],
        "leave": [(one.pk, one.get_kind_display(), _days(one)) for one in leave],
        "kinds": LeaveKind.choices,
        "wishes": wishes.of(person, at=now),
        "operates": person.authorisations.filter(until=None).exists(),
        "form": form,
        "fault": fault,
        "typed": request.POST,
    }
    return render(request, "frontend/my_rota.html", context, status=422 if fault else 200)


def _days(leave: Leave) -> str:
    first = timezone.localtime(leave.period.lower)
    last = timezone.localtime(leave.period.upper - timedelta(microseconds=1))
    if first.date() == last.date():
        return f"{first:%a %-d %b %Y}"
    return f"{first:%a %-d %b} to {last:%a %-d %b %Y}"


def _duties(person: Person, shifts: list[Shift], now: datetime) -> list[Mine]:
    asked = list(Swap.objects.filter(asker=person, state__in=OPEN).select_related("offerer"))
    out = list(CallOut.objects.filter(person=person, period__endswith__gt=now - 2 * BACK))
    return [
        Mine(
            pk=shift.pk,
            duty=shift.get_duty_display(),
            hub=shift.hub.short_name,
            code=shift.hub.code,
            when=rota_sheet.in_words(shift.period.lower, shift.period.upper),
            is_over=shift.period.upper <= now,
            is_on=shift.period.lower <= now < shift.period.upper,
            swap=next((_of(one) for one in asked if _is_of(one, shift)), ""),
            out=[
                _hours(one) for one in out if one.hub_id == shift.hub_id and one.period.lower in shift.period
            ],
            start=f"{timezone.localtime(shift.period.lower):%Y-%m-%dT%H:%M}",
            end=f"{timezone.localtime(min(shift.period.upper, now)):%Y-%m-%dT%H:%M}",
        )
        for shift in shifts
    ]


def _is_of(one: Swap, shift: Shift) -> bool:
    return (one.hub_id, one.duty, one.period.lower) == (shift.hub_id, shift.duty, shift.period.lower)


def _of(one: Swap) -> str:
    return f"{one.offerer.name} offers to take it" if one.offerer else "You asked for a swap"


def _hours(one: CallOut) -> str:
    first, last = timezone.localtime(one.period.lower), timezone.localtime(one.period.upper)
    return f"{first:%H:%M} to {last:%H:%M}"
