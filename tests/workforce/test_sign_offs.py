"""A phase is granted by two people: what is missing is said, one signature grants nothing, going back is at once."""

from datetime import timedelta

import pytest

from network import people
from network.models import Role
from tests.workforce import training
from tests.workforce.training import operator, rights, signs
from tests.world import LONG_AGO, World
from workforce import changes, phases, sign_offs
from workforce.models import Change, ChangeKind, Phase, Rung
from workforce.refusals import NotEntitled, Refused
from workforce.sign_offs import Capacity, Signature


def phase_of(world: World, who: str) -> str | None:
    held = phases.authorisation(world.people[who], world.sites["RET20"], at=world.now)
    return held.phase if held else None


def missing(world: World, who: str) -> str:
    (step,) = sign_offs.steps(operator(world, who), at=world.now)
    return " ".join(step.missing)


@pytest.mark.parametrize("order", [("sam", "meg"), ("meg", "sam")])
def test_the_second_of_two_signatures_grants_the_phase(world: World, order: tuple[str, str]) -> None:
    training.ready_for_indirect(world)
    as_what = {"sam": Capacity.SUPERVISOR, "meg": Capacity.DIRECTOR}
    assert signs(world, "dev", order[0], Phase.INDIRECT, as_what[order[0]]) is False
    assert phase_of(world, "dev") == Phase.DIRECT
    world.wind(days=2)
    assert signs(world, "dev", order[1], Phase.INDIRECT, as_what[order[1]]) is True
    assert phase_of(world, "dev") == Phase.INDIRECT
    granted = operator(world, "dev").changes.get(kind=ChangeKind.AUTHORISED, number__gt=1)
    assert granted.details["reference"] == "CG-2026-114"
    assert set(granted.details["signed_by"]) == {"Sam Quist", "Meg Vane"}
    held = phases.authorisation(world.people["dev"], world.sites["RET20"], at=world.now)
    assert held and (held.since, held.supervisor) == (world.now, world.people["sam"])


def test_the_way_to_independence_ends_with_nobody_answering_for_them(world: World) -> None:
    training.ready_for_indirect(world)
    for phase in (Phase.INDIRECT, Phase.INDEPENDENT):
        signs(world, "dev", "sam", phase, Capacity.SUPERVISOR)
        signs(world, "dev", "meg", phase, Capacity.DIRECTOR)
    assert phase_of(world, "dev") == Phase.INDEPENDENT
    dev = operator(world, "dev")
    assert (dev.rung, dev.supervisor) == (Rung.INDEPENDENT, None)
    assert sign_offs.steps(dev, at=world.now) == []


def test_what_is_missing_is_said_and_refuses_the_signature(world: World) -> None:
    assert "“First operator” (reached so far: diagnostic cerebral lists)" in missing(world, "dev")
    assert "formal agreement" in missing(world, "dev")
    with pytest.raises(Refused, match="missing first"):
        signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    training.ready_for_indirect(world)
    assert missing(world, "dev") == ""
    phases.end(operator(world, "sam"), at=world.now)
    assert "Sam Quist does no thrombectomy at Walton now" in missing(world, "dev")
    assert not Change.objects.filter(kind=ChangeKind.SIGNED).exists()


def test_no_phase_is_left_out(world: World) -> None:
    training.ready_for_indirect(world)
    with pytest.raises(Refused, match="does not stand before this phase"):
        signs(world, "dev", "sam", Phase.INDEPENDENT, Capacity.SUPERVISOR)


@pytest.mark.parametrize(
    ("by", "capacity"),
    [
        ("dev", Capacity.SUPERVISOR),
        ("ben", Capacity.SUPERVISOR),
        ("lea", Capacity.DIRECTOR),
        ("nia", Capacity.DIRECTOR),
        ("sam", Capacity.DIRECTOR),
        ("meg", Capacity.SUPERVISOR),
        ("kit", Capacity.DIRECTOR),
        ("zed", Capacity.DIRECTOR),
    ],
)
def test_nobody_else_signs(world: World, by: str, capacity: Capacity) -> None:
    training.ready_for_indirect(world)
    with pytest.raises(NotEntitled):
        signs(world, "dev", by, Phase.INDIRECT, capacity)


def test_one_person_who_is_both_signs_once(world: World) -> None:
    region = world.networks["cheshire-and-merseyside"]
    for who in ("sam", "dev"):
        people.grant(world.people[who], Role.GOVERNANCE, at=LONG_AGO, network=region)
    training.ready_for_indirect(world)
    with pytest.raises(NotEntitled):
        signs(world, "dev", "dev", Phase.INDIRECT, Capacity.DIRECTOR)
    signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    with pytest.raises(Refused, match="Two different people"):
        signs(world, "dev", "sam", Phase.INDIRECT, Capacity.DIRECTOR)
    with pytest.raises(Refused, match="supervisor has signed already"):
        signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    assert phase_of(world, "dev") == Phase.DIRECT


def test_a_signature_ends_with_its_supervisor_and_with_time(world: World) -> None:
    training.ready_for_indirect(world)
    signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    training.names(world, "dev", "cleo")
    assert signs(world, "dev", "meg", Phase.INDIRECT, Capacity.DIRECTOR) is False
    world.wind(days=91)
    assert signs(world, "dev", "cleo", Phase.INDIRECT, Capacity.SUPERVISOR) is False
    assert signs(world, "dev", "meg", Phase.INDIRECT, Capacity.DIRECTOR) is True


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"grounds": ""}, "based on"),
        ({"reference": ""}, "governance’s reference"),
        ({"expires_on": None}, "when this expires"),
        ({"review_on": None}, "when this expires"),
        ({"review": -1}, "review must lie in the future"),
        ({"review": 400}, "not after the expiry"),
    ],
)
def test_a_director_says_by_what_and_until_when(world: World, changed: dict[str, object], why: str) -> None:
    training.ready_for_indirect(world)
    said = {**training.director_says(world).__dict__, **{k: v for k, v in changed.items() if k != "review"}}
    if "review" in changed:
        said["review_on"] = changes.day(world.now) + timedelta(days=int(str(changed["review"])))
    with pytest.raises(Refused, match=why):
        sign_offs.sign(
            operator(world, "dev"),
            Phase.INDIRECT,
            Capacity.DIRECTOR,
            Signature(**said),
            rights=rights(world, "meg"),
            at=world.now,
        )


def test_what_has_expired_is_no_authorisation_and_is_signed_anew(world: World) -> None:
    training.ready_for_indirect(world)
    signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    signs(world, "dev", "meg", Phase.INDIRECT, Capacity.DIRECTOR)
    world.wind(days=300)
    assert [(s.phase, s.renews) for s in sign_offs.steps(operator(world, "dev"), at=world.now)] == [
        (Phase.INDIRECT, True),
        (Phase.INDEPENDENT, False),
    ]
    world.wind(days=65)
    assert phase_of(world, "dev") == Phase.INDIRECT  # the last day
    world.wind(days=1)
    assert phase_of(world, "dev") is None
    assert "dev" not in [a.person.username for a in phases.operators(world.sites["RET20"], at=world.now)]
    signs(world, "dev", "sam", Phase.INDIRECT, Capacity.SUPERVISOR)
    signs(world, "dev", "meg", Phase.INDIRECT, Capacity.DIRECTOR)
    assert phase_of(world, "dev") == Phase.INDIRECT


def test_an_independent_operator_is_signed_anew_by_a_colleague(world: World) -> None:
    training.ready_for_indirect(world)
    for phase in (Phase.INDIRECT, Phase.INDEPENDENT):
        signs(world, "dev", "sam", phase, Capacity.SUPERVISOR)
        signs(world, "dev", "meg", phase, Capacity.DIRECTOR)
    world.wind(days=360)
    for who in ("dev", "ivy", "hob"):
        with pytest.raises(NotEntitled):
            signs(world, "dev", who, Phase.INDEPENDENT, Capacity.SUPERVISOR)
    signs(world, "dev", "ben", Phase.INDEPENDENT, Capacity.SUPERVISOR)
    assert signs(world, "dev", "meg", Phase.INDEPENDENT, Capacity.DIRECTOR) is True


def test_going_back_needs_one_and_holds_at_once(world: World) -> None:
    for who in ("ivy", "ben", "lea", "nia", "kit"):
        with pytest.raises(NotEntitled):
            sign_offs.set_back(
                operator(world, "ivy"), Phase.DIRECT, reason="x", rights=rights(world, who), at=world.now
            )
    sam = rights(world, "sam")
    with pytest.raises(Refused, match="Say why"):
        sign_offs.set_back(operator(world, "ivy"), Phase.DIRECT, reason="", rights=sam, at=world.now)
    with pytest.raises(Refused, match="both signatures"):
        sign_offs.set_back(operator(world, "ivy"), Phase.INDEPENDENT, reason="x", rights=sam, at=world.now)
    sign_offs.set_back(
        operator(world, "ivy"), Phase.DIRECT, reason="After a long leave.", rights=sam, at=world.now
    )
    assert phase_of(world, "ivy") == Phase.DIRECT
    sign_offs.set_back(operator(world, "ivy"), None, reason="Has left.", rights=sam, at=world.now)
    assert phase_of(world, "ivy") is None
    with pytest.raises(Refused, match="not authorised at Walton now"):
        sign_offs.set_back(operator(world, "ivy"), None, reason="Again.", rights=sam, at=world.now)


def test_who_was_independent_is_set_back_to_somebody_who_can_answer(world: World) -> None:
    meg = rights(world, "meg")
    with pytest.raises(Refused, match="Name who answers"):
        sign_offs.set_back(operator(world, "ben"), Phase.INDIRECT, reason="x", rights=meg, at=world.now)
    with pytest.raises(Refused, match="under indirect supervision"):
        sign_offs.set_back(
            operator(world, "ben"),
            Phase.INDIRECT,
            reason="x",
            rights=meg,
            at=world.now,
            supervisor=world.people["ivy"],
        )
    sign_offs.set_back(
        operator(world, "ben"),
        Phase.INDIRECT,
        reason="A long leave.",
        rights=meg,
        at=world.now,
        supervisor=world.people["sam"],
    )
    assert (phase_of(world, "ben"), operator(world, "ben").supervisor) == (
        Phase.INDIRECT,
        world.people["sam"],
    )
