"""Checks the JSON Web Token of a request: signed by the service's secret with HS256, and no older than 30 seconds.

Called by the gate with every API request; raises Notify's own error. Written apart from Notify's client, so that a
mistake of the client would show.
"""

import hashlib
import hmac
import json
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping

from paging.simulator_notify import errors
from paging.simulator_notify.config import UUID, NotifyConfig

SKEW = 30  # seconds


def check(header: str, config: NotifyConfig) -> None:
    """Let a good token pass; for any other raise what Notify would answer with."""
    if not header:
        raise errors.unauthorised("authentication token must be provided")
    if header[:7].title() != "Bearer ":
        raise errors.unauthorised("authentication bearer scheme must be used")
    signed, _, signature = header[7:].strip().rpartition(".")
    head, _, body = signed.partition(".")
    if _read(head).get("alg") != "HS256":
        raise errors.forbidden("Invalid token: algorithm used is not HS256")
    claims = _read(body)
    issuer = claims.get("iss")
    if issuer is None:
        raise errors.forbidden("Invalid token: iss field not provided")
    if not re.fullmatch(UUID, str(issuer)):
        raise errors.forbidden("Invalid token: service id is not the right data type")
    if issuer != config.service_id:
        raise errors.forbidden("Invalid token: service not found")
    made = hmac.new(config.secret.encode(), signed.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(made, _decoded(signature)):
        raise errors.forbidden("Invalid token: API key not found")
    issued = claims.get("iat")
    if not isinstance(issued, int):
        raise errors.forbidden("Invalid token: iat field not provided")
    if abs(time.time() - issued) > SKEW:
        raise errors.forbidden("Error: Your system clock must be accurate to within 30 seconds")


def _read(part: str) -> Mapping[str, object]:
    try:
        said = json.loads(_decoded(part))
    except ValueError:
        said = None
    if not isinstance(said, Mapping):
        raise errors.forbidden("Invalid token: signature, api token is not valid")
    return said


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise errors.forbidden("Invalid token: signature, api token is not valid") from error
