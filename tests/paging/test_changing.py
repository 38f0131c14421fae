"""A change of shift is written down without holding up whoever pages: by no lock, and by no fault in one trail."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from paging import changing
from referrals import owning
from referrals.models import Referral
from referrals.states import State
from tests.referrals.test_owning import owner, relieve
from tests.together import PATIENCE
from tests.world import World
from workforce.models import Duty


@contextlib.contextmanager
def somebody_holds(referral: Referral) -> Iterator[None]:
    """Another process is in the middle of a verb on this referral."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Referral.objects.select_for_update().get(pk=referral.pk)
            held.set()
            done.wait(PATIENCE)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE)
    try:
        yield
    finally:
        done.set()
        holder.join(PATIENCE)


def changed_over(world: World) -> tuple[Referral, Referral]:
    """Two patients of Ben's, whose shift is over."""
    first, second = world.a_referral(State.ACCEPTED), world.a_referral(State.ACCEPTED)
    relieve(world, Duty.FIRST, "ivy")
    world.wind(hours=1, minutes=2)
    return first, second


@pytest.mark.django_db(transaction=True)
def test_a_trail_that_somebody_holds_is_written_the_next_time(open_world: World) -> None:
    held, free = changed_over(open_world)
    with somebody_holds(held):
        changing.notice(now=open_world.now)
    assert [owner(one)[2] for one in (held, free)] == [False, True]
    changing.notice(now=open_world.now)
    assert owner(held)[2]


def test_a_fault_in_one_trail_leaves_the_others_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = changed_over(world)
    write = owning.change_over

    def fails(code: str, **means: Any) -> Referral:
        if code == broken.code:
            raise ValueError(code)
        return write(code, **means)

    monkeypatch.setattr(owning, "change_over", fails)
    changing.notice(now=world.now)
    assert [owner(one)[2] for one in (broken, whole)] == [False, True]
