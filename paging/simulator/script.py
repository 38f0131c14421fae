"""Reads what a call is to say and do: Say, Pause, Gather, Redirect and Hangup, and nothing else of TwiML for voice.

Called by the caller for each document of a call. Pure; a verb or an attribute that this simulator could not carry out
is an `AnswerError`, because to leave it out silently would be a lie.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from paging.simulator import twiml
from paging.simulator.twiml import AnswerError

LARGEST = 64_000  # characters
KEYS = frozenset("0123456789*#")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Pause": frozenset({"length"}),
    "Gather": frozenset(
        {
            "input",
            "numDigits",
            "timeout",
            "finishOnKey",
            "action",
            "method",
            "actionOnEmptyResult",
            "language",
        }
    ),
    "Redirect": frozenset({"method"}),
    "Hangup": frozenset(),
}


@dataclass(frozen=True)
class Say:
    """Words, as the lines in which they are heard; said `times` times."""

    lines: tuple[str, ...]
    times: int = 1


@dataclass(frozen=True)
class Pause:
    """Silence, in seconds."""

    seconds: float


@dataclass(frozen=True, kw_only=True)
class Gather:
    """Keys are waited for while the nested verbs are heard, and `timeout` seconds after the last key or word."""

    prompts: tuple[Say | Pause, ...]
    wanted: int | None
    timeout: float
    finish: str
    action: str
    even_if_empty: bool


@dataclass(frozen=True)
class Redirect:
    """Go on with the document at this address; an empty one is the document's own."""

    url: str


@dataclass(frozen=True)
class Hangup:
    """Our end puts down the phone."""


type Verb = Say | Pause | Gather | Redirect | Hangup


def read(*, status: int = 200, content_type: str = "text/xml", text: str) -> list[Verb]:
    """The verbs of one document, in order."""
    twiml.check_answer(status=status, content_type=content_type, text=text)
    if len(text) > LARGEST:
        raise AnswerError(11750, "The TwiML is larger than 64 kB.")
    if content_type == "text/plain":
        return [spoken(text)]
    return [_verb(element) for element in twiml.document(text)]


def _verb(element: ElementTree.Element) -> Verb:
    if element.tag not in ATTRIBUTES:
        raise AnswerError(12200, f"<{element.tag}> is not a verb that this simulator carries out.")
    if unknown := sorted(set(element.attrib) - ATTRIBUTES[element.tag]):
        raise AnswerError(12200, f"<{element.tag}> has no {unknown[0]} here.")
    if element.get("method", "POST") != "POST":
        raise AnswerError(12200, "This simulator asks by POST only.")
    match element.tag:
        case "Say" | "Pause":
            return _prompt(element)
        case "Gather":
            return _gather(element)
        case "Redirect":
            return Redirect((element.text or "").strip())
    return Hangup()


def _prompt(element: ElementTree.Element) -> Say | Pause:
    if element.tag == "Pause":
        return Pause(_number(element, "length", 1))
    times = _number(element, "loop", 1)
    if not times:
        raise AnswerError(12200, "<Say> without end is not carried out here.")
    return spoken(" ".join(element.itertext()), times=times)


def spoken(text: str, *, times: int = 1) -> Say:
    """Words, cut into the lines in which they are heard: a sentence each."""
    words = " ".join(text.split())
    return Say(tuple(line for line in SENTENCE.split(words) if line), times)


def _gather(element: ElementTree.Element) -> Gather:
    if element.get("input", "dtmf") != "dtmf":
        raise AnswerError(12200, "This simulator hears keys, not speech.")
    finish = element.get("finishOnKey", "#")
    if finish and finish not in KEYS:
        raise AnswerError(13310, f"{finish} is no key to finish on.")
    for nested in element:
        if nested.tag not in {"Say", "Pause"}:
            raise AnswerError(12200, f"<{nested.tag}> cannot be nested in <Gather>.")
    prompts = [_verb(nested) for nested in element]
    return Gather(
        prompts=tuple(prompt for prompt in prompts if isinstance(prompt, Say | Pause)),
        wanted=_number(element, "numDigits", 0) or None,
        timeout=_number(element, "timeout", 5),
        finish=finish,
        action=element.get("action", ""),
        even_if_empty=element.get("actionOnEmptyResult", "false") == "true",
    )


def _number(element: ElementTree.Element, name: str, otherwise: int) -> int:
    given = element.get(name, str(otherwise))
    if not given.isdecimal():
        raise AnswerError(12200, f"{name}={given} is no whole number.")
    return int(given)
