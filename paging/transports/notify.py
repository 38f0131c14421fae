"""Texts by GOV.UK Notify's own client: the second way out for SMS, and its inbox for texts that people sent back.

Called by paging.routes outside every transaction; it writes nothing. Notify's template holds one field, ((text)), so
that every word comes from paging.texts (https://docs.notifications.service.gov.uk/python.html).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, cast

import requests
import structlog
from notifications_python_client.errors import APIError, HTTPError
from notifications_python_client.notifications import NotificationsAPIClient

from paging.transports import deadline
from paging.transports.contract import Kind, Order, Outcome, Report
from paging.transports.twilio import Text

log = structlog.get_logger(__name__)

NOTIFY = "https://api.notifications.service.gov.uk"
TIMEOUT = 5.0  # seconds for one request, from the name's resolution to the last byte of the answer
CONNECT = 2.0
ASKING = 2.0  # seconds for an answer without which a page leaves all the same
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
PAGE_ID = re.compile(UUID)
KEY = re.compile(rf".*{UUID}-{UUID}")  # a name, the service's id, the secret
# These say why by themselves.
FAILED = frozenset({"permanent-failure", "temporary-failure", "technical-failure"})
UNREADABLE = (
    APIError,
    requests.RequestException,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)
UNANSWERED = Outcome(Kind.AGAIN, error="unanswered")


class Client(Protocol):
    """What we use of Notify's client, which ships no types."""

    request_session: requests.Session

    def send_sms_notification(
        self, *, phone_number: str, template_id: str, personalisation: Mapping[str, str], reference: str
    ) -> Any:
        """Notify's answer to a text."""

    def get_notification_by_id(self, id: str) -> Any:
        """One text as it stands."""

    def get_all_notifications(self, *, reference: str) -> Any:
        """The texts with this reference."""

    def get_received_texts(self) -> Any:
        """The latest texts that people sent."""


class Notify:
    """Our service at GOV.UK Notify, or a server that answers like it at `base_url`."""

    provider, channel = "notify", "sms"

    def __init__(
        self, *, api_key: str, template_id: str, base_url: str = "", timeout: float = TIMEOUT
    ) -> None:
        self._key, self._template_id, self._base_url = api_key, template_id, base_url
        self._timeout = timeout
        self._clients = deadline.Spares(self._client)

    def send(self, order: Order) -> Outcome:
        """Hand one text over; our page's number is the reference that comes back with every report."""
        if not KEY.fullmatch(self._key):
            return _said(Outcome(Kind.REFUSED, error="notify:key"))

        def create(client: Client) -> Outcome:
            made = client.send_sms_notification(
                phone_number=order.to,
                template_id=self._template_id,
                personalisation={"text": order.words},
                reference=str(order.page_id),
            )
            sid = str(made["id"])
            return Outcome(Kind.ACCEPTED, sid, "created") if PAGE_ID.fullmatch(sid) else UNANSWERED

        try:
            return self._asked(create) or _said(UNANSWERED)
        except HTTPError as error:
            return _said(_refusal(error))
        except UNREADABLE as error:
            return _said(UNANSWERED, because=type(error).__name__)

    def earlier(self, order: Order) -> Outcome | None:
        """Has Notify a text with our page's number as its reference?"""
        try:
            by_page = {"reference": str(order.page_id)}
            found = self._asked(lambda client: client.get_all_notifications(**by_page), within=ASKING)
            copies = [one for one in found["notifications"] if one["status"] not in FAILED]
            ids = [str(one["id"]) for one in copies if PAGE_ID.fullmatch(str(one["id"]))]
        except UNREADABLE:
            return None
        return Outcome(Kind.ACCEPTED, ids[0], "created") if ids else None

    def status(self, provider_id: str) -> Report | None:
        """What became of a text."""
        try:
            found = self._asked(lambda client: client.get_notification_by_id(provider_id))
            status = str(found["status"]) if found else ""
        except UNREADABLE:
            return None
        return Report(status, status if status in FAILED else "") if status else None

    def texts_since(self, moment: datetime) -> list[Text]:
        """What was sent to our number since then, the oldest first; empty where Notify does not answer."""
        try:
            page = self._asked(lambda client: client.get_received_texts())
            found = page["received_text_messages"] if page else []
            recent = [one for one in found if datetime.fromisoformat(one["created_at"]) >= moment]
            return [
                Text(str(one["id"]), number(one["user_number"]), str(one["content"]))
                for one in reversed(recent)
            ]
        except UNREADABLE as error:
            log.warning("missed_texts_not_fetched", error=type(error).__name__)
            return []

    def _client(self) -> Client:
        sockets = (min(CONNECT, self._timeout), self._timeout)
        make = cast(Callable[..., Client], NotificationsAPIClient)
        client = make(self._key, base_url=self._base_url or NOTIFY, timeout=sockets)
        client.request_session.trust_env = not self._base_url  # no proxy stands before a server of ours
        client.request_session.max_redirects = 0  # a text for one address is not carried to another
        return client

    def _asked(self, ask: Callable[[Client], Any], *, within: float | None = None) -> Any:
        def deed() -> Any:
            with self._clients.lent() as client:
                return ask(client)

        return deadline.within(within or self._timeout, [deed])[0]


def number(said: str) -> str:
    """A number as Notify writes it (447700900123, 07700900123) in E.164; empty where a network or a name wrote."""
    digits = said.strip().lstrip("+")
    if not (digits.isascii() and digits.isdigit()):
        return ""
    return f"+44{digits[1:]}" if digits.startswith("0") else f"+{digits}"


def _said(outcome: Outcome, because: str = "") -> Outcome:
    log.warning("provider_refused", provider=Notify.provider, error=outcome.error, because=because)
    return outcome


def _refusal(error: HTTPError) -> Outcome:
    """429 was never processed, and a 5xx may have been: both may be sent again; what Notify itself refuses is final.

    An answer without Notify's own list of errors came from somebody else on the way.
    """
    if error.response is None:
        return UNANSWERED
    said = _errors(error)
    if error.status_code == 429 and "TooManyRequestsError" in said:
        return Outcome(
            Kind.REFUSED, error="notify:limit"
        )  # for today; the minute's limit is a RateLimitError
    if error.status_code == 429 or error.status_code >= 500:
        return Outcome(Kind.AGAIN, error=str(error.status_code))
    return Outcome(Kind.REFUSED, error=f"notify:{_class(error.status_code, said)}") if said else UNANSWERED


def _errors(error: HTTPError) -> str:
    """Notify's list of errors as one line, or nothing where the body is not Notify's."""
    listed: Any = error.message
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return "; ".join(f"{row.get('error', '')} {row.get('message', '')}" for row in rows)


def _class(status: int, said: str) -> str:
    """Which set-up, or which number, is wrong; the words of Notify may change, and then it is only "refused"."""
    words = said.lower()
    if status in {401, 403}:
        return "clock" if "clock" in words else "key"
    if "trial mode" in words or "team-only" in words:
        return "trial"
    if "international" in words:
        return "country"
    if "phone_number" in words:
        return "number"
    return "template" if "template" in words or "personalisation" in words else "refused"
