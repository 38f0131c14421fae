"""The one thing that matters next on a case, for whoever looks: a heading, and a sentence where no button says it.

Called by frontend.views.case. Pure over what the page shows; it decides nothing.
"""

from dataclasses import dataclass

from frontend.after_sheet import Asked
from frontend.casefile import CaseFile
from frontend.press import Presses
from referrals.after.owed import Standing

WAITS = "There is nothing for you to press now; this page changes by itself."


@dataclass(frozen=True)
class Step:
    """“Next: ring Walton”, and what to know of it."""

    title: str
    words: str = ""
    is_to_be_seen: bool = False  # this person has still to say that they know of the end
    outcome: str = ""  # the kind that this person's team is asked for now


def of(file: CaseFile, presses: Presses, *, turn: str) -> Step:
    """What is next for them; `turn`: who can get the patient on, if not they."""
    stood = file.travel.stood
    seen = stood is not None and stood.mine
    if presses.main and not file.ended:
        return Step("Next", is_to_be_seen=seen)
    if seen:
        return Step("Next: say that you have seen it", is_to_be_seen=True)
    if file.ended:
        return _ended(file, presses, turn)
    if file.rings:
        words = "Ring them, as it says at the top, and ask them to accept or decline in Dido."
        return Step(f"Next: ring {file.rings[0].hub}", words)
    return Step(f"Next: {turn}", WAITS)


def _ended(file: CaseFile, presses: Presses, turn: str) -> Step:
    if presses.main:
        return Step(f"Next: a bed at {file.spoke}")
    after = file.travel.after
    if due := next((one for one in after if one.is_open and one.is_mine), None):
        words = f"{due.label}: your team is asked, {due.said}."
        return Step("Next: record what became of the patient", words, outcome=due.kind)
    if turn:
        promised = file.travel.home is not None and file.travel.home.is_promised
        may = any(one.verb == "promise_bed" for one in presses.other)
        words = "You can promise it already." if may and not promised else WAITS
        return Step(f"Next: {turn} asks for a bed at {file.spoke}", words)
    return Step("This referral has ended", _left(after))


def _left(after: tuple[Asked, ...]) -> str:
    """What comes later, or is asked of others; else that nothing is left."""
    if other := next((one for one in after if one.is_open), None):
        return f"Nothing is left for you to do. {other.site} is asked what became of the patient."
    if coming := next((one for one in after if one.standing == Standing.COMING), None):
        return f"Nothing is left to do now. {coming.site} is asked what became of the patient, {coming.said}."
    return "Nothing is left to do. Its trail stays."
