"""What became of patients: the work list of outcomes, one outcome's form, and the network's rule for 90 days.

Thin: frontend.outcomes_sheet and frontend.outcome_form show; the verb `record_outcome` and referrals.rulebook
decide. A GET changes nothing.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from frontend import casefile, outcome_form, outcomes_sheet, posted, press, visit
from network import digits, permissions
from network.models import Network
from network.permissions import Rights
from referrals import policy, queries, rulebook, verbs
from referrals.after import rules
from referrals.after.rows import By, Kind
from referrals.models import Referral
from referrals.refusals import BadInput, Refusal


@require_safe
@login_required
@never_cache
def outcomes(request: HttpRequest) -> HttpResponse:
    """The work list of this person's teams; who has not answered, for those who count."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    context = {"sheet": outcomes_sheet.sheet(rights, now=now), "networks": _networks(rights)}
    return render(request, "frontend/outcomes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_post_parameters()
def outcome(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One outcome of one patient; what was refused comes back with everything that was typed."""
    person, now = visit.person(request), timezone.now()
    rights = permissions.rights(person, at=now)
    referral = queries.get(rights, code)
    if kind not in Kind.values or referral.punctured_at is None:
        raise Http404
    if request.method != "POST":
        return _form(request, referral, kind, rights)
    try:
        said, key = posted.said(request.POST) | {"outcome": kind}, posted.key(request.POST)
        verbs.do(code, "record_outcome", said, by=person, now=now, via="web", key=key)
    except Refusal as refusal:
        return _form(request, referral, kind, rights, refusal=refusal)
    visit.saved(request, f"{referral.code}: {Kind(kind).label}", at=now)
    return visit.see_other("outcomes")


def _form(
    request: HttpRequest, referral: Referral, kind: str, rights: Rights, *, refusal: Refusal | None = None
) -> HttpResponse:
    now = timezone.now()
    faults = refusal.fields if isinstance(refusal, BadInput) else {}
    typed = dict(request.POST.lists()) if refusal else {}
    message = refusal.message if refusal and not faults else ""
    context = {
        "form": outcome_form.of(referral, kind, typed, faults, message=message, now=now),
        "referral": referral,
        "identity": casefile.identity(referral, now),
        "may": policy.RULES["record_outcome"][0](rights, referral),
        "kinds": [(one.value, str(one.label)) for one in Kind],
        "key": posted.key(request.POST) or press.new_key(),
    }
    status = refusal.status if refusal else 200
    return render(request, "frontend/outcome.html", context, status=status)


@require_POST
@login_required
def ninety(request: HttpRequest, code: str) -> HttpResponse:
    """The network's lead says who takes the mRS at 90 days."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    network = get_object_or_404(Network, code=code)
    if network.pk not in rights.networks:
        raise Http404
    based_on = digits.whole(request.POST.get("based_on", ""))
    try:
        rulebook.put_ninety(
            network,
            request.POST.get("taken_by", ""),
            based_on=-1 if based_on is None else based_on,
            reason=request.POST.get("reason", ""),
            rights=rights,
            at=now,
        )
        messages.success(request, "Saved.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return visit.see_other("outcomes")


def _networks(rights: Rights) -> list[dict[str, object]]:
    """The networks whose rule for 90 days this person may change, with the rule as it stands."""
    led = [pk for pk in rights.networks if rights.leads(pk)]
    found = []
    for network in Network.objects.filter(pk__in=led).order_by("name"):
        rule = rulebook.current_ninety(network)
        taken_by = By(rule.taken_by) if rule else rules.DEFAULT_NINETY
        found.append(
            {
                "code": network.code,
                "name": network.name,
                "version": rule.version if rule else 0,
                "rule": f"{taken_by.label}, since version {rule.version}: {rule.reason} ({rule.by})"
                if rule
                else "",
                "options": [(by.value, str(by.label), by == taken_by) for by in By],
            }
        )
    return found
