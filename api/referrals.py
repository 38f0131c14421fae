"""Referrals for programs: list them, enter a patient, read one and its trail, do one verb.

Thin: what may be done and what is wrong with a value is decided in referrals.verbs and referrals.entry. This edge
reads the clock, and looks again at what the caller may see before it answers.
"""

import re
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from ninja import Router, Status
from ninja.params.functions import Header, Query

from api import bodies, described, present, schemas
from api.auth import AsPerson
from network import permissions
from network.models import Site
from network.permissions import Rights
from referrals import entry, facts, queries, verbs
from referrals.facts import Stage
from referrals.models import Referral, Via
from referrals.refusals import BadInput, NotAllowed, NotVisible
from referrals.states import LIVE, State

router = Router()

MOST = 200  # referrals in one answer
LONGEST_KEY = 120
REFUSED = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 503), schemas.Fault)
NOT_READ = dict.fromkeys((401, 404, 422, 503), schemas.Fault)
CODE = re.compile(r"[A-Za-z0-9]{1,8}")


def idempotency_key() -> Any:
    """The header that makes a press count once."""
    return Header(
        "",
        alias="Idempotency-Key",
        max_length=LONGEST_KEY,
        pattern=r"^[\x20-\x7e]*$",
        description="One key for one press: the same key again changes nothing and gives the first answer again.",
    )


def _mine(request: AsPerson, now: datetime) -> Rights:
    return permissions.rights(request.auth, at=now)


def _one(rights: Rights, code: str) -> Referral:
    if not CODE.fullmatch(code):
        raise NotVisible
    found = queries.with_offers(queries.visible(rights)).filter(code=code.upper()).first()
    if found is None:
        raise NotVisible
    return found


def _told(rights: Rights, done: Referral) -> dict[str, Any]:
    """The referral after a verb; whoever no longer sees it is told of their own last deed alone."""
    seen = queries.with_offers(queries.visible(rights)).filter(pk=done.pk).first()
    if seen is not None:
        return present.referral(seen)
    last = queries.trail(done).filter(by=rights.person).latest("number")
    return present.farewell(done, last, rights.sites)


@router.get(
    "/referrals",
    response={200: list[schemas.Referral], **dict.fromkeys((401, 422, 503), schemas.Fault)},
    operation_id="list_referrals",
    summary="The referrals that you may see",
)
def list_referrals(
    request: AsPerson,
    response: HttpResponse,
    *,
    state: list[State] = Query([], description="only those in these states"),  # noqa: B008 ninja's own way
    live: bool | None = Query(None, description="true: only live ones; false: only ended ones"),
    limit: int = Query(MOST, ge=1, le=MOST),
    cursor: int | None = Query(
        None, ge=1, le=2**63 - 1, description="from the Link header of the page before"
    ),
) -> list[dict[str, Any]]:
    """Newest first. Without `state` and `live`: those on the board, live or ended within the last six hours.

    A `Link` header with `rel="next"` leads to the next page, where there is one.
    """
    now = timezone.now()
    visible = queries.visible(_mine(request, now)).select_related("second", "observer")
    if state:
        visible = visible.filter(state__in=[s.value for s in state])
    if live is not None:
        visible = visible.filter(state__in=sorted(LIVE)) if live else visible.exclude(state__in=sorted(LIVE))
    asked = state or live is not None
    found = queries.with_offers(visible if asked else queries.on_board(visible, now=now))
    if cursor is not None:
        found = found.filter(pk__lt=cursor)
    rows = list(found.order_by("-pk")[: limit + 1])
    if len(rows) > limit:
        rows = rows[:limit]
        query = [("state", s.value) for s in state] + ([] if live is None else [("live", str(live).lower())])
        query += [("limit", str(limit)), ("cursor", str(rows[-1].pk))]
        response["Link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'
    return [present.referral(row) for row in rows]


@router.post(
    "/referrals",
    response={200: schemas.Entered, 201: schemas.Entered, **REFUSED},
    operation_id="enter",
    summary="Enter a patient",
    description=described.entry_in_words(),
    openapi_extra=described.entry(),
)
def enter(request: AsPerson, response: HttpResponse, key: str = idempotency_key()) -> Status[dict[str, Any]]:
    """Refer, pre-alert or admit a patient."""
    now = timezone.now()
    said = bodies.read(request)
    rights = _mine(request, now)
    entered = _entered(said, {"by": request.auth, "now": now, "via": Via.API, "key": key, "rights": rights})
    told = _told(rights, entered.referral)
    response["Location"] = f"{request.path}/{entered.referral.code}"
    return Status(200 if entered.joined else 201, told | {"joined": entered.joined})


def _entered(said: dict[str, Any], press: Any) -> entry.Entered:
    """Enter the patient in the way that was meant, or BadInput with all that is wrong."""
    faults: dict[str, str] = {}
    rest = dict(said)
    spoke = _site_code(rest.pop("spoke", None), faults)
    hubs = _read(lambda: verbs.HUBS.read(rest.pop("hubs", None) or []), faults) or []
    pre_alert, separate = _flag(rest, "pre_alert", faults), _flag(rest, "separate", faults)
    press["at"] = _read(lambda: verbs.moment(rest.pop("at", None), now=press["now"]), faults)
    admits = not pre_alert and set(hubs) <= {spoke} and Site.objects.filter(code=spoke, is_hub=True).exists()
    if pre_alert and hubs:
        faults["hubs"] = "A pre-alert asks no hub yet: leave the hubs out."
    if faults:
        stage = Stage.PRE_ALERT if pre_alert else Stage.ADMIT if admits else Stage.REFER
        _read(lambda: facts.check(rest, stage=stage, now=press["now"]), faults)
        raise BadInput(faults)
    if pre_alert:
        return entry.pre_alert(spoke=spoke, said=rest, separate=separate, **press)
    if admits:
        return entry.admit(hub=spoke, said=rest, separate=separate, **press)
    return entry.refer(spoke=spoke, hubs=hubs, said=rest, separate=separate, **press)


def _read(visit: Any, faults: dict[str, str]) -> Any:
    try:
        return visit()
    except BadInput as bad:
        faults |= bad.fields
        return None


def _site_code(value: Any, faults: dict[str, str]) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9]{1,12}", value.strip()):
        return value.strip().upper()
    faults["spoke"] = "Say in which hospital the patient is: its ODS site code, like RBL14."
    return ""


def _flag(rest: dict[str, Any], name: str, faults: dict[str, str]) -> bool:
    value = rest.pop(name, None)
    if value is not None and not isinstance(value, bool):
        faults[name] = f"{name} is true or false."
    return value is True


@router.get(
    "/referrals/{code}",
    response={200: schemas.Referral, **NOT_READ},
    operation_id="get_referral",
    summary="One referral",
)
def get_referral(request: AsPerson, code: str) -> dict[str, Any]:
    return present.referral(_one(_mine(request, timezone.now()), code))


@router.get(
    "/referrals/{code}/events",
    response={200: list[schemas.Event], **NOT_READ},
    operation_id="list_events",
    summary="Everything that was done to a referral",
)
def list_events(request: AsPerson, code: str) -> list[dict[str, Any]]:
    referral = _one(_mine(request, timezone.now()), code)
    return [present.event(event) for event in queries.trail(referral)]


def _do(request: AsPerson, code: str, verb: str, key: str) -> dict[str, Any]:
    now = timezone.now()
    if verb in verbs.VERBS and not CODE.fullmatch(code):
        raise NotVisible
    said = bodies.read(request)
    rights = _mine(request, now)
    try:
        done = verbs.do(code, verb, said, by=request.auth, now=now, via=Via.API, key=key, rights=rights)
    except NotVisible:
        # An answer to an offer is looked up among one's own hubs', which says nothing of the referral itself.
        if queries.visible(rights).filter(code=code.upper()).exists():
            raise NotAllowed("not_allowed", "You see this referral, but this is not yours to do.") from None
        raise
    return _told(rights, done)


def _declare(verb: verbs.Verb) -> None:
    """One address for each verb, so that the OpenAPI document says exactly what each takes."""

    @router.post(
        f"/referrals/{{code}}/{verb.name}",
        response={200: schemas.Referral, **REFUSED},
        operation_id=verb.name,
        summary=verb.button,
        description=(verb.perform.__doc__ or "").strip(),
        openapi_extra=described.taken(verb),
        url_name=f"do_{verb.name}",
    )
    def do(request: AsPerson, code: str, key: str = idempotency_key()) -> dict[str, Any]:
        return _do(request, code, verb.name, key)


for _verb in verbs.VERBS.values():
    _declare(_verb)


@router.post("/referrals/{code}/{verb}", response=REFUSED, include_in_schema=False)
def unknown_verb(request: AsPerson, code: str, verb: str) -> dict[str, Any]:
    return _do(request, code, verb, "")
