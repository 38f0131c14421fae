"""Hands one text to Twilio, through Twilio's own SDK with time-outs, and says what came of it.

The only place that sends. Called by the engine outside every transaction; it writes nothing.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

log = structlog.get_logger(__name__)

TIMEOUT = 6.0  # seconds for one request; shorter than the engine's lease
UNREADABLE = (requests.RequestException, TwilioException, ValueError, KeyError, TypeError, AttributeError)
VALID_FOR = 60  # seconds; a page that Twilio could not deliver by then is worthless, and fails aloud


class Kind(Enum):
    ACCEPTED = "accepted"  # the provider has it; nobody has answered yet
    AGAIN = "again"  # may have been lost: send again soon
    REFUSED = "refused"  # will never arrive this way


@dataclass(frozen=True)
class Outcome:
    """What the provider said: its id of the message, its status, or the code of the error."""

    kind: Kind
    provider_id: str = ""
    status: str = ""
    error: str = ""


class Transport(Protocol):
    """A way to reach a phone."""

    def send(self, *, to: str, body: str, callback: str) -> Outcome: ...

    def status(self, provider_id: str) -> tuple[str, str] | None:
        """The provider's status and error code of a message; None where it does not answer."""
        ...


class Rerouted(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's HTTP client with a time-out, going to TWILIO_API_URL where that is set."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT, pool_connections=True, max_retries=0)
        self.base = urlsplit(base_url) if base_url else None
        if self.session is not None:
            self.session.trust_env = self.base is None  # no proxy stands before a server of ours

    def request(self, method: str, url: str, *args: object, **options: object) -> Response:
        if self.base:
            url = urlunsplit(urlsplit(url)._replace(scheme=self.base.scheme, netloc=self.base.netloc))
        return super().request(method, url, *args, **options)


class Twilio:
    """SMS by Twilio's Messages API, or by a server that answers like it."""

    def __init__(self, *, sid: str, token: str, sender: str, base_url: str = "") -> None:
        self.sender = sender
        self._account = (sid, token)
        self._base_url = base_url
        self._mine = threading.local()

    @property
    def client(self) -> Client:
        """One for each thread: Twilio's HTTP client hands an answer over in a field that threads would share."""
        if not hasattr(self._mine, "client"):
            self._mine.client = Client(*self._account, http_client=Rerouted(self._base_url))
        return self._mine.client

    def send(self, *, to: str, body: str, callback: str) -> Outcome:
        try:
            message = self.client.messages.create(
                to=to, from_=self.sender, body=body, status_callback=callback, validity_period=VALID_FOR
            )
        except (TwilioRestException, TwilioServiceException) as error:
            return _refused(error.status, str(error.code or error.status))
        except UNREADABLE as error:
            log.warning("provider_unreachable", error=type(error).__name__)
            return Outcome(Kind.AGAIN, error="unanswered")
        status = str(message.status)
        if status in {"failed", "undelivered", "canceled"}:
            return Outcome(Kind.REFUSED, message.sid or "", status, str(message.error_code or "30008"))
        return Outcome(Kind.ACCEPTED, message.sid or "", status)

    def status(self, provider_id: str) -> tuple[str, str] | None:
        try:
            message = self.client.messages(provider_id).fetch()
        except UNREADABLE:
            return None
        return str(message.status), str(message.error_code or "")


TOO_MANY = 429
SERVER_FAULT = 500


def _refused(http_status: int, code: str) -> Outcome:
    """429 was never processed, and a 5xx may have been: both are sent again; everything else is final."""
    if http_status == TOO_MANY or http_status >= SERVER_FAULT:
        return Outcome(Kind.AGAIN, error=code)
    return Outcome(Kind.REFUSED, error=code)


@cache
def configured() -> Transport:
    """The transport of the settings."""
    return Twilio(
        sid=settings.TWILIO_ACCOUNT_SID or "AC-not-set",
        token=settings.TWILIO_AUTH_TOKEN or "not-set",
        sender=settings.TWILIO_FROM,
        base_url=settings.TWILIO_API_URL,
    )


STATUS_RANK: Mapping[str, int] = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "read": 5,
    "canceled": 6,
    "undelivered": 7,
    "failed": 8,
}  # higher wins, in whatever order they come: a failure outranks a delivery, because it only hurries the ladder
FAILED = frozenset({"canceled", "undelivered", "failed"})
DELIVERED = frozenset({"delivered", "read"})
