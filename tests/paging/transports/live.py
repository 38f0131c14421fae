"""The contract against the live services, by hand: `.venv/bin/pytest tests/paging/transports/live.py`.

Not collected by `make test`. Each service whose credentials are in the environment is sent one real page and one that
it must refuse; a service without credentials is left out, and where there is none at all this file says so.

LIVE_NOTIFY_API_KEY, LIVE_NOTIFY_TEMPLATE_ID, LIVE_NOTIFY_NUMBER (E.164; a test key of Notify sends nothing)
LIVE_TWILIO_ACCOUNT_SID, LIVE_TWILIO_AUTH_TOKEN, LIVE_TWILIO_FROM, LIVE_TWILIO_NUMBER
LIVE_VAPID_PRIVATE_KEY, LIVE_VAPID_SUBJECT, LIVE_PUSH_ENDPOINT (of a browser that subscribed with this key)
"""

import os
from base64 import urlsafe_b64encode

import pytest
from django.utils import timezone

from paging import devices
from paging.transports.notify import Notify
from paging.transports.push import Push
from paging.transports.twilio import Account, TwilioSms
from tests.paging.transports.contract import Promises, Way
from tests.world import World

WORDS = "Dido: a test of the way to this phone. Nobody waits for you, and no answer is needed."
NO_NUMBER = "+447700900"
NEEDED = ("LIVE_NOTIFY_API_KEY", "LIVE_TWILIO_AUTH_TOKEN", "LIVE_PUSH_ENDPOINT")


def test_there_is_a_service_to_try() -> None:
    assert [name for name in NEEDED if os.environ.get(name)], (
        f"Set one of {', '.join(NEEDED)}, and what goes with it."
    )


if os.environ.get("LIVE_NOTIFY_API_KEY"):

    class TestNotify(Promises):
        """GOV.UK Notify."""

        @pytest.fixture
        def way(self) -> Way:
            notify = Notify(
                api_key=os.environ["LIVE_NOTIFY_API_KEY"], template_id=os.environ["LIVE_NOTIFY_TEMPLATE_ID"]
            )
            return Way(notify, good=os.environ["LIVE_NOTIFY_NUMBER"], bad=NO_NUMBER, words=WORDS)


if os.environ.get("LIVE_TWILIO_AUTH_TOKEN"):

    class TestTwilio(Promises):
        """Texts by Twilio."""

        @pytest.fixture
        def way(self) -> Way:
            account = Account(
                sid=os.environ["LIVE_TWILIO_ACCOUNT_SID"],
                token=os.environ["LIVE_TWILIO_AUTH_TOKEN"],
                number=os.environ["LIVE_TWILIO_FROM"],
            )
            return Way(TwilioSms(account), good=os.environ["LIVE_TWILIO_NUMBER"], bad=NO_NUMBER, words=WORDS)


if os.environ.get("LIVE_PUSH_ENDPOINT"):

    class TestPush(Promises):
        """A browser, at whatever push service it uses."""

        @pytest.fixture
        def way(self, world: World) -> Way:
            ben, zed = world.people["ben"], world.people["zed"]
            devices.add(
                ben,
                endpoint=os.environ["LIVE_PUSH_ENDPOINT"],
                p256dh=urlsafe_b64encode(
                    b"\x04" + b"k" * 64
                ).decode(),  # nothing is encrypted: nothing is carried
                auth=urlsafe_b64encode(b"a" * 16).decode(),
                at=timezone.now(),
            )
            push = Push(
                private_key=os.environ["LIVE_VAPID_PRIVATE_KEY"], subject=os.environ["LIVE_VAPID_SUBJECT"]
            )
            return Way(push, good=str(ben.pk), bad=str(zed.pk), words="")
