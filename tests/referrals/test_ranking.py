"""Where the groin could be soonest, against a walk through every minute: at random, and on the real network."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from network import hours, permissions
from network.management.commands.load_network import DATA
from network.models import Link, Person, Site
from network.week import ALWAYS, Open
from referrals import ranking, rulebook, soonest, transitions, usual
from referrals.ranking import Ahead, Hub, Usual
from referrals.states import State
from tests.referrals import rank_oracle
from tests.referrals.rank_oracle import Door
from tests.world import NIGHT, World

TURNAROUND = 20
DAY = 24 * 60


def minute(number: int) -> datetime:
    return NIGHT + timedelta(minutes=number)


@st.composite
def a_door(draw: st.DrawFn, code: str = "A") -> Door:
    """A hub with its stretches, its journey and its patients."""
    edges = sorted(draw(st.sets(st.integers(-60, DAY), max_size=6)))
    stretches = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        by = draw(st.one_of(st.none(), st.integers(end, end + 180)))
        stretches.append((start, end, by))
    coming = st.tuples(st.integers(-90, 400), st.none())
    inside = st.integers(-120, 0).map(lambda since: (since - 30, since))
    ahead = draw(st.lists(st.one_of(coming, inside), max_size=4))
    road = draw(st.integers(1, 180))
    return Door(
        code,
        road,
        draw(st.integers(1, 200)),
        draw(st.integers(1, 60)),
        draw(st.integers(5, 90)),
        stretches,
        ahead,
    )


def as_hub(door: Door) -> Hub:
    return Hub(
        code=door.code,
        road=door.road,
        conveyance=Usual(door.journey, 7),
        readiness=Usual(door.ready),
        procedure=Usual(door.procedure),
        open=[Open(minute(a), minute(b), minute(c) if c is not None else None) for a, b, c in door.open],
        ahead=[Ahead(minute(d), minute(s) if s is not None else None) for d, s in door.ahead],
    )


def reckoned(door: Door, remaining: int) -> ranking.Ranked:
    open_ahead = [one for one in as_hub(door).open if one.end > NIGHT]
    hub = as_hub(door)
    hub = Hub(**{**vars(hub), "open": open_ahead})
    return ranking.reckon(
        hub,
        now=NIGHT,
        remaining=timedelta(minutes=remaining),
        turnaround=timedelta(minutes=TURNAROUND),
        horizon=NIGHT + timedelta(hours=24),
    )


@settings(max_examples=150, deadline=None)
@given(a_door(), st.integers(0, 120))
def test_the_instant_is_the_one_that_a_walk_through_every_minute_finds(door: Door, remaining: int) -> None:
    found = reckoned(door, remaining).groin_at
    expected = rank_oracle.groin(door, remaining=remaining, turnaround=TURNAROUND)
    assert (found and int((found - NIGHT) / timedelta(minutes=1))) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(a_door(), min_size=1, max_size=5), st.integers(0, 120))
def test_hubs_are_in_the_order_of_that_instant(doors: list[Door], remaining: int) -> None:
    named = [Door(**{**vars(door), "code": f"H{n}"}) for n, door in enumerate(doors)]
    ranked = ranking.order([reckoned(door, remaining) for door in named])
    instants = {
        door.code: rank_oracle.groin(door, remaining=remaining, turnaround=TURNAROUND) for door in named
    }
    roads = {door.code: door.road for door in named}
    expected = sorted(
        instants, key=lambda code: (instants[code] is None, instants[code] or 0, roads[code], code)
    )
    assert [one.code for one in ranked] == expected


@pytest.fixture
def country(db: None) -> None:
    call_command("load_network", verbosity=0)


SPOKES = {
    "7A12": datetime(
        2026, 11, 21, 3, 10, tzinfo=UTC
    ),  # Wrexham: Walton, Royal Stoke and Salford within minutes
    "R1F01": datetime(2026, 11, 21, 14, 0, tzinfo=UTC),  # the Isle of Wight
    "7A6G9": datetime(2026, 11, 21, 0, 30, tzinfo=UTC),  # south Wales, after midnight
    "7A11": datetime(2026, 7, 21, 23, 30, tzinfo=UTC),  # Wales after midnight in summer
}


def ranked_from(spoke: str, at: datetime) -> dict[str, ranking.Ranked]:
    found = soonest.hubs(Site.objects.get(code=spoke), now=at)
    return {one.hub.code: one.ranked for one in found}


def test_the_real_network_is_ranked_as_the_files_say_read_by_hand(country: None) -> None:
    for spoke, at in SPOKES.items():
        ranked = ranked_from(spoke, at).values()
        found = [
            (one.code, int((one.groin_at - at) / timedelta(minutes=1))) for one in ranked if one.groin_at
        ]
        assert found == rank_oracle.by_hand(
            DATA, spoke, at, remaining=usual.REMAINING, ready=usual.READINESS
        ), spoke


def test_wrexham_s_near_tie_and_the_isle_of_wight_s_ferry(country: None) -> None:
    wrexham = list(ranked_from("7A12", NIGHT).values())
    assert [one.code for one in wrexham[:3]] == ["RET20", "RJEHQ", "RM301"]
    assert [one.road for one in wrexham[:3]] == [54, 57, 61]
    island = list(ranked_from("R1F01", NIGHT).values())
    assert (island[0].code, island[0].road) == ("RHM01", 118), "the ferry is in it"


def test_a_near_tie_is_turned_by_a_closure(country: None) -> None:
    walton, spoke = Site.objects.get(code="RET20"), Site.objects.get(code="7A12")
    hours.close(
        walton,
        since=NIGHT,
        until=NIGHT + timedelta(hours=2),
        reason="The suite floods",
        by=Person.objects.create_user("lea", name="Lea Frost"),
        at=NIGHT,
    )
    ranked = [one.ranked for one in soonest.hubs(spoke, now=NIGHT)]
    closed = next(one for one in ranked if one.code == "RET20")
    assert ranked[0].code == "RJEHQ"
    assert (closed.is_open, closed.closed_why) == (False, "The suite floods")
    assert closed.opens_at == NIGHT + timedelta(hours=2)


def test_a_welsh_referral_to_bristol_after_midnight_waits_for_eight_and_an_english_one_does_not(
    country: None,
) -> None:
    at = SPOKES["7A6G9"]
    welsh, english = (ranked_from(spoke, at)["RVJ20"] for spoke in ("7A6G9", "RD130"))
    assert (welsh.is_open, welsh.closed_why) == (False, "outside its hours")
    assert welsh.opens_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert (english.is_open, english.closed_why) == (True, "")
    before = ranked_from("7A6G9", datetime(2026, 11, 20, 23, 59, tzinfo=UTC))["RVJ20"]
    assert before.is_open
    assert before.last_acceptance == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)


def test_hours_that_end_leave_a_last_acceptance_and_an_arrival(world: World) -> None:
    week = [[["00:00", "04:00", "05:00"]]] * 7
    hub, ada = world.sites["RET20"], world.people["nia"]
    put: dict[str, Any] = {
        "network": None,
        "since": NIGHT.date(),
        "until": None,
        "reason": "One theatre",
        "by": ada,
        "at": NIGHT,
    }
    hours.put(hub, week, **put)
    spoke = world.sites["RBL14"]
    ranked = {one.hub.code: one.ranked for one in soonest.hubs(spoke, now=NIGHT)}["RET20"]
    assert ranked.is_open
    assert ranked.last_acceptance == NIGHT.replace(hour=4, minute=0)
    assert ranked.arrive_by == NIGHT.replace(hour=5, minute=0)
    later = NIGHT + timedelta(minutes=40)  # accepted in time, but not there by five
    ranked = {one.hub.code: one.ranked for one in soonest.hubs(spoke, now=later)}["RET20"]
    assert ranked.leave_at == (NIGHT + timedelta(days=1)).replace(hour=0, minute=0)
    hours.put(hub, ALWAYS, **{**put, "network": world.networks["cheshire-and-merseyside"]})
    ranked = {one.hub.code: one.ranked for one in soonest.hubs(spoke, now=later)}["RET20"]
    assert ranked.last_acceptance is None, "the referring network's own hours hold"


def test_nobody_on_call_and_nobody_to_supervise_closes_a_hub(world: World) -> None:
    spoke = world.sites["RBL14"]
    shifts = world.sites["RET20"].shifts
    shifts.filter(person__username__in=["cleo", "sam"]).delete()
    shifts.filter(person__username="ben").update(person=world.people["dev"])
    ranked = soonest.hubs(spoke, now=NIGHT)
    closed = next(one.ranked for one in ranked if one.hub.code == "RET20")
    assert (closed.is_open, closed.closed_why) == (False, "nobody on call who may operate")
    assert ranked[0].hub.code == "RM301"


def test_the_queue_and_the_journeys_of_the_last_year_count(world: World) -> None:
    def walton() -> ranking.Ranked:
        found = soonest.hubs(world.sites["RBL14"], now=world.now)
        return next(one.ranked for one in found if one.hub.code == "RET20")

    assert (walton().conveyance, walton().readiness.number) == (None, 0)
    for _ in range(4):
        world.a_referral(State.TREATED)
    assert walton().conveyance is None, "four journeys are too few"
    world.a_referral(State.TREATED)
    seen = walton()
    assert seen.conveyance == Usual(1, 5)
    assert (seen.road, seen.readiness, seen.procedure) == (27, Usual(1, 5), Usual(1, 5))
    assert seen.ahead == 0
    world.a_referral(State.PUNCTURE)
    assert walton().ahead == 1


def test_whoever_is_outside_a_hub_s_criteria_finds_it_behind_the_others(world: World) -> None:
    lea = permissions.rights(world.people["lea"], at=NIGHT)
    own = {"nihss": {"at_least": 20}}
    rulebook.put_criteria(world.sites["RET20"], own, based_on=0, reason="A trial", rights=lea, at=NIGHT)
    facts = {"nihss": 14, "occlusion": "M1", "onset_at": NIGHT - timedelta(hours=2)}
    ranked = soonest.hubs(world.sites["RBL14"], now=NIGHT, facts=facts)
    assert [one.hub.code for one in ranked] == ["RM301", "RR801", "RET20"]
    assert ranked[-1].ranked.judgement.version == "2023.1, Walton 1"  # type: ignore[union-attr]


def test_a_hub_that_takes_nobody_judges_by_when_it_could_if_it_did(world: World) -> None:
    """22 h 50 from onset: within a window of 24 h at this moment, and not after the journey."""
    facts = {"nihss": 14, "occlusion": "M1", "onset_at": NIGHT - timedelta(hours=22, minutes=50)}

    def walton() -> ranking.Ranked:
        found = soonest.hubs(world.sites["RBL14"], now=NIGHT, facts=facts)
        return next(one.ranked for one in found if one.hub.code == "RET20")

    while_open, nia, until = walton(), world.people["nia"], NIGHT + timedelta(days=2)
    hours.close(world.sites["RET20"], since=NIGHT, until=until, reason="No suite", by=nia, at=NIGHT)
    assert walton().groin_at is None
    assert walton().judgement == while_open.judgement
    assert walton().is_outside


def test_the_next_hub_is_the_soonest_that_was_not_asked(world: World) -> None:
    def shuts(code: str, length: int) -> None:
        until = world.now + timedelta(hours=length)
        hub, nia = world.sites[code], world.people["nia"]
        hours.close(hub, since=world.now, until=until, reason="No suite", by=nia, at=world.now)

    referral = world.a_referral(State.REFERRED)
    assert soonest.next_hub(referral, now=world.now) == world.sites["RM301"]
    shuts("RM301", 5)
    assert soonest.next_hub(referral, now=world.now) == world.sites["RR801"]
    shuts("RR801", 9)
    assert soonest.next_hub(referral, now=world.now) == world.sites["RM301"], "to be rung all the same"
    assert soonest.next_hub(referral, now=world.now, is_open=True) is None, "and never offered by the clock"


def test_a_year_of_closures_and_thirty_hubs_cost_five_statements(world: World) -> None:
    nia, spoke = world.people["nia"], world.sites["RBL14"]
    for number in range(27):
        hub = Site.objects.create(
            code=f"FAR{number:02}", name="Far", short_name=f"Far {number}", is_hub=True, country="England",
            network=world.networks["greater-manchester"], latitude=53.0, longitude=-2.0,
        )  # fmt: skip
        Link.objects.create(origin=spoke, hub=hub, minutes=60 + number)
        for day in range(0, 365, 30):
            since = NIGHT + timedelta(days=day, hours=1)
            hours.close(
                hub, since=since, until=since + timedelta(hours=9), reason="Service", by=nia, at=NIGHT
            )
    facts = {"nihss": 14, "occlusion": "M1", "onset_at": NIGHT - timedelta(hours=2)}
    with CaptureQueriesContext(connection) as asked:
        found = soonest.hubs(spoke, now=NIGHT, facts=facts)
    assert len(found) == 30
    assert len(asked) <= 5


def test_an_offer_keeps_what_was_judged_and_by_which_version(world: World) -> None:
    referral = world.refers(aspects=None)
    offer = referral.offers.get()
    assert (offer.judged["verdict"], offer.judged["version"]) == ("uncertain", "2023.1")
    event = referral.events.get(verb="refer")
    assert event.details["judged"] == {"RET20": offer.judged}
    lea = permissions.rights(world.people["lea"], at=world.now)
    own = {"aspects": {"at_least": 9}}
    rulebook.put_criteria(world.sites["RET20"], own, based_on=0, reason="Stricter", rights=lea, at=world.now)
    world.wind(minutes=1)
    transitions.amend(referral.code, said={"aspects": "8"}, **world.press("ada"))
    offer.refresh_from_db()
    assert (offer.judged["verdict"], offer.judged["version"]) == ("within", "2023.1")
    assert referral.events.get(verb="amend").details["judged"] == {"RET20": offer.judged}
    assert world.refers(aspects=8).offers.get().judged["version"] == "2023.1, Walton 1"
