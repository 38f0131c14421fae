"""A hub's hours and closures: who may change them, what is refused, and that nothing is ever altered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from network import hours, permissions, week
from network.hours import HoursRefused
from network.hours_rows import Closure, OpeningHours
from network.week import ALWAYS, Hours, Open
from tests.world import NIGHT, World

DAYTIME: Any = [[["08:00", "20:00", "22:00"]]] * 7


def row(
    number: int, weekly: Any, *, network: int | None = None, since: str = "2026-01-01", until: str = ""
) -> Hours:
    return Hours(
        number, network, date.fromisoformat(since), date.fromisoformat(until) if until else None, weekly
    )


def test_the_network_s_own_hours_beat_everybody_s_and_the_last_written_beats_the_first() -> None:
    rows = [row(1, "general"), row(2, "wales", network=7), row(3, "later", since="2026-06-01")]
    day = date(2026, 11, 21)
    assert week.standing(rows, network=7, day=day) == "wales"
    assert week.standing(rows, network=8, day=day) == "later"
    assert week.standing(rows, network=8, day=date(2026, 5, 31)) == "general"
    assert week.standing(rows, network=8, day=date(2025, 5, 31)) is None


def test_the_day_on_which_hours_end_is_not_theirs() -> None:
    rows = [row(1, "until", until="2026-02-02")]
    assert week.standing(rows, network=1, day=date(2026, 2, 1)) == "until"
    assert week.standing(rows, network=1, day=date(2026, 2, 2)) is None


def test_a_night_on_which_the_clocks_change_has_its_hours_on_the_wall() -> None:
    start = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    found = week.stretches([row(1, DAYTIME)], network=1, start=start, end=start + timedelta(hours=24))
    assert [(one.start, one.end) for one in found] == [
        (start, datetime(2026, 10, 24, 19, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 8, 0, tzinfo=UTC), datetime(2026, 10, 25, 12, 0, tzinfo=UTC)),
    ]
    assert found[1].arrive_by == datetime(2026, 10, 25, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ([["01:30", "02:00", ""]], []),
        ([["00:00", "01:30", ""]], [(0, 1)]),
        ([["01:30", "04:00", ""]], [(1, 3)]),
        ([["00:00", "01:30", ""], ["01:30", "04:00", ""]], [(0, 3)]),
    ],
)
def test_in_the_night_that_has_no_half_past_one_hours_meet_where_the_clock_jumps(
    day: Any, hours: Any
) -> None:
    start = datetime(2026, 3, 29, tzinfo=UTC)  # 01:00 is 02:00 at once
    found = week.stretches([row(1, [day] * 7)], network=1, start=start, end=start + timedelta(hours=6))
    assert [(one.start, one.end) for one in found] == [
        (start + timedelta(hours=a), start + timedelta(hours=b)) for a, b in hours
    ]


def test_midnight_between_two_open_days_is_no_end() -> None:
    start = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    end = start + timedelta(hours=24)
    assert week.stretches([row(1, ALWAYS)], network=1, start=start, end=end) == [Open(start, end)]


def test_a_closure_takes_its_part_out_of_the_hours() -> None:
    def at(hour: int) -> datetime:
        return NIGHT + timedelta(hours=hour)

    left = week.without([Open(at(0), at(10))], [(at(2), at(3)), (at(-1), at(1)), (at(9), at(12))])
    assert left == [Open(at(1), at(2)), Open(at(3), at(9))]


@pytest.mark.parametrize(
    "day",
    [
        [["8:00", "20:00", ""]],
        [["08:00", "25:00", ""]],
        [["20:00", "08:00", ""]],
        [["08:00", "20:00", "19:00"]],
        [["08:00", "12:00", ""], ["11:00", "14:00", ""]],
        [["soon", "later", ""]],
    ],
)
def test_hours_that_cannot_be_are_refused_in_a_sentence(world: World, day: Any) -> None:
    with pytest.raises(HoursRefused) as refused:
        puts(world, weekly=[day] * 7)
    assert "Monday" in refused.value.fields["weekly"]
    assert not OpeningHours.objects.exists()


def puts(world: World, **changes: Any) -> OpeningHours:
    said = {
        "weekly": DAYTIME, "network": None, "since": NIGHT.date(), "until": None, "reason": "New rota",
        "by": world.people["nia"], "at": NIGHT, **changes,
    }  # fmt: skip
    return hours.put(world.sites["RET20"], said.pop("weekly"), **said)


def closes(world: World, **changes: Any) -> Closure:
    said = {
        "since": NIGHT, "until": NIGHT + timedelta(hours=2), "reason": "No suite",
        "by": world.people["nia"], "at": NIGHT, **changes,
    }  # fmt: skip
    return hours.close(world.sites["RET20"], **said)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("reason", {"reason": " "}),
        ("reason", {"reason": "x" * 401}),
        ("since", {"since": NIGHT - timedelta(minutes=3)}),
        ("until", {"until": NIGHT}),
        ("until", {"until": NIGHT + timedelta(days=400)}),
    ],
)
def test_a_closure_that_cannot_be_is_refused(world: World, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(HoursRefused) as refused:
        closes(world, **changes)
    assert list(refused.value.fields) == [field]


def test_a_closure_ends_early_once(world: World) -> None:
    closure = closes(world)
    later = NIGHT + timedelta(minutes=30)
    hours.reopen(closure, reason="Repaired", by=world.people["nia"], at=later)
    assert not hours.closures_ahead([closure.hub_id], at=later)
    with pytest.raises(HoursRefused):
        hours.reopen(closure, reason="Again", by=world.people["nia"], at=later)


@pytest.mark.parametrize("made", [puts, closes])
def test_the_database_refuses_to_alter_what_was_said(world: World, made: Any) -> None:
    said = made(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        said.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        type(said).objects.update(reason="Something else")


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("nia", True),
        ("lea", True),
        ("ben", False),
        ("hob", False),
        ("ada", False),
        ("una", False),
        ("meg", False),
    ],
)
def test_the_coordinators_and_leads_of_its_network_say_when_a_hub_is_open(
    world: World, who: str, may: bool
) -> None:
    rights = permissions.rights(world.people[who], at=NIGHT)
    assert hours.may_change(rights, world.sites["RET20"]) == may


def test_since_when_a_hub_is_shut_is_told_for_closures_and_for_the_end_of_its_hours(world: World) -> None:
    hub, network = world.sites["RET20"], world.networks["cheshire-and-merseyside"]
    pair = (hub.pk, network.pk)
    assert hours.shut_since({pair}, at=NIGHT) == {}
    closes(world, since=NIGHT + timedelta(minutes=5))
    assert hours.shut_since({pair}, at=NIGHT) == {}
    assert hours.shut_since({pair}, at=NIGHT + timedelta(minutes=6)) == {pair: NIGHT + timedelta(minutes=5)}
    puts(world)
    evening = NIGHT.replace(hour=20, minute=1)
    assert hours.shut_since({pair}, at=evening) == {pair: NIGHT.replace(hour=20, minute=0)}


def test_of_closures_that_overlap_or_meet_the_hub_is_shut_since_the_first(world: World) -> None:
    pair = (world.sites["RET20"].pk, world.networks["cheshire-and-merseyside"].pk)

    def shut_after(minutes: int) -> Any:
        return hours.shut_since({pair}, at=NIGHT + timedelta(minutes=minutes)).get(pair)

    closes(world, until=NIGHT + timedelta(minutes=60))
    closes(world, since=NIGHT + timedelta(minutes=20), until=NIGHT + timedelta(minutes=30))
    later = closes(world, since=NIGHT + timedelta(minutes=50), until=NIGHT + timedelta(minutes=120))
    assert [shut_after(minutes) for minutes in (25, 40, 55, 90, 119)] == [NIGHT] * 5
    assert shut_after(120) is None
    half_past = NIGHT + timedelta(minutes=90)
    hours.reopen(later, reason="Repaired", by=world.people["nia"], at=half_past)
    assert (shut_after(89), shut_after(91)) == (NIGHT, None)
