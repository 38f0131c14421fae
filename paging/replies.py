"""What somebody meant by an SMS. Pure: text in, meaning out; whether it may be done is decided elsewhere."""

import re
from dataclasses import dataclass

from referrals.codes import ALPHABET, REFERRAL_LENGTH, REPLY_LENGTH

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
YES_WORDS = frozenset(["YES", "OK", "ACCEPT", "ACCEPTED", "CONFIRM", "CONFIRMED"])
NO_WORDS = frozenset(["X", "NO", "NOT", "DECLINE", "DECLINED", "REFUSE", "REFUSED"])
OTHER_WORDS = frozenset(["REPLY", "CODE", "PLEASE", "THANKS", "I"])  # say neither
REFERRAL = re.compile(rf"[{ALPHABET}]{{{REFERRAL_LENGTH}}}")


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
    """No code in it, or words beside the code that might mean anything."""


Reply = Yes | No | LeftToTwilio | Unclear


def parse(text: str) -> Reply:
    """The one code in the text is yes; with an X before it, or the word decline beside it, it is no.

    Words that we do not know make it unclear: "4F7KB cannot come" must never accept.
    """
    plain = re.sub(r"[^A-Z0-9]+", " ", text.upper()).strip()
    if plain in LEFT_TO_TWILIO:
        return LeftToTwilio()
    codes = set(CODE.findall(plain)) or set(CODE.findall(plain.replace(" ", "")))
    if len(codes) != 1:
        return Unclear()
    prefix, code = codes.pop()
    beside = {word for word in CODE.sub(" ", plain).split() if not REFERRAL.fullmatch(word)}
    if code not in plain:  # written with gaps in it
        beside = set()
    if beside - YES_WORDS - NO_WORDS - OTHER_WORDS:
        return Unclear()
    means_no = bool(prefix) or bool(beside & NO_WORDS)
    if means_no and beside & YES_WORDS:
        return Unclear()
    return No(code) if means_no else Yes(code)
