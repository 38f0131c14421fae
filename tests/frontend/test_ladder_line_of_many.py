"""A ladder on which many are paged at once, and one that somebody has taken: short, and nothing against anybody."""

from frontend import ladder_line, waits
from frontend.ladder_line import Line
from paging import alarms, queries, settling
from paging.models import Escalation, Page, Reason
from referrals.models import Referral
from referrals.states import State
from tests.frontend.browser import Door, Phones, see, text, tick
from tests.world import World

EVERYBODY = "Ben Hale, Cleo Marsh, Dev Rao, Ivy Lowe, Sam Quist, Nia Bevan"


def line(world: World, referral: Referral) -> Line:
    """The last ladder of this referral, as it stands."""
    return ladder_line.of(queries.climbs([referral])[referral.pk][-1], world.now)


def everybody_is_paged(world: World, phones: Phones) -> Referral:
    referral = world.refers()
    for seconds in (0, 90, 90, 120):
        tick(world, phones, after=seconds)
    return referral


def last_step(shown: Line) -> list[tuple[str, str]]:
    return [(one.who, one.told[0].fate) for one in shown.steps[-1].reached]


def test_those_of_whose_pages_the_same_became_are_told_in_one_line(world: World, phones: Phones) -> None:
    referral = everybody_is_paged(world, phones)
    [(names, fate)] = last_step(line(world, referral))
    assert (set(names.split(", ")), fate) == (set(EVERYBODY.split(", ")), "sent")


def test_whose_page_came_to_another_end_stands_alone(world: World, phones: Phones) -> None:
    referral = everybody_is_paged(world, phones)
    page = Page.objects.filter(person=world.people["cleo"]).latest("pk")
    settling.report(
        page_id=page.pk, provider_id=page.provider_id, status="delivered", error="", now=world.now
    )
    found = dict(last_step(line(world, referral)))
    assert found.pop("Cleo Marsh") == "delivered, no answer yet"
    [(names, fate)] = found.items()
    assert (len(names.split(", ")), fate) == (5, "sent")


def test_two_or_three_stay_one_by_one(world: World, phones: Phones) -> None:
    referral = world.refers()
    for seconds in (0, 90, 90):
        tick(world, phones, after=seconds)
    assert [who for who, _ in last_step(line(world, referral))] == ["Cleo Marsh", "Sam Quist"]


def test_whoever_takes_it_is_named_and_nobody_is_said_not_to_have_answered(
    world: World, phones: Phones, door: Door
) -> None:
    referral = world.a_referral(State.UNPLACED)
    tick(world, phones)
    alarms.take(Escalation.objects.get(reason=Reason.UNPLACED).pk, **world.press("nia"))
    climbs = queries.climbs([referral], open_only=True)[referral.pk]
    said = waits.plain(
        waits.sentence(Referral.objects.get(pk=referral.pk), climbs, minutes=None, now=world.now)
    )
    assert said == "No hub yet. Nia Bevan is dealing with it."
    assert "no answer" not in text(see(door("ada"), referral)).partition('id="part-way"')[0]
