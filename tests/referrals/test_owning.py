"""Whose a patient is: the first owner is who acted; after a change of shift somebody must say “I have them”."""

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network import people, permissions
from network.models import Role
from paging import changing
from referrals import entry, homeward, owners, owning, remarks, transitions, verbs
from referrals.belonging import Seat
from referrals.models import Event, Referral
from referrals.refusals import NotAllowed, NotVisible, WrongState
from referrals.states import State
from tests.world import LONG_AGO, World, facts
from workforce import rota
from workforce.models import Duty, Shift


def owner(referral: Referral) -> tuple[str, str, bool]:
    """The seat, the user name of who has it, and whether a hand-over is waited for."""
    referral.refresh_from_db()
    return referral.seat, referral.owner.username if referral.owner else "", bool(referral.change_over_at)


def relieve(world: World, duty: Duty, successor: str, *, at_hub: str = "RET20", hours: float = 1) -> None:
    """Whoever is on this duty goes home in so many hours, and this person comes on."""
    hub, then = world.sites[at_hub], world.now + timedelta(hours=hours)
    for shift in Shift.objects.filter(hub=hub, duty=duty, period__contains=world.now):
        end = shift.period.upper
        shift.period = DateTimeTZRange(shift.period.lower, then)
        shift.save()
        Shift.objects.filter(
            person=world.people[successor], period__overlap=DateTimeTZRange(then, end)
        ).delete()
        rota.put(hub, duty, world.people[successor], start=then, end=end)


def test_the_first_owner_is_who_acted(world: World) -> None:
    referral = world.refers()
    assert owner(referral) == ("spoke", "ada", False)
    transitions.accept(referral.code, **world.press("cleo"))
    assert owner(referral) == ("operator", "cleo", False)
    accepted = referral.events.get(verb="accept")
    assert (accepted.details["owner"], accepted.details["seat"]) == ("Cleo Marsh", "operator")


def test_the_patient_goes_back_to_whoever_had_it_at_the_spoke(world: World) -> None:
    referral = world.a_referral(State.REPATRIATING)
    assert owner(referral) == ("spoke", "ada", False)
    homeward.offer_bed(referral.code, text="Bed 4", **world.press("ada"))
    assert owner(referral) == ("spoke", "ada", False)


def test_without_a_hub_the_patient_waits_for_a_coordinator_who_takes_the_alarm(world: World) -> None:
    referral = world.a_referral(State.UNPLACED)
    assert owner(referral) == ("coordinator", "", True)
    remarks.take(referral.code, **world.press("nia"))
    assert owner(referral) == ("coordinator", "nia", False)


def test_a_lead_who_takes_the_alarm_has_the_patient_too(world: World) -> None:
    referral = world.a_referral(State.UNPLACED)
    lead = permissions.rights(world.people["lea"], at=world.now)
    referral.refresh_from_db()
    assert owning.waiting([referral], lead) == [referral]
    remarks.take(referral.code, **world.press("lea"))
    assert owner(referral) == ("coordinator", "lea", False)
    owning.own(referral.code, **world.press("nia"))
    owning.own(referral.code, **world.press("lea"))
    assert owner(referral) == ("coordinator", "lea", False)


def test_who_says_so_has_the_patient_also_where_the_role_changes_meanwhile(world: World) -> None:
    nia = world.people["nia"].memberships
    nia.update(since=world.now + timedelta(minutes=2))
    referral = world.a_referral(State.UNPLACED)
    assert owner(referral) == ("spoke", "ada", False)
    people.grant(world.people["wyn"], Role.SPOKE, at=LONG_AGO, site=world.sites["RBL14"])
    world.wind(minutes=2)
    owning.own(referral.code, **world.press("wyn"))
    assert owner(referral) == ("spoke", "wyn", False)


def test_in_a_network_without_a_coordinator_it_stays_the_spokes(world: World) -> None:
    world.people["una"].memberships.update(until=world.now)
    referral = world.refers("RR801", by="zed", spoke="RCB55")
    transitions.decline(referral.code, reason="no_bed", **world.press("yan"))
    assert owner(referral) == ("spoke", "zed", False)


def test_a_patient_who_came_straight_to_a_hub_and_was_entered_by_its_team_waits_for_who_is_on(
    world: World,
) -> None:
    said = facts(world.now, cta_at=None, occlusion=None, side=None)
    referral = entry.admit(hub="RET20", said=said, **world.press("hob")).referral
    assert owner(referral) == ("operator", "", True)
    assert referral.successor == world.people["ben"]


def test_after_a_change_of_shift_the_successor_is_waited_for_and_says_so(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    relieve(world, Duty.FIRST, "ivy")
    changing.notice(now=world.now)
    assert owner(referral) == ("operator", "ben", False), "the shift is not over"
    world.wind(hours=1, minutes=2)
    changing.notice(now=world.now)
    changing.notice(now=world.now)
    assert owner(referral) == ("operator", "ben", True), "until somebody says so it is ben's"
    assert referral.successor == world.people["ivy"]
    noted = referral.events.get(verb="change_over")
    assert (noted.by, noted.at, noted.details) == (
        None, world.now - timedelta(minutes=2), {"successor": "Ivy Lowe"}
    )  # fmt: skip
    owning.own(referral.code, **world.press("ivy"))
    assert owner(referral) == ("operator", "ivy", False)
    assert referral.events.get(verb="own").by == world.people["ivy"]


def test_nobody_waits_for_a_successor_who_was_disabled(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    relieve(world, Duty.FIRST, "ivy")
    people.disable(world.people["ivy"])
    world.wind(hours=1, minutes=2)
    changing.notice(now=world.now)
    assert owner(referral) == ("operator", "ben", True)
    assert referral.successor is None, "anybody of the role"
    assert owning.due(now=world.now) == [], "said once"
    assert owners.on_duty(referral, Seat.OPERATOR, now=world.now) is None


@pytest.mark.parametrize("still_on", ["second", "supervisor"])
def test_whoever_is_still_on_for_the_hub_keeps_the_patient(world: World, still_on: str) -> None:
    who = {"second": "cleo", "supervisor": "sam"}[still_on]
    referral = world.refers()
    transitions.accept(referral.code, **world.press(who))
    relieve(world, Duty.FIRST, "ivy")
    world.wind(hours=2)
    assert owning.due(now=world.now) == []


def test_who_accepted_after_the_shift_had_changed_keeps_the_patient(world: World) -> None:
    referral = world.refers()
    relieve(world, Duty.FIRST, "ivy", hours=0.5)
    world.wind(minutes=45)
    transitions.accept(referral.code, **world.press("ben"))
    assert owning.due(now=world.now) == []


def test_where_nobody_comes_on_nobody_is_waited_for(world: World) -> None:
    world.a_referral(State.ACCEPTED)
    Shift.objects.filter(hub=world.sites["RET20"]).update(
        period=DateTimeTZRange(world.now - timedelta(days=1), world.now + timedelta(hours=1))
    )
    world.wind(hours=2)
    assert owning.due(now=world.now) == []


def test_a_rota_that_changes_again_names_the_new_successor_and_keeps_the_clock(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    relieve(world, Duty.FIRST, "ivy")
    world.wind(hours=1, minutes=1)
    changing.notice(now=world.now)
    referral.refresh_from_db()
    since = referral.change_over_at
    world.wind(minutes=10)
    Shift.objects.filter(person=world.people["ivy"]).delete()
    rota.put(
        world.sites["RET20"],
        Duty.FIRST,
        world.people["dev"],
        start=world.now,
        end=world.now + timedelta(hours=4),
    )
    changing.notice(now=world.now)
    referral.refresh_from_db()
    assert (referral.successor, referral.change_over_at) == (world.people["dev"], since)


def test_a_rota_that_is_corrected_leaves_the_patient_with_whoever_has_it(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    relieve(world, Duty.FIRST, "ivy")
    world.wind(hours=1, minutes=1)
    changing.notice(now=world.now)
    assert owner(referral) == ("operator", "ben", True)
    Shift.objects.filter(person=world.people["ivy"]).delete()
    end = world.now + timedelta(hours=4)
    rota.put(world.sites["RET20"], Duty.FIRST, world.people["ben"], start=world.now, end=end)
    for _ in range(2):
        changing.notice(now=world.now)
        assert owner(referral) == ("operator", "ben", False)
    with pytest.raises(WrongState):  # the other pager, which saw it a moment before
        owning.change_over(referral.code, successor=world.people["ben"], **world.press(None))
    kept = referral.events.filter(verb="change_over").order_by("number")
    assert [event.details for event in kept] == [{"successor": "Ivy Lowe"}, {"kept": "Ben Hale"}]
    assert owning.due(now=world.now) == []


def test_a_first_hospitals_team_changes_at_eight_and_anybody_of_it_may_say_so(world: World) -> None:
    referral = world.refers()  # at ten past three
    world.wind(hours=4, minutes=30)
    changing.notice(now=world.now)
    assert owner(referral) == ("spoke", "ada", False)
    world.wind(minutes=30)
    changing.notice(now=world.now)
    assert owner(referral) == ("spoke", "ada", True)
    assert referral.change_over_at == world.now.replace(hour=8, minute=0)
    owning.own(referral.code, **world.press("ada"))
    assert owner(referral) == ("spoke", "ada", False), "also who had it before"


def test_a_coordinators_patients_wait_for_the_next_coordinator(world: World) -> None:
    people = world.people
    rota.put(
        world.sites["RET20"],
        Duty.COORDINATOR,
        people["nia"],
        start=world.now,
        end=world.now + timedelta(hours=1),
    )
    rota.put(
        world.sites["RET20"], Duty.COORDINATOR, people["lea"], start=world.now + timedelta(hours=1),
        end=world.now + timedelta(hours=9),
    )  # fmt: skip
    referral = world.a_referral(State.UNPLACED)
    referral.refresh_from_db()
    assert referral.successor == people["nia"]
    owning.own(referral.code, **world.press("nia"))
    world.wind(hours=1, minutes=1)
    changing.notice(now=world.now)
    assert owner(referral) == ("coordinator", "nia", True)
    assert referral.successor == people["lea"]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("ada", NotAllowed), ("nia", NotAllowed), ("hob", NotAllowed), ("mo", NotVisible), ("zed", NotVisible)],
)
def test_only_somebody_of_that_role_at_that_site_takes_it(
    world: World, who: str, refusal: type[Exception]
) -> None:
    referral = world.a_referral(State.ACCEPTED)
    events = Event.objects.count()
    with pytest.raises(refusal):
        owning.own(referral.code, **world.press(who))
    assert (owner(referral), Event.objects.count()) == (("operator", "ben", False), events)


def test_nobody_but_the_clock_says_that_a_shift_has_changed(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    with pytest.raises(NotAllowed):
        owning.change_over(referral.code, successor=None, **world.press("ben"))
    assert "change_over" not in verbs.VERBS


def test_who_has_it_already_is_told_so_and_nothing_is_written(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    with pytest.raises(WrongState, match="You have"):
        owning.own(referral.code, **world.press("ben"))


def test_a_hand_over_that_is_waited_for_holds_nothing_up_and_ends_with_the_referral(world: World) -> None:
    referral = world.a_referral(State.ACCEPTED)
    relieve(world, Duty.FIRST, "ivy")
    world.wind(hours=1, minutes=1)
    changing.notice(now=world.now)
    transitions.request_ambulance(referral.code, category="C2", **world.press("ada"))
    assert owner(referral) == ("operator", "ben", True)
    transitions.stand_down(referral.code, reason="worse", **world.press("ada"))
    assert owner(referral) == ("operator", "ben", False)


def test_what_is_due_costs_the_same_for_many_patients(
    world: World, django_assert_max_num_queries: object
) -> None:
    for _ in range(4):
        world.a_referral(State.ACCEPTED)
        world.a_referral(State.UNPLACED)
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        owning.due(now=world.now)
