"""A simulated Notify, an application for its callbacks, and raw requests with a token of our own making."""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.running import Simulator, running
from tests.paging.simulator_notify import application as applications
from tests.paging.simulator_notify.application import Application

PATIENCE = 60.0  # seconds; a machine that stopped for a moment is no fault of what is tested
SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"dido_live-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
CALLBACKS = "token-of-the-callbacks"
BEN = "+447700900101"

Ask = Callable[..., requests.Response]


@pytest.fixture
def application() -> Iterator[Application]:
    with applications.listening() as listening:
        yield listening


@pytest.fixture
def simulator(application: Application) -> Iterator[Simulator]:
    config = NotifyConfig(
        api_key=KEY,
        template_id=TEMPLATE,
        status_url=f"{application.url}/status",
        inbound_url=f"{application.url}/inbound",
        callback_token=CALLBACKS,
    )
    with running(config.without_delays()) as simulator:
        yield simulator


def token(*, header: Any = None, claims: Any = None, secret: str = SECRET) -> str:
    """A token as Notify wants it, or spoiled."""
    parts = [
        header if header is not None else {"typ": "JWT", "alg": "HS256"},
        claims if claims is not None else {"iss": SERVICE, "iat": int(time.time())},
    ]
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_encoded(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.fixture
def ask(simulator: Simulator) -> Iterator[Ask]:
    """One request to the API, with a good token unless another header is given."""
    session = requests.Session()
    session.trust_env = False

    def asked(method: str, path: str, *, authorization: str | None = None, **more: Any) -> requests.Response:
        header = f"Bearer {token()}" if authorization is None else authorization
        return session.request(
            method, simulator.url + path, headers={"Authorization": header}, timeout=PATIENCE, **more
        )

    with session:
        yield asked


@pytest.fixture
def sends(ask: Ask) -> Callable[..., requests.Response]:
    """A request to send a text, as Dido makes it, or changed; None leaves a field out."""

    def sent(**changes: Any) -> requests.Response:
        whole = {"phone_number": BEN, "template_id": TEMPLATE, "personalisation": {"text": "R7K2"}, **changes}
        return ask("POST", "/v2/notifications/sms", json={k: v for k, v in whole.items() if v is not None})

    return sent
