"""The checks of a request to call: every reason for which Twilio would refuse it at once.

Called by the Calls API before a call is accepted. Pure apart from the account it is given; raises `CallRefused` with
Twilio's own code. It must never create anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paging.simulator import checks
from paging.simulator.config import SimulatorConfig
from paging.simulator.errors import CallRefused, TwilioError

LONGEST_TWIML = 4000
RINGS, LONGEST_RING = 60, 600  # seconds
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
DETECTIONS = frozenset({"", "Enable", "DetectMessageEnd"})
METHODS = (
    "Method",
    "FallbackMethod",
    "StatusCallbackMethod",
    "AsyncAmdStatusCallbackMethod",
)

# As with texts: a parameter that this simulator would have to ignore is refused, unless it changes nothing here.
KNOWN = frozenset(
    {
        "To",
        "From",
        "Twiml",
        "Url",
        "FallbackUrl",
        "Timeout",
        "StatusCallback",
        "StatusCallbackEvent",
        "MachineDetection",
        "AsyncAmd",
        "AsyncAmdStatusCallback",
        *METHODS,
    }
)
WITHOUT_EFFECT = frozenset(
    {
        "CallReason",
        "MachineDetectionTimeout",
        "MachineDetectionSpeechThreshold",
        "MachineDetectionSpeechEndThreshold",
        "MachineDetectionSilenceTimeout",
    }
)


@dataclass(frozen=True, kw_only=True)
class CallOrder:
    """A request to call that has passed every check which needs no memory; `warnings` are debugger codes."""

    to: str
    from_: str
    twiml: str
    url: str
    fallback_url: str
    timeout: int
    status_callback: str
    events: frozenset[str]
    detection: str
    detected_aside: bool
    detection_callback: str
    warnings: tuple[int, ...]


def order(form: Mapping[str, str], events: Sequence[str], config: SimulatorConfig) -> CallOrder:
    """The order in the form, or the `CallRefused` that Twilio would answer with."""
    if unknown := sorted(set(form) - KNOWN - WITHOUT_EFFECT):
        raise CallRefused(20001, unknown[0])
    if wrong := [name for name in METHODS if form.get(name, "POST") != "POST"]:
        raise CallRefused(20001, wrong[0])
    to = _callee(form.get("To", "").strip(), config.numbers)
    from_ = _caller(form.get("From", "").strip(), config.numbers)
    twiml, url = _words(form)
    detection, aside = form.get("MachineDetection", ""), form.get("AsyncAmd", "false").lower()
    if detection not in DETECTIONS or aside not in {"true", "false"}:
        raise CallRefused(20001, "MachineDetection" if detection not in DETECTIONS else "AsyncAmd")
    detection_callback = _address(form.get("AsyncAmdStatusCallback", ""), 21609)
    mistaken = not set(events) <= EVENTS
    unheard = bool(detection) and aside == "true" and not detection_callback
    return CallOrder(
        to=to,
        from_=from_,
        twiml=twiml,
        url=url,
        fallback_url=_address(form.get("FallbackUrl", ""), 21205),
        timeout=_timeout(form.get("Timeout", "").strip()),
        status_callback=_address(form.get("StatusCallback", ""), 21609),
        # Twilio takes a call with an event that it does not know, warns, and then reports nothing at all.
        events=frozenset() if mistaken else frozenset(events or ["completed"]),
        detection=detection,
        detected_aside=aside == "true",
        detection_callback=detection_callback,
        warnings=(21626,) * mistaken + (21262,) * unheard,
    )


def _callee(to: str, numbers: tuple[str, ...]) -> str:
    if not to:
        raise CallRefused(21201)
    if not checks.E164.fullmatch(to):
        raise CallRefused(21211, to)
    if not to.startswith("+44"):
        raise CallRefused(21215, to)
    if not checks.BRITISH.fullmatch(to):
        raise CallRefused(21211, to)
    if to in numbers:
        raise CallRefused(21214, to)
    return to


def _caller(from_: str, numbers: tuple[str, ...]) -> str:
    if not from_:
        raise CallRefused(21213)
    if from_ not in numbers:
        raise CallRefused(21210 if checks.E164.fullmatch(from_) else 21212, from_)
    return from_


def _words(form: Mapping[str, str]) -> tuple[str, str]:
    twiml, url = form.get("Twiml", "").strip(), _address(form.get("Url", ""), 21205)
    if len(twiml) > LONGEST_TWIML:
        raise CallRefused(32018)
    if bool(twiml) == bool(url):
        raise CallRefused(20001, "Twiml") if url else CallRefused(21205)
    return twiml, url


def _address(url: str, code: int) -> str:
    try:
        return checks.callback(url.strip())
    except TwilioError as error:
        raise CallRefused(code, url) from error


def _timeout(seconds: str) -> int:
    if not seconds:
        return RINGS
    if not seconds.isdecimal() or int(seconds) > LONGEST_RING:
        raise CallRefused(20001, "Timeout")
    return int(seconds)
