"""Web push by pywebpush: wakes every browser of one person, and carries no content at all.

Called by paging.routes outside every transaction. What a push service says of a browser (it is gone, it refuses us) is
told to paging.devices; nothing else is written. An address is a secret: only its host is logged.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import partial
from urllib.parse import urlsplit

import requests
import structlog
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django import db
from py_vapid import Vapid02, VapidException
from pywebpush import WebPushException, webpush

from paging import devices
from paging.transports import deadline
from paging.transports.contract import Kind, Order, Outcome, Report

log = structlog.get_logger(__name__)

TIMEOUT = 5.0  # seconds, for all browsers of the person together: they are woken at once
CONNECT = 2.0
TTL = 120  # seconds; a browser that comes back later is not woken for a page that is long past
TOO_MANY, SERVER_FAULT = 429, 500
GONE = frozenset({404, 410})
KEY_REFUSED = frozenset({401, 403})
UNREADABLE = (requests.RequestException, RuntimeError, OSError, ValueError)


class BadKey(Exception):
    """VAPID_PRIVATE_KEY is no P-256 key."""


def public_key(private_key: str) -> str:
    """What a browser must be given, to subscribe for pushes that this key signs."""
    point = _key(private_key).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _key(private_key: str) -> Vapid02:
    try:
        return Vapid02.from_string(private_key)
    except (ValueError, TypeError, VapidException) as error:
        raise BadKey from error


class Push:
    """Everybody's browsers, at whatever push service each of them uses."""

    provider, channel = "push", "push"

    def __init__(self, *, private_key: str, subject: str, timeout: float = TIMEOUT) -> None:
        try:
            self._key: Vapid02 | None = _key(private_key)
        except BadKey:  # texts and calls must go on
            self._key = None
        self._subject = subject
        self._timeout = timeout
        self._sessions = deadline.Spares(_session)

    def send(self, order: Order) -> Outcome:
        """Wake every browser of the person `order.to`; one that is woken is enough."""
        try:
            addresses = devices.addresses(int(order.to)) if order.to.isdecimal() else []
            if not addresses:
                return Outcome(Kind.REFUSED, error="no_device")
            answers = deadline.within(self._timeout, [partial(self._wake, address) for address in addresses])
            for address, answer in zip(addresses, answers, strict=True):
                _note(address, answer)
        except (db.Error, RuntimeError, ValueError) as error:
            log.warning("push_failed", error=type(error).__name__)
            return Outcome(Kind.AGAIN, error="unanswered")
        return _outcome(answers)

    def status(self, provider_id: str) -> Report | None:  # noqa: ARG002 a push service cannot be asked
        """The browser itself says when it was woken."""
        return None

    def _wake(self, address: str) -> int:
        """The push service's HTTP status; 0 where there was none."""
        key = self._key
        if key is None:
            return 401
        try:
            with self._sessions.lent() as session:
                session.trust_env = address.startswith("https:")  # no proxy stands before a server of ours
                webpush(
                    {"endpoint": address},
                    vapid_private_key=key,
                    vapid_claims={"sub": self._subject},
                    ttl=TTL,
                    headers={"Urgency": "high"},
                    timeout=(min(CONNECT, self._timeout), self._timeout),
                    requests_session=session,
                )
        except WebPushException as error:
            return error.status_code or 0
        except VapidException:
            return 401
        except UNREADABLE:
            return 0
        return 201


def _session() -> requests.Session:
    session = requests.Session()
    session.max_redirects = 0  # a known service must not send us to an unknown one
    return session


def _note(address: str, answer: int | None) -> None:
    if answer == 201:
        return
    log.warning("push_refused", host=urlsplit(address).hostname, status=answer)
    if answer in GONE:
        devices.gone(address)
    elif answer and answer < SERVER_FAULT and answer != TOO_MANY:
        devices.refused(address)


def _outcome(answers: Sequence[int | None]) -> Outcome:
    if 201 in answers:
        return Outcome(Kind.ACCEPTED, status="sent")
    for answer in answers:
        if not answer:
            return Outcome(Kind.AGAIN, error="unanswered")
        if answer == TOO_MANY or answer >= SERVER_FAULT:
            return Outcome(Kind.AGAIN, error=str(answer))
    left = [answer for answer in answers if answer not in GONE]
    if not left:
        return Outcome(Kind.REFUSED, error="no_device")
    return Outcome(Kind.REFUSED, error="push:key" if KEY_REFUSED & set(left) else "push:refused")
