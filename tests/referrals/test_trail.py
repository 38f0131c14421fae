"""The trail: the database itself refuses to change it, and every tampered word is found."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction

from referrals import entry, remarks, trail_check
from referrals.models import Event, Referral
from referrals.states import State
from tests.world import World, facts


def execute(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "sql",
    [
        "update referrals_event set details = '{}'",
        "update referrals_event set at = at - interval '1 minute' where number = 1",
        "delete from referrals_event",
        "truncate referrals_event",
    ],
)
def test_the_database_refuses_to_change_the_trail(world: World, sql: str) -> None:
    referral = world.a_referral(State.ACCEPTED)
    execute("set constraints all immediate")  # PostgreSQL truncates nothing that still has checks to come
    execute("set local dido.may_truncate = off")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        execute(sql)
    assert referral.events.count() == 2


def test_the_trail_of_a_whole_way_is_as_it_was_written(world: World) -> None:
    for state in (State.REPATRIATED, State.UNPLACED, State.DIED, State.PROVISIONAL):
        assert trail_check.verify(world.a_referral(state)) == []


def test_a_time_typed_in_another_zone_is_sealed_as_the_same_instant(world: World) -> None:
    """In summer a ward's 03:00 is 02:00 UTC; read back from the database the seal must still hold."""
    arrived = (world.now - timedelta(minutes=30)).isoformat().replace("T02:40:00+00:00", "T04:40:00+02:00")
    done = entry.admit(hub="RET20", said=facts(world.now, arrived_at=arrived), **world.press("ben"))
    assert trail_check.verify(Referral.objects.get(pk=done.referral.pk)) == []


def tampered(sql: str, *values: Any) -> Callable[[Referral], None]:
    def tamper(referral: Referral) -> None:
        execute("set constraints all immediate")
        execute("alter table referrals_event disable trigger user")
        execute(
            f"update referrals_event set {sql} where referral_id = %s and number = 2", *values, referral.pk
        )
        execute("alter table referrals_event enable trigger user")

    return tamper


TAMPERED = {
    "verb": tampered("verb = 'decline'"),
    "before": tampered("before = 'unplaced'"),
    "after": tampered("after = 'died'"),
    "by": tampered("by_id = (select id from network_person where username = 'cleo')"),
    "nobody": tampered("by_id = null"),
    "via": tampered("via = 'sms'"),
    "at": tampered("at = at - interval '1 microsecond'"),
    "written_at": tampered("written_at = written_at - interval '1 minute'"),
    "details": tampered('details = details || \'{"hub": "RM301"}\''),
    "key": tampered("key = 'forged'"),
    "number": tampered("number = 9"),
    "hash": tampered("hash = repeat('0', 64)"),
    "previous": tampered("previous_hash = repeat('0', 64)"),
}


@pytest.mark.parametrize("field", TAMPERED)
def test_each_tampered_field_is_found(world: World, field: str) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    TAMPERED[field](referral)
    assert trail_check.verify(referral) != []


def test_a_resealed_event_breaks_the_one_after_it(world: World) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    event = referral.events.get(number=2)
    event.details = {"hub": "RM301"}
    tampered("details = %s, hash = %s", '{"hub": "RM301"}', event.seal())(referral)
    assert trail_check.verify(referral) == [
        f"{referral.code} event 3 does not follow from the one before it."
    ]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_event_that_was_taken_out_is_missed(world: World, number: int) -> None:
    referral = world.a_referral(State.AMBULANCE_REQUESTED)
    execute("set constraints all immediate")
    execute("alter table referrals_event disable trigger user")
    execute("delete from referrals_event where referral_id = %s and number = %s", referral.pk, number)
    execute("alter table referrals_event enable trigger user")
    assert trail_check.verify(referral) != []


def test_a_state_written_past_the_trail_is_found(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    Referral.objects.filter(pk=referral.pk).update(state=State.DEPARTED, departed_at=world.now)
    (fault,) = trail_check.verify(Referral.objects.get(pk=referral.pk))
    assert "at departed; its trail ends at accepted" in fault


def test_the_command_walks_every_trail(world: World) -> None:
    world.a_referral(State.REPATRIATED)
    spoilt = world.a_referral(State.ACCEPTED)
    told = StringIO()
    call_command("verify_trail", stdout=told)
    assert "2 referrals are as they were written" in told.getvalue()
    TAMPERED["via"](spoilt)
    faults = StringIO()
    with pytest.raises(CommandError, match="1 faults in the trails of 2 referrals"):
        call_command("verify_trail", stdout=told, stderr=faults)
    assert f"{spoilt.code} event 2 is not what was sealed." in faults.getvalue()


def test_an_event_keeps_who_what_and_by_which_way(world: World) -> None:
    referral = world.refers()
    remarks.ask(referral.code, text="Perfusion?", **world.press("ben", via="sms"))
    event = Event.objects.get(referral=referral, number=2)
    assert (event.verb, event.before, event.after) == ("ask", State.REFERRED, State.REFERRED)
    assert (event.by, event.via, event.details) == (world.people["ben"], "sms", {"text": "Perfusion?"})
    assert event.previous_hash == referral.events.get(number=1).hash
