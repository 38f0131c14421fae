"""Conversations and trails as long as the longest night, written by SQL, and the visits that are measured on them.

Called by tests.bench.case and tests.bench.filling. The referral itself got where it is by real verbs.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from network import people
from referrals import medians
from referrals.models import Referral
from referrals.states import State
from tests.world import World

EVENTS, MESSAGES, LONG = 500, 300, 1000
READ_AT_ONCE = 10  # messages of one mark
TRAIL = """
insert into referrals_event (
    referral_id, number, verb, before, after, by_id, via, at, written_at, details, key, previous_hash, hash
)
select %(referral)s, %(head)s + n, (array['amend', 'ask', 'answer', 'seen'])[1 + n %% 4], %(state)s, %(state)s,
    (%(people)s::bigint[])[1 + n %% %(many)s], 'web', t, t,
    (array[
        '{"changed": ["nihss"], "note": "weaker on the left"}', '{"text": "What is the blood pressure now?"}',
        '{"text": "168 over 90 after labetalol"}', '{"hub": "RET20"}'
    ]::jsonb[])[1 + n %% 4],
    null, repeat('0', 64), repeat('0', 64)
from generate_series(1, %(events)s) n, lateral (select %(now)s::timestamptz - (%(events)s - n) * interval '36 s') at (t)
"""
TALK = """
insert into referrals_message (referral_id, number, by_id, role, site_id, network_id, "to", text, at)
select %(referral)s, n, by,
    case when by = %(nia)s then 'coordinator' when by = %(ada)s then 'spoke' else 'operator' end,
    case when by = %(nia)s then null when by = %(ada)s then %(spoke)s::bigint else %(hub)s::bigint end,
    case when by = %(nia)s then %(network)s::bigint end, (array['', '', '', 'operator', 'spoke'])[1 + n %% 5],
    'Number ' || n || ': the patient is being moved now, the drip runs at 12 mL an hour, wife on her way', t
from generate_series(1, %(messages)s) n,
    lateral (select (%(people)s::bigint[])[1 + n %% %(many)s]) as whose (by),
    lateral (select %(now)s::timestamptz - (%(messages)s - n) * interval '1 min') as at (t)
"""
READ = """
insert into referrals_mark (referral_id, person_id, site_id, kind, first, upto, at)
select %(referral)s, person, null, kind, n * %(step)s + 1, (n + 1) * %(step)s, %(now)s
from unnest(%(people)s::bigint[]) person, unnest(array['delivered', 'read']) kind,
    generate_series(0, %(messages)s / %(step)s - 1) n
"""
KEPT = """
insert into referrals_conversation (referral_id, head, last_at) values (%(referral)s, %(messages)s, %(now)s)
"""
EVERYWHERE = """
insert into referrals_message (referral_id, number, by_id, role, site_id, "to", text, at)
select referral.id, n, %(ada)s, 'spoke', %(spoke)s, '', 'The scan is on its way to you, number ' || n,
    coalesce(referral.referred_at, %(now)s) + n * interval '1 s'
from referrals_referral referral, generate_series(1, 20) n
where n <= case when family_name = 'Past' then 2 else 20 end
"""

Visit = Callable[[], Any]


def everywhere(world: World) -> None:
    """Two messages to each past patient, and twenty to each live one; nobody else has read them."""
    with connection.cursor() as cursor:
        said: dict[str, Any] = {
            "ada": world.people["ada"].pk,
            "spoke": world.sites["RBL14"].pk,
            "now": world.now,
        }
        cursor.execute(EVERYWHERE, said)


def a_long_case(world: World, *, events: int, messages: int) -> Referral:
    """A patient on the road of whom so much was done and said; everybody has read all but the last page of it."""
    referral = world.a_referral(State.DEPARTED)
    names = ("ada", "ben", "cleo", "nia", "sam")
    said: dict[str, Any] = {name: world.people[name].pk for name in ("ada", "nia")}
    said |= {
        "referral": referral.pk,
        "head": referral.version,
        "state": referral.state,
        "people": [world.people[name].pk for name in names],
        "many": len(names),
        "spoke": referral.spoke_id,
        "hub": referral.hub_id,
        "network": referral.spoke.network_id,
        "events": events,
        "messages": messages,
        "step": READ_AT_ONCE,
        "now": world.now,
    }
    with connection.cursor() as cursor:
        for statement in (TRAIL, TALK, READ, KEPT):
            cursor.execute(statement, said)
    Referral.objects.filter(pk=referral.pk).update(version=referral.version + events)
    return referral


def visits(world: World) -> dict[str, Visit]:
    """Each visit by its name."""
    case = a_long_case(world, events=EVENTS, messages=MESSAGES)
    long = a_long_case(world, events=40, messages=LONG)
    now = world.now
    timezone.now = lambda: now
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    first, second = f"/r/{case.code}/", f"/r/{long.code}/"
    whole = f"{first}?full=1"
    return {
        f"a case of {EVENTS} events and {MESSAGES} messages, opened by the spoke": get(world, "ada", whole),
        "the same, opened by the hub": get(world, "ben", whole),
        "the same, opened by the coordinator": get(world, "nia", whole),
        "the same, its parts again": get(world, "ada", f"{first}live/"),
        f"a conversation of {LONG} messages, opened": get(world, "ada", f"{second}?full=1"),
        "the same, a page from its middle": get(world, "ada", f"{second}messages/?before=500"),
        "messages found by a word": posted(
            world, "nia", "/messages/", {"words": "labetalol drip", "kind": ""}
        ),
        "messages, all that is unread": get(world, "nia", "/messages/"),
    }


def keep_medians(world: World) -> None:
    """What a web process does every hour."""
    assert medians.reckon(at=world.now)


def get(world: World, who: str, path: str) -> Visit:
    """This person opens this page."""
    browser = Client()
    browser.force_login(world.people[who])
    return lambda: _fine(browser.get(path))


def posted(world: World, who: str, path: str, said: dict[str, str]) -> Visit:
    """This person asks for something by POST."""
    browser = Client()
    browser.force_login(world.people[who])
    return lambda: _fine(browser.post(path, said))


def program(world: World, who: str, path: str) -> Visit:
    """This person's program asks the API."""
    token = people.issue_token(world.people[who], at=world.now)
    caller = Client(headers={"Authorization": f"Bearer {token}"})
    return lambda: _fine(caller.get(path))


def _fine(told: Any) -> None:
    assert told.status_code == 200, told.content
