"""A referral's conversation for programs: read it in pages, write to it once, and say what was delivered and read.

Thin: who may is decided by referrals.queries, and what is kept by referrals.conversation. This edge reads the clock.
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from ninja import Router, Schema, Status
from ninja.params.functions import Query
from pydantic import Field

from api import bodies, described, schemas
from api.auth import AsPerson
from api.referrals import CODE, NOT_READ, REFUSED, idempotency_key
from api.schemas import Moment
from network import permissions
from network.models import Person
from network.permissions import Rights
from referrals import queries, verbs
from referrals.conversation import confirming, marks, reading, sending
from referrals.conversation.marks import Range, Reader
from referrals.conversation.references import LABELS
from referrals.models import Address, Confirmation, Message, Reference, Referral, Via
from referrals.refusals import BadInput, NotVisible

router = Router()

MOST = 200  # messages in one answer


class Seen(Schema):
    """To whom a message has come."""

    name: str
    site: str | None = Field(description="as people say it; null: a network's coordinator or lead")
    delivered_at: Moment | None = Field(description="on a screen of theirs")
    read_at: Moment | None = Field(description="before their eyes")


class Confirmed(Schema):
    """Who has said, for the role that is meant, that they have the message."""

    by: schemas.By | None = Field(description="null: the ambulance's crew")
    place: str
    at: Moment


class Referred(Schema):
    """Where the study is in PACS (FHIR ImagingStudy), or what an AI made of it. Dido fetches nothing of it."""

    kind: str = Field(description="imaging_study or ai_result; of an AI, the report of a radiologist decides")
    description: str | None
    accession_number: str | None
    study_instance_uid: str | None
    device: str | None
    conclusion: str | None
    issued_at: Moment | None
    address: str | None


class Said(Schema):
    """One message. It is never changed: a correction is another message."""

    number: int = Field(description="1, 2, 3 … in each referral, in the order of time")
    by: schemas.By | None = Field(description="null: the ambulance's crew, by its link")
    role: str = Field(description="as what they wrote; “crew” for the ambulance's")
    site: str | None = Field(description="ODS site code of the hospital they wrote from")
    network: str | None = Field(description="the code of their network, for a coordinator or lead")
    text: str
    to: str | None = Field(
        description="operator, spoke, coordinator or crew: the role that is meant; null: everybody alike"
    )
    confirm: bool = Field(description="that role is asked until somebody of it confirms")
    confirmed: Confirmed | None
    at: Moment = Field(description="when the server took it")
    typed_at: Moment | None = Field(description="when it was written, where it had to wait for the line")
    corrects: int | None = Field(description="the number of the message that it corrects")
    paper: str | None = Field(description="what was sent with it: photo, pdf or dicom")
    reference: Referred | None
    seen: list[Seen]


RANGES = {
    "type": "array",
    "maxItems": marks.MOST,
    "items": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 2, "maxItems": 2},
    "description": "the first and the last number of each run of messages",
}
SAYS = described.body(
    {
        "text": {"type": "string", "minLength": 1, "maxLength": sending.LONGEST},
        "to": {"type": ["string", "null"], "enum": [*Address.values, None]},
        "confirm": {"type": ["boolean", "null"]},
        "corrects": {"type": ["integer", "null"], "minimum": 1},
        "typed_at": {"type": ["string", "null"], "format": "date-time"},
    },
    ["text"],
)
MARKS = described.body({"delivered": RANGES, "read": RANGES}, [])


def told(message: Message, seen: list[Reader]) -> dict[str, Any]:
    """A message as programs see it."""
    return {
        "number": message.number,
        "by": _by(message.by),
        "role": message.role or Address.CREW.value,
        "site": message.site.code if message.site else None,
        "network": message.network.code if message.network else None,
        "text": message.text,
        "to": message.to or None,
        "confirm": hasattr(message, "confirmation"),
        "confirmed": _confirmed(message.confirmed),
        "at": message.at,
        "typed_at": message.typed_at,
        "corrects": message.corrects.number if message.corrects else None,
        "paper": message.paper.kind if hasattr(message, "paper") else None,
        "reference": _referred(message.reference) if hasattr(message, "reference") else None,
        "seen": [
            {
                "name": one.name,
                "site": one.site or None,
                "delivered_at": one.delivered_at,
                "read_at": one.read_at,
            }
            for one in seen
        ],
    }


def _referred(reference: Reference) -> dict[str, Any]:
    said = {name: getattr(reference, name) or None for name in LABELS}
    return {"kind": reference.kind, **said}


def _confirmed(done: Confirmation | None) -> dict[str, Any] | None:
    return {"by": _by(done.by), "place": done.place, "at": done.at} if done else None


def _by(person: Person | None) -> dict[str, str] | None:
    return {"username": person.username, "name": person.name} if person else None


def _mine(request: AsPerson, code: str, now: datetime) -> tuple[Rights, Referral]:
    rights = permissions.rights(request.auth, at=now)
    if not CODE.fullmatch(code):
        raise NotVisible
    return rights, queries.get(rights, code)


@router.get(
    "/referrals/{code}/messages",
    response={200: list[Said], **NOT_READ},
    operation_id="list_messages",
    summary="The conversation",
)
def list_messages(
    request: AsPerson,
    response: HttpResponse,
    code: str,
    limit: int = Query(reading.AT_ONCE, ge=1, le=MOST),
    cursor: int | None = Query(
        None, ge=1, le=2**31 - 1, description="from the Link header of the page before"
    ),
) -> list[dict[str, Any]]:
    """The newest messages, in their order; a `Link` header with `rel="next"` leads to the older ones.

    To read here marks nothing: say with `mark_messages` what was shown to a person.
    """
    _, referral = _mine(request, code, timezone.now())
    found = reading.page(referral, before=cursor, most=limit)
    if found.more:
        query = urlencode({"limit": limit, "cursor": found.messages[0].number})
        response["Link"] = f'<{request.path}?{query}>; rel="next"'
    return [told(one, list(found.readers.get(one.number, ()))) for one in found.messages]


@router.post(
    "/referrals/{code}/messages",
    response={201: Said, **REFUSED},
    operation_id="send_message",
    summary="Write to everybody who is party to a referral",
    openapi_extra=SAYS,
)
def send_message(request: AsPerson, code: str, key: str = idempotency_key()) -> Status[dict[str, Any]]:
    """Kept before it is answered. The same Idempotency-Key again writes nothing and gives the first message again."""
    now = timezone.now()
    said = bodies.read(request)
    rights, _ = _mine(request, code, now)
    bodies.check_fields(said, {"text", "to", "confirm", "corrects", "typed_at"})
    if not isinstance(said.get("confirm"), bool | None):
        raise BadInput({"confirm": "confirm is true or false."})
    if not isinstance(said.get("to") or "", str):
        raise BadInput({"to": f"A message is addressed to one of: {', '.join(Address.values)}."})
    corrects = said.get("corrects")
    if corrects is not None and not is_number(corrects):
        raise BadInput({"corrects": "Say which message it corrects by its number."})
    if not isinstance(said.get("text", ""), str):
        raise BadInput({"text": "The message must be a text."})
    message = sending.send(
        code,
        text=said.get("text", ""),
        to=said.get("to") or "",
        confirm=said.get("confirm") is True,
        corrects=corrects,
        typed_at=verbs.moment(said.get("typed_at"), now=now) if said.get("typed_at") else None,
        by=request.auth,
        at=now,
        via=Via.API,
        key=key,
        rights=rights,
    )
    return Status(201, told(message, []))


@router.post(
    "/referrals/{code}/messages/marks",
    response={204: None, **REFUSED},
    operation_id="mark_messages",
    summary="Say which messages were delivered, and which were read",
    openapi_extra=MARKS,
)
def mark_messages(request: AsPerson, code: str) -> Status[None]:
    """Delivered: on a screen of this person. Read: before their eyes. What was said before stays as it was."""
    now = timezone.now()
    said = bodies.read(request)
    rights, referral = _mine(request, code, now)
    bodies.check_fields(said, {"delivered", "read"})
    delivered, read = (_ranges(said.get(name, []), name) for name in ("delivered", "read"))
    marks.add(rights, referral.code, delivered=delivered, read=read, at=now)
    return Status(204, None)


@router.post(
    "/referrals/{code}/messages/{int:number}/confirm",
    response={200: Confirmed, **REFUSED},
    operation_id="confirm_message",
    summary="Say that you have a message that is addressed to your role",
)
def confirm_message(request: AsPerson, code: str, number: int) -> dict[str, Any] | None:
    """The first of that role counts; whoever comes later is told who that was."""
    now = timezone.now()
    _mine(request, code, now)
    if not is_number(number):
        raise NotVisible
    done = confirming.confirm(code, number, by=request.auth, at=now, via=Via.API)
    return _confirmed(done)


@router.get(
    "/unread",
    response={200: dict[str, int], **dict.fromkeys((401, 503), schemas.Fault)},
    operation_id="unread",
    summary="How many messages you have not read, by referral",
)
def unread(request: AsPerson) -> dict[str, int]:
    """Of the referrals on the board; those without an unread message are left out."""
    now = timezone.now()
    rights = permissions.rights(request.auth, at=now)
    shown = queries.on_board(queries.visible(rights), now=now).values_list("code", flat=True)
    return marks.unread(request.auth, list(shown))


def is_number(value: Any) -> bool:
    """Can this be the number of a message?"""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31


def _ranges(said: Any, name: str) -> list[Range]:
    wrong = BadInput({name: f"{name} is a list of at most {marks.MOST} pairs of numbers, like [[3, 7]]."})
    if not isinstance(said, list) or len(said) > marks.MOST:
        raise wrong
    for one in said:
        if not (isinstance(one, list) and len(one) == 2 and all(is_number(n) for n in one)):
            raise wrong
    return [(first, upto) for first, upto in said]
