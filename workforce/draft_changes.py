"""What a draft would change, what was changed since it was asked for, and what the judge says of it.

Reads; called by workforce.drafts and the screens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from network.models import Person, Site
from workforce import rota, rota_plan
from workforce.draft_rows import RotaDraft
from workforce.models import Duty
from workforce.rota_plan import Holding
from workforce.rules import judge
from workforce.rules.facts import Breach, Stretch, said, shared
from workforce.solver import standing, wire
from workforce.solver.problem import Fairness, Problem, Rota, Slot

Held = tuple[str, int, datetime, datetime]  # duty, person, start, end
NAMED = 3


@dataclass(frozen=True)
class Line:
    """One duty of a draft: who holds it today, and who would."""

    slot: Slot
    was: int | None
    now: int | None

    @property
    def is_changed(self) -> bool:
        return self.was != self.now


def snapshot(hub: Site, start: datetime, end: datetime) -> list[list[Any]]:
    """Who is on at this hub from start until end, as a draft remembers it."""
    return [[duty, person, s.isoformat(), e.isoformat()] for duty, person, s, e in _on(hub, start, end)]


def _on(hub: Site, start: datetime, end: datetime) -> list[Held]:
    shifts = rota.between([hub], start=start, end=end)
    return [(s.duty, s.person_id, s.period.lower, s.period.upper) for s in shifts if s.duty in rota.ON_CALL]


def remembered(draft: RotaDraft) -> list[Held]:
    """Who was on when the draft was asked for."""
    return [
        (duty, person, datetime.fromisoformat(start), datetime.fromisoformat(end))
        for duty, person, start, end in draft.before
    ]


def problem(draft: RotaDraft) -> Problem:
    """What was asked."""
    return wire.problem_from(draft.request["problem"])


def answer(draft: RotaDraft) -> Rota | None:
    """What was found, once something was."""
    return wire.rota_from(draft.answer) if draft.answer else None


def lines(draft: RotaDraft) -> list[Line]:
    """Each duty that the draft is about, in order of time."""
    found = answer(draft)
    holders = found.holders if found else {}
    before = remembered(draft)
    slots = (slot for slot in problem(draft).slots if slot.holder is None)
    return [
        Line(slot, _holder(before, slot), int(holders[slot.key]) if slot.key in holders else None)
        for slot in sorted(slots, key=lambda one: (one.start, rota.ORDER[one.duty]))
    ]


def _holder(before: Iterable[Held], slot: Slot) -> int | None:
    """Who has all of this duty; where it is divided, nobody has."""
    inside = (h for h in before if h[0] == slot.duty and h[2] <= slot.start and slot.end <= h[3])
    return next((person for _, person, _, _ in inside), None)


def of(draft: RotaDraft) -> list[Holding]:
    """What has to change for the rota to be as in the draft."""
    before = remembered(draft)
    wanted = [
        line for line in lines(draft) if line.is_changed or (line.now is None and _touched(before, line))
    ]
    people = Person.objects.in_bulk([line.now for line in wanted if line.now])
    return [
        Holding(
            draft.hub, line.slot.duty, people[line.now] if line.now else None, line.slot.start, line.slot.end
        )
        for line in wanted
    ]


def _touched(before: Iterable[Held], line: Line) -> bool:
    slot = line.slot
    return any(duty == slot.duty and s < slot.end and slot.start < e for duty, _, s, e in before)


def judged(draft: RotaDraft) -> list[Breach]:
    """What the rota would break from the draft's beginning to its end, by the judge that knows no solver."""
    start, end = draft.period.lower, draft.period.upper
    changes = of(draft)
    people = [change.person for change in changes if change.person]
    plan = rota_plan.around([draft.hub], start=start, end=end, people=people)
    broken = judge.breaches(rota_plan.applied(plan, changes), rota_plan.rules_of(draft.hub.network_id))
    return [b for b in rota_plan.concerning(broken, [draft.hub]) if b.touches(start, end)]


def shares(draft: RotaDraft, *, drafted: bool) -> tuple[Fairness, ...]:
    """Everybody's nights, weekends and bank holidays beside their share: as drafted, or as the rota stands."""
    asked = problem(draft)
    holders = {slot.key: slot.holder for slot in asked.slots if slot.holder}
    for line in lines(draft):
        who = line.now if drafted else line.was
        if who:
            holders[line.slot.key] = str(who)
    ours = {one.key for one in asked.operators if str(draft.hub_id) in one.phases}
    return tuple(one for one in standing.fairness(asked, holders) if one.operator in ours)


def changed_since(draft: RotaDraft, *, at: datetime) -> str:
    """What is not as it was when the draft was asked for, in words; empty where all is."""
    ahead = (max(at, draft.period.lower), draft.period.upper)
    now = _on(draft.hub, *ahead) if ahead[0] < ahead[1] else []
    then, today = _joined(remembered(draft), ahead), _joined(now, ahead)
    differing = sorted(then.symmetric_difference(today), key=lambda held: (held[2], held[0], held in today))
    names = dict(Person.objects.filter(pk__in={held[1] for held in differing}).values_list("pk", "name"))
    parts = [_difference(held, names, is_new=held in today) for held in differing[:NAMED]]
    more = len(differing) - NAMED
    return " ".join([*parts, f"And {more} more."] if more > 0 else parts)


def _difference(held: Held, names: Mapping[int, str], *, is_new: bool) -> str:
    duty, person, start, end = held
    what = f"{Duty(duty).label.lower()} {said(start, end)}"
    return f"{names[person]} is now {what}." if is_new else f"{names[person]} was {what}."


def _joined(held: Iterable[Held], within: Stretch) -> set[Held]:
    """The same duties without the seams: one person's duty in two pieces is one."""
    found: list[Held] = []
    for duty, person, start, end in sorted(held):
        both = shared((start, end), within)
        if both is None:
            continue
        if found and found[-1][:2] == (duty, person) and found[-1][3] == both[0]:
            found[-1] = (duty, person, found[-1][2], both[1])
        else:
            found.append((duty, person, *both))
    return set(found)
