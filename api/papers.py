"""Pictures and papers for programs: announced with their sizes, sent in parts, looked at, and then a message.

Thin: what is taken, and what is wrong with what is not, is decided by referrals.papers.intake, as for the case's page.
The same Idempotency-Key again goes on where the first time ended. This edge reads the clock.
"""

import uuid
from typing import Any, cast

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from ninja.params.functions import Query
from pydantic import Field

from api import bodies, described, faults, messages, schemas
from api.auth import AsPerson
from api.referrals import CODE, REFUSED, idempotency_key
from network import digits
from referrals.conversation import sending
from referrals.models import Upload
from referrals.papers import incoming, intake
from referrals.papers.intake import OutOfStep
from referrals.refusals import BadInput, NotVisible

router = Router()

NO_LENGTH = "Say in Content-Length how long this part is."


class Coming(Schema):
    """Files on their way in."""

    upload: uuid.UUID
    part: int = Field(description="at most so many bytes at once")
    received: int = Field(description="bytes that have come: the next part begins there")


class Received(Schema):
    """How far it has come."""

    received: int


class Behind(schemas.Fault):
    """This part does not follow what has come; `received` says from where to go on."""

    received: int


ANNOUNCED = described.body(
    {
        "sizes": {
            "type": "array",
            "items": {"type": "integer", "minimum": 1},
            "minItems": 1,
            "maxItems": intake.MOST_FILES,
            "description": "bytes of each file; several are the DICOM images of one series",
        }
    },
    ["sizes"],
)
BYTES = {"type": "string", "format": "binary"}
PART = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": BYTES}}}}
WORDS = described.body({"text": {"type": "string", "maxLength": sending.LONGEST}}, [])


@router.post(
    "/referrals/{code}/papers",
    response={201: Coming, **REFUSED},
    operation_id="announce_paper",
    summary="Announce a picture, a paper or the images of a series",
    openapi_extra=ANNOUNCED,
)
def announce_paper(request: AsPerson, code: str, key: str = idempotency_key()) -> Status[dict[str, Any]]:
    """A photograph (JPEG, PNG), a PDF, or DICOM images, told by their bytes; too large is refused before a byte comes.

    Then send the bytes of all files, one after the other, by `send_part`, and end with `finish_paper`.
    """
    said = bodies.read(request)
    if not CODE.fullmatch(code):
        raise NotVisible
    bodies.check_fields(said, {"sizes"})
    upload = intake.begin(code, intake.sizes(said.get("sizes")), by=request.auth, at=timezone.now(), key=key)
    return Status(201, {"upload": upload.pk, "part": intake.PART, "received": upload.received})


@router.post(
    "/referrals/{code}/papers/{uuid:upload}/part",
    response={200: Received, **REFUSED, 409: Behind | schemas.Fault, 411: schemas.Fault},
    operation_id="send_part",
    summary="Send the next bytes",
    openapi_extra=PART,
)
def send_part(
    request: AsPerson,
    code: str,
    upload: uuid.UUID,
    at: int = Query(..., ge=0, lt=intake.LARGEST, description="how many bytes came before"),
) -> HttpResponse | dict[str, Any] | Status[dict[str, Any]]:
    """The same part again changes nothing: it is answered with 409 and from where to go on."""
    _check_mine(request, code, upload)
    length = digits.whole(request.headers.get("Content-Length", ""), longest=intake.LONGEST_SIZE)
    if length is None:
        return faults.answer(411, "no_length", NO_LENGTH)
    try:
        stream = cast("Any", request)
        have = intake.part(upload, stream, offset=at, length=length, by=request.auth)
    except OutOfStep as early:
        return Status(409, {"error": early.code, "message": early.message, "received": early.have})
    return {"received": have}


@router.post(
    "/referrals/{code}/papers/{uuid:upload}/finish",
    response={201: messages.Said, **REFUSED},
    operation_id="finish_paper",
    summary="All has come: let it be looked at, and become a message",
    openapi_extra=WORDS,
)
def finish_paper(request: AsPerson, code: str, upload: uuid.UUID) -> Status[dict[str, Any]]:
    """Names are taken off; what is not taken is refused with a sentence, and nothing of it stays.

    503 says that other pictures are being looked at: the same again in a moment goes on. After the first answer, the
    same again gives that answer.
    """
    said = bodies.read(request)
    bodies.check_fields(said, {"text"})
    text = said.get("text") or ""
    if not isinstance(text, str) or len(text) > sending.LONGEST:
        raise BadInput({"text": f"The words beside it are a text of at most {sending.LONGEST:,} characters."})
    if intake.sent(upload, request.auth, code) is None:
        _check_mine(request, code, upload)
    message = intake.finish(upload, by=request.auth, clock=timezone.now, text=text.strip())
    return Status(201, messages.told(message, []))


@router.post(
    "/referrals/{code}/papers/{uuid:upload}/drop",
    response={204: None, **REFUSED},
    operation_id="drop_paper",
    summary="Give up what has come",
)
def drop_paper(request: AsPerson, code: str, upload: uuid.UUID) -> Status[None]:
    """Nothing of it stays. What has become a message is not taken back."""
    _check_mine(request, code, upload)
    incoming.drop(upload, by=request.auth)
    return Status(204, None)


def _check_mine(request: AsPerson, code: str, upload: uuid.UUID) -> None:
    rows = Upload.objects.filter(pk=upload, by=request.auth)
    if not (CODE.fullmatch(code) and rows.filter(referral__code=code.upper()).exists()):
        raise NotVisible
