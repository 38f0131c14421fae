"""Notify's doors: only Notify comes in, a receipt finds its page, a text is answered like one to Twilio's number."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from paging import routes
from paging.models import Callback, Inbound
from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.running import Simulator, running
from paging.transports.notify import Notify
from tests.world import World

TOKEN = "token-of-the-callbacks"
ID = "740e5834-3a29-46b4-9a6f-16142fde533a"
KEY = "dido-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
RECEIPT = {
    "id": ID,
    "reference": "4711",
    "to": "+447700900101",
    "status": "delivered",
    "notification_type": "sms",
}


@pytest.fixture(autouse=True)
def our_token(settings: Settings) -> None:
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN


def posts(
    client: Client, path: str, said: Any, *, token: str = f"Bearer {TOKEN}", kind: str = "application/json"
) -> Any:
    data = said if isinstance(said, (str, bytes)) else json.dumps(said)
    return client.generic("POST", path, data, kind, headers={"Authorization": token})


@pytest.mark.parametrize("path", ["/notify/status", "/notify/inbound"])
@pytest.mark.parametrize(
    "token",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer {TOKEN}x",
        f"Bearer x {TOKEN}",
        "Bearer é",
    ],
)
def test_nobody_else_comes_in(db: None, client: Client, path: str, token: str) -> None:
    assert posts(client, path, RECEIPT, token=token).status_code == 403
    assert not Callback.objects.exists()
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("token", ["Bearer ", "Bearer"])
def test_without_a_token_of_ours_nobody_comes_in(
    db: None, client: Client, settings: Settings, token: str
) -> None:
    settings.NOTIFY_CALLBACK_TOKEN = ""
    assert posts(client, "/notify/status", RECEIPT, token=token).status_code == 403


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (" ", 400),
        ("{", 400),
        ("[]", 400),
        ("[" * 9000, 400),
        (b"\xff\xfe", 400),
        ({}, 400),
        ({"id": 7}, 400),
        ({"id": "x"}, 400),
        ({"id": f"{ID[:-1]}\x00"}, 400),
        ({"id": ID, "padding": "x" * 20_000}, 413),
        ({"id": ID}, 204),
        ({"id": ID, "status": 7, "reference": [], "source_number": {}, "message": None}, 204),
        ({"id": ID, "status": "lost", "reference": "4711"}, 204),
        ({"id": ID, "message": "4F7K\x00", "source_number": "447700900101\x00"}, 204),
    ],
)
@pytest.mark.parametrize("path", ["/notify/status", "/notify/inbound"])
def test_whatever_comes_in_gets_an_answer(
    db: None, client: Client, path: str, said: Any, status: int
) -> None:
    assert posts(client, path, said).status_code == status
    assert not Callback.objects.exists()


def test_only_json_that_is_posted_counts(db: None, client: Client) -> None:
    assert posts(client, "/notify/status", RECEIPT, kind="text/plain").status_code == 415
    assert client.get("/notify/status", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("delivered", ""),
        ("permanent-failure", "permanent-failure"),
        ("temporary-failure", "temporary-failure"),
        ("technical-failure", "technical-failure"),
    ],
)
def test_a_receipt_is_kept_once(world: World, client: Client, status: str, error: str) -> None:
    for _ in range(2):
        assert posts(client, "/notify/status", {**RECEIPT, "status": status}).status_code == 204
    kept = Callback.objects.get()
    assert (kept.provider_id, kept.event, kept.error) == (ID, status, error)


@pytest.mark.parametrize("reference", [None, "", "x", "-1", "9" * 16, "٤٧١١"])
def test_a_reference_that_is_none_of_ours_does_no_harm(
    world: World, client: Client, reference: str | None
) -> None:
    assert posts(client, "/notify/status", {**RECEIPT, "reference": reference}).status_code == 204
    assert Callback.objects.get().page is None


@pytest.fixture
def simulator(settings: Settings) -> Iterator[Simulator]:
    with running(NotifyConfig(api_key=KEY, template_id=TEMPLATE).without_delays()) as simulator:
        yield simulator


@pytest.fixture
def by_notify(simulator: Simulator, world: World, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Notify is the only way out, and the night's clock is the world's."""
    ways = routes.only(Notify(api_key=KEY, template_id=TEMPLATE, base_url=simulator.url))
    monkeypatch.setattr(routes, "configured", lambda: ways)
    monkeypatch.setattr("paging.notify_hooks.timezone", SimpleNamespace(now=lambda: world.now))
    return simulator


def text(world: World, who: str, words: str, id: str = ID) -> dict[str, str]:
    sender = world.people[who].phone.lstrip("+")
    return {"id": id, "source_number": sender, "destination_number": "07700900999", "message": words}


def test_a_text_is_heard_once_and_answered_by_a_text(
    by_notify: Simulator, world: World, client: Client
) -> None:
    assert posts(client, "/notify/inbound", text(world, "ben", "what?")).status_code == 204
    by_notify.settle()
    kept = Inbound.objects.get()
    assert (kept.provider_id, kept.person, kept.made_of_it) == (ID, world.people["ben"], "unclear")
    assert by_notify.received(world.people["ben"].phone) == [kept.reply]


def test_a_stranger_gets_no_answer(by_notify: Simulator, world: World, client: Client) -> None:
    stranger = {**text(world, "ben", "4F7K"), "source_number": "447700900987"}
    assert posts(client, "/notify/inbound", stranger).status_code == 204
    assert Inbound.objects.get().made_of_it == "unknown_number"
    assert by_notify.ledger("request") == []


def test_a_network_that_writes_by_name_gets_no_answer(
    by_notify: Simulator, world: World, client: Client
) -> None:
    for n, sender in enumerate(["EE", "", "44x", "٤٤"]):
        said = {**text(world, "ben", "4F7K", id=f"{ID[:-1]}{n}"), "source_number": sender}
        assert posts(client, "/notify/inbound", said).status_code == 204
    assert set(Inbound.objects.values_list("made_of_it", flat=True)) == {"unknown_number"}
    assert by_notify.ledger("request") == []
