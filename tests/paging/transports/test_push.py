"""Web push keeps the contract, against our small push service; it carries nothing, and wakes every browser."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError
from pytest_django import Settings

from network.models import Person
from paging import devices
from paging.models import Device
from paging.simulator_push.running import PushService, running
from paging.transports import push
from paging.transports.contract import Kind, Order, Outcome
from paging.transports.push import Push
from tests.paging.transports import contract, raw
from tests.paging.transports.contract import PATIENT, Way
from tests.world import World


def a_key() -> str:
    """A fresh private key, as VAPID_PRIVATE_KEY holds it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


P256DH, AUTH = urlsafe_b64encode(b"\x04" + b"k" * 64).decode(), urlsafe_b64encode(b"a" * 16).decode()
KEY = a_key()
OURS = push.public_key(KEY)
SUBJECT = "mailto:pager@dido.example"


@pytest.fixture(scope="module")
def served() -> Iterator[PushService]:
    with running() as service:
        yield service


@pytest.fixture
def service(served: PushService, settings: Settings) -> Iterator[PushService]:
    settings.PUSH_HOSTS = [served.url]
    yield served
    served.reset()


class PushStand:
    has_ids = False
    half_an_answer = Kind.ACCEPTED  # only the status counts: nothing in the body matters
    secrets = (KEY, "secret-of-ben", P256DH, AUTH)

    def __init__(self, service: PushService, world: World, settings: Settings) -> None:
        self.service, self._world, self._settings = service, world, settings

    def way(self, *, timeout: float = PATIENT, url: str = "") -> Way:
        ben = self._world.people["ben"]
        endpoint = self.service.subscribe("secret-of-ben", OURS)
        if url:
            self._settings.PUSH_HOSTS = [self.service.url, url]
            endpoint = url + urlsplit(endpoint).path
        subscribed(self._world, "ben", endpoint)
        transport = Push(private_key=KEY, subject=SUBJECT, timeout=timeout)
        return Way(transport, good=str(ben.pk), bad=str(self._world.people["zed"].pk), words="")

    def another(self, number: int, *, good: bool) -> str:
        person = Person.objects.create_user(f"person-{number}", name=f"Person {number}")
        endpoint = f"{self.service.url}/push/of-{person.pk}"
        if good:
            self.service.subscribe(f"of-{person.pk}", OURS)
        devices.add(person, endpoint=endpoint, p256dh=P256DH, auth=AUTH, at=self._world.now)
        return str(person.pk)

    def order_fault(self, action: str) -> None:
        self.service.order_faults({"action": action})

    def reached(self, outcome: Outcome, order: Order) -> bool:
        woken = [line["device"] for line in self.service.ledger("push") if line["http_status"] == 201]
        mine = [urlsplit(address).path.split("/")[-1] for address in devices.addresses(int(order.to))]
        return outcome.kind is Kind.ACCEPTED and [woken.count(device) for device in mine] == [1]


def subscribed(world: World, who: str, endpoint: str) -> None:
    devices.add(world.people[who], endpoint=endpoint, p256dh=P256DH, auth=AUTH, at=world.now)


class TestPush(contract.Contract):
    """The contract."""

    @pytest.fixture
    def stand(self, service: PushService, world: World, settings: Settings) -> PushStand:
        return PushStand(service, world, settings)

    @pytest.fixture
    def committed(self, service: PushService, open_world: World, settings: Settings) -> PushStand:
        return PushStand(service, open_world, settings)


@pytest.fixture
def transport(service: PushService) -> Push:
    return Push(private_key=KEY, subject=SUBJECT)


def to(world: World, who: str) -> Order:
    return Order(page_id=1, to=str(world.people[who].pk), words="")


def test_a_push_carries_nothing_and_is_urgent_for_two_minutes(
    world: World, service: PushService, transport: Push
) -> None:
    subscribed(world, "ben", service.subscribe("phone", OURS))
    assert transport.send(to(world, "ben")) == Outcome(Kind.ACCEPTED, status="sent")
    (line,) = service.ledger("push")
    assert (line["bytes"], line["TTL"], line["Urgency"]) == (0, "120", "high")
    assert (line["Topic"], line["Content-Encoding"]) == ("", "")


def test_every_browser_is_woken_and_one_is_enough(
    world: World, service: PushService, transport: Push
) -> None:
    for name in ("phone", "ward", "desk"):
        subscribed(world, "ben", service.subscribe(name, OURS))
    service.order_faults({"action": "status:500", "match": {"to": "phone"}})
    service.unsubscribe("ward")
    assert transport.send(to(world, "ben")).kind is Kind.ACCEPTED
    assert sorted(str(line["device"]) for line in service.ledger("push")) == ["desk", "phone", "ward"]
    left = devices.addresses(world.people["ben"].pk)
    assert sorted(urlsplit(address).path for address in left) == ["/push/desk", "/push/phone"]


def test_a_browser_that_hangs_does_not_hold_up_the_others(
    world: World, service: PushService, transport: Push
) -> None:
    for name in ("phone", "desk"):
        subscribed(world, "ben", service.subscribe(name, OURS))
    service.order_faults({"action": "timeout:600", "match": {"to": "phone"}})
    hasty = Push(
        private_key=KEY, subject=SUBJECT, timeout=5.0
    )  # the other has as long, on a machine that may stop for a moment
    assert hasty.send(to(world, "ben")).kind is Kind.ACCEPTED


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    world: World, service: PushService, transport: Push, status: int
) -> None:
    subscribed(world, "ben", service.subscribe("phone", OURS))
    service.order_faults({"action": f"status:{status}"})
    assert transport.send(to(world, "ben")) == Outcome(Kind.REFUSED, error="no_device")
    assert not Device.objects.exists()
    assert transport.send(to(world, "ben")) == Outcome(Kind.REFUSED, error="no_device")
    assert len(service.ledger("push")) == 1


def test_one_gone_and_one_silent_is_tried_again(world: World, service: PushService, transport: Push) -> None:
    for name in ("phone", "desk"):
        subscribed(world, "ben", service.subscribe(name, OURS))
    service.unsubscribe("phone")
    service.order_faults({"action": "status:503", "match": {"to": "desk"}})
    assert transport.send(to(world, "ben")) == Outcome(Kind.AGAIN, error="503")
    assert Device.objects.count() == 1


def test_a_browser_that_refuses_our_key_is_kept_and_marked(
    world: World, service: PushService, transport: Push
) -> None:
    subscribed(world, "ben", service.subscribe("phone", push.public_key(a_key())))
    assert transport.send(to(world, "ben")) == Outcome(Kind.REFUSED, error="push:key")
    assert Device.objects.get().failed_at is not None


def test_a_push_that_its_service_cannot_read_is_refused(
    world: World, service: PushService, transport: Push
) -> None:
    subscribed(world, "ben", service.subscribe("phone", OURS))
    service.order_faults({"action": "status:413"})
    assert transport.send(to(world, "ben")) == Outcome(Kind.REFUSED, error="push:refused")


@pytest.mark.parametrize(
    ("key", "subject"),
    [("nonsense", SUBJECT), ("", SUBJECT), (KEY, "nobody")],
    ids=["no key at all", "an empty key", "no address"],
)
def test_a_key_or_a_subject_that_cannot_be_used_is_our_own_mistake(
    world: World, service: PushService, key: str, subject: str
) -> None:
    subscribed(world, "ben", service.subscribe("phone", OURS))
    broken = Push(private_key=key, subject=subject)
    assert broken.send(to(world, "ben")) == Outcome(Kind.REFUSED, error="push:key")
    assert service.ledger("push") == []


def test_a_known_service_cannot_send_us_to_an_unknown_one(
    world: World, service: PushService, transport: Push, settings: Settings
) -> None:
    away = f"HTTP/1.1 307 x\r\nLocation: {service.url}/push/phone\r\nContent-Length: 0\r\n\r\n".encode()
    service.subscribe("phone", OURS)
    with raw.server(away) as known:
        settings.PUSH_HOSTS = [known.url]
        subscribed(world, "ben", f"{known.url}/push/phone")
        assert transport.send(to(world, "ben")) == Outcome(Kind.AGAIN, error="unanswered")
    assert service.ledger("push") == []


def test_an_address_that_is_no_longer_known_is_not_called(
    world: World, service: PushService, transport: Push, settings: Settings
) -> None:
    subscribed(world, "ben", service.subscribe("phone", OURS))
    settings.PUSH_HOSTS = ["fcm.googleapis.com"]
    assert transport.send(to(world, "ben")) == Outcome(Kind.REFUSED, error="no_device")
    assert service.ledger("push") == []


def test_a_database_that_is_away_loses_no_page(
    world: World, transport: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: int) -> list[str]:
        raise OperationalError

    monkeypatch.setattr(devices, "addresses", away)
    assert transport.send(to(world, "ben")) == Outcome(Kind.AGAIN, error="unanswered")


@pytest.mark.parametrize("nobody", ["", "x", "-1", "999999999999999999999999"])
def test_nobody_has_no_device(world: World, transport: Push, nobody: str) -> None:
    assert transport.send(Order(page_id=1, to=nobody, words="")) == Outcome(Kind.REFUSED, error="no_device")
