"""Why there is no rota, in the fewest words: how many more operators, which nights have nobody, who could share them.

Called by solving and repair once it is proved that there is none. Each sentence is the answer to a search of its own,
so none is said that was not tried.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, replace

from workforce.solver import sketch, standing
from workforce.solver.model import Model
from workforce.solver.problem import INDEPENDENT, Operator, Problem, Result, Rota, Slot
from workforce.solver.search import Effort, search

NONE = "No rota keeps every rule."  # where it is not known what would help
NAMED = 3  # empty duties that are named one by one
MOST = 7  # more operators than this at one hub are not counted
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TRIES = 0.3  # the part of the time that is left, for each further question


@dataclass(frozen=True)
class Needed:
    """How many more independent operators there must be at which hub; `proved` that fewer do not help."""

    hubs: Counter[str]
    proved: bool


def impossible(problem: Problem, effort: Effort, published: dict[str, str] | None = None) -> Rota:
    """The fullest rota that keeps every rule, near what was published where there is one, and why it is not full."""
    fullest = _fullest(problem, effort, published or {})
    holders = {} if fullest is None else fullest
    open_slots = [slot for slot in problem.slots if slot.must and slot.key not in holders]
    said = [*_operators(problem, effort, open_slots), *_rarer(problem, effort)]
    empty = [] if fullest is None else open_slots
    return Rota(
        Result.IMPOSSIBLE,
        holders,
        seconds=effort.spent(),
        fairness=standing.fairness(problem, holders),
        reasons=(*(said or [NONE]), *_empty(problem, empty, holders)),
        empty=tuple(slot.key for slot in empty),
        changed=changes(holders, published) if published and fullest is not None else (),
    )


def changes(holders: dict[str, str], published: dict[str, str]) -> tuple[str, ...]:
    """The slots that somebody else holds than was published, or nobody."""
    keys = sorted(holders.keys() | published.keys())
    return tuple(key for key in keys if holders.get(key) != published.get(key))


def _fullest(problem: Problem, effort: Effort, published: dict[str, str]) -> dict[str, str] | None:
    """Who holds what where as few duties as possible stay empty, and among those rotas as few as possible change."""
    model = Model(problem, gaps=True)
    model.hint(published or sketch.sketch(problem))
    worth = len(model.by_slot) + 1
    kept = [model.holds[pair] for pair in published.items() if pair in model.holds]
    empty = sum(worth * (worth if model.slots[key].must else 1) * yes for key, yes in model.empty.items())
    model.cp.minimize(empty - sum(kept))
    found = search(model, replace(effort, good_enough=0.0, told=None), part=_TRIES)
    return found.holders


def _operators(problem: Problem, effort: Effort, empty: list[Slot]) -> list[str]:
    needed = more_operators(problem, effort, {slot.hub for slot in empty})
    if needed is None:
        return []
    names = {hub.key: hub.name for hub in problem.hubs}
    rate = f"at 1 in {problem.rules.one_in}"
    without = replace(problem, operators=tuple(replace(o, leave=()) for o in problem.operators))
    if any(o.leave for o in problem.operators) and _possible(without, effort):
        rate += " with these leaves"
    parts = [f"{_number(count)} more{{}} at {names[hub]}" for hub, count in sorted(needed.hubs.items())]
    many = needed.hubs.total() > 1
    first = parts[0].format(f" independent operator{'s' if needed.hubs[min(needed.hubs)] > 1 else ''}")
    listed = _listed([first, *(part.format("") for part in parts[1:])])
    if not needed.proved:
        return [_sentence(f"{rate}, {listed} would be enough")]
    return [_sentence(f"{rate}, {listed} {'are' if many else 'is'} needed")]


def more_operators(problem: Problem, effort: Effort, hubs: set[str]) -> Needed | None:
    """The fewest independent operators, free at any time, with whom there is a rota; None where they do not help."""
    extra = [
        Operator(f"more operator {number} at {hub}", "", {hub: INDEPENDENT})
        for hub in sorted(hubs)
        for number in range(MOST)
    ]
    model = Model(replace(problem, operators=(*problem.operators, *extra)))
    used = {operator.key: model.cp.new_bool_var(operator.key) for operator in extra}
    for operator in extra:
        for yes in model.by_operator[operator.key].values():
            model.cp.add_implication(yes, used[operator.key])
    for one, other in itertools.pairwise(extra):
        if one.phases == other.phases:
            model.cp.add_implication(used[other.key], used[one.key])
    model.cp.minimize(sum(used.values()))
    found = search(model, replace(effort, good_enough=0.0, told=None), part=_TRIES)
    if found.holders is None:
        return None
    holding = set(found.holders.values())
    counted = Counter(next(iter(operator.phases)) for operator in extra if operator.key in holding)
    return Needed(counted, found.proved)


def _rarer(problem: Problem, effort: Effort) -> list[str]:
    rules = problem.rules
    if rules.one_in < 2:
        return []
    more = rules.one_in - 1
    over = more if rules.over == rules.one_in else rules.over
    relaxed = replace(problem, rules=replace(rules, one_in=more, over=over))
    return [f"At 1 in {more} it can be done."] if _possible(relaxed, effort) else []


def _possible(problem: Problem, effort: Effort) -> bool:
    return search(Model(problem), replace(effort, told=None), part=_TRIES).holders is not None


def _empty(problem: Problem, empty: list[Slot], holders: dict[str, str]) -> list[str]:
    said = [_one_empty(problem, slot, holders) for slot in empty[:NAMED]]
    left = len(empty) - NAMED
    if left > 0:
        said.append(_sentence(f"{_number(left)} more {'duty has' if left == 1 else 'duties have'} nobody"))
    return said


def _one_empty(problem: Problem, slot: Slot, holders: dict[str, str]) -> str:
    names = {hub.key: hub.name for hub in problem.hubs}
    what = "night" if slot.night else "day"
    where = f" at {names[slot.hub]}" if len(names) > 1 else ""
    duty = "" if slot.duty == "first" else f" as {slot.duty}"
    day = f"{slot.day:%A} {slot.day.day} {slot.day:%B}"
    sharing = [names[hub] for hub in _sharing(problem, slot, holders)][:2]
    share = f"; {' or '.join(sharing)} could share it" if sharing else ""
    return f"The {what} of {day}{where} has nobody{duty}{share}."


def _sharing(problem: Problem, slot: Slot, holders: dict[str, str]) -> list[str]:
    """The other hubs that have an independent operator on in the same duty all the while."""
    phases = {operator.key: operator.phases for operator in problem.operators}
    on = [
        other.hub
        for other in problem.slots
        if other.hub != slot.hub
        and other.duty == slot.duty
        and other.start <= slot.start
        and slot.end <= other.end
        and phases.get(holders.get(other.key, ""), {}).get(other.hub) == INDEPENDENT
    ]
    near = next((hub.reach for hub in problem.hubs if hub.key == slot.hub), ())
    return sorted(dict.fromkeys(on), key=lambda hub: (hub not in near, hub))


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _listed(parts: list[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
