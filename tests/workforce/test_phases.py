"""Who may operate where and in which phase, and who may confirm for whom."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from network import people
from tests.world import World
from workforce import phases, rota
from workforce.models import Authorisation, Duty, Phase, Shift, Specialty


def test_a_new_phase_replaces_the_one_before_from_its_first_moment(world: World) -> None:
    dev, walton = world.people["dev"], world.sites["RET20"]
    before = world.now
    later = world.wind(days=1)
    phases.authorise(
        dev, walton, specialty=Specialty.INR, phase=Phase.INDIRECT, at=later, supervisor=world.people["sam"]
    )
    held = [phases.authorisation(dev, walton, at=at) for at in (before, later - timedelta(seconds=1), later)]
    assert [authorisation and authorisation.phase for authorisation in held] == [
        Phase.DIRECT,
        Phase.DIRECT,
        Phase.INDIRECT,
    ]
    assert Authorisation.objects.filter(person=dev, until=None).count() == 1


def test_training_without_a_supervisor_is_refused(world: World) -> None:
    for phase in (Phase.DIRECT, Phase.INDIRECT):
        with pytest.raises(IntegrityError, match="training_names_its_supervisor"), transaction.atomic():
            phases.authorise(
                world.people["mo"], world.sites["RET20"], specialty=Specialty.IR, phase=phase, at=world.now
            )
    assert phases.authorisation(world.people["mo"], world.sites["RET20"], at=world.now) is None


def test_an_authorisation_holds_at_its_own_hub_alone(world: World) -> None:
    assert phases.authorisation(world.people["ben"], world.sites["RM301"], at=world.now) is None


def test_the_operators_of_a_hub_are_named_with_the_independent_first(world: World) -> None:
    named = [a.person.username for a in phases.operators(world.sites["RET20"], at=world.now)]
    assert named == ["ben", "cleo", "sam", "ivy", "dev"]
    people.disable(world.people["cleo"])
    assert "cleo" not in [a.person.username for a in phases.operators(world.sites["RET20"], at=world.now)]


@pytest.mark.parametrize(
    ("who", "named", "may"),
    [
        ("sam", "sam", True),  # named, and supervisor on call
        ("sam", "ben", True),  # supervisor on call for the one who is named
        ("cleo", "cleo", True),  # named, though not on call
        ("cleo", "sam", False),  # independent, neither named nor on call
        ("ivy", "ivy", False),  # named, but in training herself
        ("mo", "mo", False),  # named, but of another hub
        ("sam", None, True),
        ("cleo", None, False),
    ],
)
def test_who_may_confirm(world: World, who: str, named: str | None, may: bool) -> None:
    supervisor = world.people[named] if named else None
    walton = world.sites["RET20"]
    assert phases.may_confirm(world.people[who], walton, named=supervisor, at=world.now) is may


def test_a_supervisors_duty_counts_while_the_shift_lasts(world: World) -> None:
    walton, cleo = world.sites["RET20"], world.people["cleo"]
    Shift.objects.filter(person=cleo).delete()
    Shift.objects.filter(duty=Duty.SUPERVISOR).delete()
    rota.put(walton, Duty.SUPERVISOR, cleo, start=world.now, end=world.now + timedelta(hours=1))
    may = [
        phases.may_confirm(cleo, walton, named=world.people["sam"], at=world.now + timedelta(minutes=m))
        for m in (-1, 0, 59, 60)
    ]
    assert may == [False, True, True, False]
