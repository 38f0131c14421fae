"""What every control interface does: ask for the password, take wishes in JSON, and answer a mistake with a sentence.

Shared by the simulators. It knows nothing of what is wished for.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping
from typing import cast

from aiohttp import web

type Wishes = Mapping[str, object]
type Kinds = dict[str, type | tuple[type, ...]]

SETTLE_SECONDS = 10.0


class ControlRequestError(Exception):
    """The control request cannot be carried out; the message says why."""


def knows_password(request: web.Request, *, user: str, secret: str) -> bool:
    """Whether the request carries these as its basic authentication."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        said = b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(said, f"{user}:{secret}".encode())


async def json_of(request: web.Request) -> object:
    """The body, which must be JSON."""
    try:
        return cast(object, await request.json())
    except ValueError as error:
        raise ControlRequestError("The body is not JSON.") from error


async def wishes_of(request: web.Request, kinds: Kinds) -> Wishes:
    """The body, which must be an object of these names with values of these kinds."""
    body = await json_of(request)
    if not isinstance(body, Mapping):
        raise ControlRequestError("The body must be a JSON object.")
    for name, value in body.items():
        if name not in kinds:
            raise ControlRequestError(f"There is no {name} here.")
        if not isinstance(value, kinds[name]) or (isinstance(value, bool) and kinds[name] is not bool):
            raise ControlRequestError(f"{name} has the wrong type.")
    return body


def mistake(status: int, sentence: str) -> web.Response:
    """What the caller did wrong."""
    return web.json_response({"error": sentence}, status=status)
