"""A hub whose nights are to be shared out: its pattern, figures that so few people can keep, and quick searches."""

from datetime import date, time
from typing import Any

from tests.world import World
from workforce import drafts, rota_edits
from workforce.draft_rows import RotaDraft
from workforce.patterns import Again
from workforce.solver import repair, wire

FIRST = date(2027, 1, 4)  # a Monday
NIGHTS = Again("first", frozenset(range(7)), time(20), time(8))
FEW: dict[str, float] = {"night_frequency": 3, "least_operators": 3, "ideal_operators": 3}


def ready(world: World, **figures: float) -> None:
    """Walton has nights, and its network's figures suit three independent operators."""
    lea, walton = world.people["lea"], world.sites["RET20"]
    rota_edits.keep_pattern(walton, NIGHTS, by=lea, at=world.now)
    rota_edits.change_figures(walton.network, FEW | figures, by=lea, at=world.now, note="Three of us.")


def ask(world: World, *, by: str = "lea", **more: Any) -> RotaDraft:
    """Four weeks from January on."""
    wanted: dict[str, Any] = {"first": FIRST, "weeks": 4, "keeps": True, **more}
    return drafts.ask(world.sites["RET20"], by=world.people[by], at=world.now, **wanted)


def search(world: World, draft: RotaDraft) -> RotaDraft:
    """The search of this draft, here and at once."""
    begun = drafts.begin(draft.pk, at=world.now)
    assert begun
    drafts.found(draft.pk, repair.answer(wire.request_from(begun.request), lambda step: None), at=world.now)
    return RotaDraft.objects.get(pk=draft.pk)


def built(world: World, **more: Any) -> RotaDraft:
    """A draft that is ready to be published."""
    ready(world)
    return search(world, ask(world, **more))
