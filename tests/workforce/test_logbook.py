"""What operators enter into their logbooks: only their own, nothing of a patient, and never altered."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.workforce.training import rights
from tests.world import World
from workforce import changes, figures, logbook
from workforce.logbook import Written
from workforce.models import EntryKind, LogbookEntry
from workforce.refusals import NotEntitled, Refused


def enters(world: World, who: str = "dev", by: str = "dev", **changed: Any) -> LogbookEntry:
    said: dict[str, Any] = {
        "kind": EntryKind.SIMULATOR,
        "on": changes.day(world.now),
        "count": 4,
        "evidence": "Simulator day at Leeds, signed by Dr Marsh.",
        **changed,
    }
    return logbook.add(
        world.people[who],
        world.sites["RET20"],
        Written(**said),
        rights=rights(world, by),
        at=world.now,
    )


@pytest.mark.parametrize("by", ["sam", "meg", "lea", "ben", "ada"])
def test_nobody_writes_into_another_s_logbook(world: World, by: str) -> None:
    with pytest.raises(NotEntitled):
        enters(world, by=by)
    entry = enters(world)
    with pytest.raises(NotEntitled):
        logbook.strike(entry, why="x", rights=rights(world, by), at=world.now)
    assert logbook.entries(world.people["dev"]) == [entry]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"on": "tomorrow"}, "in the future"),
        ({"evidence": "Patient 999 000 0018, all well."}, "names no patient"),
        ({"evidence": "9990000018"}, "names no patient"),
        ({"code": "7KQX"}, "one case"),
    ],
)
def test_what_cannot_be_is_refused(world: World, changed: dict[str, Any], why: str) -> None:
    if changed.get("on"):
        changed = {"on": changes.day(world.now) + timedelta(days=1)}
    with pytest.raises(Refused, match=why):
        enters(world, **changed)
    with pytest.raises(Refused, match="no operator at Walton"):
        enters(world, who="mo", by="mo")
    assert not LogbookEntry.objects.exists()


def test_what_is_struck_out_stays_to_be_read_and_counts_no_more(world: World) -> None:
    kept, wrong = enters(world), enters(world, count=40)
    logbook.strike(wrong, why="It was four.", rights=rights(world, "dev"), at=world.now)
    assert logbook.entries(world.people["dev"]) == [kept]
    (struck,) = logbook.struck(world.people["dev"])
    assert (struck.strikes, struck.evidence) == (wrong, "It was four.")
    for again in (wrong, struck):
        with pytest.raises(Refused, match="already"):
            logbook.strike(again, why="x", rights=rights(world, "dev"), at=world.now)


def test_entries_can_be_read_from_a_day_on(world: World) -> None:
    today = changes.day(world.now)
    old = enters(world, on=today - timedelta(days=400))
    new = enters(world)
    assert logbook.entries(world.people["dev"]) == [new, old]
    assert logbook.entries(world.people["dev"], since=today - timedelta(days=365)) == [new]


@pytest.mark.parametrize(
    "statement", ["update workforce_logbookentry set count = 30", "delete from workforce_logbookentry"]
)
def test_the_database_refuses_to_change_an_entry(world: World, statement: str) -> None:
    enters(world)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_every_figure_has_its_unit_its_source_and_its_version() -> None:
    assert figures.VOLUME.value == 30
    for figure in figures.FIGURES.values():
        assert figure.value > 0
        assert all((figure.unit, figure.source, figure.version))
