"""What somebody meant by an SMS. Pure: text in, meaning out; whether it may be done is decided elsewhere."""

import re
from dataclasses import dataclass

from referrals.codes import ALPHABET, REFERRAL_LENGTH, REPLY_LENGTH

STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"})
LEFT_TO_PROVIDER = STOPS | {"START", "YES", "UNSTOP", "HELP", "INFO"}
CODE = re.compile(rf"\b(X?)([{ALPHABET}]{{{REPLY_LENGTH}}})\b")
YES_WORDS = frozenset(["YES", "OK", "ACCEPT", "ACCEPTED", "CONFIRM", "CONFIRMED"])
NO_WORDS = frozenset(["X", "NO", "NOT", "DECLINE", "DECLINED", "REFUSE", "REFUSED"])
LOOK_WORDS = frozenset(["SEEN", "LOOKING", "LOOK", "ACK"])
OTHER_WORDS = frozenset(["REPLY", "CODE", "PLEASE", "THANKS", "I", "AM"])  # say neither
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
class Looking:
    """Seen, and being looked at: hold the ladder for a while."""

    code: str


@dataclass(frozen=True)
class LeftToProvider:
    """A keyword that the provider answers by itself."""

    word: str


@dataclass(frozen=True)
class Unclear:
    """No code in it, or words beside the code that might mean anything."""


Reply = Yes | No | Looking | LeftToProvider | Unclear


def parse(text: str) -> Reply:
    """The one code in the text is yes; with an X before it, or the word decline beside it, it is no.

    Words that we do not know make it unclear: "4F7KB cannot come" must never accept.
    """
    plain = re.sub(r"[^A-Z0-9]+", " ", text.upper()).strip()
    if plain in LEFT_TO_PROVIDER:
        return LeftToProvider(plain)
    codes = set(CODE.findall(plain)) or set(CODE.findall(plain.replace(" ", "")))
    if len(codes) != 1:
        return Unclear()
    prefix, code = codes.pop()
    beside = {word for word in CODE.sub(" ", plain).split() if not REFERRAL.fullmatch(word)}
    if code not in plain:  # written with gaps in it
        beside = set()
    if beside - YES_WORDS - NO_WORDS - LOOK_WORDS - OTHER_WORDS:
        return Unclear()
    means_no = bool(prefix) or bool(beside & NO_WORDS)
    if sum([means_no, bool(beside & YES_WORDS), bool(beside & LOOK_WORDS)]) > 1:
        return Unclear()
    if beside & LOOK_WORDS:
        return Looking(code)
    return No(code) if means_no else Yes(code)
