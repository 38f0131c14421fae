"""Notices: who may say one, what it closes, whom it concerns, who has it, and that nothing of it is ever erased."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from frontend import cards
from network import hours, people, permissions
from network.hours_rows import Closure, Reopening
from network.models import Link, Role
from network.permissions import Rights
from realtime.models import Entry
from referrals import nhs_number, soonest
from referrals.models import Notice, NoticeMark, NoticeMarking
from referrals.notices import reading, receipts, saying
from referrals.notices.saying import NoSuchNotice
from referrals.refusals import BadInput, NotAllowed, WrongState
from tests.world import LONG_AGO, NIGHT, World

HOME = "cheshire-and-merseyside"
MORNING = NIGHT + timedelta(hours=5)


def rights(world: World, who: str) -> Rights:
    return permissions.rights(world.people[who], at=world.now)


def says(world: World, who: str = "nia", hub: str | None = "RET20", **changes: Any) -> Notice:
    said: dict[str, Any] = {
        "kind": "information", "words": "Biplane down", "since": None, "until": MORNING, "at": world.now, **changes,
    }  # fmt: skip
    network = world.networks[said.pop("network", HOME)]
    return saying.say(rights(world, who), network, world.sites[hub] if hub else None, **said)


def marks(world: World, who: str, notice: Notice, kind: NoticeMarking = NoticeMarking.SEEN) -> datetime:
    now = world.wind(minutes=1)
    receipts.add(rights(world, who), [notice.pk], kind, at=now)
    return now


def hears(world: World, who: str) -> list[int]:
    standing = reading.standing(rights(world, who), at=world.now)
    return [one.pk for one in standing if not vars(one)["is_seen"]]


@pytest.mark.parametrize(
    ("who", "hub", "may"),
    [
        ("nia", "RET20", Role.COORDINATOR),
        ("lea", "RET20", Role.LEAD),
        ("ben", "RET20", Role.OPERATOR),
        ("nia", None, Role.COORDINATOR),
        ("ben", None, None),
        ("hob", "RET20", None),
        ("ada", "RET20", None),
        ("mo", "RET20", None),
        ("una", "RET20", None),
        ("meg", "RET20", None),
        ("zed", None, None),
        ("nia", "RBL14", None),
        ("nia", "RM301", None),
    ],
)
def test_a_hub_s_operators_and_its_network_say_what_everybody_should_know(
    world: World, who: str, hub: str | None, may: Role | None
) -> None:
    if may is not None:
        notice = says(world, who, hub)
        assert (notice.by, notice.role) == (world.people[who], may)
        return
    for kind in saying.SAID:
        with pytest.raises(NotAllowed):
            says(world, who, hub, kind=kind)
    assert not Notice.objects.exists()
    assert not Closure.objects.exists()
    assert not Entry.objects.filter(verb="notice").exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("words", {"words": "  \n "}),
        ("words", {"words": "x" * 281}),
        ("words", {"words": "Ask about 943 476 5919 first"}),
        ("kind", {"kind": "taken_back"}),
        ("kind", {"kind": "closed", "hub": None}),
        ("until", {"kind": "closed", "until": None}),
        ("until", {"until": NIGHT}),
        ("until", {"until": NIGHT + timedelta(days=367)}),
        ("since", {"since": NIGHT - timedelta(minutes=3)}),
    ],
)
def test_a_notice_that_cannot_be_is_refused_in_words(
    world: World, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(BadInput) as refused:
        says(world, **changes)
    assert list(refused.value.fields) == [field]
    assert not Notice.objects.exists()
    assert not Closure.objects.exists()


@pytest.mark.parametrize(
    ("words", "is_one"),
    [
        ("9434765919", True),
        ("patient 943 476 5919 waits", True),
        ("943-476-5919", True),
        ("9434765918, wrongly typed", True),
        ("ring 0151 496 0123", False),
        ("ring +44 151 496 0123", False),
        ("biplane down until 14:00 on 22 November 2026", False),
        ("bed 12 943 476 5919", True),
        ("943\u00a0476\u20135919", True),
        ("943 476 5919 10:30", True),
        ("22-11-2026 943 476 5919", True),
        ("22-11-2026 9434765919", True),
        ("ring +44 151 496 0123 943 476 5919", True),
        ("ring +44 151 496 0123, 9434765919", True),
        ("ring +1 212 555 0123", False),
        ("Closed 22-11-2026 08:00, flood", False),
        ("until 2026-11-22 08:30", False),
        ("until 2026-11-22T08:30", False),
        ("from 22.11.2026 08:00 until 23/11/2026 18:30", False),
        ("ring +441514960123", False),
        ("beds 12 34 56 78 90", False),
    ],
)
def test_what_looks_like_an_nhs_number_is_known_in_words(words: str, is_one: bool) -> None:
    assert nhs_number.is_in(words) == is_one


def test_a_notice_that_closes_closes_the_hub_and_taking_it_back_opens_it(world: World) -> None:
    hub, pair = world.sites["RET20"], (world.sites["RET20"].pk, world.networks[HOME].pk)
    notice = says(world, "ben", kind="closed", words="No anaesthetist")
    closure = Closure.objects.get()
    assert (notice.closure, closure.until, closure.reason, closure.by) == (
        closure, MORNING, "No anaesthetist", world.people["ben"],
    )  # fmt: skip
    world.wind(minutes=1)
    assert pair in hours.shut_since({pair}, at=world.now)
    [walton] = soonest.hubs(world.sites["RBL14"], now=world.now, only=[hub.pk])
    assert (walton.ranked.is_open, walton.ranked.closed_why) == (False, "No anaesthetist")
    with pytest.raises(NotAllowed):
        saying.take_back(rights(world, "ada"), notice.pk, words="It is open", at=world.now)
    with pytest.raises(BadInput):
        saying.take_back(rights(world, "nia"), notice.pk, words="", at=world.now)
    assert not Reopening.objects.exists()
    saying.take_back(rights(world, "nia"), notice.pk, words="He is here", at=world.now)
    assert Reopening.objects.get().by == world.people["nia"]
    assert hours.shut_since({pair}, at=world.now) == {}
    with pytest.raises(WrongState):
        saying.take_back(rights(world, "nia"), notice.pk, words="Again", at=world.now)
    with pytest.raises(WrongState):
        saying.reopen(rights(world, "nia"), closure, words="Again", at=world.now)
    with pytest.raises(NoSuchNotice):
        saying.take_back(rights(world, "una"), notice.pk, words="Not ours", at=world.now)


def test_a_closure_of_before_there_were_notices_opens_by_the_same_way_and_rule(world: World) -> None:
    closure = hours.close(
        world.sites["RET20"], since=NIGHT, until=MORNING, reason="Power", by=world.people["nia"], at=NIGHT
    )
    with pytest.raises(NotAllowed):
        saying.reopen(rights(world, "ada"), closure, words="Open", at=world.now)
    saying.reopen(rights(world, "ben"), closure, words="Repaired", at=world.wind(minutes=1))
    assert Reopening.objects.get().reason == "Repaired"
    with pytest.raises(WrongState):
        saying.reopen(rights(world, "ben"), closure, words="Again", at=world.now)
    assert not Notice.objects.exists()


def test_only_those_concerned_hear_of_it_and_another_network_nothing(world: World) -> None:
    notice = says(world)
    assert [who for who in world.people if hears(world, who)] == [
        "ada", "wyn", "ben", "cleo", "dev", "ivy", "sam", "hob", "lea",
    ]  # fmt: skip
    heard = set(Entry.objects.filter(verb="notice").values_list("stream", flat=True))
    assert heard == {f"network:{HOME}", "site:RET20", "site:RBL14", "site:RBN01"}
    marks(world, "zed", notice)
    assert not NoticeMark.objects.exists()
    Link.objects.filter(origin=world.sites["RBN01"], hub=world.sites["RET20"]).delete()
    assert hears(world, "wyn") == [], "whoever does not refer there is not concerned"
    assert hears(world, "ada") == [notice.pk]
    assert [says(world, hub=None).pk] == hears(world, "wyn"), "but by a notice of the network"


def test_a_board_is_told_to_look_again_and_shown_no_patient(world: World) -> None:
    says(world)
    entries = list(Entry.objects.filter(verb="notice", stream="site:RBL14"))
    [frame] = cards.frames("site:RBL14", entries)
    assert (frame["verb"], frame["state"], frame["referral"], frame["card"]) == (
        "notice",
        "information",
        "",
        None,
    )


def test_the_author_sees_who_has_it_and_where_nobody_has(world: World) -> None:
    notice = says(world)
    shown = marks(world, "ada", notice, NoticeMarking.DELIVERED)
    seen = marks(world, "ben", notice)
    marks(world, "ben", notice)
    tally = receipts.tallies([notice], at=world.now)[notice.pk]
    assert (tally.seen, len(tally.readers)) == (1, 9)
    assert tally.silent == ("Arrowe Park", "Cheshire And Merseyside", "Whiston")
    by_name = {one.name: (one.delivered_at, one.seen_at) for one in tally.readers}
    assert by_name["Ada Okoro"] == (shown, None)
    assert by_name["Ben Hale"] == (seen, seen)
    assert hears(world, "ben") == []
    assert hears(world, "ada") == [notice.pk]


def test_taking_back_is_told_anew_and_stands_beside_the_original(world: World) -> None:
    notice = says(world, "ben", kind="reduced", until=None)
    marks(world, "ada", notice)
    back = saying.take_back(rights(world, "ben"), notice.pk, words="Both rooms run", at=world.wind(minutes=1))
    assert hears(world, "ada") == [back.pk], "who had seen it is told; the original is said no more"
    [told] = reading.of_page(rights(world, "ada"), at=world.now)
    assert (told.words, told.taken_back.words) == ("Biplane down", "Both rooms run")
    world.now += saying.NEWS_FOR
    assert hears(world, "wyn") == []


@pytest.mark.parametrize("change", ["update", "delete"])
def test_nothing_of_a_notice_can_be_changed(world: World, change: str) -> None:
    notice = says(world)
    marks(world, "ada", notice)
    for rows in (Notice.objects.all(), NoticeMark.objects.all()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(at=NIGHT) if change == "update" else rows._raw_delete(rows.db)


def test_what_is_over_is_not_said_and_what_is_to_come_is(world: World) -> None:
    later = says(world, since=MORNING, until=MORNING + timedelta(hours=2))
    assert hears(world, "ada") == [later.pk]
    hub, network = world.sites["RET20"], world.networks[HOME]
    assert reading.of_hubs([hub.pk], network, at=world.now) == {}, "the ranking says what holds now"
    assert reading.of_hubs([hub.pk], network, at=MORNING) == {hub.pk: [later]}
    assert reading.of_hubs([hub.pk], world.networks["west-yorkshire-and-harrogate"], at=MORNING) == {}
    world.now = MORNING + timedelta(hours=2)
    assert hears(world, "ada") == []


def test_who_came_later_is_concerned_and_who_left_is_not(world: World) -> None:
    notice = says(world)
    people.grant(world.people["zed"], Role.SPOKE, at=LONG_AGO, site=world.sites["RBL14"])
    people.disable(world.people["wyn"])
    names = {one.name for one in receipts.tallies([notice], at=world.now)[notice.pk].readers}
    assert "Zed Moor" in names
    assert "Wyn Parry" not in names


def test_any_number_of_notices_costs_the_same(world: World, django_assert_num_queries: Any) -> None:
    for number in range(6):
        notice = says(world, words=f"Number {number}", hub="RET20" if number % 2 else None)
    reader, lead = rights(world, "ada"), rights(world, "lea")
    saying.take_back(lead, notice.pk, words="Not so", at=world.now)
    several = reading.of_page(reader, at=world.now)
    for some in (several[:2], several):
        with django_assert_num_queries(3):
            receipts.tallies(some, at=world.now)
    with django_assert_num_queries(1):
        assert len(reading.standing(reader, at=world.now)) == len(several) == 6
