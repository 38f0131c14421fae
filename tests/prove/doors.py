"""Twilio's doors, what comes in at each, and Twilio's signature, written after its documentation and not with its code.

The table must name every address of paging.urls: a door that it does not know is a violation.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from urllib.parse import parse_qsl, quote, urlencode

from django.urls import reverse

from paging.models import Page

PUBLIC = "https://dido.example"
ACCOUNT, TOKEN, OURS = "AC" + "2" * 32, "token-of-the-proof", "+447700900999"
FORM = "application/x-www-form-urlencoded"
PLACES = ("City", "Country", "State", "Zip")

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sent:
    """One request as it goes over the wire."""

    path: str
    query: str
    pairs: Pairs
    signature: str | None = None
    method: str = "POST"
    content_type: str = FORM
    headers: Sequence[tuple[str, str]] = ()
    raw: bytes | None = None  # a body that is no form

    @property
    def url(self) -> str:
        """The address that Twilio was given."""
        return PUBLIC + self.path + (f"?{self.query}" if self.query else "")

    @property
    def body(self) -> bytes:
        """The bytes of the body."""
        return urlencode(self.pairs).encode() if self.raw is None else self.raw

    def signed(self, *, token: str = TOKEN, url: str | None = None, pairs: Pairs | None = None) -> "Sent":
        """The same with Twilio's signature, or with one made over something else."""
        said = self.pairs if pairs is None else pairs
        return replace(self, signature=signature(seal(url or self.url, said), token))


def seal(url: str, pairs: Iterable[tuple[str, str]]) -> str:
    """What Twilio signs: the address, then every name and value, in order, with nothing between them."""
    return url + "".join(name + value for name, value in sorted(set(pairs)))


def signature(text: str, token: str) -> str:
    """The signature of this text."""
    digest = hmac.new(token.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class Cast:
    """What the requests are about: a text and a call that have left."""

    text: Page
    call: Page


Form = Callable[[Random, Cast], dict[str, str]]


@dataclass(frozen=True)
class Door:
    """One address, what comes in there, and which of it the door acts upon."""

    form: Form
    reads: frozenset[str] = field(default_factory=frozenset)
    about: str = ""  # which page its address names


def _empty_places(*ends: str) -> dict[str, str]:
    return {f"{end}{place}": "GB" if place == "Country" else "" for end in ends for place in PLACES}


def _sid(rng: Random, prefix: str) -> str:
    return prefix + f"{rng.getrandbits(128):032x}"


def _sms_status(rng: Random, cast: Cast) -> dict[str, str]:
    status = rng.choice(["queued", "sent", "delivered", "undelivered", "failed"])
    sid = rng.choice([cast.text.provider_id, _sid(rng, "SM")])
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": OURS,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": cast.text.phone,
    }
    if status in {"undelivered", "failed"}:
        form |= {"ErrorCode": rng.choice(["30003", "30005", "30008"]), "ErrorMessage": "Unreachable handset"}
    if status in {"delivered", "undelivered"}:
        form["RawDlrDoneDate"] = "2611210310"
    return form


def _sms_inbound(rng: Random, cast: Cast) -> dict[str, str]:
    sid = _sid(rng, "SM")
    code = cast.text.reply_code
    body = rng.choice(BODIES).replace("{code}", code)
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": cast.text.phone,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": OURS,
        **_empty_places("From", "To"),
    }


# What people write; some of it looks like the form that carries it.
BODIES = (
    "{code}",
    "X{code}",
    "{code} Cannot come",
    "{code} ok. From home, To be sure",
    "ring me on From+447700900101",
    "{code}Digits",
    "Café {code}, Ångström ﬁn",
    "née {code}",
    "X {code}MessageSid",
    "",
    "stop",
)


def _call(cast: Cast) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": cast.call.provider_id,
        "Called": cast.call.phone,
        "Caller": OURS,
        "Direction": "outbound-api",
        "From": OURS,
        "To": cast.call.phone,
        **_empty_places("Called", "Caller", "From", "To"),
    }


def _voice_status(rng: Random, cast: Cast) -> dict[str, str]:
    status = rng.choice(["initiated", "ringing", "in-progress", "completed", "busy", "no-answer"])
    form = _call(cast) | {
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(rng.randrange(4)),
        "Timestamp": "Sat, 21 Nov 2026 03:10:00 +0000",
    }
    if status in {"completed", "busy", "no-answer"}:
        form |= {"CallDuration": "17", "Duration": "1", "SipResponseCode": "200"}
    return form


def _voice_machine(rng: Random, cast: Cast) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT,
        "AnsweredBy": rng.choice(["human", "machine_start", "fax", "unknown"]),
        "CallSid": cast.call.provider_id,
        "MachineDetectionDuration": str(rng.randrange(9000)),
    }


def _voice_answer(rng: Random, cast: Cast) -> dict[str, str]:
    key = rng.choice([*cast.call.digits, "*", "0"])
    form = _call(cast) | {
        "CallStatus": "in-progress",
        "Digits": key,
        "FinishedOnKey": "",
        "msg": "Gather End",
    }
    if rng.random() < 0.5:
        form["AnsweredBy"] = rng.choice(["human", "machine_start"])
    return form


DOORS = {
    "twilio-sms-status": Door(
        _sms_status, frozenset({"AccountSid", "MessageSid", "MessageStatus", "ErrorCode"}), "text"
    ),
    "twilio-sms-inbound": Door(_sms_inbound, frozenset({"AccountSid", "MessageSid", "From", "Body"})),
    "twilio-voice-status": Door(_voice_status, frozenset({"AccountSid", "CallSid", "CallStatus"}), "call"),
    "twilio-voice-machine": Door(_voice_machine, frozenset({"AccountSid", "CallSid", "AnsweredBy"}), "call"),
    "twilio-voice-answer": Door(
        _voice_answer, frozenset({"AccountSid", "CallSid", "To", "Digits", "AnsweredBy"}), "call"
    ),
}


def request(name: str, rng: Random, cast: Cast) -> Sent:
    """A request as Twilio makes it at this door, well signed."""
    door = DOORS[name]
    query = f"page={getattr(cast, door.about).pk}" if door.about else ""
    return Sent(reverse(name), query, tuple(sorted(door.form(rng, cast).items()))).signed()


def dressed(sent: Sent, rng: Random) -> Sent:
    """The same request, written otherwise: what a signature does not and must not mind."""
    pairs = list(sent.pairs)
    if rng.random() < 0.4:
        pairs.append((rng.choice(["RiskScore", "MessagingServiceSid", "SmsPricing"]), "x1"))  # new at Twilio
    sent = replace(sent, pairs=tuple(pairs)).signed()
    if rng.random() < 0.3:  # Twilio signs the port or does not
        sent = sent.signed(url=sent.url.replace(PUBLIC, f"{PUBLIC}:443"))
    rng.shuffle(pairs)
    if rng.random() < 0.3:
        raw = "&".join(f"{name}={_otherwise(value)}" for name, value in pairs)
        return replace(sent, raw=raw.encode(), content_type=FORM + "; charset=UTF-8")
    return replace(sent, pairs=tuple(pairs))


def _otherwise(value: str) -> str:
    """The same value, escaped as other programs do it."""
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quote(value, safe="'!*()"))


@cache
def _behind() -> dict[str, Door]:
    return {reverse(name): door for name, door in DOORS.items()}


def meaning(sent: Sent) -> tuple[object, ...]:
    """What a door would act upon."""
    door = _behind().get(sent.path)
    said = dict(parse_qsl(sent.body.decode("utf-8", "replace"), keep_blank_values=True))
    read = {name: said.get(name) for name in door.reads} if door else {}
    return sent.path, parse_qsl(sent.query, keep_blank_values=True), sorted(read.items(), key=str)
