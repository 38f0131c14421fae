"""Problems and rotas as JSON, for the pipe between the product and the solver's process; nothing else is on it.

Called by process and work. A text of the wrong shape is a KeyError, TypeError or ValueError.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from workforce.solver.problem import (
    Fairness,
    Hub,
    Kind,
    Operator,
    Problem,
    Progress,
    Result,
    Rota,
    Rules,
    Slot,
    Span,
    Wish,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Illness:
    """A rota was published; this operator is away, which is known from the instant `at` on."""

    published: Mapping[str, str]
    ill: str
    away: Span
    at: datetime


@dataclass(frozen=True)
class Request:
    """One search: a new rota, or a published one to be mended; `good_enough` is the gap at which it may end."""

    problem: Problem
    seconds: float = 30.0
    workers: int = 2
    seed: int = 1
    good_enough: float = 0.02
    illness: Illness | None = None


def request_to(request: Request) -> Json:
    """A request as plain values."""
    illness = request.illness
    plain = {name: getattr(request, name) for name in ("seconds", "workers", "seed", "good_enough")}
    return {
        **plain,
        "problem": problem_to(request.problem),
        "illness": illness
        and {
            "published": dict(illness.published),
            "ill": illness.ill,
            "away": span_to(illness.away),
            "at": illness.at.isoformat(),
        },
    }


def request_from(plain: Json) -> Request:
    """The request again."""
    ill = plain["illness"]
    illness = ill and Illness(
        ill["published"], ill["ill"], span_from(ill["away"]), datetime.fromisoformat(ill["at"])
    )
    return Request(**{**plain, "problem": problem_from(plain["problem"]), "illness": illness})


def problem_to(problem: Problem) -> Json:
    """A problem as plain values."""
    return {
        "first": problem.first.isoformat(),
        "weeks": problem.weeks,
        "hubs": [asdict(hub) for hub in problem.hubs],
        "operators": [_operator_to(operator) for operator in problem.operators],
        "slots": [_slot_to(slot) for slot in problem.slots],
        "rules": asdict(problem.rules),
    }


def problem_from(plain: Json) -> Problem:
    """The problem again."""
    return Problem(
        first=date.fromisoformat(plain["first"]),
        weeks=plain["weeks"],
        hubs=tuple(Hub(h["key"], h["name"], tuple(h["reach"])) for h in plain["hubs"]),
        operators=tuple(map(_operator_from, plain["operators"])),
        slots=tuple(map(_slot_from, plain["slots"])),
        rules=_rules_from(plain["rules"]),
    )


def _rules_from(plain: Json) -> Rules:
    duties: Json = {name: tuple(plain[name]) for name in ("rationed", "present")}
    return Rules(**{**plain, **duties})


def rota_to(rota: Rota) -> Json:
    """A rota as plain values."""
    fairness = [[f.operator, f.kind, f.held, str(f.due)] for f in rota.fairness]
    return {**asdict(rota), "holders": dict(rota.holders), "fairness": fairness}


def rota_from(plain: Json) -> Rota:
    """The rota again."""
    fairness = tuple(
        Fairness(who, Kind(kind), held, Fraction(due)) for who, kind, held, due in plain["fairness"]
    )
    lists = {name: tuple(plain[name]) for name in ("reasons", "empty", "changed")}
    return Rota(**{**plain, **lists, "result": Result(plain["result"]), "fairness": fairness})


def progress_to(progress: Progress) -> Json:
    """A step of the search as plain values."""
    return asdict(progress)


def progress_from(plain: Json) -> Progress:
    """The step again."""
    return Progress(**plain)


def span_to(span: Span) -> list[str]:
    """Two instants."""
    return [span.start.isoformat(), span.end.isoformat()]


def span_from(plain: list[str]) -> Span:
    """The stretch of time again."""
    start, end = map(datetime.fromisoformat, plain)
    return Span(start, end)


def _operator_to(operator: Operator) -> Json:
    return {
        "key": operator.key,
        "name": operator.name,
        "phases": dict(operator.phases),
        "share": operator.share,
        "leave": [span_to(span) for span in operator.leave],
        "wishes": [[*span_to(Span(w.start, w.end)), w.wanted, w.weight] for w in operator.wishes],
    }


def _operator_from(plain: Mapping[str, Any]) -> Operator:
    wishes = ((span_from(wish[:2]), *wish[2:]) for wish in plain["wishes"])
    return Operator(
        plain["key"],
        plain["name"],
        plain["phases"],
        plain["share"],
        tuple(map(span_from, plain["leave"])),
        tuple(Wish(span.start, span.end, wanted, weight) for span, wanted, weight in wishes),
    )


def _slot_to(slot: Slot) -> Json:
    times = {"start": slot.start.isoformat(), "end": slot.end.isoformat(), "day": slot.day.isoformat()}
    return {**asdict(slot), **times, "kinds": sorted(slot.kinds)}


def _slot_from(plain: Json) -> Slot:
    return Slot(
        **{
            **plain,
            "start": datetime.fromisoformat(plain["start"]),
            "end": datetime.fromisoformat(plain["end"]),
            "day": date.fromisoformat(plain["day"]),
            "kinds": frozenset(map(Kind, plain["kinds"])),
        }
    )
