"""Calendars for people's own programs: a secret address is made or ended, and read without signing in.

Thin: workforce.calendars writes and finds them. The rights of whoever made an address are asked at each reading.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from frontend import ladder_desk, visit
from network import permissions
from network.models import Site
from workforce import calendars


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The calendars that this person may have; a POST makes an address anew, or ends it."""
    person, now = visit.person(request), timezone.now()
    rights = permissions.rights(person, at=now)
    sites = Site.objects.filter(is_hub=True).select_related("network").order_by("short_name")
    hubs = [hub for hub in sites if ladder_desk.may_read(rights, hub)]
    address = ""
    if request.method == "POST":
        code = request.POST.get("of", "")
        hub = next((one for one in hubs if one.code == code), None)
        if code and hub is None:
            raise Http404
        if request.POST.get("do") == "end":
            calendars.end(person, hub, at=now)
            messages.success(request, "The address opens nothing any more.")
            return visit.see_other("my-calendars")
        secret = calendars.issue(person, hub, at=now)
        address = f"{settings.PUBLIC_URL}{reverse('calendar', args=[secret])}"
    held = calendars.open_of(person)
    rows = [("", "Your own duties", None in held)]
    rows += [(hub.code, f"Everybody on duty at {hub}", hub.pk in held) for hub in hubs]
    context = {"rows": rows, "address": address, "made": request.POST.get("of", "")}
    return render(request, "frontend/my_calendars.html", context)


@never_cache
@require_safe
def calendar(request: HttpRequest, secret: str) -> HttpResponse:  # noqa: ARG001 the address is all that is asked
    """The duties behind a secret address, as iCalendar."""
    now = timezone.now()
    found = calendars.opened(secret)
    if found is None:
        raise Http404
    if found.hub and not ladder_desk.may_read(permissions.rights(found.person, at=now), found.hub):
        raise Http404
    shifts = calendars.shifts_of(found, at=now)
    text = calendars.written(calendars.name_of(found), shifts, with_names=found.hub is not None, at=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="dido.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response
