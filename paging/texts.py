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
LONGEST_FAULT = 60


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


def told(*, code: str, hub: str, operator: str) -> str:
    """An operator under indirect supervision accepted: the supervisor knows, and need not answer."""
    first = f"DIDO {code} {_name(hub)}: {_name(operator)} accepted. You answer for them."
    return _page(first, reply="No reply needed.", code=code)


def untold(*, code: str, hub: str, operator: str) -> str:
    """No supervisor could be told: somebody must reach one by hand."""
    first = (
        f"DIDO {code} {_name(hub)}: {_name(operator)} accepted under supervision. No supervisor was reached."
    )
    return _page(first, reply="Ring them now.", code=code)


def worse(*, code: str, hub: str) -> str:
    """A patient on the way to this hub is worse: the crew waits for what to do."""
    first = f"STROKE {code} to {_name(hub)} is WORSE on the way."
    return _page(first, reply="The crew waits for you: open the link, or ring.", code=code)


def not_left(*, code: str, hub: str) -> str:
    """A patient for this hub has not left the first hospital in time: told to the coordinator once."""
    return _page(
        f"DIDO {code} to {_name(hub)}: the ambulance has not left yet.", reply="Please ring.", code=code
    )


def not_arrived(*, code: str, hub: str) -> str:
    """A patient has not arrived at this hub in time: told to the coordinator once."""
    return _page(
        f"DIDO {code} to {_name(hub)}: the patient has not arrived yet.", reply="Please ring.", code=code
    )


def divert(*, code: str, hub: str) -> str:
    """A patient on the road comes to this hub, as was agreed on the phone."""
    return _page(
        f"STROKE {code} is diverted to you at {_name(hub)}, as agreed.", reply="No reply needed.", code=code
    )


def stood_down(*, code: str, reply: str) -> str:
    """A transfer is stood down: told to whoever was alerted."""
    return _page(
        f"DIDO {code} is STOOD DOWN.", reply=f"Reply {reply} to show that you have seen it.", code=code
    )


def crew(*, address: str) -> str:
    """The link of an ambulance's crew: nothing else, and never cut."""
    return f"Dido: open your transfer {address}"


def message(*, code: str) -> str:
    """A message waits to be confirmed by this person's role; what it says is on the page alone."""
    return _page(f"DIDO {code}: a message waits to be confirmed.", reply="Open the case.", code=code)


def reach_test(*, hub: str, reply: str) -> str:
    """A test of this person's phone, at the start of a shift or because they asked for it."""
    first = f"DIDO TEST {_name(hub)}: no patient.".replace("  ", " ") if hub else "DIDO TEST: no patient."
    return fit(f"{first} Reply {reply} to show that pages reach you.")


def unreached(*, name: str, hub: str) -> str:
    """Somebody on call has not answered the test of their phone: told to the next on call and the coordinator."""
    return fit(
        f"DIDO: {_name(name)} on call at {_name(hub)} has not answered a test page. Please reach them."
    )


def troubled_phone(*, name: str, hub: str, why: str) -> str:
    """A phone on the rota cannot be reached: told to the coordinator."""
    place = f" on call at {_name(hub)}" if hub else ""
    return fit(f"DIDO: the phone of {_name(name)}{place} {plain(why)}. Please check the rota.")


def drill(*, hub: str, since: datetime, reply: str) -> str:
    """A drill of the whole path; nobody can take it for a patient."""
    at = timezone.localtime(since).strftime("%H:%M")
    return fit(f"DRILL {_name(hub)} {at}: NO PATIENT. Reply {reply} to answer the drill.")


def drill_unanswered(*, hub: str) -> str:
    """Nobody answered the drill: told to somebody who was not asked to."""
    return fit(f"DRILL {_name(hub)}: NO PATIENT. Nobody on call has answered the drill.")


def verify(*, code: str) -> str:
    """Shows that this number is its owner's: they type the code on their page."""
    return fit(f"DIDO: {code} is the code to type on your page. Nobody else needs it.")


def platform(*, fault: str, reply: str) -> str:
    """The platform's owner must mend something."""
    return fit(
        f"DIDO PLATFORM: {plain(fault)[:LONGEST_FAULT]}. Pages may fail. Reply {reply} if you deal with it."
    )
