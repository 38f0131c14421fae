"""What a provider's error means, and what must happen next. Pure: a table of codes with words for people.

Sources: Twilio's error dictionary (https://www.twilio.com/docs/api/errors) and GOV.UK Notify's statuses and errors
(https://docs.notifications.service.gov.uk/rest-api.html). A code that nobody knows counts as "not reached".
"""

from enum import Enum

from network.models import PhoneTrouble


class Trouble(Enum):
    """The class of an error; what it leads to is in paging.aftermath."""

    BUSY = "busy"  # the provider cannot now: again soon, and another provider at once
    CONTACT = "contact"  # this number can never be reached this way
    OPTED_OUT = "opted_out"  # its owner told the provider to stop
    UNREACHABLE = "unreachable"  # off, no signal, nobody picks up: another way now, once more in a minute
    FILTERED = "filtered"  # blocked on the way: another sender
    QUEUE = "queue"  # too late or too many: another sender
    OURS = "ours"  # our own account or set-up is wrong: another provider, and somebody must mend it


WORDS: dict[str, tuple[Trouble, str]] = {
    "no_number": (Trouble.CONTACT, "no phone number"),
    "no_device": (Trouble.CONTACT, "no device to wake"),
    "no_words": (Trouble.CONTACT, "its words could not be made"),
    "unanswered": (Trouble.BUSY, "the provider did not answer"),
    "20429": (Trouble.BUSY, "the provider is too busy"),
    "20500": (Trouble.BUSY, "the provider has a fault"),
    "20502": (Trouble.BUSY, "the provider has a fault"),
    "20503": (Trouble.BUSY, "the provider has a fault"),
    "21730": (Trouble.BUSY, "the provider is under repair"),
    "21211": (Trouble.CONTACT, "the number is not valid"),
    "21214": (Trouble.CONTACT, "the number cannot be reached"),
    "21217": (Trouble.CONTACT, "the number is not valid"),
    "21265": (Trouble.CONTACT, "a short number: cannot receive texts"),
    "21614": (Trouble.CONTACT, "not a mobile number"),
    "21635": (Trouble.CONTACT, "a landline: cannot receive texts"),
    "30005": (Trouble.CONTACT, "the number does not exist"),
    "30006": (Trouble.CONTACT, "a landline: cannot receive texts"),
    "permanent-failure": (Trouble.CONTACT, "the number does not exist"),
    "21610": (Trouble.OPTED_OUT, "has opted out by STOP"),
    "30003": (Trouble.UNREACHABLE, "phone off or no signal"),
    "30008": (Trouble.UNREACHABLE, "not delivered, reason unknown"),
    "30410": (Trouble.UNREACHABLE, "the network did not answer"),
    "temporary-failure": (Trouble.UNREACHABLE, "phone off or no signal"),
    "busy": (Trouble.UNREACHABLE, "engaged"),
    "no-answer": (Trouble.UNREACHABLE, "did not pick up"),
    "failed": (Trouble.UNREACHABLE, "could not be called"),
    "canceled": (Trouble.UNREACHABLE, "the call was broken off"),
    "machine": (Trouble.UNREACHABLE, "an answering machine picked up"),
    "30004": (Trouble.FILTERED, "blocked by the network"),
    "21216": (Trouble.FILTERED, "blocked by the provider"),
    "30007": (Trouble.FILTERED, "filtered by the network"),
    "21612": (Trouble.FILTERED, "no way from our number to this one"),
    "30024": (Trouble.FILTERED, "the network does not know our number"),
    "30001": (Trouble.QUEUE, "too many texts at once"),
    "30036": (Trouble.QUEUE, "not delivered in time"),
    "21611": (Trouble.QUEUE, "too many texts at once"),
    "22005": (Trouble.QUEUE, "too many calls at once"),
    "10004": (Trouble.QUEUE, "too many calls at once"),
    "technical-failure": (Trouble.QUEUE, "the provider has a fault"),
    "20003": (Trouble.OURS, "our account at the provider is refused"),
    "10001": (Trouble.OURS, "our account at the provider is suspended"),
    "10005": (Trouble.OURS, "our account may not call at all"),
    "20005": (Trouble.OURS, "our account at the provider is suspended"),
    "90010": (Trouble.OURS, "our account at the provider is suspended"),
    "63038": (Trouble.OURS, "our limit for today is reached"),
    "20404": (Trouble.OURS, "the provider does not know our account or number"),
    "20008": (Trouble.OURS, "our account at the provider is for tests only"),
    "21205": (Trouble.OURS, "our address for answers is not valid"),
    "21210": (Trouble.OURS, "our number may not call"),
    "21212": (Trouble.OURS, "our number is not valid"),
    "21213": (Trouble.OURS, "our number is missing"),
    "21215": (Trouble.OURS, "our account may not call that country"),
    "21219": (Trouble.OURS, "our account is still on trial"),
    "21408": (Trouble.OURS, "our account may not write to that country"),
    "21606": (Trouble.OURS, "our number is not ours"),
    "21601": (Trouble.OURS, "our number cannot send texts"),
    "21603": (Trouble.OURS, "our number is missing"),
    "21608": (Trouble.OURS, "our account is still on trial"),
    "21609": (Trouble.OURS, "our address for reports is not valid"),
    "21659": (Trouble.OURS, "our number is not ours"),
    "21660": (Trouble.OURS, "our number is not ours"),
    "21661": (Trouble.OURS, "our number cannot send texts"),
    "21663": (Trouble.OURS, "our number belongs to another region"),
    "21703": (Trouble.OURS, "our messaging service has no number"),
    "21704": (Trouble.OURS, "our messaging service has no number"),
    "30002": (Trouble.OURS, "our account at the provider is suspended"),
    "hooks:elsewhere": (Trouble.OURS, "replies by text go to another address"),
    "hooks:not-ours": (Trouble.OURS, "our number is not in our account"),
    "notify:number": (Trouble.CONTACT, "the number is not valid"),
    "notify:key": (Trouble.OURS, "our key is refused"),
    "notify:clock": (Trouble.OURS, "our clock is wrong"),
    "notify:trial": (Trouble.OURS, "our service is still on trial"),
    "notify:country": (Trouble.OURS, "our service may not write to that country"),
    "notify:template": (Trouble.OURS, "our template is wrong"),
    "notify:limit": (Trouble.OURS, "our limit for today is reached"),
    "notify:refused": (Trouble.OURS, "the provider refuses what we send"),
    "push:key": (Trouble.OURS, "our key for pushes is refused"),
    "push:refused": (Trouble.UNREACHABLE, "the browser’s service did not take it"),
}

PHONE: dict[str, PhoneTrouble] = {
    "21610": PhoneTrouble.OPTED_OUT,
    "21614": PhoneTrouble.NOT_MOBILE,
    "21635": PhoneTrouble.NOT_MOBILE,
    "30006": PhoneTrouble.NOT_MOBILE,
    "21211": PhoneTrouble.UNKNOWN,
    "21214": PhoneTrouble.UNKNOWN,
    "21217": PhoneTrouble.UNKNOWN,
    "21265": PhoneTrouble.UNKNOWN,
    "30005": PhoneTrouble.UNKNOWN,
    "permanent-failure": PhoneTrouble.UNKNOWN,
    "notify:number": PhoneTrouble.UNKNOWN,
}
ELSEWHERE = frozenset(
    {Trouble.BUSY, Trouble.FILTERED, Trouble.QUEUE, Trouble.OURS}
)  # another provider may do it


def of(error: str) -> Trouble:
    """The class of an error code, of Twilio's, of Notify's or of our own."""
    known = WORDS.get(error)
    if known:
        return known[0]
    # An answer with no code of the provider's own, only HTTP's, came from something on the way to it.
    return Trouble.BUSY if error.isdigit() and len(error) == 3 else Trouble.UNREACHABLE


def in_words(error: str) -> str:
    """Why a page was not delivered, for a person who waits for its answer."""
    if not error:
        return ""
    known = WORDS.get(error)
    return known[1] if known else f"not delivered (code {error})"
