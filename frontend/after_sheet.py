"""What became of a patient, on the case: each outcome, how it stands, and the way to its form.

Called by frontend.travel_sheet. Two statements after a procedure, none before. Writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from frontend import outcome_words, outcomes_sheet
from network.permissions import Rights
from referrals import policy
from referrals.after import owed, recording
from referrals.after.owed import Owed, Standing
from referrals.after.rows import Kind
from referrals.models import Referral


@dataclass(frozen=True)
class Asked:
    """One outcome: “24 h after the procedure: NIHSS 4”, or by when somebody is asked."""

    kind: str
    label: str
    said: str
    more: str
    mood: str
    may: bool
    site: str = ""  # whose team is asked
    is_mine: bool = False  # this person's
    standing: Standing = Standing.DONE

    @property
    def is_open(self) -> bool:
        return self.standing in {Standing.DUE, Standing.OVERDUE}


def of(referral: Referral, rights: Rights, now: datetime) -> tuple[Asked, ...]:
    """Every outcome of this patient, in the order of time, a death last; none before groin puncture."""
    if referral.punctured_at is None:
        return ()
    may = policy.RULES["record_outcome"][0](rights, referral)
    lines = tuple(_asked(one, rights, may, now) for one in owed.of_one(referral, now=now))
    death = recording.standing(referral).get(Kind.DEATH)
    if death is None or death.is_taken_back:
        return lines
    gone = Asked(
        "death", str(Kind.DEATH.label), outcome_words.figure(death), outcome_words.more(death), "", may
    )
    return (*lines, gone)


def _asked(one: Owed, rights: Rights, may: bool, now: datetime) -> Asked:
    moods = {Standing.OVERDUE: "late", Standing.DUE: "soon", Standing.DONE: "ok"}
    if one.row:
        outside = outcome_words.outside(one.row, one.window)
        more = " · ".join(part for part in (outcome_words.more(one.row), outside) if part)
        said = outcome_words.figure(one.row)
    elif one.standing == Standing.DIED:
        said, more = "mRS 6, died", ""
    else:
        said, more = outcomes_sheet.when(one, now), f"{one.site} is asked"
    return Asked(
        one.kind.value,
        str(one.kind.label),
        said,
        more,
        moods.get(one.standing, ""),
        may,
        site=str(one.site),
        is_mine=bool(owed.mine([one], rights)),
        standing=one.standing,
    )
