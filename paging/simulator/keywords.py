"""The words by which a phone leaves and joins, as Twilio reads them on an ordinary long number.

Called for each text that a phone sends in. Pure; the standard answers are Twilio's, and the application
hears of these texts as of any other (https://help.twilio.com/articles/223134027).
"""

from enum import Enum

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "CANCEL", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})

STOP_ANSWER = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
START_ANSWER = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP_ANSWER = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


class Keyword(Enum):
    """What a reserved word asks of Twilio itself."""

    STOP = "stop"
    START = "start"
    HELP = "help"


def read(body: str) -> Keyword | None:
    """The reserved word that the text consists of; a sentence that contains one is an ordinary text."""
    word = body.strip().upper()
    if word in STOP_WORDS:
        return Keyword.STOP
    if word in START_WORDS:
        return Keyword.START
    return Keyword.HELP if word in HELP_WORDS else None
