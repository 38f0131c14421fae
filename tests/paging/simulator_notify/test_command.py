"""The command that serves the simulator: started for real, and its refusals."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from paging.management.commands import notify_simulator
from paging.simulator.client import ControlClient
from tests.paging.simulator_notify.conftest import CALLBACKS, KEY, SECRET, SERVICE, TEMPLATE

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {
    "NOTIFY_API_KEY": KEY,
    "NOTIFY_TEMPLATE_ID": TEMPLATE,
    "NOTIFY_CALLBACK_TOKEN": CALLBACKS,
    "NOTIFY_API_URL": "http://127.0.0.1:1",
}


@pytest.fixture
def service(settings: Settings) -> Settings:
    for name, value in ENVIRONMENT.items():
        setattr(settings, name, value)
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    return settings


def test_the_simulator_plays_the_service_that_dido_uses(service: Settings) -> None:
    config = notify_simulator.config_from_settings()
    assert (config.service_id, config.secret, config.template_id) == (SERVICE, SECRET, TEMPLATE)
    assert config.status_url == "http://127.0.0.1:8000/notify/status"
    assert config.inbound_url == "http://127.0.0.1:8000/notify/inbound"
    assert config.delivered_after > 0


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_without_a_service_it_says_what_is_missing(service: Settings, missing: str) -> None:
    setattr(service, missing, "")
    with pytest.raises(CommandError, match=missing):
        call_command("notify_simulator", port=1)


def test_a_key_that_is_none_is_refused(service: Settings) -> None:
    service.NOTIFY_API_KEY = "nonsense"
    with pytest.raises(CommandError, match="secret"):
        call_command("notify_simulator", port=1)


def test_a_port_in_use_is_refused(service: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held, pytest.raises(CommandError, match="cannot be used"):
        call_command("notify_simulator", port=held.getsockname()[1])


def test_the_command_serves_until_it_is_interrupted(unused_tcp_port: int) -> None:
    command = [sys.executable, "manage.py", "notify_simulator", "--port", str(unused_tcp_port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert url is not None
            client = ControlClient(url.group(), account_sid=SERVICE, auth_token=SECRET)
            assert client.change_phone("+447700900101", name="Ben")["name"] == "Ben"
        finally:
            process.terminate()
    assert process.returncode == 0
