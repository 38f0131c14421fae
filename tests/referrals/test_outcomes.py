"""What becomes of a patient: who is asked when, figures in their bounds, corrections beside the original, deaths."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from frontend import outcome_words
from network import permissions
from network.permissions import Rights
from referrals import rulebook, transitions, verbs
from referrals.after import owed, recording, rules
from referrals.after.owed import Standing
from referrals.after.rows import Kind, Outcome
from referrals.models import Referral
from referrals.refusals import BadInput, NotAllowed, WrongState
from referrals.states import State
from tests.world import World

DAY = {"outcome": "day", "nihss": "4", "bleed": "none"}
HOME = {"outcome": "discharge", "mrs": "2", "destination": "home"}
NINETY = {"outcome": "ninety", "mrs": "1", "method": "phone"}


def rights(world: World, who: str) -> Rights:
    return permissions.rights(world.people[who], at=world.now)


def record(world: World, referral: Referral, who: str = "ben", **said: Any) -> Referral:
    """By the same door as a screen or a program."""
    if said.get("outcome") == "day" and "nihss" in said:
        said = {"taken": world.now.isoformat()} | said
    return verbs.do(referral.code, "record_outcome", said, by=world.people[who], now=world.now, via="web")


def refused(world: World, referral: Referral, **said: Any) -> dict[str, str]:
    before = (Outcome.objects.count(), referral.events.count())
    with pytest.raises(BadInput) as bad:
        record(world, referral, **said)
    assert (Outcome.objects.count(), referral.events.count()) == before
    return bad.value.fields


def stand(world: World, referral: Referral) -> dict[str, tuple[str, str]]:
    referral = Referral.objects.select_related("spoke", "hub").get(pk=referral.pk)
    return {
        one.kind.value: (one.standing.value, str(one.site)) for one in owed.of_one(referral, now=world.now)
    }


@pytest.mark.parametrize(
    ("kind", "after", "standing"),
    [
        ("day", timedelta(hours=15, minutes=59), "coming"),
        ("day", timedelta(hours=16), "due"),
        ("day", timedelta(hours=36), "due"),
        ("day", timedelta(hours=36, minutes=1), "overdue"),
        ("discharge", timedelta(hours=47), "coming"),
        ("discharge", timedelta(days=2), "due"),
        ("discharge", timedelta(days=31), "overdue"),
        ("ninety", timedelta(days=75), "coming"),
        ("ninety", timedelta(days=76), "due"),
        ("ninety", timedelta(days=104), "due"),
        ("ninety", timedelta(days=105), "overdue"),
    ],
)
def test_each_outcome_is_due_within_its_window(kind: str, after: timedelta, standing: str) -> None:
    begun = timezone.now()
    window = rules.window(kind, begun)
    assert owed._standing(None, window, False, begun + after) == standing


def test_who_is_asked_is_where_the_patient_is_and_at_90_days_whom_the_network_names(world: World) -> None:
    at_hub, back = world.a_referral(State.TREATED), world.a_referral(State.REPATRIATED)
    world.wind(hours=20)
    assert stand(world, at_hub) == {
        "day": ("due", "Walton"), "discharge": ("coming", "Walton"), "ninety": ("coming", "Walton")
    }  # fmt: skip
    assert stand(world, back)["day"] == ("due", "Arrowe Park")
    assert stand(world, back)["discharge"] == ("coming", "Arrowe Park")
    network = world.networks["cheshire-and-merseyside"]
    rulebook.put_ninety(
        network, "spoke", based_on=0, reason="Spokes know them", rights=rights(world, "lea"), at=world.now
    )
    assert stand(world, back)["ninety"] == ("coming", "Arrowe Park")


def test_only_the_lead_says_who_asks_at_90_days_and_never_over_somebody_elses_version(world: World) -> None:
    network = world.networks["cheshire-and-merseyside"]
    nobody, lead = rights(world, "nia"), rights(world, "lea")
    with pytest.raises(NotAllowed):
        rulebook.put_ninety(network, "spoke", based_on=0, reason="x", rights=nobody, at=world.now)
    with pytest.raises(BadInput):
        rulebook.put_ninety(network, "spoke", based_on=0, reason=" ", rights=lead, at=world.now)
    rulebook.put_ninety(network, "spoke", based_on=0, reason="x", rights=lead, at=world.now)
    with pytest.raises(WrongState, match="meanwhile"):
        rulebook.put_ninety(network, "hub", based_on=0, reason="y", rights=lead, at=world.now)


def test_each_is_recorded_and_no_longer_asked_for(world: World) -> None:
    referral = world.a_referral(State.REPATRIATED)
    world.wind(hours=20)
    record(world, referral, "ada", **DAY)
    world.wind(days=5)
    record(world, referral, "ada", **HOME)
    world.wind(days=80)
    record(world, referral, **NINETY)
    assert {standing for standing, _ in stand(world, referral).values()} == {"done"}
    held = recording.standing(referral)
    assert (held["day"].nihss, held["discharge"].mrs, held["ninety"].mrs) == (4, 2, 1)
    assert [
        e.details["outcome"] for e in referral.events.filter(verb="record_outcome").order_by("number")
    ] == [
        "day",
        "discharge",
        "ninety",
    ]


def test_not_obtained_has_a_coded_reason_and_is_an_answer(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(days=80)
    assert "text" in refused(world, referral, outcome="ninety", not_obtained="other")
    assert "not_obtained" in refused(
        world, referral, outcome="ninety", mrs="2", method="phone", not_obtained="declined"
    )
    record(world, referral, outcome="ninety", not_obtained="unreached")
    assert stand(world, referral)["ninety"][0] == Standing.NOT_OBTAINED


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"outcome": "day", "nihss": "43", "bleed": "none"}, "nihss"),
        ({"outcome": "day", "nihss": "4"}, "bleed"),
        ({"outcome": "day"}, "nihss"),
        ({"outcome": "day", "nihss": "4", "bleed": "none", "taken": "2026-11-20T01:00"}, "taken"),
        ({"outcome": "day", "nihss": "4", "bleed": "none", "taken": "2026-12-24T01:00"}, "taken"),
        ({"outcome": "day", "nihss": "4", "bleed": "none", "taken": "2026-11-21T05:00"}, "taken"),
        ({"outcome": "day", "nihss": "4", "bleed": "none", "taken": "yesterday"}, "taken"),
        ({"outcome": "ninety", "mrs": "2", "method": "phone"}, "taken"),
        ({"outcome": "discharge", "mrs": "7", "destination": "home"}, "mrs"),
        ({"outcome": "discharge", "mrs": "2.5", "destination": "home"}, "mrs"),
        ({"outcome": "discharge", "mrs": "2"}, "destination"),
        ({"outcome": "discharge", "mrs": "6", "destination": "home"}, "mrs"),
        ({"outcome": "discharge", "mrs": "2", "destination": "died"}, "mrs"),
        ({"outcome": "discharge", "mrs": "2", "destination": "home", "taken": "2026-11-01"}, "taken"),
        ({"outcome": "discharge", "mrs": "2", "destination": "home", "taken": "2027-11-01"}, "taken"),
        ({"outcome": "ninety", "mrs": "2"}, "method"),
        ({"outcome": "ninety"}, "mrs"),
        ({"outcome": "ninety", "not_obtained": "mistake"}, "not_obtained"),
        ({"outcome": "unknown"}, "outcome"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(world: World, said: dict[str, Any], field: str) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(hours=20)
    assert field in refused(world, referral, **said)


def test_a_late_figure_is_kept_and_says_that_it_is_late(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(hours=40)
    record(world, referral, **DAY)
    row = recording.standing(referral)["day"]
    assert referral.punctured_at
    assert outcome_words.outside(row, rules.window("day", referral.punctured_at)) == "outside the window"


def test_a_correction_says_why_and_stands_beside_the_original(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(hours=20)
    record(world, referral, **DAY)
    assert "text" in refused(world, referral, **DAY | {"nihss": "14"})
    record(world, referral, **DAY | {"nihss": "14", "text": "Typed without its 1"})
    first, second = Outcome.objects.filter(referral=referral).order_by("pk")
    assert (first.nihss, second.nihss, second.corrects) == (4, 14, first)
    assert recording.standing(referral)["day"] == second
    record(world, referral, outcome="day", not_obtained="mistake", text="Another patient")
    assert stand(world, referral)["day"][0] == "due", "what was taken back is owed again"


def test_an_mrs_of_6_asks_for_the_day_of_death_and_writes_it_down(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(days=80)
    assert "died_on" in refused(world, referral, outcome="ninety", mrs="6", method="records")
    record(world, referral, outcome="ninety", mrs="6", method="records", died_on="2026-12-24")
    held = recording.standing(referral)
    assert (held["ninety"].mrs, f"{held['death'].taken_on}") == (6, "2026-12-24")


def test_who_died_in_hospital_died_on_the_day_of_discharge(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(days=2)
    record(world, referral, outcome="discharge", mrs="6", destination="died")
    assert f"{recording.standing(referral)['death'].taken_on}" == "2026-11-23"
    assert stand(world, referral)["ninety"][0] == "died", "nobody rings the family on day 90"


def test_a_death_and_an_mrs_never_contradict_each_other_silently(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(days=80)
    record(world, referral, outcome="death", taken="2026-12-24")
    asked = refused(world, referral, **NINETY)
    assert "24 Dec 2026" in asked["alive"]
    record(world, referral, **NINETY, alive="yes")
    assert recording.standing(referral)["death"].is_taken_back
    assert "taken" in refused(world, referral, outcome="death", taken="2026-12-24", text="After all")


def test_a_death_under_an_mrs_of_6_is_corrected_together_with_it(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    world.wind(days=80)
    record(world, referral, outcome="ninety", mrs="6", method="records", died_on="2026-12-24")
    assert "not_obtained" in refused(world, referral, outcome="death", not_obtained="mistake", text="Alive")
    assert "alive" in refused(world, referral, **NINETY, text="Alive")
    record(world, referral, **NINETY, text="Another patient’s letter", alive="yes")
    held = recording.standing(referral)
    assert (held["ninety"].mrs, held["death"].is_taken_back) == (1, True)


def test_whoever_died_on_the_way_is_owed_nothing_and_has_an_mrs_of_6(world: World) -> None:
    referral = world.a_referral(State.PUNCTURE)
    transitions.record_death(referral.code, **world.press("ben"))
    assert {standing for standing, _ in stand(world, referral).values()} == {"died"}
    world.wind(days=1)
    assert "mrs" in refused(world, referral, **HOME)
    assert "taken" in refused(world, referral, outcome="death")


def test_without_a_procedure_nothing_is_asked_and_nothing_is_recorded(world: World) -> None:
    referral = world.a_referral(State.STOOD_DOWN)
    assert stand(world, referral) == {}
    with pytest.raises(WrongState, match="no groin puncture"):
        record(world, referral, **HOME)


@pytest.mark.parametrize("who", ["nia", "lea"])
def test_only_the_spoke_and_the_hub_record(world: World, who: str) -> None:
    referral = world.a_referral(State.TREATED)
    with pytest.raises(NotAllowed):
        record(world, referral, who, **HOME)


def test_the_work_list_is_each_sites_own_and_costs_the_same_for_many(
    world: World, django_assert_num_queries: Any
) -> None:
    back = [world.a_referral(State.REPATRIATED)]
    world.wind(hours=40)
    ada = rights(world, "ada")
    with django_assert_num_queries(3):
        owed.of(ada, now=world.now)
    back += [world.a_referral(State.REPATRIATED) for _ in range(2)]
    world.a_referral(State.TREATED)
    world.wind(hours=40)
    with django_assert_num_queries(3):
        found = owed.of(ada, now=world.now)
    own = owed.mine(found, ada)
    assert [(one.kind, one.standing) for one in own if one.is_open and one.kind == Kind.DAY] == [
        (Kind.DAY, Standing.OVERDUE)
    ] * len(back)
    assert owed.of(rights(world, "zed"), now=world.now) == []


def test_for_what_is_open_only_patients_with_something_open_are_read(world: World) -> None:
    referral, waits = world.a_referral(State.TREATED), world.a_referral(State.TREATED)
    died = world.a_referral(State.PUNCTURE)
    transitions.record_death(died.code, **world.press("ben"))
    begun, ben = world.now, rights(world, "ben")

    def read(**after: float) -> set[str]:
        now = begun + timedelta(**after)
        found = owed.of(ben, now=now, only_open=True)
        open_of_all = [(one.referral.pk, one.kind) for one in owed.of(ben, now=now) if one.is_open]
        assert [(one.referral.pk, one.kind) for one in found if one.is_open] == open_of_all
        return {one.referral.code for one in found}

    assert read(hours=15) == set()
    assert read(hours=17) == {referral.code, waits.code}
    world.wind(hours=17)
    record(world, referral, **DAY)
    assert read(hours=18) == {waits.code}
    record(world, referral, outcome="day", not_obtained="mistake", text="Another patient")
    assert read(hours=18) == {referral.code, waits.code}
    record(world, referral, **DAY, text="After all")
    assert read(days=1, hours=23) == {waits.code}
    assert read(days=3) == {referral.code, waits.code}


def test_the_database_refuses_to_change_or_remove_an_outcome(world: World) -> None:
    referral = world.a_referral(State.TREATED)
    record(world, referral, **HOME)
    rows = Outcome.objects.filter(referral=referral)
    changes: list[Callable[[], object]] = [lambda: rows.update(mrs=0), lambda: rows._raw_delete("default")]
    for change in changes:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
