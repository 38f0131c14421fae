"""The rules of a network's rotas: each with its source, the national figure, the network's own, and who changed it.

Read by whoever reads a rota there; changed by the network's lead. Thin: workforce.rota_edits checks and writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from frontend import hub_doors, ladder_desk, month_sheet, visit
from network import digits, permissions
from network.models import Network
from workforce import rota_edits
from workforce.rota_edits import NotOnTheRota
from workforce.rota_rows import RuleFigures
from workforce.rules import judge
from workforce.rules.facts import Rule


@dataclass(frozen=True)
class Line:
    """One rule as it stands."""

    name: str
    title: str
    severity: str
    mood: str
    source: str
    unit: str
    national: str
    own: str  # empty: the national figure holds
    least: str
    most: str
    changed: str  # who gave it this figure, when and why
    typed: str
    is_wrong: bool


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """All rules; a POST by the lead changes the network's own figures."""
    now = timezone.now()
    rights = permissions.rights(visit.person(request), at=now)
    network = get_object_or_404(Network, code=code)
    hubs = [hub for hub in hub_doors.open_to(rights, ladder_desk.may_read) if hub.network == network]
    if not hubs:
        raise Http404
    may_edit = rights.leads(network.pk)
    if request.method != "POST":
        return _page(request, network, may_edit=may_edit)
    if not may_edit:
        raise Http404
    try:
        figures = _typed(request.POST)
        rota_edits.change_figures(
            network,
            figures,
            by=rights.person,
            at=now,
            note=request.POST.get("note", "")[:500],
            seen=digits.whole(request.POST.get("seen", "")) or 0,
        )
    except NotOnTheRota as refusal:
        return _page(request, network, may_edit=True, fault=str(refusal))
    messages.success(
        request, "The figures are kept. Every rota of the network is judged by them from now on."
    )
    return visit.see_other("rota-rules", network.code)


def _typed(post: Mapping[str, str]) -> dict[str, float]:
    """The network's own figures; a field that is left empty means the national one."""
    found = {}
    for name, rule in judge.rules().items():
        text = post.get(f"figure-{name}", "").strip().replace(",", ".")
        if not rule.unit or not text:
            continue
        try:
            found[name] = float(text)
        except ValueError as error:
            raise NotOnTheRota(f"{rule.title}: “{text[:20]}” is no number.") from error
    return found


def _page(request: HttpRequest, network: Network, *, may_edit: bool, fault: str = "") -> HttpResponse:
    versions = list(RuleFigures.objects.filter(network=network).select_related("by").order_by("version"))
    own = versions[-1].figures if versions else {}
    lines = [_line(rule, own, versions, request.POST, fault) for rule in judge.rules().values()]
    context = {
        "network": network,
        "lines": lines,
        "may_edit": may_edit,
        "seen": versions[-1].version if versions else 0,
        "fault": fault,
        "note": request.POST.get("note", ""),
        "history": list(reversed(versions)),
    }
    return render(request, "frontend/rota_rules.html", context, status=422 if fault else 200)


def _line(
    rule: Rule, own: Mapping[str, float], versions: list[RuleFigures], post: Mapping[str, str], fault: str
) -> Line:
    held = own.get(rule.name)
    mine = f"{held:g}" if held is not None else ""
    return Line(
        name=rule.name,
        title=judge.rules(own)[rule.name].title,
        severity=month_sheet.WORDS[rule.severity],
        mood=month_sheet.MOODS[rule.severity],
        source=rule.source,
        unit=rule.unit,
        national=f"{rule.value:g}" if rule.unit else "",
        own=mine,
        least=f"{rule.least:g}",
        most=f"{rule.most:g}",
        changed=_changed(rule.name, versions),
        typed=post.get(f"figure-{rule.name}", mine),
        is_wrong=bool(fault) and fault.startswith(f"{rule.title}:"),
    )


def _changed(name: str, versions: list[RuleFigures]) -> str:
    """Who gave this rule the figure that it has."""
    said, before = "", None
    for version in versions:
        figure = version.figures.get(name)
        if figure != before:
            at = timezone.localtime(version.at)
            what = f"{figure:g}" if figure is not None else "the national figure again"
            said = f"{version.by}, {at:%-d %b %Y %H:%M}: {what}. “{version.note}”"
        before = figure
    return said
