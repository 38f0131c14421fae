"""Texts and calls by Twilio's own SDK, with time-outs; or by a server that answers like it at TWILIO_API_URL.

The only place that sends to Twilio. Called by paging.routes outside every transaction; it writes nothing.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from paging.transports import deadline
from paging.transports.contract import Kind, Order, Outcome, Report

log = structlog.get_logger(__name__)

TIMEOUT = (
    5.0  # seconds for one request; two providers' time-outs together are shorter than the engine's lease
)
ASKING = 2.0  # seconds for an answer without which a page leaves all the same
RECENT = 100  # texts to one number that are looked through
UNREADABLE = (
    requests.RequestException,
    TwilioException,
    TimeoutError,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
)
VALID_FOR = 60  # seconds; a page that Twilio could not deliver by then is worthless, and fails aloud
RINGS_FOR = 22  # seconds; before most voicemails pick up
OK, TOO_MANY, SERVER_FAULT = 200, 429, 500
ENDED_BADLY = frozenset({"failed", "undelivered", "canceled", "busy", "no-answer"})
MOST_FETCHED = 100  # missed texts in one look
NO_NUMBER = "no such number"  # in our account
PAGE_ID = re.compile(r"(?:SM|MM|CA)[0-9a-fA-F]{32}")
CODE = re.compile(r"[0-9]{3,6}")
LONGEST_STATUS = 24  # characters; Twilio's own are shorter
UNANSWERED = Outcome(Kind.AGAIN, error="unanswered")


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


@dataclass(frozen=True)
class Text:
    """A text that somebody sent to our number, as Twilio kept it."""

    provider_id: str
    sender: str
    words: str


class Account:
    """Our account at Twilio: a client for each request under way, because it keeps the last answer in a field."""

    def __init__(self, *, sid: str, token: str, number: str, base_url: str = "") -> None:
        self.number = number
        self._credentials = (sid, token)
        self._base_url = base_url
        self._messages = f"https://api.twilio.com/2010-04-01/Accounts/{sid}/Messages.json"
        self.timeout = TIMEOUT
        self._clients = deadline.Spares(self._client)

    def ask[T](self, question: Callable[[Client], T], *, within: float | None = None) -> T:
        """Twilio's answer, or a TimeoutError when it is too late for one."""

        def deed() -> list[T]:
            with self._clients.lent() as client:
                return [question(client)]

        answer = deadline.within(within or self.timeout, [deed])[0]
        if answer is None:
            raise TimeoutError
        return answer[0]

    def _client(self) -> Client:
        return Client(*self._credentials, http_client=Rerouted(self._base_url))

    def texts_since(self, moment: datetime) -> list[Text]:
        """What was sent to our number since then, the oldest first; empty where Twilio does not answer."""
        try:
            found = self.ask(
                lambda client: client.messages.list(
                    to=self.number, date_sent_after=moment, limit=MOST_FETCHED, page_size=MOST_FETCHED
                )
            )
        except UNREADABLE as error:
            log.warning("missed_texts_not_fetched", error=type(error).__name__)
            return []
        inbound = [m for m in found if m.direction == "inbound"]
        return [Text(str(m.sid), str(m.from_), str(m.body)) for m in reversed(inbound)]

    def latest_to(self, number: str) -> list[dict[str, Any]]:
        """The latest texts of ours to this number as Twilio lists them, the newest first; raises UNREADABLE.

        Read as they are: to make the SDK's objects of a hundred takes longer than to ask for them.
        """
        wanted = {"To": number, "From": self.number, "PageSize": RECENT}
        answer = self.ask(lambda client: client.request("GET", self._messages, params=wanted), within=ASKING)
        if answer.status_code != OK:
            raise ValueError
        found: list[dict[str, Any]] = json.loads(answer.text)["messages"]
        return found

    def hooks(self) -> str | None:
        """Where Twilio sends the texts of our number, or NO_NUMBER; None where it does not answer."""
        try:
            numbers = self.ask(
                lambda client: client.incoming_phone_numbers.list(phone_number=self.number, limit=1)
            )
        except UNREADABLE:
            return None
        return str(numbers[0].sms_url or "") if numbers else NO_NUMBER


def _asked(account: Account, request: Callable[[Client], Outcome]) -> Outcome:
    """What came of one request; a time-out and an answer that nobody can read are no answer."""
    try:
        return account.ask(request)
    except (TwilioRestException, TwilioServiceException) as error:
        return _refused(error.status, error.code)
    except UNREADABLE as error:
        log.warning("provider_unreachable", error=type(error).__name__)
        return UNANSWERED


def _refused(status: object, code: object) -> Outcome:
    """429 was never processed, and a 5xx may have been: both may be sent again; everything else is final.

    An answer may say anything: what is no status, or no code of Twilio's, is kept by none of its words.
    """
    if not isinstance(status, int):
        return UNANSWERED
    again = status == TOO_MANY or status >= SERVER_FAULT
    said = str(code) if CODE.fullmatch(str(code)) else str(status)
    return Outcome(Kind.AGAIN if again else Kind.REFUSED, error=said)


def _made(sid: object, status: object, error: str) -> Outcome:
    if not (isinstance(sid, str) and PAGE_ID.fullmatch(sid)):  # an answer from somebody on the way
        return UNANSWERED
    said = str(status or "")[:LONGEST_STATUS]
    if said in ENDED_BADLY:
        return Outcome(Kind.REFUSED, sid, said, error)
    return Outcome(Kind.ACCEPTED, sid, said)


class TwilioSms:
    """Texts by Twilio's Messages API."""

    provider, channel = "twilio", "sms"

    def __init__(self, account: Account) -> None:
        self.account = account

    def send(self, order: Order) -> Outcome:
        """Hand one text over."""

        def create(client: Client) -> Outcome:
            message = client.messages.create(
                to=order.to,
                from_=self.account.number,
                body=order.words,
                status_callback=order.callback,
                validity_period=VALID_FOR,
            )
            code = str(message.error_code or "")
            return _made(message.sid, message.status, code if CODE.fullmatch(code) else "30008")

        return _asked(self.account, create)

    def earlier(self, order: Order) -> Outcome | None:
        """Has Twilio these very words for this number? Each page has a code of its own."""
        try:
            found = self.account.latest_to(order.to)
            copies = [_made(m["sid"], m["status"], "") for m in found if m["body"] == order.words]
        except UNREADABLE:
            return None
        taken = [copy.provider_id for copy in copies if copy.kind is Kind.ACCEPTED]
        return Outcome(Kind.ACCEPTED, taken[0], "queued") if taken else None  # what became of it, reports say

    def status(self, provider_id: str) -> Report | None:
        """What became of a text."""
        try:
            message = self.account.ask(lambda client: client.messages(provider_id).fetch())
        except UNREADABLE:
            return None
        return Report(str(message.status), str(message.error_code or "")) if message.sid else None


class TwilioVoice:
    """Calls by Twilio's Calls API; the words travel with the order, so it speaks even where our web does not."""

    provider, channel = "twilio", "voice"

    def __init__(self, account: Account) -> None:
        self.account = account

    def send(self, order: Order) -> Outcome:
        """Let somebody's phone ring."""

        def create(client: Client) -> Outcome:
            call = client.calls.create(
                to=order.to,
                from_=self.account.number,
                twiml=order.words,
                timeout=RINGS_FOR,
                status_callback=order.callback,
                status_callback_event=["initiated", "ringing", "answered", "completed"],
                machine_detection="Enable",
                async_amd="true",
                async_amd_status_callback=order.callback.replace("/status?", "/machine?"),
            )
            return _made(call.sid, call.status, str(call.status))

        return _asked(self.account, create)

    def status(self, provider_id: str) -> Report | None:
        """What became of a call."""
        try:
            call = self.account.ask(lambda client: client.calls(provider_id).fetch())
        except UNREADABLE:
            return None
        if not call.sid:
            return None
        machine = str(call.answered_by or "").startswith("machine")
        return Report("machine" if machine else str(call.status))
