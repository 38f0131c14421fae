"""People, their roles and their tokens: given once, taken away at once, and every loss raises the access epoch."""

from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from network import people, permissions
from network.models import Membership, Person, Role, Token
from tests.together import at_once
from tests.world import World


def epoch(world: World, who: str) -> int:
    return Person.objects.get(pk=world.people[who].pk).access_epoch


def test_a_role_given_twice_is_one_role(world: World) -> None:
    give = partial(people.grant, world.people["ada"], Role.SPOKE, at=world.now, site=world.sites["RBN01"])
    before = epoch(world, "ada")
    assert give() == give()
    assert epoch(world, "ada") == before + 1
    assert world.people["ada"].memberships.count() == 2


def test_a_role_given_at_once_from_several_sides_is_one_role(open_world: World) -> None:
    give = partial(
        people.grant, open_world.people["ada"], Role.SPOKE, at=open_world.now, site=open_world.sites["RBN01"]
    )
    assert len({membership.pk for membership in at_once([give] * 4)}) == 1


def test_a_role_that_was_ended_may_be_given_again(world: World) -> None:
    ada, site = world.people["ada"], world.sites["RBL14"]
    people.end(ada.memberships.get(), at=world.now)
    assert not permissions.rights(ada, at=world.now).sites
    people.grant(ada, Role.SPOKE, at=world.wind(hours=1), site=site)
    assert permissions.rights(ada, at=world.now).has(Role.SPOKE, site_id=site.pk)
    assert ada.memberships.count() == 2


def test_every_loss_of_a_right_raises_the_epoch(world: World) -> None:
    ada = world.people["ada"]
    seen = [epoch(world, "ada")]
    people.issue_token(ada, at=world.now)
    people.end_token(Token.objects.get(), at=world.now)
    seen.append(epoch(world, "ada"))
    people.end(ada.memberships.get(), at=world.now)
    seen.append(epoch(world, "ada"))
    ada.refresh_from_db()
    ada.set_password("correct horse battery staple")
    ada.save()
    seen.append(epoch(world, "ada"))
    people.disable(ada)
    seen.append(epoch(world, "ada"))
    assert all(one < other for one, other in pairwise(seen)), seen


def test_a_token_opens_for_its_person_until_it_is_ended(world: World) -> None:
    text = people.issue_token(world.people["nia"], at=world.now)
    other = people.issue_token(world.people["nia"], at=world.now)
    assert people.bearer(text) == world.people["nia"]
    assert not Token.objects.filter(digest__contains=text).exists()
    for wrong in ("", "dido_", text[:-1], text + "x", "naïve"):
        assert people.bearer(wrong) is None
    people.end_token(Token.objects.get(digest=people.digest(text)), at=world.now)
    assert people.bearer(text) is None
    assert people.bearer(other) == world.people["nia"]
    people.disable(world.people["nia"])
    assert people.bearer(other) is None


def test_a_role_has_a_place_of_its_kind(world: World) -> None:
    ada = world.people["ada"]
    wrong: list[dict[str, Any]] = [
        {"role": Role.SPOKE, "network": world.networks["greater-manchester"]},
        {"role": Role.COORDINATOR, "site": world.sites["RBN01"]},
        {"role": Role.SPOKE},
    ]
    for place in wrong:
        with pytest.raises(IntegrityError, match="a_role_has_its_place"), transaction.atomic():
            Membership.objects.create(person=ada, since=world.now, **place)


def test_two_people_do_not_share_a_phone_and_several_have_none(world: World) -> None:
    for number in range(2):
        Person.objects.create_user(f"quiet-{number}", name="Quiet")
    with pytest.raises(IntegrityError, match="one_person_a_phone"), transaction.atomic():
        Person.objects.create_user("echo", name="Echo", phone=world.people["ada"].phone)


def test_rights_name_each_role_where_it_is_held(world: World) -> None:
    nia, ben = (permissions.rights(world.people[who], at=world.now) for who in ("nia", "ben"))
    walton, ours = world.sites["RET20"].pk, world.networks["cheshire-and-merseyside"].pk
    assert (set(ben.sites), set(ben.networks)) == ({walton}, set())
    assert (set(nia.sites), set(nia.networks)) == (set(), {ours})
    assert nia.coordinates(ours)
    assert not ben.coordinates(ours)
    assert not nia.coordinates(None)
    assert not ben.has(Role.OPERATOR, site_id=None)
    lead = permissions.rights(world.people["lea"], at=world.now)
    assert lead.networks == {ours}
    assert not lead.coordinates(ours)


def test_the_rights_of_many_are_those_of_each_in_one_query(
    world: World, django_assert_num_queries: Any
) -> None:
    everybody = list(world.people.values())
    people.disable(world.people["mo"])
    alone = [permissions.rights(person, at=world.now) for person in everybody]
    with django_assert_num_queries(1):
        assert permissions.rights_of(everybody, at=world.now) == alone
    assert not permissions.rights(world.people["mo"], at=world.now).sites
