"""Whoever loses the right to watch is closed within the next looks of the tail, with Redis or without."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from network import people
from network.models import Membership, Token
from realtime import reading, tail
from realtime.audience import Audience
from realtime.reading import Ticket
from realtime.rendering import Rendered
from realtime.server import Writer
from tests.realtime.conftest import dead_redis
from tests.realtime.sockets import Socket, does, session_of, with_cookie, with_token
from tests.world import World, loses_role

WALTON = "site:RET20"


def changes_password(world: World, who: str) -> None:
    person = world.people[who]
    person.refresh_from_db()
    person.set_password("correct horse battery staple")
    person.save()


def ends_tokens(world: World, who: str) -> None:
    for token in Token.objects.filter(person=world.people[who]):
        people.end_token(token, at=world.now)


def deletes_session(world: World, who: str) -> None:
    for session in Session.objects.all():
        if session.get_decoded().get("_auth_user_id") == str(world.people[who].pk):
            session.delete()


def is_disabled_on_the_screen(world: World, who: str) -> None:
    lead = Client()
    lead.force_login(world.people["lea"])
    page = f"/people/cheshire-and-merseyside/{who}/disable/"
    assert lead.post(page, {"reason": "Lost his phone."}).status_code == 303


LOSSES: dict[str, Callable[[World, str], Any]] = {
    "ben": deletes_session,
    "cleo": changes_password,
    "hob": loses_role,
    "sam": is_disabled_on_the_screen,
    "ivy": ends_tokens,
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("redis", ["redis", "no redis"])
async def test_each_loss_of_a_right_closes_its_own_sockets_and_no_others(
    open_world: World, feed_runs: None, settings: Any, redis: str
) -> None:
    if redis == "no redis":
        settings.CHANNEL_LAYERS = dead_redis()
    boards: dict[str, Socket] = {}
    for who in [*LOSSES, "dev"]:
        person = open_world.people[who]
        if who == "ivy":
            headers = with_token(await does(partial(people.issue_token, person, at=open_world.now)))
        else:
            headers = with_cookie(await does(partial(session_of, person)))
        boards[who] = await Socket(f"stream={WALTON}", headers).open()
        await boards[who].next("hello")
    for who, loses in LOSSES.items():
        await does(partial(loses, open_world, who))
        assert await boards[who].end() == ("rights_changed", 4401), who
        await boards["dev"].next("beat")
    referral = await does(open_world.refers)
    assert (await boards["dev"].next("event"))["referral"] == referral.code
    await boards["dev"].close()


@pytest.mark.django_db(transaction=True)
async def test_who_lost_the_right_is_not_let_in_again(open_world: World, feed_runs: None) -> None:
    session = await does(lambda: session_of(open_world.people["hob"]))
    await does(partial(loses_role, open_world, "hob"))
    board = await Socket(f"stream={WALTON}", with_cookie(session)).open()
    assert await board.end() == ("not_allowed", 4403)
    await does(partial(people.disable, open_world.people["hob"]))
    board = await Socket(f"stream={WALTON}", with_cookie(session)).open()
    assert await board.end() == ("signed_out", 4401)


@pytest.mark.django_db(transaction=True)
async def test_a_role_that_runs_out_by_itself_closes_its_sockets(
    open_world: World, feed_runs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = timedelta(hours=1)

    def runs_out() -> None:
        members = Membership.objects.filter(person=open_world.people["hob"])
        members.update(until=timezone.now() + hour)

    await does(runs_out)
    session = await does(lambda: session_of(open_world.people["hob"]))
    board = await Socket(f"stream={WALTON}", with_cookie(session)).open()
    await board.next("beat")
    later = SimpleNamespace(now=lambda: timezone.now() + hour)
    monkeypatch.setattr(reading, "timezone", later)
    assert await board.end() == ("rights_changed", 4401)


def test_a_ticket_holds_as_long_as_everything_that_it_stands_on(world: World) -> None:
    ben = world.people["ben"]
    held = Ticket(ben.pk, ben.access_epoch)
    soon = Ticket(ben.pk, ben.access_epoch, until=timezone.now() + timedelta(hours=1))
    ended = {
        Ticket(ben.pk, ben.access_epoch - 1),
        Ticket(ben.pk, ben.access_epoch, session_key="gone"),
        Ticket(ben.pk, ben.access_epoch, token_id=987_654_321),
        Ticket(ben.pk, ben.access_epoch, until=timezone.now()),
        Ticket(0, 0),
    }
    assert reading.ended({held, soon} | ended) == ended
    assert reading.ended([]) == frozenset()


class Watching:
    """A socket without a wire; it may be broken."""

    stream = WALTON
    ticket = Ticket(1, 1)
    case: int | None = None
    writer: Writer | None = None

    def __init__(self, *, broken: bool = False) -> None:
        self.position, self.broken, self.told = 0, broken, list[str]()

    async def push(self, text: str) -> None:
        if self.broken:
            raise ConnectionResetError
        self.told.append(text)

    async def dismiss(self, reason: str) -> None:
        await self.push(reason)


async def test_a_broken_socket_keeps_nothing_from_the_others() -> None:
    hub = tail.Hub()
    broken, whole = [Watching(broken=True) for _ in range(3)], [Watching() for _ in range(3)]
    hub.positions[WALTON] = 0
    hub.watchers[WALTON] = Audience([*broken, *whole])
    await hub._deliver(WALTON, [Rendered(1, '{"position":1}')])
    await hub._deliver(WALTON, [Rendered(2, '{"position":2}')])
    assert [board.told for board in whole] == [['{"position":1}', '{"position":2}']] * 3
    assert list(hub.watchers[WALTON]) == whole
