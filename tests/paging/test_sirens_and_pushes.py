"""Boards that sound and browsers that are woken: beside the phones, and never counted as somebody reached."""

from datetime import timedelta

import pytest

from network.models import Person
from paging import routes, settling
from paging.models import Channel, Device, Fate, Ladder, Page, Reason
from paging.transports.siren import Siren
from referrals import transitions
from referrals.states import State
from tests.paging import tables
from tests.paging.tables import Postbox, Tables
from tests.world import World

SIREN = [
    {"after": 0, "to": ["first"], "by": ["push", "sms"], "siren": True},
    {"after": 90, "to": ["second"], "by": ["push"]},
    {"after": 180, "to": ["supervisor"]},
    {"after": 300, "to": [], "hand_on": True},
]


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Tables:
    Ladder.objects.create(hub=None, reason=Reason.OFFER, version=1, rungs=SIREN, made_at=world.now)
    desk = tables.over(world, Postbox(), Postbox("push", "push"), monkeypatch=monkeypatch)
    desk.routes = routes.Routes({**desk.routes.ways, "siren": [Siren()]})
    return desk


def _sites(desk: Tables, *codes: str) -> frozenset[int]:
    return frozenset(desk.world.sites[code].pk for code in codes)


def _siren() -> Page:
    return Page.objects.get(channel=Channel.SIREN)


def _with_device(desk: Tables, *usernames: str) -> None:
    for username in usernames:
        Device.objects.create(
            person=desk.world.people[username], endpoint=f"https://push.example/{username}", made_at=desk.now
        )


def test_the_boards_of_the_hub_that_must_answer_sound(desk: Tables) -> None:
    desk.refers("RET20")
    assert (_siren().phone, _siren().fate, _siren().person) == ("RET20", Fate.SENT, None)


def test_each_hub_that_is_asked_has_its_own_siren(desk: Tables) -> None:
    desk.refers("RET20", "RM301")
    assert sorted(Page.objects.filter(channel=Channel.SIREN).values_list("phone", flat=True)) == [
        "RET20",
        "RM301",
    ]


def test_for_a_patient_without_a_hub_the_boards_of_the_spoke_sound(desk: Tables) -> None:
    desk.world.a_referral(State.UNPLACED)
    desk.works()
    assert (_siren().phone, _siren().escalation.reason) == ("RBL14", Reason.UNPLACED)


@pytest.mark.parametrize("sites", [("RBL14",), ("RM301",), ("RR801", "RCB55"), ()])
def test_a_board_of_another_site_that_says_so_counts_for_nothing(
    desk: Tables, sites: tuple[str, ...]
) -> None:
    desk.refers("RET20")
    settling.rang(pages=[_siren().pk], sites=_sites(desk, *sites), now=desk.now)
    assert _siren().fate == Fate.SENT


def test_a_board_of_the_hub_that_sounds_says_so_once(desk: Tables) -> None:
    desk.refers("RET20")
    settling.rang(pages=[_siren().pk], sites=_sites(desk, "RET20", "RM301"), now=desk.world.wind(seconds=3))
    settling.rang(pages=[_siren().pk], sites=_sites(desk, "RET20"), now=desk.now + timedelta(seconds=9))
    assert (_siren().fate, _siren().settled_at) == (Fate.DELIVERED, desk.now)


def test_no_other_page_can_be_said_to_have_rung(desk: Tables) -> None:
    desk.refers("RET20")
    everything = list(Page.objects.values_list("pk", flat=True))
    settling.rang(pages=everything, sites=_sites(desk, *desk.world.sites), now=desk.now)
    assert desk.page("ben").fate == Fate.SENT


def test_a_siren_ends_with_the_wait(desk: Tables) -> None:
    referral = desk.refers("RET20")
    transitions.accept(referral.code, **desk.world.press("ben"))
    desk.works()
    assert _siren().fate == Fate.CANCELLED
    settling.rang(pages=[_siren().pk], sites=_sites(desk, "RET20"), now=desk.now)
    assert _siren().fate == Fate.CANCELLED


def test_boards_that_sound_are_nobody_reached(desk: Tables) -> None:
    Person.objects.filter(username="ben").update(phone="")
    desk.refers("RET20")
    assert _siren().fate == Fate.SENT
    assert desk.climb(Reason.OFFER).next_rung == 3, (
        "Ben has no phone and Cleo no device: on to the supervisor"
    )
    assert desk.paged() == [(0.0, "sam")]


def test_a_phone_that_fails_hurries_the_ladder_though_the_boards_sound_and_a_browser_was_woken(
    desk: Tables,
) -> None:
    _with_device(desk, "ben")
    desk.refers("RET20")
    settling.woke(person=desk.world.people["ben"], now=desk.now)
    settling.rang(pages=[_siren().pk], sites=_sites(desk, "RET20"), now=desk.now)
    desk.reports(desk.page("ben", channel=Channel.SMS), "undelivered", "30006")
    assert desk.climb(Reason.OFFER).next_at == desk.now


def test_a_push_that_fails_does_not_hurry_while_the_text_may_arrive(desk: Tables) -> None:
    _with_device(desk, "ben")
    desk.refers("RET20")
    push = desk.page("ben", channel=Channel.PUSH)
    Page.objects.filter(pk=push.pk).update(provider_id="p1")
    push.refresh_from_db()
    desk.reports(push, "failed")
    assert desk.page("ben", channel=Channel.PUSH).fate == Fate.FAILED
    assert desk.climb(Reason.OFFER).next_at == desk.now + timedelta(seconds=90)


def test_who_has_no_device_is_paged_by_text_alone(desk: Tables) -> None:
    _with_device(desk, "cleo")
    desk.refers("RET20")
    assert [page.channel for page in desk.pages("ben")] == [Channel.SMS]


def test_a_rung_of_pushes_alone_reaches_whoever_has_a_device(desk: Tables) -> None:
    _with_device(desk, "cleo")
    desk.refers("RET20")
    desk.wind(seconds=179)
    assert desk.paged() == [(0.0, "ben"), (90.0, "cleo")]
    desk.wind(seconds=1)
    assert desk.paged()[2:] == [(180.0, "sam")]


def test_a_browser_that_was_woken_says_so_for_its_owner_alone(desk: Tables) -> None:
    _with_device(desk, "ben")
    desk.refers("RET20")
    settling.woke(person=desk.world.people["cleo"], now=desk.now)
    assert desk.page("ben", channel=Channel.PUSH).fate == Fate.SENT
    settling.woke(person=desk.world.people["ben"], now=desk.world.wind(minutes=4))
    assert desk.page("ben", channel=Channel.PUSH).fate == Fate.DELIVERED
    assert desk.page("ben", channel=Channel.SMS).fate == Fate.SENT


def test_a_browser_that_wakes_hours_later_says_nothing_of_this_page(desk: Tables) -> None:
    _with_device(desk, "ben")
    desk.refers("RET20")
    settling.woke(person=desk.world.people["ben"], now=desk.world.wind(minutes=5))
    assert desk.page("ben", channel=Channel.PUSH).fate == Fate.SENT


def test_where_no_board_can_sound_no_siren_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Ladder.objects.create(hub=None, reason=Reason.OFFER, version=1, rungs=SIREN, made_at=world.now)
    desk = tables.over(world, Postbox(), monkeypatch=monkeypatch)
    desk.refers("RET20")
    assert not Page.objects.filter(channel=Channel.SIREN).exists()
