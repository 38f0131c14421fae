"""Which rules a rota breaks: the one judge, asked before a change is made and whenever a rota is shown.

Pure. It shares nothing with whatever builds a rota, so that neither can repeat the other's mistake.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workforce.rules import presence, rest
from workforce.rules.facts import Breach, Plan, Rule, Rules, Severity

SHIPPED: Mapping[str, Mapping[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "data" / "rules.json").read_text()
)
GRAVEST = {Severity.DANGER: 0, Severity.SERIOUS: 1, Severity.ADVICE: 2}
CHECKS: tuple[Callable[[Plan, Rules], Iterator[Breach]], ...] = (
    presence.in_two_places,
    presence.may_not_operate,
    presence.supervises_in_training,
    presence.alone_above_competence,
    presence.on_leave,
    presence.too_few_operators,
    rest.too_many_nights,
    rest.too_little_rest_after_a_night,
    rest.too_soon,
    rest.too_many_hours,
)


def rules(own: Mapping[str, float] | None = None) -> dict[str, Rule]:
    """The rules as they are shipped, with a network's own figures in place of ours."""
    own = own or {}
    found = {}
    for name, said in SHIPPED.items():
        value = float(own.get(name, said.get("value", 0)))
        found[name] = Rule(
            name=name,
            title=said["title"].format(value=value),
            severity=Severity(said["severity"]),
            source=said["source"],
            value=value,
            over_days=said.get("over_days", 0),
            duties=tuple(said.get("duties", ())),
            unit=said.get("unit", ""),
            least=said.get("least", 0),
            most=said.get("most", 0),
        )
    return found


def breaches(plan: Plan, by: Rules) -> list[Breach]:
    """Everything in this plan that breaks a rule, the gravest first, then in order of time."""
    found = {one for check in CHECKS for one in check(plan, by)}
    return sorted(found, key=lambda b: (GRAVEST[b.severity], b.start, b.end, b.words))


def made_worse(before: Plan, after: Plan, by: Rules) -> list[Breach]:
    """What a change would break that was whole, or worse than it was."""
    known = set(breaches(before, by))
    return [one for one in breaches(after, by) if one not in known]
