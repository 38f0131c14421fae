"""The rules about who is there: supervision, places, leave, and how many share a hub's rota.

Pure: plain facts and figures in, breaches out; called by workforce.rules.judge.
"""

from collections.abc import Iterator

from workforce.rules.facts import (
    Breach,
    Held,
    Plan,
    Rules,
    Stretch,
    Turn,
    breach,
    said,
    shared,
    without,
)

OPERATING = ("first", "second")
ON_CALL = (*OPERATING, "supervisor")
DIRECT, INDIRECT, INDEPENDENT = "direct", "indirect", "independent"


def in_phase(plan: Plan, turn: Turn) -> Iterator[tuple[Stretch, Held]]:
    """The parts of a turn for which its person holds a phase at that hub."""
    for held in plan.held:
        if (held.person, held.hub) == (turn.person, turn.hub):
            until = turn.end if held.until is None else held.until
            if both := shared((turn.start, turn.end), (held.since, until)):
                yield both, held


def may_not_operate(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """On call at a hub at which one has no phase."""
    rule = rules["may_operate"]
    for turn in plan.turns:
        if turn.duty not in ON_CALL:
            continue
        for start, end in without((turn.start, turn.end), (both for both, _ in in_phase(plan, turn))):
            words = f"{plan.name(turn.person)} may not operate at {plan.hub(turn.hub)}, and is on {said(start, end)}."
            yield breach(rule, words, person=turn.person, hub=turn.hub, start=start, end=end)


def supervises_in_training(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """Supervisor on call without being independent there."""
    rule = rules["supervisor_independent"]
    for turn in plan.turns:
        if turn.duty != "supervisor":
            continue
        for (start, end), held in in_phase(plan, turn):
            if held.phase != INDEPENDENT:
                words = (
                    f"{plan.name(turn.person)} is supervisor at {plan.hub(turn.hub)} {said(start, end)}, and works "
                    f"under {held.phase} supervision there."
                )
                yield breach(rule, words, person=turn.person, hub=turn.hub, start=start, end=end)


def alone_above_competence(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """Under direct supervision without a supervisor on; under indirect without one who can be reached."""
    for turn in plan.turns:
        if turn.duty not in OPERATING:
            continue
        for stretch, held in in_phase(plan, turn):
            if held.phase == DIRECT:
                rule, missing = rules["supervisor_present"], "no independent supervisor is on"
                there = _independent(plan, turn, ("supervisor",))
            elif held.phase == INDIRECT:
                rule, missing = (
                    rules["supervisor_reachable"],
                    "no independent operator on duty can be reached",
                )
                there = [*_independent(plan, turn, ON_CALL), *_named(plan, held)]
            else:
                continue
            for start, end in without(stretch, there):
                words = (
                    f"{plan.name(turn.person)} works under {held.phase} supervision at {plan.hub(turn.hub)}, and "
                    f"{missing} {said(start, end)}."
                )
                yield breach(rule, words, person=turn.person, hub=turn.hub, start=start, end=end)


def _independent(plan: Plan, turn: Turn, duties: tuple[str, ...]) -> list[Stretch]:
    """When somebody else who is independent holds one of these duties at the same hub."""
    others = (t for t in plan.turns if t.hub == turn.hub and t.person != turn.person and t.duty in duties)
    return [
        both
        for other in others
        if shared((other.start, other.end), (turn.start, turn.end))
        for both, held in in_phase(plan, other)
        if held.phase == INDEPENDENT
    ]


def _named(plan: Plan, held: Held) -> list[Stretch]:
    """When the supervisor who answers for somebody is on duty, at whichever hub: then the phone is at hand."""
    return [
        (t.start, t.end)
        for t in plan.turns
        if held.supervisor is not None and t.person == held.supervisor and t.duty in ON_CALL
    ]


def in_two_places(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """One person on two duties at once."""
    rule = rules["two_places"]
    for person, turns in plan.of_person().items():
        for number, turn in enumerate(turns):
            for other in turns[number + 1 :]:
                if other.start >= turn.end:
                    break
                both = shared((turn.start, turn.end), (other.start, other.end))
                if both is None:
                    continue
                places = " and ".join(dict.fromkeys((plan.hub(turn.hub), plan.hub(other.hub))))
                twice = "at once at" if turn.hub != other.hub else "twice at"
                words = f"{plan.name(person)} is on call {twice} {places} {said(*both)}."
                yield breach(rule, words, person=person, hub=other.hub, start=both[0], end=both[1])


def on_leave(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """On duty while on leave."""
    rule = rules["on_leave"]
    for away in plan.away:
        for turn in plan.turns:
            both = (
                shared((turn.start, turn.end), (away.start, away.end)) if turn.person == away.person else None
            )
            if both:
                words = f"{plan.name(turn.person)} is on leave, and on call at {plan.hub(turn.hub)} {said(*both)}."
                yield breach(rule, words, person=turn.person, hub=turn.hub, start=both[0], end=both[1])


def too_few_operators(plan: Plan, rules: Rules) -> Iterator[Breach]:
    """Fewer operators at a hub than its rota needs, in the time of the plan's own duties there."""
    least, ideal = rules["least_operators"], rules["ideal_operators"]
    for hub in sorted({t.hub for t in plan.turns if t.duty in ON_CALL}):
        turns = [t for t in plan.turns if t.hub == hub]
        start, end = min(t.start for t in turns), max(t.end for t in turns)
        count = len(
            {
                h.person
                for h in plan.held
                if h.hub == hub and h.since < end and (h.until is None or h.until > start)
            }
        )
        rule = least if count < least.value else ideal
        if count < rule.value:
            needed = "at least" if rule is least else "ideally"
            noun = "operator" if count == 1 else "operators"
            words = f"{plan.hub(hub)} has {count} {noun} for its rota: {needed} {rule.value:g} are needed."
            yield breach(rule, words, hub=hub, start=start, end=end)
