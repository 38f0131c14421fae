"""The referral form: a new patient, a pre-alerted one whose CTA is done, or a hub's own patient.

Thin: what may be said is decided by referrals.facts, who may say it by referrals.entry. Nothing of a patient is
ever put into an address, and the page is never kept by the browser.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from frontend import facts_sheet, hub_choice, visit
from frontend.hub_choice import HubChoices
from network import permissions
from network.models import Person, Role, Site
from network.permissions import Rights
from referrals import drafts, eligibility, entry, facts, policy, queries, verbs
from referrals.facts import Stage
from referrals.models import Draft, Referral
from referrals.refusals import BadInput, Refusal
from referrals.states import State

SEPARATE = "This is a different patient: {verb} separately"


@dataclass(frozen=True)
class Desk:
    """Where this person stands: at which spokes and hubs, and which patient is being entered there."""

    person: Person
    spokes: list[Site]
    hubs: list[Site]
    site: Site
    own: bool  # a hub's own patient, already here
    alerted: Referral | None  # pre-alerted before

    @property
    def stage(self) -> Stage:
        return Stage.ADMIT if self.own else Stage.REFER


@dataclass(frozen=True)
class Refused:
    """Why the form comes back: a sentence for the whole of it, or for some of its questions."""

    status: int = 200
    message: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest) -> HttpResponse:
    """Show the form, or do with it what the pressed button says and go to the patient's page."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    said = request.POST if request.method == "POST" else request.GET
    alerted = _alerted(rights, said.get("from", ""))
    if alerted and (alerted.state != State.PRE_ALERTED or not policy.RULES["refer"][0](rights, alerted)):
        messages.warning(
            request, f"{alerted.code} is not a pre-alert that you can refer. This is where it stands."
        )
        return redirect("case", code=alerted.code)
    desk = _desk(rights, said, alerted)
    if desk is None:
        return render(request, "frontend/refer.html", {"nowhere": True}, status=403)
    if request.method != "POST":
        return _page(request, desk, now, Refused())
    try:
        entered = _enter(request, desk, now)
    except BadInput as bad:
        return _page(request, desk, now, Refused(422, "", bad.fields))
    except Refusal as refusal:
        return _page(request, desk, now, Refused(refusal.status, refusal.message))
    if not desk.own and not desk.alerted:
        drafts.drop(desk.person, desk.site)
    if entered.joined:
        messages.warning(
            request,
            f"{entered.referral.code} is already live for this NHS number: you have joined it. "
            "Check its facts: what you typed was not added.",
        )
    return visit.see_other("case", code=entered.referral.code)


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def hubs(request: HttpRequest) -> HttpResponse:
    """The ranked hubs of one spoke at which this person works, for what is typed so far; nothing is kept."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    said = request.POST if request.method == "POST" else request.GET
    spoke = _spoke(rights, said)
    ticked = said.getlist("hubs") if said.get("chosen") == "1" else None
    typed = facts_sheet.judged(request.POST, now=now) if request.method == "POST" else None
    ranked = hub_choice.choices(spoke, ticked=ticked, at=now, facts=typed)
    return render(request, "frontend/_hubs.html", {"hubs": ranked, "spoke": spoke})


@login_required
@never_cache
@sensitive_post_parameters()
@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed so far, for this person alone; or forget it, where that is asked for."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    wanted = request.POST.get("spoke", "").upper()
    spoke = next((site for site in _sites_of(rights, Role.SPOKE) if site.code == wanted), None)
    if spoke is None:
        raise Http404
    if request.POST.get("forget") == "1":
        drafts.drop(rights.person, spoke)
        return visit.see_other("refer")
    drafts.keep(rights.person, spoke, request.POST.dict(), at=now)
    return HttpResponse(status=204)


def _spoke(rights: Rights, said: Mapping[str, Any]) -> Site:
    """The spoke of this person that was named, or that of a pre-alert which they may refer."""
    alerted = _alerted(rights, said.get("from", ""))
    if alerted and policy.RULES["refer"][0](rights, alerted):
        return alerted.spoke
    spokes = _sites_of(rights, Role.SPOKE)
    spoke = next((site for site in spokes if site.code == said.get("spoke", "").upper()), None)
    if spoke is None:
        raise Http404
    return spoke


def _alerted(rights: Rights, code: str) -> Referral | None:
    return queries.get(rights, code) if code else None


def _sites_of(rights: Rights, *roles: Role) -> list[Site]:
    ids = [site_id for site_id in rights.sites if rights.has(*roles, site_id=site_id)]
    return list(Site.objects.filter(pk__in=ids).select_related("network").order_by("short_name"))


def _desk(rights: Rights, said: Mapping[str, Any], alerted: Referral | None) -> Desk | None:
    """Where the form stands; None for a person who enters no patients at all."""
    spokes = _sites_of(rights, Role.SPOKE)
    own_hubs = [site for site in _sites_of(rights, Role.OPERATOR, Role.HUB) if site.is_hub]
    if alerted:
        return Desk(rights.person, [alerted.spoke], own_hubs, alerted.spoke, own=False, alerted=alerted)
    own = bool(own_hubs) and (said.get("own") == "1" or not spokes)
    among = own_hubs if own else spokes
    if not among:
        return None
    wanted = str(said.get("hub" if own else "spoke", "")).upper()
    site = next((site for site in among if site.code == wanted), among[0])
    return Desk(rights.person, spokes, own_hubs, site, own=own, alerted=None)


def _enter(request: HttpRequest, desk: Desk, now: datetime) -> entry.Entered:
    typed = {name: request.POST.get(name, "") for name in facts.NAMES}
    chosen = request.POST.getlist("hubs")
    separate = request.POST.get("separate") == "1"
    # As sent, not as the desk stands: a team that the person has left is refused, never exchanged for another.
    site = request.POST.get("hub" if desk.own else "spoke") or desk.site.code
    key = _key(request.POST.get("key", ""), {**typed, "hubs": chosen, "site": site})
    if desk.alerted:
        said = {**typed, "hubs": chosen}
        referral = verbs.do(desk.alerted.code, "refer", said, by=desk.person, now=now, via="web", key=key)
        return entry.Entered(referral, joined=False)
    press: dict[str, Any] = {"by": desk.person, "at": now, "now": now, "via": "web", "key": key}
    if desk.own:
        return entry.admit(hub=site, said=typed, separate=separate, **press)
    if request.POST.get("do") == "pre_alert":
        return entry.pre_alert(spoke=site, said=typed, separate=separate, **press)
    return entry.refer(spoke=site, hubs=chosen, said=typed, separate=separate, **press)


def _key(given: str, typed: Mapping[str, Any]) -> str:
    """One key for this form with this content: pressed twice it is one patient, typed anew it is another."""
    try:
        form = uuid.UUID(given)
    except ValueError:
        form = uuid.uuid4()
    content = json.dumps(typed, sort_keys=True).encode()
    return hashlib.blake2b(content, key=form.bytes, digest_size=16).hexdigest()


def _page(request: HttpRequest, desk: Desk, now: datetime, refused: Refused) -> HttpResponse:
    typed = request.POST if request.method == "POST" else None
    begun = None if desk.own or desk.alerted or typed is not None else _begun(desk, now)
    faults = dict(refused.faults)
    initial: dict[str, Any] = {"callback": desk.person.phone}
    if desk.alerted:
        initial = {name: getattr(desk.alerted, name) for name in facts.NAMES}
    kept = begun.said if begun else None
    asked = facts_sheet.sections(
        typed if typed is not None else kept, initial=initial, faults=faults, stage=desk.stage, now=now
    )
    ticked = typed.getlist("hubs") if typed is not None else None
    context = {
        "desk": desk,
        "sections": asked,
        "begun": begun,
        "hubs": None if desk.own else _hubs(desk, typed if typed is not None else kept, ticked, now),
        "spoke": desk.site,
        "key": _kept(typed.get("key", "") if typed is not None else ""),
        "separate": typed is not None and typed.get("separate") == "1",
        "separate_label": SEPARATE.format(verb="enter" if desk.own else "refer"),
        "message": refused.message,
        "faults": _in_order(faults),
        "hubs_fault": faults.get("hubs", ""),
    }
    return render(request, "frontend/refer.html", context, status=refused.status)


def _begun(desk: Desk, now: datetime) -> Draft | None:
    """What this person has begun here and not sent."""
    return drafts.of(desk.person, desk.site, at=now)


def _hubs(desk: Desk, typed: Any, ticked: list[str] | None, now: datetime) -> HubChoices:
    """The hubs for what is known so far: typed, or said in the pre-alert."""
    known = facts_sheet.judged(typed, now=now) if typed is not None else None
    if typed is None and desk.alerted:
        known = eligibility.facts_of(desk.alerted)
    return hub_choice.choices(desk.site, ticked=ticked, at=now, facts=known, referral=desk.alerted)


def _kept(given: str) -> str:
    try:
        return str(uuid.UUID(given))
    except ValueError:
        return str(uuid.uuid4())


def _in_order(faults: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Field, label and sentence of each fault, in the order of the form."""
    order = [*facts_sheet.PATIENT, *facts_sheet.STROKE, *facts_sheet.SCAN, "hubs", *facts_sheet.REACH]
    known = sorted(faults, key=lambda name: order.index(name) if name in order else len(order))
    return [(name if name in order else "form", facts_sheet.label(name), faults[name]) for name in known]
