"""Every refusal of the API in one shape: {"error": code, "message": sentence, "fields"?: {field: sentence}}.

Turns what the verbs, the router and the database raise into answers. No answer and no log line holds a patient fact:
of an unexpected error only its kind and its place in the code are written down.
"""

import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from referrals.refusals import BadInput, Refusal

log = structlog.get_logger(__name__)

# What is wrong with a parameter of the address or a header, by its name.
PARAMETERS = {
    "Idempotency-Key": "The Idempotency-Key is at most 120 plain characters.",
    "at": "at is a whole number: how many bytes came before.",
    "limit": "limit is a whole number from 1 to 200.",
    "cursor": "cursor is the number that the Link header of the page before gave.",
    "live": "live is true or false.",
    "state": "There is no such state. The description of the API lists them.",
    "spoke": "Say from which hospital: spoke=RBL14, its ODS site code.",
    "hub": "Say which hub: hub=RET20, its ODS site code.",
}


class NotJson(Refusal):
    """The body cannot be read at all."""

    status = 400

    def __init__(self) -> None:
        super().__init__("bad_json", "The body is not valid JSON.")


def answer(
    status: int, code: str, message: str, fields: Mapping[str, str] | None = None, **headers: str
) -> JsonResponse:
    """A refusal as it goes out."""
    said: dict[str, Any] = {"error": code, "message": message}
    if fields:
        said["fields"] = dict(fields)
    return JsonResponse(said, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def _refused(_request: HttpRequest, refusal: Any) -> JsonResponse:
    fields = refusal.fields if isinstance(refusal, BadInput) else None
    return answer(refusal.status, refusal.code, refusal.message, fields)


def _unauthorised(_request: HttpRequest, _error: Any) -> JsonResponse:
    sentence = "Send a valid bearer token: Authorization: Bearer …"
    return answer(401, "unauthorised", sentence, WWW_Authenticate="Bearer")


def _bad_parameter(_request: HttpRequest, error: Any) -> JsonResponse:
    names = [
        next((str(part) for part in reversed(e["loc"]) if isinstance(part, str)), "") for e in error.errors
    ]
    fields = {name: PARAMETERS.get(name, f"{name[:40]} cannot be read.") for name in names}
    return answer(422, "bad_input", " ".join(fields.values()), fields)


def _too_large(_request: HttpRequest, _error: Any) -> JsonResponse:
    return answer(413, "too_large", "The body is too large: at most 256 kB.")


def _database_away(_request: HttpRequest, error: Any) -> JsonResponse:
    log.error("database_away", fault=type(error).__name__)
    sentence = (
        "The database does not answer, so nobody can say whether this was saved. "
        "Send it again with the same Idempotency-Key."
    )
    return answer(503, "database_away", sentence, Retry_After="2")


def _unexpected(_request: HttpRequest, error: Any) -> JsonResponse:
    # The text of an error may quote what was sent, so only its kind and its place are kept.
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    place = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    log.error("api_fault", fault=type(error).__name__, place=place)
    return answer(500, "fault", "Something is wrong here, not with what you sent. It was written down.")


def teach(api: NinjaAPI) -> None:
    """Let this API answer every error in the one shape."""
    api.add_exception_handler(Refusal, _refused)
    api.add_exception_handler(AuthenticationError, _unauthorised)
    api.add_exception_handler(ValidationError, _bad_parameter)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(OperationalError, _database_away)
    api.add_exception_handler(InterfaceError, _database_away)
    api.add_exception_handler(Exception, _unexpected)
