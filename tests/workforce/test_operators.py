"""The way to becoming an operator: every step has its author, its order and its refusals, and no trail is changed."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from network import people
from network.models import Role
from tests.together import at_once
from tests.workforce import training
from tests.workforce.training import TERMS, operator, rights
from tests.world import LONG_AGO, World
from workforce import changes, operators, phases
from workforce.models import Agreement, Change, ChangeKind, Operator, Phase, Rung, Specialty
from workforce.refusals import NotEntitled, Refused


def enrolled(world: World, by: str = "lea") -> Operator:
    return operators.enrol(
        world.people["hob"],
        world.sites["RET20"],
        specialty=Specialty.IC,
        rights=rights(world, by),
        at=world.now,
    )


def test_enrolling_allows_nothing_yet_and_has_its_author(world: World) -> None:
    made = enrolled(world)
    (change,) = made.changes.all()
    assert (change.kind, change.by, change.number) == (ChangeKind.ENROLLED, world.people["lea"], 1)
    assert phases.authorisation(world.people["hob"], world.sites["RET20"], at=world.now) is None
    with pytest.raises(Refused, match="is an operator at Walton already"):
        enrolled(world, by="meg")


@pytest.mark.parametrize("by", ["ada", "ben", "hob", "nia", "una", "kit", "zed"])
def test_only_the_lead_and_the_medical_director_enrol_agree_and_name(world: World, by: str) -> None:
    with pytest.raises(NotEntitled):
        enrolled(world, by=by)
    with pytest.raises(NotEntitled):
        training.agrees(world, "dev", by=by)
    with pytest.raises(NotEntitled):
        training.names(world, "dev", "ben", by=by)
    assert not Agreement.objects.exists()
    assert Change.objects.exclude(kind=ChangeKind.AUTHORISED).count() == 0


def test_rungs_are_climbed_one_by_one_with_their_evidence(world: World) -> None:
    enrolled(world)
    for rung in (Rung.COURSE, Rung.SIMULATOR, Rung.DIAGNOSTIC, Rung.SECOND, Rung.FIRST):
        with pytest.raises(Refused, match="no rung is left out"):
            training.reaches(world, "hob", Rung.FIRST if rung != Rung.FIRST else Rung.COURSE, by="meg")
        training.reaches(world, "hob", rung, by="meg")
        assert operator(world, "hob").rung == rung
    with pytest.raises(Refused, match="signed off as independent"):
        training.reaches(world, "hob", Rung.INDEPENDENT, by="meg")
    kept = operator(world, "hob").changes.filter(kind=ChangeKind.RUNG)
    assert [c.details["rung"] for c in kept.order_by("number")] == [
        "course", "simulator", "diagnostic", "second", "first",
    ]  # fmt: skip
    assert {(c.by, c.details["evidence"]) for c in kept} == {(world.people["meg"], "Seen and written down.")}


@pytest.mark.parametrize("by", ["dev", "ben", "lea", "nia", "hob", "kit", "zed"])
def test_only_the_supervisor_and_the_medical_director_record_a_rung(world: World, by: str) -> None:
    with pytest.raises(NotEntitled):
        training.reaches(world, "dev", Rung.SECOND, by=by)
    assert operator(world, "dev").rung == Rung.DIAGNOSTIC


def test_nobody_records_a_rung_of_their_own_even_as_medical_director(world: World) -> None:
    people.grant(
        world.people["dev"], Role.GOVERNANCE, at=LONG_AGO, network=world.networks["cheshire-and-merseyside"]
    )
    with pytest.raises(NotEntitled):
        training.reaches(world, "dev", Rung.SECOND, by="dev")


def test_a_supervisor_who_has_left_the_hub_records_nothing(world: World) -> None:
    training.reaches(world, "dev", Rung.SECOND)
    membership = world.people["sam"].memberships.get()
    people.end(membership, at=world.now)
    with pytest.raises(NotEntitled):
        training.reaches(world, "dev", Rung.FIRST)


def test_a_rung_of_tomorrow_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="in the future"):
        operators.reach(
            operator(world, "dev"),
            Rung.SECOND,
            evidence="Seen.",
            on=changes.day(world.now) + timedelta(days=1),
            rights=rights(world, "sam"),
            at=world.now,
        )


def test_the_agreement_says_all_that_the_guidance_asks_and_the_newest_holds(world: World) -> None:
    training.agrees(world, "dev")
    world.wind(days=30)
    training.agrees(world, "dev", by="meg")
    first, second = Agreement.objects.filter(operator=operator(world, "dev")).order_by("pk")
    assert {name: getattr(second, name) for name in asdict(TERMS)} == asdict(TERMS)
    assert (first.made_by, second.made_by) == (world.people["lea"], world.people["meg"])
    assert [
        c.details["agreement"] for c in operator(world, "dev").changes.filter(kind=ChangeKind.AGREED)
    ] == [first.pk, second.pk]


def test_a_new_supervisor_answers_from_now_on_and_the_phase_goes_on(world: World) -> None:
    dev, walton = world.people["dev"], world.sites["RET20"]
    before = world.now
    world.wind(days=1)
    training.names(world, "dev", "cleo")
    held = [phases.authorisation(dev, walton, at=at) for at in (before, world.now)]
    assert [(one.phase, one.supervisor) for one in held if one] == [
        (Phase.DIRECT, world.people["sam"]),
        (Phase.DIRECT, world.people["cleo"]),
    ]
    with pytest.raises(Refused, match="answers for Dev Rao already"):
        training.names(world, "dev", "cleo")


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("dev", "cannot answer for themselves"),
        ("ivy", "is under indirect supervision at Walton"),
        ("mo", "does no thrombectomy at Walton now"),
        ("ada", "does no thrombectomy at Walton now"),
    ],
)
def test_who_cannot_answer_for_another_is_refused_with_the_reason(world: World, who: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        training.names(world, "dev", who)
    assert operator(world, "dev").supervisor == world.people["sam"]


def test_a_supervisor_is_a_neuroradiologist_who_operates_there_still(world: World) -> None:
    walton, mo = world.sites["RET20"], world.people["mo"]
    phases.authorise(mo, walton, specialty=Specialty.IR, phase=Phase.INDEPENDENT, at=world.now)
    with pytest.raises(Refused, match="is an interventional radiologist"):
        training.names(world, "dev", "mo")
    phases.end(operator(world, "cleo"), at=world.now)
    with pytest.raises(Refused, match="does no thrombectomy at Walton now"):
        training.names(world, "dev", "cleo")


def test_nobody_answers_for_an_independent_operator(world: World) -> None:
    with pytest.raises(Refused, match="operates independently"):
        training.names(world, "ben", "cleo")


def test_a_review_lies_ahead_and_is_kept(world: World) -> None:
    today = changes.day(world.now)
    for who in ("dev", "lea", "ben"):
        with pytest.raises(NotEntitled):
            operators.review(
                operator(world, "dev"),
                next_on=today + timedelta(days=90),
                note="",
                rights=rights(world, who),
                at=world.now,
            )
    with pytest.raises(Refused, match="future"):
        operators.review(
            operator(world, "dev"), next_on=today, note="", rights=rights(world, "sam"), at=world.now
        )
    operators.review(
        operator(world, "dev"),
        next_on=today + timedelta(days=90),
        note="On course.",
        rights=rights(world, "sam"),
        at=world.now,
    )
    assert operator(world, "dev").review_on == today + timedelta(days=90)


@pytest.mark.parametrize(
    "statement",
    [
        "update workforce_change set kind = 'ended'",
        "delete from workforce_change",
        "update workforce_agreement set months = 1",
        "delete from workforce_agreement",
    ],
)
def test_the_database_refuses_to_change_what_was_written(world: World, statement: str) -> None:
    training.agrees(world, "dev")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_two_changes_at_once_are_both_kept_and_numbered(open_world: World) -> None:
    jobs = [partial(training.agrees, open_world, "dev", by=by) for by in ("lea", "meg")]
    outcomes = at_once(jobs)
    assert outcomes == [None, None]
    numbers = operator(open_world, "dev").changes.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]
