"""What somebody meant by an SMS. Pure: text in, meaning out; whether it may be done is decided elsewhere."""

import re
from dataclasses import dataclass

from referrals.codes import ALPHABET, REPLY_LENGTH

LEFT_TO_TWILIO = frozenset(
    [
        "STOP",
        "STOPALL",
        "UNSUBSCRIBE",
        "END",
        "QUIT",
        "REVOKE",
        "OPTOUT",
        "CANCEL",
        "START",
        "YES",
        "UNSTOP",
        "HELP",
        "INFO",
    ]
)
CODE = re.compile(rf"\b(X?)([{ALPHABET}]{{{REPLY_LENGTH}}})\b")
NO_WORDS = {"NO", "DECLINE", "DECLINED", "REFUSE"}


@dataclass(frozen=True)
class Yes:
    """Accept, confirm, or take the alarm: whatever the page asked for."""

    code: str


@dataclass(frozen=True)
class No:
    """Decline."""

    code: str


@dataclass(frozen=True)
class LeftToTwilio:
    """A keyword that the provider answers by itself."""


@dataclass(frozen=True)
class Unclear:
    """No code in it."""


Reply = Yes | No | LeftToTwilio | Unclear


def parse(text: str) -> Reply:
    """The one code in the text is yes; with an X before it, or the word decline beside it, it is no."""
    words = re.sub(r"[^A-Z0-9]+", " ", text.upper()).strip()
    if words in LEFT_TO_TWILIO:
        return LeftToTwilio()
    codes = set(CODE.findall(words))
    if len(codes) != 1:
        return Unclear()
    prefix, code = codes.pop()
    if prefix or NO_WORDS & set(words.split()):
        return No(code)
    return Yes(code)
