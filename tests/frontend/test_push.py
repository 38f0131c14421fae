"""The browser's side of push: the worker from the root, devices by their owner, and a word from the worker."""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django import Settings

from network.models import Person
from paging import devices, settling
from paging.models import Device
from paging.transports import push
from tests.world import World

P256DH, AUTH = urlsafe_b64encode(b"\x04" + b"k" * 64).decode(), urlsafe_b64encode(b"a" * 16).decode()
PHONE = "https://fcm.googleapis.com/fcm/send/phone-of-ben"
SAID = {"endpoint": PHONE, "expirationTime": None, "keys": {"p256dh": P256DH, "auth": AUTH}}
KEY = urlsafe_b64encode(bytes(range(1, 33))).rstrip(b"=").decode()
HOME = "https://dido.example"


@pytest.fixture(autouse=True)
def push_is_set_up(settings: Settings) -> None:
    settings.VAPID_PRIVATE_KEY = KEY
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    settings.PUBLIC_URL = HOME


@pytest.fixture
def ben(world: World, client: Client) -> Client:
    client.force_login(world.people["ben"])
    return client


def sends(client: Client, path: str, said: Any, *, method: str = "POST", **headers: str) -> Any:
    data = said if isinstance(said, (str, bytes)) else json.dumps(said)
    return client.generic(method, path, data, "application/json", headers=headers)


def test_the_worker_comes_from_the_root_and_is_kept_nowhere(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Cache-Control"], answer["Service-Worker-Allowed"]) == ("no-store", "/")
    script = answer.content.decode()
    assert "Somebody is waiting for your answer. Open Dido." in script
    assert "caches" not in script
    assert '"fetch"' not in script


def test_a_device_is_added_known_by_its_fingerprint_and_removed(ben: Client, world: World) -> None:
    fingerprint = hashlib.sha256(PHONE.encode()).hexdigest()
    assert sends(ben, "/me/devices/", SAID).status_code == 201
    kept = Device.objects.get()
    assert (kept.person, kept.endpoint, kept.p256dh, kept.auth) == (world.people["ben"], PHONE, P256DH, AUTH)
    said = ben.get("/me/devices/")
    assert said.json() == {"key": push.public_key(KEY), "devices": {fingerprint: "works"}}
    assert "no-store" in said["Cache-Control"]
    devices.refused(PHONE)
    assert ben.get("/me/devices/").json()["devices"] == {fingerprint: "refused"}
    assert sends(ben, "/me/devices/", {"endpoint": PHONE}, method="DELETE").status_code == 204
    assert ben.get("/me/devices/").json()["devices"] == {}


def test_a_stranger_has_no_devices(db: None, client: Client) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = sends(client, "/me/devices/", SAID, method=method)
        assert (answer.status_code, json.loads(answer.content)) == (403, {"error": "Sign in again."})
    assert not Device.objects.exists()


def test_another_site_cannot_add_a_device(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["ben"])
    assert sends(client, "/me/devices/", SAID).status_code == 403
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "[" * 4000,
        b"\xff",
        {},
        {**SAID, "endpoint": 7},
        {**SAID, "endpoint": "https://evil.example/x"},
        {**SAID, "endpoint": f"{PHONE}\x00"},
        {**SAID, "endpoint": f"{PHONE}\ud800"},
        {**SAID, "keys": None},
        {**SAID, "keys": {"p256dh": P256DH, "auth": "\x00"}},
        {**SAID, "padding": "x" * 5000},
    ],
)
@pytest.mark.parametrize("path", ["/me/devices/", "/me/push/moved/"])
def test_what_is_no_device_is_refused_in_a_sentence(ben: Client, path: str, said: Any) -> None:
    old = {"old": PHONE} if isinstance(said, dict) else {}
    answer = sends(ben, path, {**said, **old} if old else said, Origin=HOME)
    assert answer.status_code in {404, 422}
    assert json.loads(answer.content)["error"].endswith(".")
    assert not Device.objects.exists()


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_without_a_key_no_browser_is_asked(ben: Client, settings: Settings, key: str) -> None:
    settings.VAPID_PRIVATE_KEY = key
    assert ben.get("/me/devices/").json()["key"] == ""


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Who was said to be woken."""
    people: list[Person] = []
    monkeypatch.setattr(settling, "woke", lambda *, person, now: people.append(person))
    return people


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", f"{HOME}.evil.example", f"{HOME}/", "http://dido.example"]
)
@pytest.mark.parametrize("path", ["/me/push/woke/", "/me/push/moved/"])
def test_what_comes_from_elsewhere_counts_for_nothing(
    ben: Client, woken: list[Person], path: str, origin: str
) -> None:
    headers = {"Origin": origin} if origin else {}
    assert sends(ben, path, {"endpoint": "", "old": PHONE, **SAID}, **headers).status_code == 403
    assert woken == []


def test_the_worker_of_whoever_is_signed_in_says_that_it_was_woken(
    ben: Client, world: World, woken: list[Person]
) -> None:
    assert sends(ben, "/me/push/woke/", {"endpoint": ""}, Origin=HOME).status_code == 204
    assert woken == [world.people["ben"]]


def test_a_worker_names_its_owner_by_its_address_long_after_the_session(
    world: World, client: Client, woken: list[Person]
) -> None:
    devices.add(world.people["ben"], endpoint=PHONE, p256dh=P256DH, auth=AUTH, at=world.now)
    assert sends(client, "/me/push/woke/", {"endpoint": PHONE}, Origin=HOME).status_code == 204
    client.force_login(world.people["cleo"])
    assert sends(client, "/me/push/woke/", {"endpoint": PHONE}, Origin=HOME).status_code == 204
    assert woken == [world.people["ben"]] * 2


def test_a_worker_that_nobody_knows_is_not_believed(db: None, client: Client, woken: list[Person]) -> None:
    for said in ({"endpoint": ""}, {"endpoint": PHONE}, {"endpoint": 7}, {"endpoint": "\x00"}):
        assert sends(client, "/me/push/woke/", said, Origin=HOME).status_code == 403
    assert sends(client, "/me/push/woke/", "[", Origin=HOME).status_code == 422
    assert client.get("/me/push/woke/").status_code == 405
    assert woken == []


def test_a_browser_that_moves_takes_its_owner_along(world: World, client: Client) -> None:
    devices.add(world.people["ben"], endpoint=PHONE, p256dh=P256DH, auth=AUTH, at=world.now)
    new = {**SAID, "old": PHONE, "endpoint": f"{PHONE}-new"}
    assert sends(client, "/me/push/moved/", new, Origin=HOME).status_code == 204
    assert devices.addresses(world.people["ben"].pk) == [f"{PHONE}-new"]
    assert sends(client, "/me/push/moved/", new, Origin=HOME).status_code == 404
    away = {**new, "old": new["endpoint"], "endpoint": "https://evil.example/x"}
    assert sends(client, "/me/push/moved/", away, Origin=HOME).status_code == 422
    assert devices.addresses(world.people["ben"].pk) == [f"{PHONE}-new"]


def test_the_button_brings_all_that_it_needs(world: World) -> None:
    request = RequestFactory().get("/")
    button = render_to_string("frontend/_push_button.html", request=request)
    for part in (
        'data-devices="/me/devices/"',
        "csrfmiddlewaretoken",
        "frontend/push",
        "Wake me on this device",
    ):
        assert part in button
    assert "style=" not in button
