"""The checks of a request to send: every reason for which Notify would refuse it at once.

Called by the API before a notification is made. Pure apart from the service it is given; raises `NotifyError` with
Notify's own sentences. It must never create anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from paging.simulator_notify import errors
from paging.simulator_notify.config import UUID, NotifyConfig

KNOWN = frozenset({"phone_number", "template_id", "personalisation", "reference", "sms_sender_id"})
FIELD = re.compile(r"\(\(([^()]+)\)\)")
LONGEST = 918  # characters: six parts
FEWEST_DIGITS, MOST_DIGITS = 8, 15
TRIAL = "Can’t send to this recipient when service is in trial mode – see https://www.notifications.service.gov.uk/trial-mode"


@dataclass(frozen=True, kw_only=True)
class Order:
    """A request to send that has passed every check which needs no memory."""

    to: str  # E.164
    said: str  # the number as the request gave it
    body: str
    reference: str | None


def order(body: object, config: NotifyConfig) -> Order:
    """The order in a request's JSON, or the `NotifyError` that Notify would answer with."""
    if not isinstance(body, Mapping):
        raise errors.bad("Invalid JSON supplied in POST data")
    if missing := [name for name in ("phone_number", "template_id") if name not in body]:
        raise errors.invalid(*(f"{name} is a required property" for name in missing))
    if unknown := sorted(set(body) - KNOWN):
        raise errors.invalid(f"Additional properties are not allowed ({unknown[0]} was unexpected)")
    to = _recipient(_text(body, "phone_number"), config)
    template = _text(body, "template_id")
    if not re.fullmatch(UUID, template):
        raise errors.invalid("template_id is not a valid UUID")
    reference = None if body.get("reference") is None else _text(body, "reference")
    if template != config.template_id:
        raise errors.bad("Template not found")
    if sender := body.get("sms_sender_id"):
        raise errors.bad(
            f"sms_sender_id {sender} does not exist in database for service id {config.service_id}"
        )
    words = _filled(config.template, body.get("personalisation") or {})
    return Order(to=to, said=_text(body, "phone_number"), body=words, reference=reference)


def _text(body: Mapping[str, object], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise errors.invalid(f"{name} {value} is not of type string")
    return value


def _recipient(said: str, config: NotifyConfig) -> str:
    digits = re.sub(r"[\s()\-.]", "", said).removeprefix("+").removeprefix("00")
    if not (digits.isascii() and digits.isdigit()):
        raise errors.invalid("phone_number Must not contain letters or symbols")
    if len(digits) < FEWEST_DIGITS:
        raise errors.invalid("phone_number Not enough digits")
    if len(digits) > MOST_DIGITS:
        raise errors.invalid("phone_number Too many digits")
    british = f"44{digits[1:]}" if digits.startswith("0") else digits
    if not british.startswith("44"):
        if not config.international:
            raise errors.bad("Cannot send to international mobile numbers")
        return f"+{digits}"
    if not british.startswith("447"):
        raise errors.invalid("phone_number Not a UK mobile number")
    if len(british) != 12:
        raise errors.invalid(f"phone_number {'Not enough' if len(british) < 12 else 'Too many'} digits")
    return f"+{british}"


def _filled(template: str, personalisation: object) -> str:
    if not isinstance(personalisation, Mapping):
        raise errors.invalid("personalisation is not of type object")
    wanted = FIELD.findall(template)
    if missing := [name for name in wanted if name not in personalisation]:
        raise errors.bad(f"Missing personalisation: {', '.join(missing)}")
    words = FIELD.sub(lambda found: str(personalisation[found[1]]), template).strip()
    if len(words) > LONGEST:
        raise errors.bad(f"Content for template has a character count greater than the limit of {LONGEST}")
    return words
