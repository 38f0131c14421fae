"""Checks who sends a push: a token signed with ES256 by the very key with which the browser subscribed.

Called by the server with each push (https://www.rfc-editor.org/rfc/rfc8292). Written apart from the library that
signs, so that a mistake of the library would show.
"""

import json
import re
import time
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

LONGEST = 24 * 60 * 60  # seconds that a token may be good for
HEADER = re.compile(r"vapid t=(?P<token>[\w-]+\.[\w-]+\.[\w-]+), *k=(?P<key>[\w-]+=*)", re.IGNORECASE)


def trouble(header: str, *, service: str, key: str) -> str:
    """What is wrong with the header of a push, for a device that subscribed with `key`; nothing where it is good."""
    found = HEADER.fullmatch(header)
    if found is None:
        return "a VAPID token is needed"
    if found["key"].rstrip("=") != key.rstrip("="):
        return "the device subscribed with another key"
    try:
        head, body, signature = (_decoded(part) for part in found["token"].split("."))
        r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
        sender = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decoded(found["key"]))
        signed = found["token"].rpartition(".")[0].encode()
        sender.verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
        claims = json.loads(body)
        good = json.loads(head)["alg"] == "ES256" and 0 < claims["exp"] - time.time() <= LONGEST
        right = claims["aud"] == service and claims["sub"].startswith(("mailto:", "https:"))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        return f"the token cannot be trusted: {type(error).__name__}"
    return "" if good and right else "the token is for another service, or too old"


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
