"""How an operator gets on, by doing: the terms, the rungs and the signatures that the tests of this folder share."""

from datetime import date, timedelta
from decimal import Decimal

from network import permissions
from network.models import Person
from network.permissions import Rights
from tests.world import World
from workforce import changes, operators, sign_offs
from workforce.models import Operator, Phase, Rung
from workforce.operators import Terms
from workforce.sign_offs import Capacity, Signature

TERMS = Terms(
    employer="The Walton Centre NHS Foundation Trust",
    consultant="Dr Sam Quist",
    centre="The Walton Centre",
    starts_on=date(2026, 9, 1),
    months=18,
    sessions_a_week=Decimal("3.5"),
    completion="Thirty procedures as first operator, with the outcomes audited.",
    backfill="A locum for two sessions; the department shares the rest.",
    in_hours="Every Tuesday and Thursday",
    out_of_hours="One night in eight, beside the supervisor",
)


def rights(world: World, who: str) -> Rights:
    return permissions.rights(world.people[who], at=world.now)


def operator(world: World, who: str, hub: str = "RET20") -> Operator:
    return Operator.objects.get(person=world.people[who], hub=world.sites[hub])


def director_says(world: World, *, years: int = 1) -> Signature:
    today = changes.day(world.now)
    return Signature(
        "Governance has looked at the logbook.",
        reference="CG-2026-114",
        expires_on=today + timedelta(days=365 * years),
        review_on=today + timedelta(days=180),
    )


SUPERVISOR_SAYS = Signature("Forty cases seen, in the logbook.")


def reaches(world: World, who: str, rung: Rung, by: str = "sam") -> None:
    operators.reach(
        operator(world, who),
        rung,
        evidence="Seen and written down.",
        on=changes.day(world.now),
        rights=rights(world, by),
        at=world.now,
    )


def agrees(world: World, who: str, by: str = "lea") -> None:
    operators.agree(operator(world, who), TERMS, rights=rights(world, by), at=world.now)


def signs(world: World, who: str, by: str, phase: Phase, capacity: Capacity) -> bool:
    said = director_says(world) if capacity is Capacity.DIRECTOR else SUPERVISOR_SAYS
    return sign_offs.sign(operator(world, who), phase, capacity, said, rights=rights(world, by), at=world.now)


def names(world: World, who: str, supervisor: str, by: str = "lea") -> None:
    person: Person = world.people[supervisor]
    operators.name_supervisor(operator(world, who), person, rights=rights(world, by), at=world.now)


def ready_for_indirect(world: World, who: str = "dev") -> None:
    """Everything but the signatures."""
    agrees(world, who)
    reaches(world, who, Rung.SECOND)
    reaches(world, who, Rung.FIRST)
