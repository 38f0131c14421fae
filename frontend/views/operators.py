"""The operators of a hub: who may do what, and one operator's way with its forms and signatures.

Thin: rights are judged and changes written by the workforce's own modules; whoever may not read finds nothing here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from frontend import hub_doors, operator_forms, operator_sheet, visit
from network import permissions
from network.models import Person, Site
from network.permissions import Rights
from workforce import access, operators, phases, sign_offs
from workforce.models import Operator, Phase, Rung, Specialty
from workforce.refusals import NotEntitled, Refused
from workforce.sign_offs import Capacity, Signature


@dataclass(frozen=True)
class Reading:
    """Who looks, when, and at which hub."""

    rights: Rights
    now: datetime
    hub: Site


@login_required
@never_cache
@require_safe
def hubs(request: HttpRequest) -> HttpResponse:
    """The hubs whose operators this person may see; straight to the only one."""
    rights = permissions.rights(visit.person(request), at=timezone.now())
    found = hub_doors.open_to(rights, access.may_read_hub)
    if len(found) == 1:
        return redirect("operators-of", code=found[0].code)
    return render(request, "frontend/operators_hubs.html", {"hubs": found, "plans": _plans(rights)})


@login_required
@never_cache
@require_safe
def of_hub(request: HttpRequest, code: str) -> HttpResponse:
    """Who may do what at one hub."""
    return _hub_page(request, _reading(request, code))


@login_required
@never_cache
@require_POST
def enrol(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody of this hub begins the way to operating there."""
    reading = _reading(request, code)
    form = operator_forms.Enrolment(_enrollable(reading), request.POST)
    if not form.is_valid():
        return _hub_page(request, reading, form)
    person = Person.objects.get(pk=form.cleaned_data["person"])
    try:
        operators.enrol(
            person,
            reading.hub,
            specialty=Specialty(form.cleaned_data["specialty"]),
            rights=reading.rights,
            at=reading.now,
        )
    except NotEntitled as refused:
        return HttpResponse(str(refused), status=403)
    return _see(reading.hub, person)


def _plans(rights: Rights) -> bool:
    """Is the arithmetic of the workforce for this person?"""
    return bool(rights.networks or rights.governs)


def _enrollable(reading: Reading) -> list[Person]:
    if not access.leads(reading.rights, reading.hub):
        return []
    return operator_sheet.to_enrol(reading.hub, at=reading.now)


def _hub_page(
    request: HttpRequest, reading: Reading, form: operator_forms.Enrolment | None = None
) -> HttpResponse:
    may = access.leads(reading.rights, reading.hub)
    context = {
        "hub": reading.hub,
        "rows": operator_sheet.rows(reading.hub, rights=reading.rights, at=reading.now),
        "plans": _plans(reading.rights),
        "form": (form or operator_forms.Enrolment(_enrollable(reading))) if may else None,
    }
    return render(request, "frontend/operators.html", context, status=422 if form else 200)


@login_required
@never_cache
@require_safe
def one(request: HttpRequest, code: str, who: str) -> HttpResponse:
    """One operator's way at this hub."""
    reading = _reading(request, code)
    return _page(request, reading, _operator(reading, who))


@login_required
@never_cache
@require_POST
def change(request: HttpRequest, code: str, who: str, what: str) -> HttpResponse:
    """Record one thing about an operator, or sign; what was typed comes back where it is refused."""
    reading = _reading(request, code)
    operator = _operator(reading, who)
    if what not in FORMS:
        raise Http404
    form = FORMS[what](request, reading, operator)
    if not form.is_valid():
        return _page(request, reading, operator, what, form)
    try:
        done = DOES[what](reading, operator, {**form.cleaned_data, **_addressed(request)})
    except NotEntitled as refused:
        return _page(request, reading, operator, what, form, refused=str(refused), status=403)
    except Refused as refused:
        return _page(request, reading, operator, what, form, refused=str(refused))
    messages.success(request, done)
    return _see(reading.hub, operator.person)


def _addressed(request: HttpRequest) -> dict[str, str]:
    """What the button stands for, beside what was typed."""
    return {name: request.POST.get(name, "") for name in ("capacity", "to", "rung")}


def _see(hub: Site, person: Person) -> HttpResponse:
    return visit.see_other("operator", hub.code, person.username)


def _reading(request: HttpRequest, code: str) -> Reading:
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    hub = hub_doors.enter(code, rights, access.may_read_hub)
    return Reading(rights, now, hub)


def _operator(reading: Reading, who: str) -> Operator:
    rows = Operator.objects.filter(hub=reading.hub).select_related("person", "hub__network", "supervisor")
    operator = rows.filter(person__username=who).first()
    if operator is None or not access.may_read(reading.rights, operator):
        raise Http404
    return operator


def _able(reading: Reading, operator: Operator) -> list[Person]:
    found = phases.supervisors(reading.hub, at=reading.now)
    return [person for person in found if person.pk != operator.person_id]


def _earlier(reading: Reading, operator: Operator) -> list[Phase]:
    return operator_sheet.sheet(operator, rights=reading.rights, at=reading.now).earlier


Made = Callable[[HttpRequest | None, Reading, Operator], forms.Form]


def _back(request: HttpRequest | None, reading: Reading, operator: Operator) -> forms.Form:
    people = [] if operator.supervisor_id else _able(reading, operator)
    data = request.POST if request else None
    return operator_forms.BackForm(phases=_earlier(reading, operator), people=people, data=data)


def _sign(request: HttpRequest | None, _: Reading, __: Operator) -> forms.Form:
    data = request.POST if request else None
    as_director = bool(request and request.POST.get("capacity") == Capacity.DIRECTOR)
    return operator_forms.SignForm(as_director=as_director, data=data)


def _data(request: HttpRequest | None) -> Any:
    return request.POST if request else None


FORMS: dict[str, Made] = {
    "rung": lambda r, _, __: operator_forms.RungForm(_data(r)),
    "agreement": lambda r, _, __: operator_forms.TermsForm(_data(r)),
    "supervisor": lambda r, at, who: operator_forms.SupervisorForm(_able(at, who), _data(r)),
    "review": lambda r, _, __: operator_forms.ReviewForm(_data(r)),
    "sign": _sign,
    "back": _back,
}


def _do_rung(reading: Reading, operator: Operator, said: dict[str, Any]) -> str:
    rung = _one_of(Rung, said["rung"])
    operators.reach(
        operator, rung, evidence=said["evidence"], on=said["on"], rights=reading.rights, at=reading.now
    )
    return f"{operator.person.name} has reached “{rung.label}”."


def _do_agreement(reading: Reading, operator: Operator, said: dict[str, Any]) -> str:
    terms = operators.Terms(**{name: said[name] for name in operators.Terms.__dataclass_fields__})
    operators.agree(operator, terms, rights=reading.rights, at=reading.now)
    return "The agreement is kept."


def _do_supervisor(reading: Reading, operator: Operator, said: dict[str, Any]) -> str:
    supervisor = Person.objects.get(pk=said["supervisor"])
    operators.name_supervisor(operator, supervisor, rights=reading.rights, at=reading.now)
    return f"{supervisor.name} answers for {operator.person.name} from now on."


def _do_review(reading: Reading, operator: Operator, said: dict[str, Any]) -> str:
    operators.review(
        operator, next_on=said["next_on"], note=said["note"], rights=reading.rights, at=reading.now
    )
    return "The review is kept."


def _do_sign(reading: Reading, operator: Operator, said: dict[str, Any]) -> str:
    phase, capacity = _one_of(Phase, said["to"]), _one_of(Capacity, said["capacity"])
    signature = Signature(
        said["grounds"], said.get("reference", ""), said.get("expires_on"), said.get("review_on")
    )
    both = sign_offs.sign(operator, phase, capacity, signature, rights=reading.rights, at=reading.now)
    if both:
        return f"Both have signed: {operator.person.name} is under “{phase.label.lower()}” from now on."
    return "You have signed. It holds when the other one has, too."


def _do_back(reading: Reading, operator: Operator, said: dict[str, Any]) -> str:
    phase = None if said["phase"] == "none" else _one_of(Phase, said["phase"])
    answers = Person.objects.get(pk=said["supervisor"]) if said.get("supervisor") else None
    sign_offs.set_back(
        operator, phase, reason=said["reason"], supervisor=answers, rights=reading.rights, at=reading.now
    )
    return "It holds from now on."


DOES: dict[str, Callable[[Reading, Operator, dict[str, Any]], str]] = {
    "rung": _do_rung,
    "agreement": _do_agreement,
    "supervisor": _do_supervisor,
    "review": _do_review,
    "sign": _do_sign,
    "back": _do_back,
}


def _one_of[Choice](kind: Callable[[str], Choice], said: str) -> Choice:
    try:
        return kind(said)
    except ValueError:
        raise Refused("This was changed meanwhile. Look again.") from None


def _page(
    request: HttpRequest,
    reading: Reading,
    operator: Operator,
    typed: str = "",
    form: forms.Form | None = None,
    *,
    refused: str = "",
    status: int = 422,
) -> HttpResponse:
    sheet = operator_sheet.sheet(operator, rights=reading.rights, at=reading.now)
    empty = {name: made(None, reading, operator) for name, made in FORMS.items()}
    empty["sign_director"] = operator_forms.SignForm(as_director=True)
    if form is not None:
        director = typed == "sign" and request.POST.get("capacity") == Capacity.DIRECTOR
        empty["sign_director" if director else typed] = form
    for name, each in empty.items():
        each.auto_id = f"{name}-%s"
    context = {"hub": reading.hub, "sheet": sheet, "forms": empty, "typed": typed, "refused": refused}
    return render(request, "frontend/operator.html", context, status=status if form else 200)
