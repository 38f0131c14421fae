"""The words of an SMS: one GSM-7 segment by construction, and no patient fact. Pure.

Only a referral's code, hospitals' short names, colleagues' names, times and reply codes go in. Everything is written
in plain letters that cost one septet each, so 160 characters are one segment.
"""

import unicodedata
from datetime import datetime

from django.conf import settings
from django.utils import timezone

SEGMENT = 160  # septets
TWO_SEPTETS = set("^{}\\[~]|`")  # in the extension table, or (the backtick) not in GSM-7 at all
LONGEST_NAME = 20


def plain(text: str) -> str:
    """The text in letters of one septet: accents are dropped, anything else strange becomes a full stop."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    bare = bare.replace("’", "'").replace("“", '"').replace("”", '"').replace("–", "-").replace("—", "-")
    return "".join(c if " " <= c <= "~" and c not in TWO_SEPTETS else "." for c in bare)


def fit(text: str) -> str:
    """Never more than one segment."""
    text = plain(text)
    return text if len(text) <= SEGMENT else text[: SEGMENT - 3].rstrip() + "..."


def _name(text: str) -> str:
    return plain(text)[:LONGEST_NAME].strip()


def _link(code: str) -> str:
    return f"{settings.PUBLIC_URL}/r/{code}/"


def _page(first: str, *, reply: str, code: str) -> str:
    """The page with its link where there is room for it; the reply codes are never cut."""
    whole = plain(f"{first} {reply} {_link(code)}")
    return whole if len(whole) <= SEGMENT else fit(f"{first} {reply}")


def offer(*, code: str, spoke: str, hub: str, since: datetime, reply: str) -> str:
    """A patient is offered to this person's hub."""
    at = timezone.localtime(since).strftime("%H:%M")
    first = f"STROKE {code} from {_name(spoke)} for {_name(hub)} {at}."
    return _page(first, reply=f"Reply {reply} accept, X{reply} decline.", code=code)


def unanswered_offer(*, code: str, spoke: str, hub: str) -> str:
    """The hub does not answer: told to somebody who cannot answer for it."""
    first = f"STROKE {code} from {_name(spoke)}: {_name(hub)} has not answered."
    return _page(first, reply="Ring them now.", code=code)


def confirm(*, code: str, hub: str, operator: str, reply: str) -> str:
    """An operator under direct supervision accepted: the supervisor must confirm."""
    first = f"STROKE {code} {_name(hub)}: {_name(operator)} accepted under your supervision."
    return _page(first, reply=f"Reply {reply} confirm, X{reply} decline.", code=code)


def unplaced(*, code: str, spoke: str, reply: str) -> str:
    """No hub has taken the patient: somebody must act."""
    first = f"STROKE {code} from {_name(spoke)} has NO HUB. Ring them now."
    return _page(first, reply=f"Reply {reply} if you deal with it.", code=code)


def unanswered_confirmation(*, code: str, hub: str, reply: str) -> str:
    """The supervisor does not answer: the coordinator or lead must act."""
    first = f"STROKE {code} {_name(hub)}: the supervisor has not confirmed."
    return _page(first, reply=f"Reply {reply} if you deal with it.", code=code)
