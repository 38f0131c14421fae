"""References to the study in PACS and to an AI's result, for programs: given once, and read with the conversation.

Thin: what is taken is decided by referrals.conversation.references, as for the page. This edge reads the clock.
"""

from typing import Any

from django.utils import timezone
from ninja import Router, Status

from api import bodies, messages
from api.auth import AsPerson
from api.referrals import CODE, REFUSED, idempotency_key
from network import permissions
from referrals import queries
from referrals.conversation import references
from referrals.conversation.references import LABELS, LONGEST
from referrals.models import ReferenceKind, Via
from referrals.refusals import BadInput, NotVisible

router = Router()

MOMENT = {"type": ["string", "null"], "format": "date-time"}
TEXTS = {name: {"type": ["string", "null"], "maxLength": most} for name, most in LONGEST.items()}
SAYS = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ReferenceKind.values},
        "corrects": {"type": ["integer", "null"], "minimum": 1},
        "issued_at": MOMENT,
        **TEXTS,
    },
    "required": ["kind"],
    "additionalProperties": False,
}


@router.post(
    "/referrals/{code}/references",
    response={201: messages.Said, **REFUSED},
    operation_id="give_reference",
    summary="Say where the study is in PACS, or what an AI made of it",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": SAYS}}}},
)
def give_reference(request: AsPerson, code: str, key: str = idempotency_key()) -> Status[dict[str, Any]]:
    """Of a study (`imaging_study`) the accession number, the Study Instance UID or an address; of an AI (`ai_result`)
    the device, its conclusion, and when it was issued. It becomes a message of the conversation.
    """
    now = timezone.now()
    said = bodies.read(request)
    rights = permissions.rights(request.auth, at=now)
    if not CODE.fullmatch(code):
        raise NotVisible
    queries.get(rights, code)
    bodies.check_fields(said, {"kind", "corrects", *LABELS})
    message = references.give(
        code,
        _text(said, "kind"),
        {name: _text(said, name) for name in LABELS},
        corrects=_number(said.get("corrects")),
        by=request.auth,
        at=now,
        via=Via.API,
        key=key,
        rights=rights,
    )
    return Status(201, messages.told(message, []))


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str | None):
        raise BadInput({name: f"{LABELS.get(name, 'The kind')} must be a text."})
    return value or ""


def _number(value: Any) -> int | None:
    if value is None:
        return None
    if not messages.is_number(value):
        raise BadInput({"corrects": "Say which message it corrects by its number."})
    return int(value)
