"""What is said of a patient in a few short pieces, without a name: age, sex, NIHSS, and where the clot is.

Called by frontend.present and by the pages that say the same. Pure over the referral and an instant.
"""

from datetime import date, datetime

from django.utils import timezone

from referrals import states
from referrals.models import Referral

SEX = {states.Sex.FEMALE: "F", states.Sex.MALE: "M"}


def age(born: date | None, now: datetime) -> int | None:
    """Whole years."""
    if born is None:
        return None
    today = timezone.localdate(now)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def clot(referral: Referral) -> str:
    """Where the clot is, as it is said: “left M1”, “basilar”."""
    if not referral.occlusion:
        return ""
    where = "other clot" if referral.occlusion == states.Occlusion.OTHER else referral.occlusion
    return f"{referral.side} {where}".strip()


def facts(referral: Referral, now: datetime) -> tuple[str, ...]:
    """What is known of the patient, in a few short pieces."""
    years = age(referral.date_of_birth, now)
    letter = SEX.get(states.Sex(referral.sex), "") if referral.sex else ""
    pieces = (
        f"{years} {letter}".strip() if years is not None else letter,
        f"NIHSS {referral.nihss}" if referral.nihss is not None else "",
        clot(referral),
        "woke up with it" if referral.onset_kind == states.OnsetKind.WAKE_UP else "",
    )
    return tuple(piece for piece in pieces if piece)
