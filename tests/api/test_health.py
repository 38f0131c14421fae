"""Is it alive, is it ready, and its figures: read from real tables, and answered in time where the database hangs."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from api import vitals
from paging.models import Beat, Channel, Escalation, Fate, Page, Reason
from realtime import tail
from tests.world import World

PATIENCE = 60  # seconds; only a machine in trouble needs them


def pager_ticked(seconds_ago: float) -> None:
    Beat.objects.create(pager="one", ticked_at=timezone.now() - timedelta(seconds=seconds_ago), took=0.01)


def hung_database() -> psycopg.Connection[Any]:
    """Somebody holds the pagers' table, so that whoever reads it waits, as with a server that stopped."""
    known = connection.get_connection_params()
    names = {name: known[name] for name in ("host", "port", "user", "password", "dbname")}
    held = psycopg.connect(**names)
    held.execute("lock table paging_beat in access exclusive mode")
    return held


@pytest_asyncio.fixture
async def client(
    open_world: World, quiet_connections: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncClient]:
    """A machine that watches, patiently where the machine of the test is slow; the tail ends with it."""
    monkeypatch.setattr(vitals, "PATIENCE", PATIENCE)
    yield AsyncClient()
    await tail.here().stop()


async def test_a_process_that_reads_the_database_is_alive(client: AsyncClient) -> None:
    answer = await client.get("/healthz")
    told = answer.json()
    assert (answer.status_code, told["ok"], told["reasons"]) == (200, True, [])
    assert told["database_ms"] >= 0
    assert answer["Cache-Control"] == "no-store"
    assert (await client.post("/healthz")).status_code == 405


async def test_it_is_ready_once_a_pager_ticked_and_the_tail_reads(client: AsyncClient) -> None:
    await sync_to_async(pager_ticked)(seconds_ago=1)
    answer = await client.get("/readyz")
    told = answer.json()
    assert (answer.status_code, told["ok"], told["reasons"]) == (200, True, [])
    assert 1 <= told["pager_tick_age_s"] < 10
    assert 0 <= told["tail_age_s"] < 5
    assert (told["oldest_overdue_page_age_s"], told["open_alarms"], told["sockets"]) == (0, 0, 0)
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("seconds_ago", [None, 11])
async def test_without_a_whole_tick_in_ten_seconds_it_is_not_ready_but_alive(
    client: AsyncClient, seconds_ago: int | None
) -> None:
    if seconds_ago:
        await sync_to_async(pager_ticked)(seconds_ago=seconds_ago)
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "No pager has ended a tick within the last 10 s: nobody is being paged."
    ]
    assert (await client.get("/healthz")).status_code == 200


async def test_a_tail_that_stopped_reading_makes_it_not_ready(client: AsyncClient) -> None:
    await sync_to_async(pager_ticked)(seconds_ago=1)
    assert (await client.get("/readyz")).status_code == 200
    hub = tail.here()
    for task in hub._tasks:
        task.cancel()
    hub.read_at = time.monotonic() - 6
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == [
        "The feed is not at the head of its streams: screens are not being told."
    ]


async def test_a_database_that_hangs_is_answered_in_time_and_its_return_is_noticed(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "PATIENCE", 0.3)
    await sync_to_async(pager_ticked)(seconds_ago=0)
    held = await asyncio.to_thread(hung_database)
    try:
        async with asyncio.timeout(PATIENCE):  # the table is held until all have been answered
            answers = await asyncio.gather(
                *(client.get(path) for path in ("/healthz", "/readyz", "/metrics", "/healthz"))
            )
        assert [answer.status_code for answer in answers] == [503, 503, 200, 503]
        assert answers[0].json() == {
            "ok": False,
            "reasons": ["The database cannot be read."],
            "database_ms": None,
        }
        assert "dido_database_up 0.0" in answers[2].content.decode()
        assert "dido_referrals" not in answers[2].content.decode()
    finally:
        await asyncio.to_thread(held.close)
    monkeypatch.setattr(vitals, "PATIENCE", PATIENCE)
    assert (await client.get("/healthz")).status_code == 200


def a_late_night(world: World) -> None:
    """One referral whose ladder ended unanswered an hour ago, with pages of several fates."""
    now = timezone.now()
    world.now = now
    referral = world.refers()
    climb = Escalation.objects.create(
        referral=referral,
        reason=Reason.OFFER,
        ladder_version=1,
        rungs=[],
        opened_at=now,
        next_at=now + timedelta(minutes=1),
        alarm_since=now,
    )
    for number, (fate, minutes) in enumerate(
        [(Fate.DUE, 2), (Fate.FAILED, 5), (Fate.FAILED, 59), (Fate.SENT, 61)]
    ):
        Page.objects.create(
            escalation=climb,
            rung=number,
            person=world.people["ben"],
            phone="+447700900102",
            fate=fate,
            due_at=now - timedelta(minutes=minutes),
            reply_code=f"code{number}",
        )


async def test_the_figures_count_states_pages_and_alarms_and_name_no_patient(
    client: AsyncClient, open_world: World
) -> None:
    await sync_to_async(a_late_night)(open_world)
    answer = await client.get("/metrics")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    samples = {
        (s.name, *s.labels.values()): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }
    assert samples["dido_database_up",] == 1
    assert (samples["dido_referrals", "referred"], samples["dido_referrals", "died"]) == (1, 0)
    assert (samples["dido_open_escalations",], samples["dido_open_alarms",]) == (1, 1)
    assert 120 <= samples["dido_page_overdue_seconds",] < 180
    fates = {key[1:]: value for key, value in samples.items() if key[0] == "dido_pages_last_hour"}
    assert {key: value for key, value in fates.items() if value} == {("sms", "due"): 1, ("sms", "failed"): 2}
    assert set(fates) == {(channel.value, fate.value) for channel in Channel for fate in Fate}
    assert samples["dido_pager_tick_age_seconds",] == float("inf")
    assert samples["dido_sockets",] == 0
    for secret in ("Canary", "Peregrine", "9990000", "Ben", "+44", "RBL14"):
        assert secret not in text
    ready = (await client.get("/readyz")).json()
    assert (ready["open_alarms"], ready["oldest_overdue_page_age_s"] >= 120) == (1, True)
