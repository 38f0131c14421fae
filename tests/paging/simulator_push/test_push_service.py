"""The small push service refuses what a browser vendor's would: a stranger, a stale token, a push without a TTL."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid01, Vapid02

from paging.simulator.client import ControlError
from paging.simulator_push.running import PushService, running


def vapid_key() -> tuple[ec.EllipticCurvePrivateKey, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key, urlsafe_b64encode(point).rstrip(b"=").decode()


PATIENCE = 60.0  # seconds
OURS, PUBLIC = vapid_key()
THEIRS, _ = vapid_key()


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with running() as service:
        yield service


@pytest.fixture(autouse=True)
def forgets(service: PushService) -> Iterator[None]:
    yield
    service.reset()


def signed(service: PushService, key: Any = OURS, *, by: Any = Vapid02, **claims: Any) -> dict[str, str]:
    whole = {"aud": service.url, "sub": "mailto:pager@dido.example", "exp": int(time.time()) + 600, **claims}
    return dict(by(key).sign(whole))


def push(address: str, headers: dict[str, str], *, body: bytes = b"", **more: str) -> requests.Response:
    return requests.post(address, headers={"TTL": "120", **headers, **more}, data=body, timeout=PATIENCE)


def test_a_good_push_is_taken_and_written_down(service: PushService) -> None:
    answer = push(service.subscribe("phone", PUBLIC), signed(service), Urgency="high")
    assert (answer.status_code, answer.headers["TTL"]) == (201, "120")
    (line,) = service.ledger("push")
    assert (line["device"], line["bytes"], line["Urgency"], line["http_status"]) == ("phone", 0, "high", 201)


def test_a_push_by_a_stranger_is_refused(service: PushService) -> None:
    address = service.subscribe("phone", PUBLIC)
    stale, later = int(time.time()) - 1, int(time.time()) + 25 * 3600
    good = signed(service)["Authorization"]
    for headers in (
        {},
        {"Authorization": "vapid t=x.y.z, k=x"},
        {"Authorization": f"{good[:-6]}AAAAAA"},
        {"Authorization": good.replace("t=ey", "t=fy")},
        signed(service, THEIRS),
        signed(service, by=Vapid01),
        signed(service, exp=stale),
        signed(service, exp=later),
        signed(service, aud="https://fcm.googleapis.com"),
    ):
        assert push(address, headers).status_code == 403, headers
    assert all(line["http_status"] == 403 for line in service.ledger("push"))


@pytest.mark.parametrize(
    "wrong", [{"TTL": ""}, {"TTL": "soon"}, {"TTL": "-1"}, {"TTL": "9999999"}, {"Urgency": "very-high"}]
)
def test_a_push_must_say_how_long_and_how_urgent(service: PushService, wrong: dict[str, str]) -> None:
    answer = push(service.subscribe("phone", PUBLIC), {**signed(service), **wrong})
    assert answer.status_code == 400


def test_what_is_carried_must_be_encrypted(service: PushService) -> None:
    address = service.subscribe("phone", PUBLIC)
    assert push(address, signed(service), body=b"R7K2").status_code == 400
    encrypted = {**signed(service), "Content-Encoding": "aes128gcm"}
    assert push(address, encrypted, body=b"\x00" * 100).status_code == 201


def test_a_browser_that_is_unknown_or_gone_is_told_apart_and_may_come_back(service: PushService) -> None:
    address = f"{service.url}/push/phone"
    assert push(address, signed(service)).status_code == 404
    service.subscribe("phone", PUBLIC)
    service.unsubscribe("phone")
    assert push(address, signed(service)).status_code == 410
    service.subscribe("phone", PUBLIC)
    assert push(address, signed(service)).status_code == 201


def test_faults_come_on_order_and_can_be_called_off(service: PushService) -> None:
    address = service.subscribe("phone", PUBLIC)
    service.order_faults({"action": "status:429", "retry_after": 30})
    assert push(address, signed(service)).headers["Retry-After"] == "30"
    service.order_faults({"action": "status:500", "match": {"to": "another"}})
    assert push(address, signed(service)).status_code == 201
    service.order_faults({"action": "reset"})
    service.clear_faults()
    assert push(address, signed(service)).status_code == 201
    with pytest.raises(ControlError):
        service.order_faults({"action": "unheard_of"})
