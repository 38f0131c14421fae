"""Who works in a network, one person, and the pages on which a lead takes access away or gives it back.

Thin: network.access and workforce.leaving judge and write; frontend.leaving_sheet says beforehand what follows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from frontend import leaving_sheet, people_sheet, visit
from frontend.leaving_sheet import Following
from network import access, permissions
from network.access import AccessRefused, Decision, NotALead
from network.models import SITE_ROLES, Membership, Network, Person, Role, Site
from network.permissions import Rights
from paging import devices
from workforce import leaving


@dataclass(frozen=True)
class Reading:
    """Who looks, when, and at whose people."""

    rights: Rights
    now: datetime
    network: Network

    @property
    def may_change(self) -> bool:
        return access.may_change(self.rights, self.network)


@dataclass(frozen=True)
class Asked:
    """What is to be done about whom; `role` where it is about one of their roles."""

    reading: Reading
    person: Person
    deed: str
    role: Membership | None = None

    def decision(self, reason: str = "") -> Decision:
        """The same, as it is judged and written."""
        reading = self.reading
        return Decision(reading.network, self.person, reading.rights.person, reading.now, reason)


@login_required
@never_cache
@require_safe
def networks(request: HttpRequest) -> HttpResponse:
    """The networks whose people this person may see; straight to the only one."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    own = Network.objects.filter(pk__in=rights.networks).order_by("name")
    found = [network for network in own if access.may_see(rights, network)]
    if len(found) == 1:
        return redirect("people-of", code=found[0].code)
    return render(request, "frontend/people_networks.html", {"networks": found})


@login_required
@never_cache
@require_safe
def of_network(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody who works in one network, or those whose name was looked for."""
    reading = _reading(request, code)
    said = request.GET.get("name", "").replace("\x00", "")[: people_sheet.LONGEST]
    found = people_sheet.found(reading.network, said=said, at=reading.now)
    shown = {"network": reading.network, "found": found, "said": said, "may_change": reading.may_change}
    return render(request, "frontend/people.html", shown)


@login_required
@never_cache
@require_safe
def one(request: HttpRequest, code: str, who: str) -> HttpResponse:
    """One person: roles, duties, what has been decided, and what a lead can do."""
    reading = _reading(request, code)
    person = _person(reading, who)
    network, at = reading.network, reading.now
    asked = Asked(reading, person, "disable")
    theirs = list(access.standing(at).filter(person=person).order_by("since", "pk"))
    left = (
        None if person.is_active else leaving_sheet.following(person, network, rights=reading.rights, at=at)
    )
    shown = {
        "network": network,
        "person": person,
        "line": people_sheet.lines([person], network, at=at)[0],
        "works_here": any(network.pk in {one.network_id, one.site and one.site.network_id} for one in theirs),
        "history": people_sheet.decided(person, network, at=at),
        "left": left,
        "may_change": reading.may_change,
        "own": person == reading.rights.person,
        "why_not": access.why_not(asked.decision()),
        "leads": [] if reading.may_change else leaving_sheet.leads(network, at=at),
    }
    return render(request, "frontend/person.html", shown)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, code: str, who: str, deed: str, number: int = 0) -> HttpResponse:
    """What will follow, in plain words; posted to with a reason, it is done."""
    reading = _reading(request, code)
    asked = Asked(reading, _person(reading, who), deed, _role(reading, who, number) if number else None)
    if deed not in DOES or (deed == "take") != bool(number):
        raise Http404
    if not reading.may_change:
        return HttpResponse(f"Only a lead of {reading.network} does this. Nothing was changed.", status=403)
    if request.method != "POST":
        return _page(request, asked)
    try:
        return DOES[deed](request, asked)
    except NotALead as refused:
        return HttpResponse(str(refused), status=403)
    except AccessRefused as refused:
        return _page(request, asked, fault=str(refused))


def _reading(request: HttpRequest, code: str) -> Reading:
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    network = get_object_or_404(Network, code=code)
    if not access.may_see(rights, network):
        raise Http404
    return Reading(rights, now, network)


def _person(reading: Reading, who: str) -> Person:
    person = access.found(reading.network, who)
    if person is None:
        raise Http404
    return person


def _role(reading: Reading, who: str, number: int) -> Membership:
    """A role of theirs in this network, also one that has just been taken: the refusal says so."""
    held = Membership.objects.filter(access.of(reading.network), pk=number, person__username=who)
    found = held.select_related("person", "site__network", "network").first()
    if found is None:
        raise Http404
    return found


def _see(asked: Asked) -> HttpResponse:
    return visit.see_other("person", asked.reading.network.code, asked.person.username)


def _disable(request: HttpRequest, asked: Asked) -> HttpResponse:
    access.disable(asked.decision(request.POST.get("reason", "")))
    messages.success(
        request, f"{asked.person.name} is disabled. Whatever was open as them closes within seconds."
    )
    return _see(asked)


def _let_in(request: HttpRequest, asked: Asked) -> HttpResponse:
    with transaction.atomic():
        access.let_in(asked.decision(request.POST.get("reason", "")))
        devices.forget(asked.person)
    messages.success(request, f"{asked.person.name} can sign in again.")
    return _see(asked)


def _take(request: HttpRequest, asked: Asked) -> HttpResponse:
    """On to the rota where it has a hole now; else back to the person."""
    assert asked.role
    left = _left(asked)
    leaving.take_role(asked.decision(request.POST.get("reason", "")), asked.role)
    place = asked.role.site or asked.role.network
    messages.success(request, f"{asked.person.name} is no longer {asked.role.get_role_display()}, {place}.")
    hole = next((one for one in left.duties if one.hole), None)
    if hole is None:
        return _see(asked)
    messages.error(request, f"{hole.hole}. Put somebody on.")
    return visit.see_other("rota-month", hole.hub, hole.month)


def _give(request: HttpRequest, asked: Asked) -> HttpResponse:
    said, network = request.POST, asked.reading.network
    role, code = said.get("role", ""), said.get("site", "").replace("\x00", "")
    site = Site.objects.filter(network=network, code=code).first() if role in SITE_ROLES else None
    change = access.give(asked.decision(said.get("reason", "")), role, site)
    place = change.site or network
    messages.success(request, f"{asked.person.name} is {Role(change.role).label}, {place}, from now on.")
    return _see(asked)


def _left(asked: Asked) -> Following:
    reading = asked.reading
    return leaving_sheet.following(
        asked.person, reading.network, rights=reading.rights, at=reading.now, role=asked.role
    )


DOES: dict[str, Callable[[HttpRequest, Asked], HttpResponse]] = {
    "disable": _disable,
    "let-in": _let_in,
    "take": _take,
    "give": _give,
}
TAKES = {"disable", "take"}


def _why_not(asked: Asked) -> str:
    """What makes the page pointless before anything is typed; empty where a reason can be given."""
    if asked.deed == "let-in" and asked.person.is_active:
        return f"{asked.person.name} is not disabled."
    if asked.role and asked.role.until:
        return "This role has been taken away already."
    return (
        access.why_not(asked.decision(), asked.role.role if asked.role else "") if asked.deed in TAKES else ""
    )


def _page(request: HttpRequest, asked: Asked, *, fault: str = "") -> HttpResponse:
    reading, person = asked.reading, asked.person
    takes = asked.deed in TAKES
    shown = {
        "network": reading.network,
        "person": person,
        "deed": asked.deed,
        "role": asked.role,
        "left": _left(asked) if takes else None,
        "line": people_sheet.lines([person], reading.network, at=reading.now)[0],
        "roles": [(role.value, role.label) for role in access.GIVEN],
        "sites": Site.objects.filter(network=reading.network).order_by("short_name"),
        "why_not": "" if fault else _why_not(asked),
        "fault": fault,
        "said": request.POST,
    }
    return render(request, "frontend/person_change.html", shown, status=422 if fault else 200)
