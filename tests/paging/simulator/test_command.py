"""The command that serves the simulator: started for real, and its refusals."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from paging.management.commands import twilio_simulator
from paging.simulator.client import ControlClient
from tests.paging.simulator.conftest import ACCOUNT, OURS, TOKEN

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": OURS}


@pytest.fixture
def account(settings: Settings) -> Settings:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, OURS
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    return settings


def test_the_simulator_plays_the_account_that_dido_uses(account: Settings) -> None:
    config = twilio_simulator.config_from_settings()
    assert (config.account_sid, config.auth_token, config.numbers) == (ACCOUNT, TOKEN, (OURS,))
    assert config.inbound_url == "http://127.0.0.1:8000/twilio/sms/inbound"
    assert config.delivered_after > 0


def test_without_an_account_it_says_what_is_missing(account: Settings) -> None:
    account.TWILIO_AUTH_TOKEN = ""
    with pytest.raises(CommandError, match="TWILIO_AUTH_TOKEN"):
        call_command("twilio_simulator", port=18290)


def test_without_a_port_it_says_how_to_give_one(account: Settings) -> None:
    with pytest.raises(CommandError, match="SIMULATOR_PORT"):
        call_command("twilio_simulator", port=0)


def test_the_command_serves_until_it_is_interrupted(unused_tcp_port: int) -> None:
    command = [sys.executable, "manage.py", "twilio_simulator", "--port", str(unused_tcp_port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            url = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert url is not None
            client = ControlClient(url.group(), account_sid=ACCOUNT, auth_token=TOKEN)
            assert client.change_phone("+447700900101", name="Ben")["name"] == "Ben"
        finally:
            process.terminate()
    assert process.returncode == 0
