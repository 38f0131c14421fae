"""The verbs between the request for an ambulance and the hub's door: the crew's word, and what the hub makes of it.

Called like those of referrals.transitions, by screens and programs, and by the crew through referrals.crew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Unpack

from django.db.models import Exists, OuterRef

from network import digits, permissions
from network.models import Link, Role, Site
from referrals import ledger, offers, order, policy
from referrals.ledger import Press, Turn, clock
from referrals.models import Event, Referral
from referrals.refusals import BadInput, WrongState
from referrals.states import TAKEN, EndReason, Instruction, State
from workforce import phases
from workforce.models import Authorisation, Phase

LONGEST = 600  # minutes of a delay, and to the door
GCS, SYSTOLIC, NIHSS = (3, 15), (30, 300), (0, 42)


def open_verbs(referral: Referral) -> set[str]:
    """The verbs of this module that the referral's state allows now."""
    found = set()
    if referral.state == State.AMBULANCE_REQUESTED and referral.crew_at_spoke_at is None:
        found.add("crew_at_spoke")
    if referral.state == State.DEPARTED:
        found |= {"expect"} if arrival_is_unknown(referral) else {"expect", "delay"}
    if referral.state in TAKEN:
        found.add("worsen")
        if waits_for_hub(referral):
            found.add("instruct")
    return found


def waits_for_hub(referral: Referral) -> bool:
    """Is the patient worse, and the hub has not said yet what to do?"""
    return referral.worse_at is not None and not referral.instruction and referral.state in TAKEN


def arrival_is_unknown(referral: Referral) -> bool:
    """Was the patient diverted on the road, and nobody has said since how far it is from there?"""
    return referral.state == State.DEPARTED and is_off_the_road(referral) and referral.expected_at is None


def is_off_the_road(referral: Referral) -> bool:
    """Had the patient left the spoke when they were diverted? Then the drive from there says nothing of the arrival.

    A diversion that was typed has no seconds: in the minute of the departure it counts as after it.
    """
    left, diverted = referral.departed_at, referral.diverted_at
    if left is None or diverted is None:
        return False
    typed = diverted.second == diverted.microsecond == 0
    return (left.replace(second=0, microsecond=0) if typed else left) <= diverted


def _begin(turn: Turn) -> Referral:
    """Refuse who may not, and what cannot be done now."""
    if not turn.by_crew:
        policy.check(turn.verb, turn.rights, turn.referral)
    if turn.verb == "delay" and arrival_is_unknown(turn.referral):
        hub = turn.referral.hub
        sentence = (
            f"Nobody has said yet how far {hub} is from where the patient is. Say the minutes to the door."
        )
        raise WrongState("no_arrival", f"{sentence} Nothing was changed.")
    if turn.verb not in open_verbs(turn.referral):
        label = State(turn.referral.state).label.lower()
        raise WrongState(
            "wrong_state",
            f"{turn.referral.code} is at “{label}”, so this cannot be done now. Nothing was changed.",
        )
    return turn.referral


def crew_at_spoke(code: str, **press: Unpack[Press]) -> Referral:
    """The ambulance's crew is with the patient."""

    def work(turn: Turn) -> None:
        referral = _begin(turn)
        asked = referral.ambulance_requested_at
        if asked and turn.at.replace(second=0, microsecond=0) < asked.replace(second=0, microsecond=0):
            sentence = f"{clock(turn.at)} is before the request for an ambulance at {clock(asked)}. Check both times."
            raise BadInput({"at": sentence})
        referral.crew_at_spoke_at = turn.at

    return ledger.change(code, "crew_at_spoke", press, work)


def delay(code: str, *, minutes: str, **press: Unpack[Press]) -> Referral:
    """The crew will be later at the hub by so many minutes than was thought until now."""
    by = _number(minutes, "minutes", (1, LONGEST), "The delay in minutes")
    assert by is not None

    def work(turn: Turn) -> None:
        referral = _begin(turn)
        _check_newer(turn, referral.diverted_at)
        _check_newer(turn, _said_to_the_door(referral))
        thought = max(_expected(referral) or turn.at, turn.at)
        _expect(turn, thought + timedelta(minutes=by))
        turn.details["minutes"] = by

    return ledger.change(code, "delay", press, work)


def expect(code: str, *, minutes: str, **press: Unpack[Press]) -> Referral:
    """The crew will be at the hub's door in so many minutes from now, wherever it is."""
    length = _number(minutes, "minutes", (1, LONGEST), "The minutes to the door")
    assert length is not None

    def work(turn: Turn) -> None:
        referral = _begin(turn)
        order.check(turn)
        _check_newer(turn, referral.diverted_at)
        _check_newer(turn, referral.expected_said_at)
        _expect(turn, turn.at + timedelta(minutes=length))
        turn.details["to_door"] = length

    return ledger.change(code, "expect", press, work)


def _said_to_the_door(referral: Referral) -> datetime | None:
    """When the minutes to the door were last said: what was late before that is in them."""
    if referral.expected_said_at is None:
        return None
    said = Event.objects.filter(
        referral=referral, verb__in=["expect", "instruct"], details__has_key="to_door"
    )
    return said.order_by("-number").values_list("at", flat=True).first()


def _expect(turn: Turn, arrival: datetime) -> None:
    turn.referral.expected_at, turn.referral.expected_said_at = arrival, turn.at
    turn.details["expected_at"] = arrival.isoformat()


def _check_newer(turn: Turn, last: datetime | None) -> None:
    """Refuse a word from before the last one or before a diversion, as it comes out of a dead spot: it is about
    another road. Times that were typed have no seconds."""
    if last is None:
        return
    known = last if turn.by_crew else last.replace(second=0, microsecond=0)
    if turn.at < known:
        sentence = f"This is of {clock(turn.at)}; since {clock(last)} the way or the arrival is another one."
        raise WrongState("overtaken", f"{sentence} Say the minutes from where the patient is now.")


def _expected(referral: Referral) -> datetime | None:
    """When the patient was thought to be at the hub until now: somebody's word, else the road's minutes."""
    if referral.expected_at or referral.departed_at is None or is_off_the_road(referral):
        return referral.expected_at
    link = Link.objects.filter(origin=referral.spoke_id, hub=referral.hub_id).first()
    return referral.departed_at + timedelta(minutes=link.minutes) if link else None


def worsen(
    code: str, *, gcs: str = "", systolic: str = "", nihss: str = "", text: str = "", **press: Unpack[Press]
) -> Referral:
    """The patient is worse: the hub must say what to do, and is paged until it has."""
    found = {
        "gcs": _number(gcs, "gcs", GCS, "GCS"),
        "systolic": _number(systolic, "systolic", SYSTOLIC, "Systolic blood pressure"),
        "nihss": _number(nihss, "nihss", NIHSS, "NIHSS"),
    }

    def work(turn: Turn) -> None:
        referral = _begin(turn)
        referral.worse_at, referral.instruction = turn.at, ""
        turn.details |= {name: value for name, value in found.items() if value is not None}
        if text:
            turn.details["text"] = text

    return ledger.change(code, "worsen", press, work)


def _number(text: str, field: str, limits: tuple[int, int], label: str) -> int | None:
    low, high = limits
    if not text:
        return None
    number = digits.whole(text)
    if number is None or not low <= number <= high:
        raise BadInput({field: f"{label} is a whole number from {low} to {high}."})
    return number


def instruct(
    code: str, *, instruction: str, to: str = "", minutes: str = "", text: str = "", **press: Unpack[Press]
) -> Referral:
    """The hub tells the crew what to do with a patient who is worse: go on, divert, wait for a team, or stand down.

    `minutes`: with a diversion on the road, how far the other hub is from where the crew is, if the crew has said.
    """
    if instruction == Instruction.DIVERT and not to:
        raise BadInput({"to": "Say to which hub, and who there has agreed."})
    length = _number(minutes, "minutes", (1, LONGEST), "The minutes to the other hub")
    if length and instruction != Instruction.DIVERT:
        raise BadInput({"minutes": "Only a crew that is diverted has other minutes. Leave this empty."})

    def work(turn: Turn) -> None:
        referral = _begin(turn)
        referral.instruction = instruction
        turn.details["instruction"] = instruction
        if text:
            turn.details["text"] = text
        if instruction == Instruction.DIVERT:
            _divert(turn, to, length)
        elif instruction == Instruction.STAND_DOWN:
            turn.move(Referral._stand_down)
            referral.end_reason = EndReason.WORSE
            offers.close_if_ended(turn)

    return ledger.change(code, "instruct", press, work)


def who_may_agree(hubs: Sequence[Site], *, at: datetime) -> list[Authorisation]:
    """Who at these hubs can take a patient by phone: operators there now who need nobody to answer for them."""
    role = permissions.holding(at).filter(person=OuterRef("person"), site=OuterRef("hub"), role=Role.OPERATOR)
    able = phases.holding(at).filter(Exists(role), hub__in=hubs, phase=Phase.INDEPENDENT)
    return list(able.select_related("hub").order_by("person__name", "pk"))


def _divert(turn: Turn, to: str, minutes: int | None) -> None:
    """The patient is another hub's: `to` is its code and the user name of who agreed there, on the phone.

    On the road the arrival is counted from here, by the minutes that are said now or later (`expect`).
    """
    referral = turn.referral
    code, _, username = to.partition(" ")
    hub = offers.hubs_named([code], spoke=referral.spoke)[0]
    if hub.pk == referral.hub_id:
        raise BadInput({"to": f"The patient is on the way to {hub} already."})
    agreed = [held.person for held in who_may_agree([hub], at=turn.now) if held.person.username == username]
    if not agreed:
        raise BadInput({"to": f"Say which independent operator at {hub} has agreed to take the patient."})
    offers.divert(turn, hub)
    referral.hub, referral.operator, referral.supervisor = hub, agreed[0], None
    referral.expected_at = referral.expected_said_at = None
    referral.diverted_at = turn.at
    if minutes:
        if referral.state != State.DEPARTED:
            raise BadInput(
                {"minutes": "The patient has not left yet: the drive is counted from the door out."}
            )
        _expect(turn, turn.at + timedelta(minutes=minutes))
        turn.details["to_door"] = minutes
    referral.checklist, referral.ready = None, []
    turn.details |= {"hub": hub.code, "agreed_with": agreed[0].name}
