"""Hospitals, hubs by the soonest groin, who is on call, and the streams that one may watch. Reads only.

What stands here is known to everybody who has a token; it says nothing of any patient.
"""

import re
from typing import Any

from django.utils import timezone
from ninja import Router
from ninja.params.functions import Query

from api import schemas
from api.auth import AsPerson
from network import permissions
from network.models import Site
from realtime import feed
from referrals import soonest, verbs
from referrals.refusals import BadInput
from workforce import rota

router = Router()

READ = dict.fromkeys((401, 503), schemas.Fault)
ASKED = dict.fromkeys((401, 422, 503), schemas.Fault)


@router.get(
    "/sites", response={200: list[schemas.Site], **READ}, operation_id="list_sites", summary="Every hospital"
)
def list_sites(request: AsPerson) -> list[dict[str, Any]]:  # noqa: ARG001 ninja's own way
    return [
        {
            "code": site.code,
            "name": site.name,
            "short_name": site.short_name,
            "network": site.network.code,
            "hub": site.is_hub,
            "thrombolyses": site.thrombolyses,
            "phone": site.phone or None,
        }
        for site in Site.objects.select_related("network").order_by("code")
    ]


@router.get(
    "/hubs",
    response={200: list[schemas.Hub], **ASKED},
    operation_id="list_hubs",
    summary="The hubs around a hospital, the soonest groin puncture first",
)
def list_hubs(
    request: AsPerson,  # noqa: ARG001 ninja's own way
    spoke: str = Query(..., description="ODS site code", max_length=12),
) -> list[dict[str, Any]]:
    now = timezone.now()
    found = soonest.hubs(_site("spoke", spoke), now=now)
    on_call: dict[int, list[dict[str, str]]] = {}
    for shift in rota.on_call_at([one.hub for one in found], at=now):
        on_call.setdefault(shift.hub_id, []).append({"duty": shift.duty, "name": shift.person.name})
    return [
        {
            "code": one.hub.code,
            "name": one.hub.name,
            "minutes": one.ranked.road,
            "network": one.hub.network.code,
            "on_call": on_call.get(one.hub.pk, []),
            "closed": not one.ranked.is_open,
            "opens_at": one.ranked.opens_at,
            "closed_why": one.ranked.closed_why or None,
            "groin_at": one.ranked.groin_at,
            "leave_at": one.ranked.leave_at,
            "arrive_at": one.ranked.arrive_at,
            "observed_minutes": one.ranked.conveyance.minutes if one.ranked.conveyance else None,
            "observed_journeys": one.ranked.conveyance.number if one.ranked.conveyance else 0,
            "door_to_groin_minutes": one.ranked.readiness.minutes,
            "patients_before": one.ranked.ahead,
            "wait_minutes": one.ranked.waits,
            "takes_referrals_until": one.ranked.last_acceptance,
            "be_there_by": one.ranked.arrive_by,
        }
        for one in found
    ]


@router.get(
    "/on-call",
    response={200: list[schemas.Shift], **ASKED},
    operation_id="list_on_call",
    summary="Who is on call at a hub, first on call first",
)
def list_on_call(
    request: AsPerson,  # noqa: ARG001 ninja's own way
    hub: str = Query(..., description="ODS site code", max_length=12),
    at: str | None = Query(None, description="an instant; now, where it is left out"),
) -> list[dict[str, Any]]:
    moment = verbs.moment(at, now=timezone.now())
    site = _site("hub", hub)
    if not site.is_hub:
        raise BadInput({"hub": f"{site} is not a thrombectomy hub."})
    return [
        {
            "hub": site.code,
            "duty": shift.duty,
            "name": shift.person.name,
            "since": shift.period.lower,
            "until": shift.period.upper,
        }
        for shift in rota.on_call(site, at=moment)
    ]


@router.get(
    "/streams",
    response={200: list[schemas.Stream], **READ},
    operation_id="list_streams",
    summary="The streams that you may watch",
)
def list_streams(request: AsPerson) -> list[dict[str, Any]]:
    names = feed.watchable(permissions.rights(request.auth, at=timezone.now()))
    heads = feed.heads(names)
    return [{"key": key, "name": name, "head": heads[key]} for key, name in names.items()]


def _site(field: str, code: str) -> Site:
    found = Site.objects.filter(code=code.upper()).first() if re.fullmatch(r"[A-Za-z0-9]+", code) else None
    if found is None:
        raise BadInput({field: f"There is no hospital with the code “{code[:16]}”."})
    return found
