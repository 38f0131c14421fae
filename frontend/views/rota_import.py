"""Duties from a table or a calendar file, put on a hub's rota: whole or not at all, with every fault where it is.

Thin: workforce.imports and workforce.calendar_imports read, workforce.rota_edits checks rights and rules, and writes.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend import hub_doors, month_sheet, visit
from network import permissions
from network.models import Person
from workforce import calendar_imports, imports, rota, rota_edits
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_rows import Deed

LARGEST = 1_000_000  # bytes


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def table(request: HttpRequest, code: str) -> HttpResponse:
    """The form, and what came of it."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    hub = hub_doors.enter(code, rights, rota_edits.may_edit)
    context = {"hub": hub, "fields": imports.FIELDS, "typed": request.POST.get("table", "")}
    if request.method != "POST":
        return render(request, "frontend/rota_import.html", context)
    text, fault = _sent(request)
    people = Person.objects.filter(pk__in=dict(month_sheet.people(hub, now=now)))
    reader = calendar_imports if calendar_imports.is_calendar(text) else imports
    changes, faults = reader.read(text, hub, people)
    reason = request.POST.get("reason", "")
    context |= {"typed": text, "reason": reason}
    if fault or faults:
        context["faults"] = [fault] if fault else [str(one) for one in faults]
        return render(request, "frontend/rota_import.html", context, status=422)
    try:
        if not changes:
            raise NotOnTheRota("There are no duties in it.")
        rota_edits.check_edits(visit.person(request), hub, at=now)
        rota_edits.apply(changes, deed=Deed.PUT, by=visit.person(request), at=now, reason=reason)
    except Breaks as broken:
        context["broken"] = [month_sheet.spoken(b) for b in broken.breaches]
        return render(request, "frontend/rota_import.html", context, status=422)
    except (NotOnTheRota, rota.Unreachable) as refusal:
        context["faults"] = [str(refusal)]
        return render(request, "frontend/rota_import.html", context, status=422)
    messages.success(
        request, f"{len(changes)} {'duty is' if len(changes) == 1 else 'duties are'} on the rota."
    )
    return visit.see_other("rota-month", code=hub.code, when=f"{timezone.localtime(changes[0].start):%Y-%m}")


def _sent(request: HttpRequest) -> tuple[str, str]:
    """What was sent as a file or typed, and why it cannot be read at all."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        return request.POST.get("table", ""), ""
    if (upload.size or 0) > LARGEST:
        return "", "The file is larger than a megabyte. Send fewer duties at once."
    try:
        return upload.read().decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return "", "The file is no text in UTF-8. Save a table as “CSV UTF-8” and try again."
