"""Nobody else sees it: a referral is seen by its parties' people and their coordinators, while they are that."""

import pytest

from network import people, permissions
from network.models import Role
from referrals import gathering, queries, transitions
from referrals.refusals import NotVisible
from referrals.states import State
from tests.world import World, loses_role


def seen_by(world: World, who: str) -> set[str]:
    world.people[who].refresh_from_db()
    return {r.code for r in queries.visible(permissions.rights(world.people[who], at=world.now))}


def test_a_referral_is_seen_by_its_spoke_its_hubs_and_their_coordinators(world: World) -> None:
    code = world.refers("RET20").code
    assert {who for who in world.people if code in seen_by(world, who)} == {
        "ada", "ben", "cleo", "dev", "ivy", "sam", "hob", "nia", "lea",
    }  # fmt: skip


def test_a_hub_of_another_network_sees_it_while_it_is_asked(world: World) -> None:
    referral = world.refers("RET20", "RR801")
    assert seen_by(world, "yan") == seen_by(world, "una") == {referral.code}
    assert queries.streams(referral) == {
        "site:RBL14", "site:RET20", "site:RR801", "network:cheshire-and-merseyside",
        "network:west-yorkshire-and-harrogate",
    }  # fmt: skip
    transitions.accept(referral.code, **world.press("ben"))
    assert seen_by(world, "yan") == seen_by(world, "una") == set()
    assert not queries.of_stream("site:RR801").exists()
    assert queries.of_stream("site:RET20").get().code == referral.code


def test_a_disabled_person_sees_nothing(world: World) -> None:
    world.refers()
    people.disable(world.people["nia"])
    assert seen_by(world, "nia") == set()


def test_who_leaves_a_team_no_longer_sees_its_patients(world: World) -> None:
    referral = world.refers()
    loses_role(world, "ben")
    assert seen_by(world, "ben") == set()
    with pytest.raises(NotVisible):
        transitions.accept(referral.code, **world.press("ben"))


def test_a_role_holds_from_its_first_moment_to_before_its_last(world: World) -> None:
    code = world.refers().code
    soon = world.now.replace(hour=4)
    people.grant(world.people["wyn"], Role.SPOKE, at=soon, site=world.sites["RBL14"])
    assert seen_by(world, "wyn") == set()
    world.wind(hours=1)
    assert seen_by(world, "wyn") == {code}
    membership = world.people["wyn"].memberships.get(site=world.sites["RBL14"])
    people.end(membership, at=world.now)
    assert seen_by(world, "wyn") == set()


def test_the_code_of_a_referral_is_read_in_either_case_and_is_nothing_to_a_stranger(world: World) -> None:
    code = world.refers().code
    assert queries.get(permissions.rights(world.people["ada"], at=world.now), code.lower()).code == code
    for wrong in (code, "ZZZZ", "\x00", ""):
        with pytest.raises(NotVisible, match="no such referral"):
            queries.get(permissions.rights(world.people["zed"], at=world.now), wrong)


def test_another_network_sees_nothing_of_ours_whatever_became_of_it(world: World) -> None:
    ours = {world.a_referral(state).code for state in State if state != State.NEW}
    theirs = {world.refers("RR801", by="zed", spoke="RCB55").code for _ in range(3)}
    for who in ("zed", "yan", "una"):
        assert seen_by(world, who) == theirs
    assert seen_by(world, "nia") == seen_by(world, "ada") == ours
    assert (
        set(queries.of_stream("network:west-yorkshire-and-harrogate").values_list("code", flat=True))
        == theirs
    )


def test_the_board_costs_the_same_queries_for_one_patient_as_for_ten(
    world: World, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    rights = permissions.rights(world.people["nia"], at=world.now)
    for number in (1, 10):
        for _ in range(number):
            world.refers("RET20", "RM301")
        with django_assert_num_queries(4):  # type: ignore[operator]
            rows = gathering.gathered(queries.on_board(queries.visible(rights), now=world.now))
            assert all(offer.hub.network.name for row in rows for offer in row.offers.all())
