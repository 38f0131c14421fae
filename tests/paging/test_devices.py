"""A browser is woken only at a push service that we know, belongs to one person, and is forgotten when gone."""

from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from pytest_django import Settings

from paging import devices
from paging.devices import NotADevice
from paging.models import Device
from tests.world import World

P256DH, AUTH = urlsafe_b64encode(b"\x04" + b"k" * 64).decode(), urlsafe_b64encode(b"a" * 16).decode()
PHONE = "https://fcm.googleapis.com/fcm/send/cTz1:APA91b-x_y"


@pytest.fixture(autouse=True)
def known_services(settings: Settings) -> None:
    settings.PUSH_HOSTS = ["fcm.googleapis.com", "*.push.apple.com", "http://127.0.0.1:8123"]


def add(world: World, who: str = "ben", endpoint: str = PHONE) -> Device:
    return devices.add(world.people[who], endpoint=endpoint, p256dh=P256DH, auth=AUTH, at=world.now)


@pytest.mark.parametrize(
    "endpoint",
    [
        PHONE,
        "https://fcm.googleapis.com:443/fcm/send/x",
        "https://web.push.apple.com/QOTvt?x=%20&y=1",
        "http://127.0.0.1:8123/push/phone",
    ],
)
def test_a_known_push_service_is_called(endpoint: str) -> None:
    assert devices.is_known(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:443:1/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://evil.example\\.push.apple.com/x",
        "https://evil.example#.push.apple.com/x",
        "https://evil.example?.push.apple.com/x",
        "https://evil.example/.push.apple.com/",
        "https://evilpush.apple.com/x",
        "https://push.apple.com/x",
        "https://me@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1:8123/push/phone",
        "http://127.0.0.1:8124/push/phone",
        "http://127.0.0.1/push/phone",
        "https://[::1]/x",
        "https://FCM.googleapis.com/x",
        "https://fcm.googleapis.com/x\ny",
        "https://fcm.googleapis.com/x\n",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/é",
        "https://fcm.gooğleapis.com/x",
        " https://fcm.googleapis.com/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 1024,
    ],
)
def test_no_other_address_is_called(endpoint: str) -> None:
    assert not devices.is_known(endpoint)


@pytest.mark.parametrize("endpoint", ["https://evil.example/x", "https://169.254.169.254/latest/meta-data"])
def test_no_other_address_is_kept(world: World, endpoint: str) -> None:
    with pytest.raises(NotADevice, match="Texts and calls do not depend on it"):
        add(world, endpoint=endpoint)
    assert not Device.objects.exists()


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [("", AUTH), (P256DH, ""), ("x", AUTH), (P256DH[:-4], AUTH), (P256DH, "é" * 22), (AUTH, P256DH)],
)
def test_a_browsers_keys_must_be_keys(world: World, p256dh: str, auth: str) -> None:
    with pytest.raises(NotADevice, match="cannot be read"):
        devices.add(world.people["ben"], endpoint=PHONE, p256dh=p256dh, auth=auth, at=world.now)
    assert not Device.objects.exists()


def test_a_shared_browser_belongs_to_whoever_said_so_last(world: World) -> None:
    add(world, "ben")
    devices.refused(PHONE)
    add(world, "cleo")
    assert Device.objects.get().failed_at is None
    assert devices.owner(PHONE) == world.people["cleo"]
    assert devices.addresses(world.people["ben"].pk) == []
    assert devices.addresses(world.people["cleo"].pk) == [PHONE]


def test_the_oldest_of_too_many_devices_makes_room(world: World) -> None:
    add(world, "cleo", f"{PHONE}-of-cleo")
    for n in range(devices.MOST + 2):
        world.wind(minutes=1)
        add(world, endpoint=f"{PHONE}{n}")
    kept = devices.addresses(world.people["ben"].pk)
    assert kept == [f"{PHONE}{n}" for n in range(devices.MOST + 1, 1, -1)]
    assert len(devices.addresses(world.people["cleo"].pk)) == 1


def test_nobody_removes_another_ones_device(world: World) -> None:
    add(world, "ben")
    assert not devices.remove(world.people["cleo"], endpoint=PHONE)
    assert devices.remove(world.people["ben"], endpoint=PHONE)
    assert not devices.remove(world.people["ben"], endpoint=PHONE)
    assert devices.owner(PHONE) is None


def test_the_first_refusal_is_what_counts(world: World) -> None:
    add(world)
    devices.refused(PHONE)
    first = Device.objects.get().failed_at
    assert first is not None
    Device.objects.update(failed_at=first - timedelta(days=1))
    devices.refused(PHONE)
    assert Device.objects.get().failed_at == first - timedelta(days=1)


def test_a_browser_that_moves_stays_its_owners(world: World) -> None:
    add(world, "ben")
    new = f"{PHONE}-new"
    assert devices.moved(old=PHONE, endpoint=new, p256dh=P256DH, auth=AUTH, at=world.now)
    assert devices.addresses(world.people["ben"].pk) == [new]
    assert not devices.moved(old=PHONE, endpoint=PHONE, p256dh=P256DH, auth=AUTH, at=world.now)


def test_a_browser_that_moves_to_an_unknown_service_stays_where_it_was(world: World) -> None:
    add(world, "ben")
    with pytest.raises(NotADevice):
        devices.moved(old=PHONE, endpoint="https://evil.example/x", p256dh=P256DH, auth=AUTH, at=world.now)
    assert devices.addresses(world.people["ben"].pk) == [PHONE]
