"""The checks of a request to send: every reason for which Twilio would refuse it at once.

Called by the API before a message is accepted. Pure apart from the account it is given; raises
`TwilioError` with Twilio's own code. It must never create anything.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from paging.simulator import messages
from paging.simulator.config import SimulatorConfig
from paging.simulator.errors import TwilioError

E164 = re.compile(r"\+[1-9]\d{6,14}")
BRITISH = re.compile(r"\+44(?:7\d{9}|[1-35689]\d{8,9})")
BRITISH_MOBILE = re.compile(r"\+447\d{9}")
LONGEST_BODY = 1600

# Twilio's further parameters change how or when a text is sent; silently ignoring one would be a lie, so only
# those without effect on a plain text at once are let through.
KNOWN = frozenset({"To", "From", "Body", "StatusCallback", "ValidityPeriod", "MessagingServiceSid"})
WITHOUT_EFFECT = frozenset({"ProvideFeedback", "Attempt", "MaxPrice", "RiskCheck", "ForceDelivery"})


@dataclass(frozen=True, kw_only=True)
class Order:
    """A request to send that has passed every check which needs no memory."""

    to: str
    from_: str
    body: str
    status_callback: str
    validity_seconds: int


def order(form: Mapping[str, str], config: SimulatorConfig) -> Order:
    """The order in the form, or the `TwilioError` that Twilio would answer with."""
    if unknown := sorted(set(form) - KNOWN - WITHOUT_EFFECT):
        raise TwilioError(20001, unknown[0])
    if service := form.get("MessagingServiceSid"):
        raise TwilioError(21701, service)
    to = _recipient(form.get("To", "").strip())
    return Order(
        to=to,
        from_=_sender(form.get("From", "").strip(), to=to, numbers=config.numbers),
        body=_body(form.get("Body", "")),
        status_callback=callback(form.get("StatusCallback", "").strip()),
        validity_seconds=_validity(form.get("ValidityPeriod", "").strip()),
    )


def _recipient(to: str) -> str:
    if not to:
        raise TwilioError(21604)
    if not E164.fullmatch(to):
        raise TwilioError(21211, to)
    if not to.startswith("+44"):
        raise TwilioError(21408, to)
    if not BRITISH.fullmatch(to):
        raise TwilioError(21211, to)
    if not BRITISH_MOBILE.fullmatch(to):
        raise TwilioError(21614, to)
    return to


def _sender(from_: str, *, to: str, numbers: tuple[str, ...]) -> str:
    if not from_:
        raise TwilioError(21603)
    if from_ == to:
        raise TwilioError(21266, from_)
    if from_ not in numbers:
        raise TwilioError(21606 if E164.fullmatch(from_) else 21212, from_)
    return from_


def _body(body: str) -> str:
    if not body.strip():
        raise TwilioError(21602)
    if len(body) > LONGEST_BODY:
        raise TwilioError(21617)
    return body


def callback(url: str) -> str:
    """A webhook address that Twilio would call; empty stays empty."""
    # The real Twilio also refuses addresses that it cannot reach from outside; here 127.0.0.1 is the point.
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise TwilioError(21609, url) from error
    if parts.scheme not in {"http", "https"} or not host or "_" in host or _is_nowhere(host):
        raise TwilioError(21609, url)
    return url


def _is_nowhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _validity(seconds: str) -> int:
    if not seconds:
        return messages.LONGEST_VALIDITY
    if not seconds.isdecimal() or not 1 <= int(seconds) <= messages.LONGEST_VALIDITY:
        raise TwilioError(21624, seconds)
    return int(seconds)
