"""What a ladder is for, and how it stands or ended, in a few words.

Pure over a climb of paging.queries. Called by frontend.ladder_line.
"""

from datetime import timedelta

from frontend import clocks, waits
from paging.models import Reason
from paging.queries import Climb

TITLES = {
    Reason.CONFIRM.value: "Supervisor’s confirmation",
    Reason.UNPLACED.value: "Finding a hub",
    Reason.TOLD.value: "The supervisor is told",
    Reason.WORSE.value: "Worse on the way",
    Reason.STOOD.value: "Told of the stand-down",
}
LATE = {"depart": "The ambulance has not left", "arrive": "The patient has not arrived"}
ONLY_TOLD = frozenset({Reason.TOLD.value, Reason.OVERDUE.value, Reason.DIVERT.value})  # nobody need answer
ASKS_NOTHING = ONLY_TOLD | {Reason.STOOD.value}


def title(climb: Climb) -> str:
    """What somebody is reached for."""
    if climb.reason == Reason.REACH:
        return "At the start of a shift" if climb.for_shift else "Your test"
    if climb.reason == Reason.OVERDUE:
        return LATE.get(climb.subject.partition(" ")[2], "Late on the way")
    if climb.reason == Reason.DIVERT:
        return f"{climb.hub} is told of the diversion"
    return TITLES.get(climb.reason) or f"Answer from {climb.hub}"


def outcome(climb: Climb) -> tuple[str, str]:
    """How it ended, or how it stands, and its mood."""
    if climb.reason in ONLY_TOLD and (climb.closed_at or climb.arrived):
        return _told(climb)
    if climb.reason == Reason.STOOD and climb.pages:
        have, paged = climb.heard
        return f"{have} of {paged} reached", "ok" if have == paged else "late" if climb.closed_at else ""
    if climb.answered_at:
        after = length(climb.answered_at - climb.opened_at)
        who = "" if climb.reason == Reason.REACH else f" by {climb.answered_by}"
        return f"answered{who} after {after}", "ok"
    if climb.closed_at:
        if climb.reason == Reason.REACH:
            return "not answered", "late"
        nobody = "no answer, " if climb.reason in {Reason.OFFER, Reason.CONFIRM} else ""
        return f"{nobody}closed at {waits.hour(climb.closed_at)}", "quiet"
    if climb.alarm_since:
        since = f"alarm since {waits.hour(climb.alarm_since)}"
        return (f"{since}, taken by {climb.taken_by}", "soon") if climb.taken_by else (since, "late")
    return f"since {waits.hour(climb.opened_at, seconds=True)}", ""


def _told(climb: Climb) -> tuple[str, str]:
    """Of a climb that ends once somebody has heard of it: who has, or that nobody was reached in time."""
    if heard := climb.arrived:
        return f"{heard.person} was reached at {waits.hour(heard.settled_at or heard.due_at)}", "ok"
    assert climb.closed_at, "asked of what has ended"
    if climb.next_at and climb.closed_at < climb.next_at:
        return f"over at {waits.hour(climb.closed_at)}", "quiet"
    return "nobody was reached", "late"


def length(took: timedelta) -> str:
    """How long somebody took: 12 s, 1:43 min, 2 h 10."""
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    return f"{clocks.tick(took)} min" if minute <= took < hour else clocks.ago(took)
