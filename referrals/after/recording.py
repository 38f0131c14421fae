"""The verb `record_outcome`: a figure, or why there is none; a correction beside the original; a death that agrees.

Called like the other verbs, also long after the referral has ended. The only writer of outcomes.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Unpack

from django.utils import timezone

from referrals import ledger, policy
from referrals.after import rules, said
from referrals.after.rows import Destination, Kind, NotObtained, Outcome
from referrals.after.said import DEAD, Read, Typed
from referrals.ledger import Press, Turn
from referrals.models import Referral
from referrals.refusals import BadInput, WrongState
from referrals.states import State


def record_outcome(
    code: str,
    *,
    outcome: str,
    taken: str = "",
    nihss: str = "",
    mrs: str = "",
    bleed: str = "",
    complications: Sequence[str] = (),
    destination: str = "",
    method: str = "",
    not_obtained: str = "",
    died_on: str = "",
    alive: str = "",
    text: str = "",
    **press: Unpack[Press],
) -> Referral:
    """What became of the patient. An entry that exists is corrected by it, with a reason; both stay to be read."""
    entry = Typed(
        outcome, taken, nihss, mrs, bleed, complications, destination, method, not_obtained, died_on, alive, text
    )  # fmt: skip

    def work(turn: Turn) -> None:
        policy.check(turn.verb, turn.rights, turn.referral)
        began = turn.referral.punctured_at
        if began is None:
            raise WrongState(
                "wrong_state", f"{turn.referral.code} had no groin puncture. Nothing was changed."
            )
        read = said.read(entry, since=began, now=turn.now)
        _write(turn, entry, read, standing(turn.referral))

    return ledger.change(code, "record_outcome", press, work)


def standing(referral: Referral) -> dict[str, Outcome]:
    """What holds now, by kind: the newest of each, and none that was taken back."""
    newest = Outcome.objects.filter(referral=referral, corrected_by=None).select_related("by")
    return {row.kind: row for row in newest}


def died_on(referral: Referral, held: dict[str, Outcome]) -> date | None:
    """The day of a death that is recorded; None where none is."""
    if referral.state == State.DIED and referral.ended_at:
        return timezone.localdate(referral.ended_at)
    row = held.get(Kind.DEATH)
    return row.taken_on if row and not row.is_taken_back else None


def _write(turn: Turn, entry: Typed, read: Read, held: dict[str, Outcome]) -> None:
    before = held.get(entry.kind)
    if before and not before.is_taken_back and not entry.text:
        raise BadInput({"text": "This corrects what is recorded: say why."})
    if entry.not_obtained == NotObtained.MISTAKE and (before is None or before.is_taken_back):
        raise BadInput({"not_obtained": "There is nothing to take back."})
    _check_early(turn.referral, entry, read)
    if entry.kind == Kind.DEATH:
        _agrees_with_scores(turn.referral, entry, read, held)
        _create(turn, entry, read, before)
    else:
        death = _death(turn, entry, read, held)
        _create(turn, entry, read, before)
        if death:
            _create(turn, death, Read(None, _death_day(death, read), None, None, None), held.get(Kind.DEATH))
    turn.details |= _told(entry, read)


def _check_early(referral: Referral, entry: Typed, read: Read) -> None:
    """A figure from before its window is another figure; one from after it is kept, and the screens say so."""
    assert referral.punctured_at
    if entry.kind not in {Kind.DAY, Kind.NINETY} or entry.not_obtained or read.mrs == DEAD:
        return
    opens = timezone.localtime(rules.window(entry.kind, referral.punctured_at).opens)
    early = read.at < opens if read.at else read.on < opens.date()
    if early:
        first = f"{opens:%-d %b %Y %H:%M}" if entry.kind == Kind.DAY else f"{opens:%-d %b %Y}"
        raise BadInput({"taken": f"Too early: this one is taken from {first} on."})


def _death_day(death: Typed, read: Read) -> date:
    """The day of a death that is written along with an mRS."""
    return read.died_on if read.died_on and not death.not_obtained else read.on


def _death(turn: Turn, entry: Typed, read: Read, held: dict[str, Outcome]) -> Typed | None:
    """What must be written of a death along with this score; BadInput where they say different things."""
    known = died_on(turn.referral, held)
    if read.mrs is None:
        return None
    if read.mrs == DEAD:
        day = known or read.died_on or (read.on if entry.destination == Destination.DIED else None)
        if day is None:
            raise BadInput({"died_on": "mRS 6 says that the patient has died. On which day?"})
        if day > read.on:
            raise BadInput(
                {"taken": f"The death is recorded for {said.in_words(day)}, after this day. Check both."}
            )
        return None if known else Typed(Kind.DEATH, text=entry.text)
    if known is None or known > read.on:
        return None
    if entry.alive and turn.referral.state != State.DIED:
        return Typed(Kind.DEATH, not_obtained=NotObtained.MISTAKE, text=entry.text or "The patient is alive")
    if turn.referral.state == State.DIED:
        raise BadInput(
            {"mrs": f"{turn.referral.code} ended with a death on {said.in_words(known)}: mRS is 6."}
        )
    asks = f"A death is recorded for {said.in_words(known)}. Either mRS is 6, or say that the death was a mistake."
    raise BadInput({"alive": asks})


def _agrees_with_scores(referral: Referral, entry: Typed, read: Read, held: dict[str, Outcome]) -> None:
    """A death and the mRS that are recorded tell the same story, or somebody says which is wrong."""
    scores = [row for row in held.values() if row.mrs is not None]
    if referral.state == State.DIED:
        raise BadInput({"taken": f"{referral.code} ended with a death already."})
    if entry.not_obtained and entry.not_obtained != NotObtained.MISTAKE:
        raise BadInput({"not_obtained": "A death is not asked for; leave this empty."})
    for row in scores:
        taken_back = entry.not_obtained == NotObtained.MISTAKE
        if taken_back and row.mrs == DEAD:
            recorded = f"{row.get_kind_display()}: mRS 6 is recorded"
            raise BadInput({"not_obtained": f"{recorded}. Correct that, and the death with it."})
        if not taken_back and row.mrs != DEAD and row.taken_on > read.on:
            day = said.in_words(row.taken_on)
            raise BadInput({"taken": f"mRS {row.mrs} was recorded for {day}, after this day. Check both."})


def _create(turn: Turn, entry: Typed, read: Read, before: Outcome | None) -> None:
    assert turn.by, "the clock records no outcome"
    Outcome.objects.create(
        referral=turn.referral,
        kind=entry.kind,
        taken_at=read.at,
        taken_on=read.on,
        nihss=read.nihss if entry.kind == Kind.DAY else None,
        mrs=read.mrs if entry.kind in {Kind.DISCHARGE, Kind.NINETY} else None,
        bleed=entry.bleed,
        complications=[one for one in said.LATER if one in entry.complications],
        destination=entry.destination if not entry.not_obtained else "",
        method=entry.method if not entry.not_obtained else "",
        not_obtained=entry.not_obtained,
        text=entry.text,
        rules=rules.VERSION,
        by=turn.by,
        written_at=turn.now,
        corrects=before,
    )


def _told(entry: Typed, read: Read) -> dict[str, Any]:
    """What the event keeps of it."""
    words = {
        "outcome": entry.kind,
        "taken_on": read.on.isoformat(),
        "nihss": str(read.nihss) if read.nihss is not None else "",
        "mrs": str(read.mrs) if read.mrs is not None else "",
        "bleed": entry.bleed,
        "complications": [one for one in said.LATER if one in entry.complications],
        "destination": entry.destination,
        "method": entry.method,
        "not_obtained": entry.not_obtained,
        "died_on": read.died_on.isoformat() if read.died_on else "",
        "text": entry.text,
    }
    return {name: value for name, value in words.items() if value}
