"""Everybody's own quiet hours: when their phone stays silent about what needs no answer, and what never is silent.

Thin: paging.quiet decides and writes. Nobody sets another's.
"""

from datetime import time

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_time
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from frontend import notice_sheet, visit
from network import digits, permissions
from paging import quiet
from paging.quiet import QuietRefused

UNREADABLE = "Give both times, like 22:00 and 07:00."


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """My quiet hours; a POST sets or ends them."""
    if request.method != "POST":
        return _page(request)
    person = visit.person(request)
    if request.POST.get("off"):
        quiet.drop(person)
        messages.success(request, "You have no quiet hours. Everything reaches your phone at once.")
        return visit.see_other("my-quiet")
    since, until = _time(request, "since"), _time(request, "until")
    try:
        if since is None or until is None:
            raise QuietRefused(UNREADABLE)
        row = quiet.put(person, since=since, until=until, at=timezone.now())
    except QuietRefused as refused:
        return _page(request, fault=str(refused))
    messages.success(request, f"Quiet from {row.since:%H:%M} to {row.until:%H:%M}. Pages still reach you.")
    return visit.see_other("my-quiet")


@login_required
@never_cache
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """What one was not woken for has been seen."""
    now, person = timezone.now(), visit.person(request)
    quiet.seen(person, digits.those(request.POST.getlist("number")), at=now)
    if "X-Fragment" not in request.headers:
        return visit.see_other("board")
    shown = notice_sheet.strip(permissions.rights(person, at=now), at=now)
    return render(request, "frontend/_strip.html", {"strip": shown})


def _time(request: HttpRequest, name: str) -> time | None:
    try:
        return parse_time(request.POST.get(name, "").strip())
    except ValueError:
        return None


def _page(request: HttpRequest, *, fault: str = "") -> HttpResponse:
    row = quiet.of(visit.person(request))
    context = {
        "set": row,
        "since": request.POST.get("since") or (f"{row.since:%H:%M}" if row else "22:00"),
        "until": request.POST.get("until") or (f"{row.until:%H:%M}" if row else "07:00"),
        "fault": fault,
        "kept": quiet.KEPT.values(),
        "never": quiet.NEVER.values(),
    }
    return render(request, "frontend/quiet.html", context, status=422 if fault else 200)
