"""People change a rota: rights, rules and reasons first, history always, and never anybody on call twice."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network import people
from network.models import Role
from tests.world import NIGHT, World
from workforce import patterns, rota, rota_edits, rota_plan
from workforce.models import Duty, Shift
from workforce.patterns import Again
from workforce.rota_edits import Breaks, NotOnTheRota
from workforce.rota_plan import Holding
from workforce.rota_rows import Deed, Pattern, RotaEvent, RuleFigures

DAY = timedelta(days=1)
FREE = NIGHT + 4 * DAY  # nobody is on then


def put(
    world: World,
    who: str | None,
    *,
    start: datetime = FREE,
    hours: float = 12,
    by: str = "lea",
    duty: Duty = Duty.FIRST,
    **more: Any,
) -> Any:
    person = world.people[who] if who else None
    end = start + timedelta(hours=hours)
    return rota_edits.assign(
        world.sites["RET20"], duty, person, start=start, end=end, by=world.people[by], at=world.now, **more
    )


def on(world: World, at: datetime) -> list[tuple[str, str]]:
    return [(s.duty, s.person.username) for s in rota.on_call(world.sites["RET20"], at=at)]


@pytest.mark.parametrize("by", ["lea", "nia"])
def test_a_lead_and_a_coordinator_put_somebody_on_call_and_it_is_in_the_history(
    world: World, by: str
) -> None:
    put(world, "ben", by=by)
    assert on(world, FREE) == [("first", "ben")]
    event = RotaEvent.objects.latest("pk")
    assert (event.deed, event.person, event.by) == (Deed.PUT, world.people["ben"], world.people[by])
    assert (event.start, event.duty) == (FREE, "first")


@pytest.mark.parametrize("by", ["ben", "ada", "hob", "una", "zed"])
def test_nobody_else_writes_the_rota(world: World, by: str) -> None:
    before = RotaEvent.objects.count()
    with pytest.raises(NotOnTheRota, match="Only a coordinator or lead of Cheshire And Merseyside"):
        put(world, "ben", by=by)
    assert (on(world, FREE), RotaEvent.objects.count()) == ([], before)


def test_whoever_held_the_duty_gives_it_up_for_that_time_alone(world: World) -> None:
    put(world, "ben")
    put(world, "cleo", start=FREE + timedelta(hours=4), hours=2, reason="Ben Hale is at a meeting.")
    hours = (0, 3.9, 4, 5.9, 6, 11)
    found = [on(world, FREE + timedelta(hours=hour))[0][1] for hour in hours]
    assert found == ["ben", "ben", "cleo", "cleo", "ben", "ben"]
    put(world, None, start=FREE + timedelta(hours=1), hours=11)
    assert on(world, FREE + timedelta(hours=5)) == []
    assert RotaEvent.objects.latest("pk").deed == Deed.OFF


def test_the_shift_that_is_on_keeps_its_identity_when_its_end_moves(world: World) -> None:
    first = Shift.objects.get(hub=world.sites["RET20"], duty=Duty.FIRST)
    put(world, "ivy", start=world.now + timedelta(hours=1), hours=400, reason="Ben Hale is ill.")
    again = Shift.objects.get(pk=first.pk)
    assert again.period.upper == world.now + timedelta(hours=1)


def test_what_was_on_before_now_stays_as_it_was(world: World) -> None:
    with pytest.raises(NotOnTheRota, match="This is past"):
        put(world, "ivy", start=NIGHT - timedelta(hours=5), hours=5)
    put(world, "ivy", start=NIGHT - timedelta(hours=5), hours=6, reason="Ben Hale is in theatre.")
    assert on(world, NIGHT - timedelta(minutes=1))[0] == ("first", "ben")
    assert on(world, NIGHT)[0] == ("first", "ivy")
    with pytest.raises(NotOnTheRota, match="not later than the beginning"):
        put(world, "ivy", hours=0)


def test_a_breach_is_said_before_it_is_written_and_needs_a_reason(world: World) -> None:
    with pytest.raises(Breaks) as refused:
        put(world, "dev")
    assert "Dev Rao works under direct supervision at Walton" in refused.value.breaches[0].words
    assert on(world, FREE) == []
    broken = put(world, "dev", reason="Sam Quist stays in the building.")
    event = RotaEvent.objects.latest("pk")
    assert event.reason == "Sam Quist stays in the building."
    assert event.breaches == [b.words for b in broken]
    assert on(world, FREE) == [("first", "dev")]
    with pytest.raises(Breaks):
        put(world, "dev", start=FREE + 2 * DAY, reason="   ")


def test_nobody_is_put_on_call_twice_at_once_whatever_the_reason(world: World) -> None:
    put(world, "ben")
    with pytest.raises(NotOnTheRota, match="Ben Hale is on call twice at Walton"):
        put(world, "ben", duty=Duty.SECOND, reason="There is nobody else.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(
            hub=world.sites["RM301"],
            duty="first",
            person=world.people["ben"],
            period=DateTimeTZRange(FREE, FREE + DAY),
        )


def test_nobody_is_put_on_whom_no_page_reaches_or_who_has_left(world: World) -> None:
    people.disable(world.people["ivy"])
    with pytest.raises(NotOnTheRota, match="Ivy Lowe does not work here any more"):
        put(world, "ivy")
    type(world.people["cleo"]).objects.filter(username="cleo").update(phone="")
    world.people["cleo"].refresh_from_db()
    with pytest.raises(rota.Unreachable, match="no phone number"):
        put(world, "cleo")


def test_a_coordinator_s_duty_is_for_the_whole_network_and_for_its_coordinators(world: World) -> None:
    put(world, "nia", duty=Duty.COORDINATOR)
    network = world.networks["cheshire-and-merseyside"]
    assert [s.person.username for s in rota.coordinating([network], at=FREE)] == ["nia"]
    assert rota.coordinating([world.networks["greater-manchester"]], at=FREE) == []
    assert on(world, FREE) == [], "a coordinator is not on call for the hub's patients"
    with pytest.raises(NotOnTheRota, match="Ben Hale is no coordinator"):
        put(world, "ben", duty=Duty.COORDINATOR, start=FREE + DAY)


def test_an_operator_takes_the_shift_now_and_gives_up_what_they_held(world: World) -> None:
    shift = Shift.objects.get(hub=world.sites["RET20"], duty=Duty.FIRST)
    cleo = world.people["cleo"]
    rota_edits.take_now(shift, by=cleo, at=world.now, reason="Ben Hale is stuck in traffic.")
    assert on(world, NIGHT) == [("first", "cleo"), ("supervisor", "sam")]
    assert on(world, NIGHT - timedelta(minutes=1))[0] == ("first", "ben")
    took = RotaEvent.objects.filter(deed=Deed.TOOK).get()
    assert (took.by, took.person, took.reason) == (cleo, cleo, "Ben Hale is stuck in traffic.")
    assert RotaEvent.objects.filter(deed=Deed.OFF, duty="second").exists()


@pytest.mark.parametrize("who", ["ada", "nia", "mo", "ben"])
def test_only_another_operator_of_the_hub_takes_a_shift(world: World, who: str) -> None:
    shift = Shift.objects.get(hub=world.sites["RET20"], duty=Duty.FIRST)
    with pytest.raises(NotOnTheRota, match="You cannot take this shift"):
        rota_edits.take_now(shift, by=world.people[who], at=world.now, reason="Now.")


def test_a_shift_is_not_taken_without_a_word_of_why(world: World) -> None:
    shift = Shift.objects.get(hub=world.sites["RET20"], duty=Duty.FIRST)
    with pytest.raises(NotOnTheRota, match="Say in a few words why"):
        rota_edits.take_now(shift, by=world.people["ivy"], at=world.now, reason=" ")


def test_a_pattern_fills_weeks_in_turn_and_says_for_which_nobody_was_free(world: World) -> None:
    hub, again = world.sites["RET20"], Again("first", frozenset(range(7)), time(20), time(8))
    put(world, "sam", start=datetime.fromisoformat("2026-11-26T20:00Z"))
    first = FREE.date()
    stretches = patterns.stretches(again, first, first + 2 * DAY)
    team = [world.people["ben"]]
    _, left = rota_edits.fill(
        hub, again, team, stretches=stretches, by=world.people["lea"], at=world.now, reason="Few of us."
    )
    assert left == []
    nights = Shift.objects.filter(hub=hub, period__startswith__gte=FREE).order_by("period")
    assert [s.person.username for s in nights] == ["ben", "sam", "ben"]
    with pytest.raises(NotOnTheRota, match="at least one person"):
        rota_edits.fill(hub, again, [], stretches=stretches, by=world.people["lea"], at=world.now)
    with pytest.raises(NotOnTheRota, match="Only a coordinator or lead"):
        rota_edits.fill(hub, again, team, stretches=stretches, by=world.people["ben"], at=world.now)


def test_a_hub_keeps_its_patterns(world: World) -> None:
    hub, lea = world.sites["RET20"], world.people["lea"]
    nights = Again("first", frozenset({0, 1}), time(20), time(8))
    rota_edits.keep_pattern(hub, nights, by=lea, at=world.now)
    rota_edits.keep_pattern(hub, nights, by=lea, at=world.now)
    assert patterns.of(hub) == [nights]
    assert Pattern.objects.get().weekdays == "01"
    with pytest.raises(NotOnTheRota, match="at least one day"):
        rota_edits.keep_pattern(
            hub, Again("first", frozenset(), nights.start, nights.end), by=lea, at=world.now
        )


def test_a_lead_changes_the_network_s_figures_and_the_rules_follow(world: World) -> None:
    network, lea = world.networks["cheshire-and-merseyside"], world.people["lea"]
    rota_edits.change_figures(
        network, {"rest_after_night": 24}, by=lea, at=world.now, note="Agreed in October."
    )
    second = rota_edits.change_figures(network, {"rest_after_night": 0}, by=lea, at=world.now, note="Undone.")
    assert second.version == 2
    assert rota_plan.rules_of(network)["rest_after_night"].value == 0
    assert rota_plan.rules_of(world.networks["greater-manchester"])["rest_after_night"].value == 12
    for who, figures, note, words in [
        ("nia", {}, "Why not.", "Only the lead"),
        ("lea", {}, "", "Say why"),
        ("lea", {"two_places": 2}, "Why not.", "There is no figure"),
        ("lea", {"weekly_hours": 400}, "Why not.", "from 1 to 168 hours a week"),
    ]:
        with pytest.raises(NotOnTheRota, match=words):
            rota_edits.change_figures(network, figures, by=world.people[who], at=world.now, note=note)  # type: ignore[arg-type]


@pytest.mark.parametrize("verb", ["update workforce_{} set id = id", "delete from workforce_{}"])
@pytest.mark.parametrize("table", ["rotaevent", "rulefigures"])
def test_the_database_itself_refuses_to_change_the_history(world: World, verb: str, table: str) -> None:
    put(world, "ben")
    network, lea = world.networks["cheshire-and-merseyside"], world.people["lea"]
    rota_edits.change_figures(network, {}, by=lea, at=world.now, note="As shipped.")
    assert RuleFigures.objects.exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(verb.format(table))


def test_a_person_whose_role_has_ended_is_no_lead_any_more(world: World) -> None:
    for membership in world.people["lea"].memberships.filter(role=Role.LEAD):
        people.end(membership, at=world.now)
    with pytest.raises(NotOnTheRota):
        put(world, "ben")


edits = st.tuples(
    st.sampled_from([Duty.FIRST, Duty.SECOND, Duty.SUPERVISOR]),
    st.sampled_from(["ben", "cleo", "sam", "ivy", "dev", None]),
    st.integers(0, 60),
    st.integers(1, 30),
)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=st.lists(edits, min_size=1, max_size=5))
def test_no_sequence_of_edits_leaves_an_overlap_or_a_breach_that_nobody_was_told(
    world: World, sequence: list[tuple[Duty, str | None, int, int]]
) -> None:
    hub, rules = world.sites["RET20"], rota_plan.rules_of(world.networks["cheshire-and-merseyside"])
    with transaction.atomic():
        told: set[str] = set()
        for duty, who, start, hours in sequence:
            begin = FREE + timedelta(hours=start)
            plan = rota_plan.around([hub], start=FREE, end=FREE + 5 * DAY)
            change = Holding(
                hub, duty, world.people[who] if who else None, begin, begin + timedelta(hours=hours)
            )
            try:
                broken = put(world, who, start=begin, hours=hours, duty=duty, reason="A trial.")
            except NotOnTheRota:
                continue
            told |= {b.words for b in broken}
            after = rota_plan.around([hub], start=FREE, end=FREE + 5 * DAY)
            assert set(after.turns) == set(rota_plan.applied(plan, [change]).turns)
        found = rota_plan.judged([hub], rules, start=FREE, end=FREE + 5 * DAY)
        assert "two_places" not in {b.rule for b in found}
        first = FREE - timedelta(hours=1)
        unseen = [
            b.words for b in found if b.start >= first and b.rule in ALWAYS_LOCAL and b.words not in told
        ]
        assert unseen == []
        transaction.set_rollback(True)


ALWAYS_LOCAL = {
    "may_operate",
    "supervisor_independent",
    "on_leave",
    "rest_after_night",
    "rest_between_duties",
}
