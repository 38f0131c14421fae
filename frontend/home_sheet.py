"""The way back on the case, and the hand-over summary that travels with the patient.

Called by frontend.travel_sheet and frontend.views.hand_over. The summary is for those who see the referral, and for
paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from frontend import clocks, outcome_words, waits
from frontend.waits import Piece, Sentence
from referrals import going_home, states
from referrals.after import recording
from referrals.models import Event, Outcome, Referral
from referrals.states import State


@dataclass(frozen=True)
class Caution:
    """Something to be careful of: “until 07:40, 4 h after the procedure”."""

    words: str
    holds: bool
    tick: Piece | None
    source: str


@dataclass(frozen=True)
class Home:
    """What is known of the way back."""

    is_promised: bool
    promise: Sentence
    offer: Sentence
    cautions: tuple[Caution, ...]
    ambulance: Sentence
    has_summary: bool  # there is something to hand over


SHOWN = frozenset(
    {
        State.PROVISIONAL,
        State.ACCEPTED,
        State.AMBULANCE_REQUESTED,
        State.DEPARTED,
        State.ARRIVED,
        State.PUNCTURE,
        State.TREATED,
        State.NOT_TREATED,
        State.REPATRIATING,
    }
)
HANDED_OVER = frozenset({State.TREATED, State.NOT_TREATED, State.REPATRIATING})


def of(referral: Referral, now: datetime) -> Home | None:
    """The way back of this patient; None before an acceptance, after the end, and for a hub's own patient."""
    if referral.state not in SHOWN or referral.spoke_id == referral.hub_id:
        return None
    return Home(
        is_promised=referral.bed_promised_at is not None,
        promise=_promise(referral, now),
        offer=_bed(referral.bed_offered_at, referral.bed_offer, "A bed is ready", now),
        cautions=cautions(referral, now),
        ambulance=_ambulance(referral, now),
        has_summary=referral.state in HANDED_OVER,
    )


def _promise(referral: Referral, now: datetime) -> Sentence:
    if referral.bed_promised_at is None:
        return (waits.stress(f"{referral.spoke} has not promised a bed back yet.", mood="soon"),)
    promised = f"{referral.spoke} has promised a bed back"
    return _bed(referral.bed_promised_at, referral.bed_promise, promised, now)


def _bed(at: datetime | None, words: str, said: str, now: datetime) -> Sentence:
    if at is None:
        return ()
    return (
        waits.stress(f"{said}{': ' if words else ''}{words}", mood="ok"),
        waits.say(f", {clocks.moment(at, now)}."),
    )


def cautions(referral: Referral, now: datetime, *, dated: bool = False) -> tuple[Caution, ...]:
    """What to be careful of on the way back, those that still hold first; on paper always with the day."""
    found = going_home.cautions(treated_at=referral.treated_at, haemorrhage_at=referral.haemorrhage_at)
    return tuple(
        _caution(one, now, clocks.dated(one.until) if dated else clocks.moment(one.until, now))
        for one in sorted(found, key=lambda one: one.until <= now)
    )


def _caution(one: going_home.Caution, now: datetime, until: str) -> Caution:
    return Caution(
        words=f"{one.hours} h after {one.after}: {until}",
        holds=one.until > now,
        tick=Piece(until=one.until, now=now) if one.until > now else None,
        source=one.source,
    )


def _ambulance(referral: Referral, now: datetime) -> Sentence:
    if referral.return_left_at:
        return (waits.stress(f"Left the hub at {clocks.moment(referral.return_left_at, now)}."),)
    if referral.return_requested_at is None:
        return ()
    cad = f", CAD {referral.return_cad}" if referral.return_cad else ""
    asked = Piece(ago=referral.return_requested_at, now=now, strong=True)
    return (waits.say("Ambulance home asked for "), asked, waits.say(f" ago, {_category(referral)}{cad}."))


def _category(referral: Referral) -> str:
    return str(states.Category(referral.return_category).label)


@dataclass(frozen=True)
class Row:
    """One line of the summary."""

    label: str
    value: str


@dataclass(frozen=True)
class Summary:
    """What the next team must know, on one page of paper."""

    what: tuple[Row, ...]
    times: tuple[Row, ...]
    people: tuple[Row, ...]
    notes: tuple[str, ...]


TIMES = (
    ("Onset or last known well", "onset_at"),
    ("Door in, first hospital", "arrived_at"),
    ("CT angiogram", "cta_at"),
    ("Thrombolysis", "thrombolysis_at"),
    ("Accepted", "accepted_at"),
    ("Door out, first hospital", "departed_at"),
    ("At the hub", "hub_arrived_at"),
    ("Groin puncture", "punctured_at"),
    ("Procedure over", "treated_at"),
    ("Haemorrhage found", "haemorrhage_at"),
    ("Not treated", "ended_at"),
    ("Left the hub", "return_left_at"),
)


def summary(referral: Referral, events: Sequence[Event]) -> Summary:
    """The hand-over of this patient; what is not known is left out, and said by its absence."""
    r = referral
    treated = f"Thrombectomy, mTICI {r.get_mtici_display()}" if r.mtici else "No thrombectomy"
    why = dict(states.EndReason.choices).get(r.end_reason, "")
    what = (
        ("Outcome", f"{treated}{f': {str(why).lower()}' if why else ''}" if r.mtici or why else ""),
        ("Occlusion", f"{r.side} {r.occlusion}".strip()),
        ("NIHSS at referral", "" if r.nihss is None else str(r.nihss)),
        ("ASPECTS", "" if r.aspects is None else str(r.aspects)),
        ("mRS before the stroke", "" if r.prestroke_mrs is None else str(r.prestroke_mrs)),
        ("Thrombolysis", str(r.get_thrombolysis_display()) if r.thrombolysis else ""),
        ("Anticoagulant", str(r.get_anticoagulant_display()) if r.anticoagulant else ""),
    )
    people = (
        ("From", r.hub.name if r.hub else ""),
        ("To", r.spoke.name),
        ("Operator", r.operator.name if r.operator else ""),
        ("Supervisor", r.supervisor.name if r.supervisor else ""),
        ("Bed", r.bed_offer or r.bed_promise),
        ("Travels with", str(r.get_return_escort_display()) if r.return_escort else ""),
    )
    found = [(name, getattr(r, field)) for name, field in TIMES]
    times = [(name, clocks.dated(at)) for name, at in found if at]
    said = [e for e in events if e.verb in {"worsen", "find_haemorrhage"} and e.details.get("text")]
    held = recording.standing(r) if r.punctured_at else {}
    after = [(str(row.get_kind_display()), _after(row)) for row in held.values() if not row.is_taken_back]
    return Summary(
        what=_rows((*what, *after)),
        times=_rows(times),
        people=_rows(people),
        notes=tuple(filter(None, [r.note, *(f"{clocks.dated(e.at)}: {e.details['text']}" for e in said)])),
    )


def _after(row: Outcome) -> str:
    return " · ".join(part for part in (outcome_words.figure(row), outcome_words.more(row)) if part)


def _rows(found: Sequence[tuple[str, str]]) -> tuple[Row, ...]:
    return tuple(Row(label, value) for label, value in found if value)
