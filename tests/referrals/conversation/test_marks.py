"""Delivered and read: marks of runs of messages, written once, counted, and read by those who may see the case."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from network import permissions
from realtime.models import Entry
from referrals import transitions
from referrals.conversation import marks, sending
from referrals.models import Event, Mark, Referral
from referrals.refusals import NotVisible
from tests.world import World


def talked(world: World, *, messages: int = 5) -> Referral:
    referral = world.refers()
    for number in range(messages):
        sending.send(referral.code, text=str(number), **world.press("ada"))
    return referral


def marked(
    world: World,
    who: str,
    referral: Referral,
    *,
    read: list[tuple[int, int]] = [],  # noqa: B006 never changed
    delivered: list[tuple[int, int]] = [],  # noqa: B006
) -> datetime:
    """This person's screen says so, a minute later."""
    now = world.wind(minutes=1)
    rights = permissions.rights(world.people[who], at=now)
    marks.add(rights, referral.code, delivered=delivered, read=read, at=now)
    return now


def test_each_message_has_who_got_it_and_who_read_it_with_times(world: World) -> None:
    referral = talked(world)
    got = marked(world, "ben", referral, delivered=[(1, 5)])
    read = marked(world, "ben", referral, read=[(2, 3)])
    later = marked(world, "nia", referral, read=[(3, 3)])
    readers = marks.readers(referral.pk, first=1, upto=5)
    assert [(one.name, one.site, one.delivered_at, one.read_at) for one in readers[3]] == [
        ("Ben Hale", "Walton", got, read),
        ("Nia Bevan", "", later, later),
    ]
    assert [(one.name, one.read_at) for one in readers[1]] == [("Ben Hale", None)]


def test_the_first_time_counts_and_a_run_is_one_row(world: World) -> None:
    referral = talked(world)
    first = marked(world, "ben", referral, read=[(1, 3)])
    marked(world, "ben", referral, read=[(1, 5)])
    assert marks.readers(referral.pk, first=1, upto=1)[1][0].read_at == first
    runs = Mark.objects.filter(kind="read").order_by("pk").values_list("first", "upto")
    assert list(runs) == [(1, 3), (4, 5)]
    marked(world, "ben", referral, read=[(1, 5)], delivered=[(2, 2)])
    assert Mark.objects.filter(kind="read").count() == 2


def test_nobody_has_read_what_was_never_written(world: World) -> None:
    referral = talked(world, messages=2)
    marked(world, "ben", referral, read=[(0, 999_999_999), (7, 3)])
    assert marks.readers(referral.pk, first=1, upto=9).keys() == {1, 2}


def test_what_is_unread_is_what_others_wrote_and_one_has_not_looked_at(world: World) -> None:
    referral = talked(world)
    other = world.refers()
    sending.send(referral.code, text="from Walton", **world.press("ben"))
    marked(world, "ben", referral, delivered=[(1, 6)], read=[(2, 2), (5, 5)])
    codes = [referral.code, other.code]
    assert marks.unread(world.people["ben"], codes) == {referral.code: 3}
    assert marks.unread(world.people["ada"], codes) == {referral.code: 1}
    assert marks.unread(world.people["nia"], codes) == {referral.code: 6}


def test_a_mark_is_no_event_and_goes_into_no_stream(world: World) -> None:
    referral = talked(world)
    before = (Event.objects.count(), Entry.objects.count())
    marked(world, "ben", referral, read=[(1, 5)])
    assert (Event.objects.count(), Entry.objects.count()) == before


@pytest.mark.parametrize("username", ["zed", "mo", "wyn", "una"])
def test_a_stranger_marks_nothing(world: World, username: str) -> None:
    referral = talked(world)
    with pytest.raises(NotVisible):
        marked(world, username, referral, read=[(1, 5)])
    assert not Mark.objects.exists()


def test_a_hub_that_left_no_longer_marks_and_what_it_read_stays_known(world: World) -> None:
    referral = world.refers("RET20", "RM301")
    sending.send(referral.code, text="for both", **world.press("ada"))
    marked(world, "mo", referral, read=[(1, 1)])
    transitions.decline(referral.code, reason="no_bed", **world.press("mo"))
    with pytest.raises(NotVisible):
        marked(world, "mo", referral, read=[(1, 1)])
    assert [one.name for one in marks.readers(referral.pk, first=1, upto=1)[1]] == ["Mo Idris"]


def test_the_feed_is_told_a_number_that_only_grows(world: World) -> None:
    referral = talked(world)
    assert marks.counts([referral.pk]) == {}
    seen = []
    for number in (1, 2, 2, 3):
        marked(world, "ben", referral, read=[(number, number)])
        seen.append(marks.counts([referral.pk, 0])[referral.pk])
    assert seen == [(referral.code, 2), (referral.code, 4), (referral.code, 4), (referral.code, 6)]


@pytest.mark.parametrize("statement", ["update referrals_mark set at = now()", "delete from referrals_mark"])
def test_the_database_lets_nobody_change_or_remove_a_mark(world: World, statement: str) -> None:
    marked(world, "ben", talked(world), read=[(1, 1)])
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
