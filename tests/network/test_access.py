"""A lead takes access away and gives it back: for a reason that stays, never their own, never the last lead's."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client

from network import access, people, permissions
from network.access import AccessRefused, Decision, NotALead
from network.access_rows import AccessChange, Deed
from network.models import Membership, Person, Role, Token
from tests.together import at_once
from tests.world import LONG_AGO, World

OURS = "cheshire-and-merseyside"


def decides(world: World, about: str, by: str = "lea", reason: str = "Lost her phone.") -> Decision:
    return Decision(world.networks[OURS], world.people[about], world.people[by], world.now, reason)


def role_of(world: World, who: str) -> Membership:
    return Membership.objects.get(person=world.people[who], until=None)


DEEDS: dict[str, Callable[[World, Decision], Any]] = {
    "disable": lambda _world, decision: access.disable(decision),
    "let in": lambda _world, decision: access.let_in(decision),
    "take": lambda world, decision: access.take(decision, role_of(world, decision.person.username)),
    "give": lambda world, decision: access.give(decision, Role.HUB, world.sites["RET20"]),
}


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_only_the_networks_leads_decide_and_never_without_a_reason(world: World, deed: str) -> None:
    if deed == "let in":
        people.disable(world.people["ben"])
    for who in set(world.people) - {"lea", "ben"}:
        with pytest.raises(NotALead, match="Only a lead of Cheshire And Merseyside"), transaction.atomic():
            DEEDS[deed](world, decides(world, "ben", by=who))
    for reason in ("", "  \n", "x" * 401):
        with pytest.raises(AccessRefused), transaction.atomic():
            DEEDS[deed](world, decides(world, "ben", reason=reason))
    assert not AccessChange.objects.exists()
    DEEDS[deed](world, decides(world, "ben", reason=" Has\tleft. "))
    kept = AccessChange.objects.get()
    assert (kept.by.username, kept.person.username, kept.reason) == ("lea", "ben", "Has left.")
    for statement in ("update network_accesschange set reason = ''", "delete from network_accesschange"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_nobody_decides_about_themselves(world: World, deed: str) -> None:
    people.grant(world.people["ivy"], Role.LEAD, at=LONG_AGO, network=world.networks[OURS])
    with pytest.raises(AccessRefused, match="Another lead decides"):
        DEEDS[deed](world, decides(world, "lea"))


def test_a_lead_reaches_nobody_of_another_network(world: World) -> None:
    for deed in ("disable", "take", "give"):
        with pytest.raises(AccessRefused, match="does not work in"), transaction.atomic():
            DEEDS[deed](world, decides(world, "zed"))
    people.grant(world.people["zed"], Role.HUB, at=LONG_AGO, site=world.sites["RET20"])
    people.end(Membership.objects.get(person=world.people["zed"], role=Role.HUB), at=world.now)
    with pytest.raises(AccessRefused, match="has no role in Cheshire And Merseyside now"):
        DEEDS["disable"](world, decides(world, "zed"))


def test_a_network_keeps_a_lead_also_another_network(world: World) -> None:
    mo, manchester = world.people["mo"], world.networks["greater-manchester"]
    people.grant(mo, Role.LEAD, at=LONG_AGO, network=manchester)
    people.grant(mo, Role.HUB, at=LONG_AGO, site=world.sites["RET20"])
    with pytest.raises(AccessRefused, match="Mo Idris is the only lead of Greater Manchester"):
        access.disable(decides(world, "mo"))
    people.grant(world.people["yan"], Role.LEAD, at=LONG_AGO, network=manchester)
    assert access.disable(decides(world, "mo")).deed == Deed.DISABLED
    assert not permissions.rights(mo, at=world.now).networks


def test_two_leads_who_disable_each_other_at_once_leave_one(open_world: World) -> None:
    world = open_world
    people.grant(world.people["ivy"], Role.LEAD, at=LONG_AGO, network=world.networks[OURS])

    def tries(about: str, by: str) -> Callable[[], bool]:
        def disables() -> bool:
            try:
                access.disable(decides(world, about, by=by))
            except AccessRefused:
                return False
            return True

        return disables

    assert sorted(at_once([tries("ivy", "lea"), tries("lea", "ivy")])) == [False, True]
    assert Person.objects.filter(username__in=["lea", "ivy"], is_active=True).count() == 1


def test_who_is_let_in_again_has_their_roles_and_none_of_their_old_sessions(world: World) -> None:
    lost, other = Client(), Client()
    lost.force_login(world.people["ben"])
    other.force_login(world.people["cleo"])
    token = people.issue_token(world.people["ben"], at=world.now)
    access.disable(decides(world, "ben"))
    with pytest.raises(AccessRefused, match="disabled already"):
        access.disable(decides(world, "ben"))
    access.let_in(decides(world, "ben", reason="Has a new phone."))
    assert permissions.rights(world.people["ben"], at=world.now).has(
        Role.OPERATOR, site_id=world.sites["RET20"].pk
    )
    assert people.bearer(token) is None
    assert not Token.objects.filter(ended_at=None).exists()
    assert Session.objects.get().get_decoded()["_auth_user_id"] == str(world.people["cleo"].pk)
    assert [one.deed for one in access.history(world.people["ben"], world.networks[OURS])] == [
        Deed.LET_IN, Deed.DISABLED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("role", "site"),
    [
        (Role.GOVERNANCE, None),
        (Role.OPERATOR, None),
        (Role.LEAD, "RET20"),
        ("captain", None),
        (Role.HUB, "RM301"),
    ],
)
def test_a_role_is_given_where_it_belongs_and_a_medical_director_is_not_the_leads_to_choose(
    world: World, role: str, site: str | None
) -> None:
    with pytest.raises(AccessRefused):
        access.give(decides(world, "cleo"), role, world.sites[site] if site else None)
    assert access.give(decides(world, "cleo"), Role.LEAD, None).role == Role.LEAD
    with pytest.raises(AccessRefused, match="has this role already"):
        access.give(decides(world, "cleo"), Role.LEAD, None)
