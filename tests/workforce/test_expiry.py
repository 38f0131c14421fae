"""Who has expired covers nothing: one notion of the end, wherever a phase is looked at."""

from datetime import datetime, timedelta

from network.models import Site
from tests.world import World
from workforce import cover, phases, rota, rota_plan
from workforce.cover import Cover
from workforce.models import Duty, Phase, Shift, Specialty
from workforce.rules import judge

DAY = timedelta(days=1)


def _alone(world: World, hub: Site) -> datetime:
    """Ben alone is first on call for three days; his right to operate ends with the first of them, at midnight."""
    Shift.objects.filter(hub=hub).delete()
    ben, now = world.people["ben"], world.now
    rota.put(hub, Duty.FIRST, ben, start=now, end=now + 3 * DAY)
    today = now.date()
    phases.authorise(
        ben, hub, specialty=Specialty.INR, phase=Phase.INDEPENDENT, at=now - DAY, expires_on=today
    )
    held = phases.authorisation(ben, hub, at=now)
    assert held and held.ends_at and held.ends_at.date() == today + DAY
    return held.ends_at


def test_cover_ends_with_the_right_to_operate(world: World) -> None:
    walton = world.sites["RET20"]
    midnight = _alone(world, walton)
    found = cover.of_hubs([walton], start=world.now, end=world.now + 2 * DAY)[walton.pk]
    assert found == [((world.now, midnight), Cover.SINGLE), ((midnight, world.now + 2 * DAY), Cover.GAP)]


def test_the_rules_say_that_they_may_not_operate_any_more(world: World) -> None:
    walton = world.sites["RET20"]
    midnight = _alone(world, walton)
    plan = rota_plan.around([walton], start=world.now, end=world.now + 3 * DAY)
    (held,) = [h for h in plan.held if h.person == world.people["ben"].pk and h.until != world.now - DAY]
    assert held.until == midnight
    breaches = judge.breaches(plan, rota_plan.rules_of(walton.network))
    (found,) = [b for b in breaches if b.rule == "may_operate" and b.person == world.people["ben"].pk]
    assert (found.start, found.end) == (midnight, world.now + 3 * DAY)


def test_who_is_called_everyone_leaves_them_out(world: World) -> None:
    walton = world.sites["RET20"]
    midnight = _alone(world, walton)
    before = {a.person.username for a in phases.operators(walton, at=midnight - timedelta(seconds=1))}
    after = {a.person.username for a in phases.operators(walton, at=midnight)}
    assert before - after == {"ben"}
