"""The three doors through which a verb is pressed, for measuring and for counting their queries."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from network import people
from referrals import verbs
from referrals.states import State
from tests import world as worlds
from tests.world import World

Door = Callable[[Any, str, Mapping[str, Any]], None]
_made: list[World] = []


class Pressed(Protocol):
    """What verbs.Pressed is."""

    verb: str
    who: str
    state: str


def _world() -> World:
    if not _made:
        _made.append(worlds.build(timezone.now()))
    return _made[0]


def doors() -> dict[str, Door]:
    """By the function itself, by a browser, by the API."""
    world = _world()
    timezone.now = lambda: world.now
    browsers: dict[str, Client] = {}
    tokens: dict[str, str] = {}
    programs = Client()
    for who in ("ada", "ben"):
        browsers[who] = Client()
        browsers[who].force_login(world.people[who])
        tokens[who] = people.issue_token(world.people[who], at=world.now)

    def function(pressed: Pressed, code: str, said: Mapping[str, Any]) -> None:
        verbs.do(
            code, pressed.verb, said, by=world.people[pressed.who], now=world.now, via="web", key=f"f-{code}"
        )

    def browser(pressed: Pressed, code: str, said: Mapping[str, Any]) -> None:
        told = browsers[pressed.who].post(f"/r/{code}/{pressed.verb}/", {"key": f"w-{code}", **said})
        assert told.status_code == 303, told.content

    def program(pressed: Pressed, code: str, said: Mapping[str, Any]) -> None:
        told = programs.post(
            f"/api/v1/referrals/{code}/{pressed.verb}",
            dict(said),
            content_type="application/json",
            headers={"Authorization": f"Bearer {tokens[pressed.who]}", "Idempotency-Key": f"a-{code}"},
        )
        assert told.status_code == 200, told.content

    return {"verbs.do": function, "web": browser, "API": program}


def ready(pressed: Any) -> tuple[str, dict[str, Any]]:
    """A referral in the state in which this verb is pressed, and what is said with it."""
    world = _world()
    began = world.now
    referral = world.a_referral(State(pressed.state))
    said = dict(pressed.said)
    if pressed.verb == "refer":
        said |= worlds.facts(world.now, nhs_number=referral.nhs_number) | {"hubs": ["RET20"]}
    world.now = max(began, world.now)
    return referral.code, said


def statements(visit: Callable[[], None]) -> list[str]:
    """The statements that go to PostgreSQL during a visit."""
    with CaptureQueriesContext(connection) as seen:
        visit()
    return [query["sql"] for query in seen.captured_queries]
