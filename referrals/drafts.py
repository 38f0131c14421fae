"""The only writer of drafts: a form is kept from its first field, for its author alone, and for some hours.

Called by the referral form's views, and by the pager's clock to throw old ones away. Nothing of it is in a browser,
an address or a log; nobody else reads it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from network.models import Person, Site
from referrals import facts, usual
from referrals.draft_rows import Draft

KEEPS = timedelta(hours=usual.DRAFT_HOURS)
LONGEST = {"note": facts.MAX_NOTE}
LONGEST_FIELD = 200


def keep(person: Person, spoke: Site, said: Mapping[str, Any], *, at: datetime) -> None:
    """What is typed so far, instead of what was kept before; an empty form keeps nothing."""
    forget(now=at)
    kept = {name: str(said.get(name) or "")[: LONGEST.get(name, LONGEST_FIELD)] for name in facts.NAMES}
    kept = {name: text.replace("\x00", "") for name, text in kept.items() if text.strip()}
    if not set(kept) - {"callback"}:  # filled in by itself
        drop(person, spoke)
        return
    Draft.objects.update_or_create(person=person, spoke=spoke, defaults={"said": kept, "saved_at": at})


def of(person: Person, spoke: Site, *, at: datetime) -> Draft | None:
    """What this person has begun here; None where there is nothing, or it is too old to be trusted."""
    return Draft.objects.filter(person=person, spoke=spoke, saved_at__gte=at - KEEPS).first()


def drop(person: Person, spoke: Site) -> None:
    """It was sent, or is not wanted any more."""
    Draft.objects.filter(person=person, spoke=spoke).delete()


def forget(*, now: datetime) -> None:
    """What nobody came back to in its time is thrown away, whoever began it."""
    Draft.objects.filter(saved_at__lt=now - KEEPS).delete()
