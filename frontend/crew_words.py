"""What an ambulance's crew reads and has written on their page, and what waits for their thumb.

Called by frontend.views.crew. It holds nothing of the conversation but what is addressed to the crew, and their own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from frontend import talk, waits
from referrals import crew
from referrals.conversation import crews
from referrals.crew_link import CrewLink
from referrals.models import Message, Referral

NEW = timedelta(minutes=10)  # so long a message stands above the buttons


@dataclass(frozen=True)
class Words:
    """One message."""

    number: int
    hour: str
    who: str
    place: str
    text: str
    own: bool
    asks: bool  # it waits for the crew's thumb
    confirmed: str
    corrects: str
    is_past: bool  # of a hub to which the patient no longer goes


@dataclass(frozen=True)
class CrewWords:
    """All of them: what is to be read now, and the rest."""

    first: tuple[Words, ...]
    rest: tuple[Words, ...]
    last: int  # the number of the newest that somebody wrote to them
    may_say: bool


def of(link: CrewLink, now: datetime) -> CrewWords:
    """What this link opens now."""
    messages = crews.of(link)
    shown = [_words(message, link.referral) for message in messages]
    new = {m.number for m in messages if m.by and (m.is_to_be_confirmed or now - m.at < NEW)}
    first = {one.number for one in shown if one.number in new and not one.is_past}
    return CrewWords(
        first=tuple(one for one in shown if one.number in first),
        rest=tuple(one for one in reversed(shown) if one.number not in first),
        last=max((m.number for m in messages if m.by), default=0),
        may_say=link.referral.state in crew.ON_THE_ROAD,
    )


def _words(message: Message, referral: Referral) -> Words:
    hub = message.site_id if message.site and message.site.is_hub else None
    confirmed = ""
    if (done := message.confirmed) and done.at:
        confirmed = f"Confirmed{f' by {done.by}' if done.by else ''}, {waits.hour(done.at)}"
    return Words(
        number=message.number,
        hour=waits.hour(message.at),
        who=talk.author(message) if message.by else "You",
        place=talk.place(message) if message.by else "",
        text=message.text,
        own=message.by is None,
        asks=message.is_to_be_confirmed,
        confirmed=confirmed,
        corrects=message.corrects.text if message.corrects else "",
        is_past=hub is not None and hub not in {referral.hub_id, referral.spoke_id},
    )
