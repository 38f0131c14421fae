"""Fixtures: a simulator whose webhooks come in at Dido's own doors, and a night on call in front of it."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from paging import routes
from paging.models import Ladder
from paging.simulator.config import SimulatorConfig
from paging.simulator.running import Simulator, running
from paging.transports.twilio import Account, TwilioSms, TwilioVoice
from referrals.models import Referral
from tests.paging import night as nights
from tests.paging import tables
from tests.paging.night import Night
from tests.world import World

INBOUND = "/twilio/sms/inbound"
ACCOUNT, TOKEN, OURS = "AC" + "2" * 32, "token-of-the-night", "+447700900999"

PATIENCE = 60.0  # seconds; a machine that stopped for a moment is no silent provider


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that answers is heard however slow the machine is; whoever tests its silence says how long."""
    for transport in ("twilio", "notify"):
        monkeypatch.setattr(f"paging.transports.{transport}.ASKING", PATIENCE)


@pytest.fixture
def twilio_settings(settings: Settings) -> Settings:
    """Our account at Twilio."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, OURS
    return settings


@pytest.fixture(scope="session")
def dido_phones(live_server: LiveServer) -> Iterator[Simulator]:
    """One simulator for all nights; each night begins with an empty one."""
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        numbers=(OURS,),
        inbound_url=f"{live_server.url}{INBOUND}",
    ).without_delays()
    with running(config) as simulator:
        yield simulator


@pytest.fixture
def night(
    open_world: World,
    dido_phones: Simulator,
    twilio_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Night]:
    """The small network at night, committed, with phones."""
    twilio_settings.PUBLIC_URL = dido_phones.config.inbound_url.removesuffix(INBOUND)
    monkeypatch.setattr("paging.webhooks.timezone", SimpleNamespace(now=lambda: open_world.now))
    dido_phones.reset()
    account = Account(sid=ACCOUNT, token=TOKEN, number=OURS, base_url=dido_phones.url)
    account.timeout = PATIENCE
    tables.with_texts_only(open_world.now)
    night = Night(
        world=open_world,
        simulator=dido_phones,
        account=account,
        routes=routes.only(TwilioSms(account), inbox=account),
    )
    monkeypatch.setattr("paging.routes.configured", lambda: night.routes)
    yield night
    dido_phones.settle()
    numbers = [number for number in Referral.objects.values_list("nhs_number", flat=True) if number]
    nights.check_texts(dido_phones, numbers)
    nights.check_calls(dido_phones, numbers)
    nights.check_log(caplog.get_records("call"), night.allowed_errors, numbers)
    night.is_silent()


@pytest.fixture
def calling_night(night: Night) -> Night:
    """The same night on Dido's own ladders, with calls."""
    Ladder.objects.all().delete()
    night.routes = routes.only(TwilioSms(night.account), TwilioVoice(night.account), inbox=night.account)
    return night
