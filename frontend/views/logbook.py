"""An operator's logbook: a page that prints well, the same as CSV, and the owner's own entries.

Thin: read by frontend.logbook_sheet, written by workforce.logbook. Whoever is neither the owner nor their supervisor
nor governance finds nothing here.
"""

import csv

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import logbook_sheet, visit
from frontend.logbook_form import EntryForm
from frontend.logbook_sheet import Book
from network import permissions
from network.models import Person
from network.permissions import Rights
from referrals import cases
from workforce import logbook
from workforce.logbook import Written
from workforce.models import LogbookEntry, Operator
from workforce.refusals import NotEntitled, Refused


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Everybody's own."""
    if not Operator.objects.filter(person=visit.person(request)).exists():
        return render(request, "frontend/no_logbook.html")
    return redirect("logbook", who=visit.person(request).username)


@login_required
@never_cache
@require_safe
def of_one(request: HttpRequest, who: str) -> HttpResponse:
    """One operator's logbook."""
    return _page(request, who)


@login_required
@never_cache
@require_safe
def as_csv(request: HttpRequest, who: str) -> HttpResponse:
    """Every line, for a spreadsheet."""
    book, _, _ = _book(request, who)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="logbook-{book.person.username}-{day}.csv"'
    response.write("\ufeff")  # spreadsheets read UTF-8 by this mark
    rows = csv.writer(response)
    rows.writerow(logbook_sheet.HEADINGS)
    rows.writerows(logbook_sheet.cells(line) for line in book.lines)
    return response


@login_required
@never_cache
@require_POST
def enter(request: HttpRequest, who: str) -> HttpResponse:
    """The owner enters something that no referral tells of."""
    book, places, rights = _book(request, who)
    form = EntryForm([place.hub for place in places], request.POST)
    if not form.is_valid():
        return _page(request, who, form)
    hub = next(place.hub for place in places if place.hub.code == form.cleaned_data["hub"])
    said = form.written()
    try:
        _check_code(book, said, hub.pk)
        logbook.add(book.person, hub, said, rights=rights, at=timezone.now())
    except NotEntitled as refused:
        return HttpResponse(str(refused), status=403)
    except Refused as refused:
        return _page(request, who, form, refused=str(refused))
    messages.success(request, "It stands in your logbook.")
    return visit.see_other("logbook", who)


def _check_code(book: Book, said: Written, hub_id: int) -> None:
    """A referral is in the logbook once, and was treated where it is said to have been."""
    if not said.code:
        return
    if any(line.code == said.code for line in book.lines):
        raise Refused(f"{said.code} stands in this logbook already.")
    if not cases.was_treated_at(said.code, hub_id):
        raise Refused(f"No patient with the code {said.code} was treated there.")


@login_required
@never_cache
@require_POST
def strike(request: HttpRequest, who: str, pk: int) -> HttpResponse:
    """The owner takes an entry back, with a reason."""
    book, _, rights = _book(request, who)
    entry = get_object_or_404(LogbookEntry, pk=pk, person=book.person, strikes=None)
    why = request.POST.get("why", "").strip()[:300]
    try:
        if not why:
            raise Refused("Say why you strike it out.")
        logbook.strike(entry, why=why, rights=rights, at=timezone.now())
    except NotEntitled as refused:
        return HttpResponse(str(refused), status=403)
    except Refused as refused:
        return _page(request, who, refused=str(refused), status=422)
    messages.success(request, "It is struck out, and does not count.")
    return visit.see_other("logbook", who)


def _book(request: HttpRequest, who: str) -> tuple[Book, list[Operator], Rights]:
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    person = Person.objects.filter(username=who).first()
    places = logbook_sheet.places_of(person, rights=rights) if person else None
    if person is None or places is None:
        raise Http404
    return logbook_sheet.book(person, places, rights=rights, at=now), places, rights


def _page(
    request: HttpRequest, who: str, form: EntryForm | None = None, *, refused: str = "", status: int = 0
) -> HttpResponse:
    book, places, _ = _book(request, who)
    shown = form or EntryForm([place.hub for place in places])
    context = {"book": book, "form": shown, "typed": form is not None, "refused": refused}
    return render(
        request, "frontend/logbook.html", context, status=status or (422 if form is not None else 200)
    )
