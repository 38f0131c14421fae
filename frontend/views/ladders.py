"""The ladders of a hub: who is paged when, and by whose decision; edited by its network, and drilled from here.

Thin: rights, the draft, the one writer in paging.ladders. Whoever has no role at the hub or in its network finds
nothing here.
"""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import hub_doors, ladder_desk, ladder_form, ladder_history, visit
from frontend.ladder_desk import WAITS, Place, Refused
from frontend.ladder_form import Draft
from network import permissions
from paging import ladders, reaching
from paging.ladders import Overtaken
from paging.models import Ladder, Reason


@login_required
@never_cache
@require_safe
def ladders_of_all(request: HttpRequest) -> HttpResponse:
    """The hubs whose ladders this person may read; straight to the only one."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    hubs = hub_doors.open_to(rights, ladder_desk.may_read)
    if len(hubs) == 1:
        return redirect("ladders-of", code=hubs[0].code)
    return render(request, "frontend/ladders.html", {"hubs": hubs})


@login_required
@never_cache
@require_safe
def ladders_of(request: HttpRequest, code: str) -> HttpResponse:
    """What happens tonight at one hub, wait by wait, and its drills."""
    place = _place(request, code)
    context = {
        "place": place,
        "waits": ladder_desk.waits(place, nights=True),
        "drills": ladder_history.drills(place.hub),
        "hindrance": ladder_history.hindrance(place.hub),
    }
    return render(request, "frontend/ladders_of.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest, code: str, wait: str) -> HttpResponse:
    """One ladder: read, typed anew, or saved as the next version."""
    place, reason = _place(request, code), _reason(wait)
    if request.method != "POST":
        return _page(request, place, ladder_desk.begin(place, reason, request.GET.get("from", "")))
    _check_edits(place)
    draft = ladder_form.typed(reason, request.POST)
    if what := request.POST.get("edit", ""):
        return _page(request, place, ladder_form.changed(draft, what))
    return _save(request, place, draft)


@login_required
@never_cache
@require_POST
def preview(request: HttpRequest, code: str, wait: str) -> HttpResponse:
    """The same steps and the same night for what is typed now, as a fragment; nothing is saved."""
    place, reason = _place(request, code), _reason(wait)
    _check_edits(place)
    draft = ladder_form.changed(ladder_form.typed(reason, request.POST), request.POST.get("edit", ""))
    return render(request, "frontend/_ladder.html", ladder_desk.shown(place, reason, draft, marked=False))


@login_required
@require_POST
def drill(request: HttpRequest, code: str) -> HttpResponse:
    """Climb this hub's ladder without a patient, now."""
    place = _place(request, code)
    _check_edits(place)
    if hindrance := ladder_history.hindrance(place.hub):
        messages.error(request, hindrance)
    elif reaching.drill(place.hub, now=place.now):
        messages.success(
            request, f"The drill began at {timezone.localtime(place.now):%H:%M:%S}. No patient waits."
        )
    else:
        messages.warning(request, "No drill began: one is under way, or nobody is on call now.")
    return visit.see_other(f"{reverse('ladders-of', args=[place.hub.code])}#drills")


def _place(request: HttpRequest, code: str) -> Place:
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    hub = hub_doors.enter(code, rights, ladder_desk.may_read)
    return Place(hub, rights.person, ladder_desk.leads(rights, hub), now)


def _reason(wait: str) -> Reason:
    if wait not in {reason.value for reason in WAITS}:
        raise Http404
    return Reason(wait)


def _check_edits(place: Place) -> None:
    if not place.may_edit:
        raise Http404


def _save(request: HttpRequest, place: Place, draft: Draft) -> HttpResponse:
    """The next version, once it can be climbed, its warnings were seen, and nobody else was quicker."""
    read = ladder_form.read(draft)
    if read.faults:
        return _page(request, place, draft, Refused())
    if ladder_desk.stands_already(place, draft.reason, read):
        messages.success(request, "Nothing was changed: this is how the ladder stands.")
        return visit.see_other("ladder", place.hub.code, draft.reason.value)
    warned = ladder_desk.warnings(place, draft.reason, read.rungs)
    if warned and (request.POST.get("seen") != ladder_desk.digest(warned) or not draft.note):
        return _page(request, place, draft, Refused(asked=True))
    try:
        saved = ladders.put(
            place.hub,
            draft.reason,
            read.rungs,
            seen_holds=read.seen_holds,
            based_on=draft.based_on,
            by=place.person,
            at=place.now,
            note=draft.note,
        )
    except Overtaken:
        return _overtaken(request, place, draft)
    return _saved(request, place, saved)


def _overtaken(request: HttpRequest, place: Place, draft: Draft) -> HttpResponse:
    """Somebody else was quicker: they are named, and what was typed stays for a second, deliberate press."""
    theirs = next(iter(ladders.versions(place.hub, draft.reason)), None)
    based_on = theirs.version if theirs else 0
    return _page(request, place, replace(draft, based_on=based_on), Refused(409, asked=True, theirs=theirs))


def _saved(request: HttpRequest, place: Place, saved: Ladder) -> HttpResponse:
    at = timezone.localtime(place.now)
    messages.success(
        request,
        f"Saved as version {saved.version} at {at:%H:%M:%S}. A patient who waits already keeps the ladder before it.",
    )
    return visit.see_other("ladder", place.hub.code, saved.reason)


def _page(request: HttpRequest, place: Place, draft: Draft, refused: Refused | None = None) -> HttpResponse:
    context = ladder_desk.whole(place, draft.reason, draft, refused)
    return render(request, "frontend/ladder.html", context, status=refused.status if refused else 200)
