"""A whole house for a journey: what `make run` starts, on a port of its own; ladders are short, and there is no night.
Its database was given to it, migrated: tests/machine/test_house.py is about one that begins with nothing.

It is started as a visitor would, by the launcher's own command, and looked at from outside: pages, API, phones.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from config.machine import folders, ports
from paging.simulator.client import ControlClient
from tests.machine import processes

READY = 300.0  # seconds; a busy machine may be slow to start everything
SET_UP = """
import json
from django.utils import timezone
from frontend import cast
from network import people
from network.models import Network, Person
from paging.models import Ladder, Reason
rungs = {
    Reason.OFFER: [
        {"after": 0, "to": ["first"]},
        {"after": 4, "to": ["second", "supervisor"]},
        {"after": 600, "to": [], "hand_on": True},
    ],
    Reason.CONFIRM: [{"after": 0, "to": ["supervisor"]}, {"after": 600, "to": ["lead"], "alarm": True}],
}
now = timezone.now()
for reason, rows in rungs.items():
    Ladder.objects.create(reason=reason, version=2, rungs=rows, made_at=now)
Network.objects.filter(code="cheshire-and-merseyside").update(offers_next_hub=True)
players = Person.objects.filter(username__in=cast.USERNAMES)
tokens = {person.username: people.issue_token(person, at=now) for person in players}
print(json.dumps({"tokens": tokens, "numbers": dict(Person.objects.values_list("username", "phone"))}))
"""
TEAMS = """
import json
from django.conf import settings
from django.test import Client
from network.models import Site
from workforce.models import Authorisation
found = {}
for hub in Site.objects.filter(code__in=CODES):
    team = {}
    for held in Authorisation.objects.filter(hub=hub, until=None).order_by("pk").select_related("person", "supervisor"):
        if held.phase in team or held.phase == "indirect":
            continue
        client = Client()
        client.force_login(held.person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        answers = held.supervisor.phone if held.supervisor else ""
        team[held.phase] = {"cookie": [cookie.key, cookie.value], "answers": answers, "hub": hub.short_name}
    found[hub.code] = team
print(json.dumps(found))
"""


@dataclass
class House:
    """The running house."""

    home: Path
    database_url: str
    port: int = field(default_factory=ports.free_port)
    launcher: "subprocess.Popen[bytes] | None" = None
    tokens: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """What the house's own commands see."""
        told: dict[str, str] = json.loads((self.home / "house" / "environment.json").read_text())
        return {**os.environ, **told, "RUN_DIR": str(self.home)}

    def start(self) -> None:
        ours = {"RUN_DIR": str(self.home), "PORT": str(self.port), "NIGHT_SPEED": "0"}
        ours["DATABASE_URL"] = self.database_url
        theirs = {
            "DATABASE_URL",
            "REDIS_URL",
            "TWILIO_API_URL",
            "PUBLIC_URL",
            "ALLOWED_HOSTS",
            "SECRET_KEY",
            "DEMO",
        }
        kept = {k: v for k, v in os.environ.items() if k not in theirs and not k.startswith("TWILIO_")}
        with (self.home / "said.txt").open("wb") as said:
            self.launcher = subprocess.Popen(
                [sys.executable, "-m", "config.machine.run"],
                cwd=folders.PROJECT,
                env={**kept, **ours},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if not processes.eventually(lambda: "is ready" in self.said() or self._has_ended(), seconds=READY):
            raise AssertionError(f"the house did not become ready: {self.said()}")
        assert not self._has_ended(), self.said()
        told = json.loads(self.manage("shell", "--no-imports", "-c", SET_UP))
        self.tokens, self.numbers = told["tokens"], told["numbers"]

    def stop(self) -> None:
        if self.launcher and not self._has_ended():
            self.launcher.send_signal(signal.SIGTERM)
            self.launcher.wait(READY)

    def said(self) -> str:
        return (self.home / "said.txt").read_text(errors="replace")

    def _has_ended(self) -> bool:
        return self.launcher is not None and self.launcher.poll() is not None

    def manage(self, *arguments: str) -> str:
        """What a management command of this house prints."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(
            command,
            cwd=folders.PROJECT,
            env=self.settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=READY,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def phones(self) -> ControlClient:
        """Everybody's phones."""
        told = self.settings
        return ControlClient(
            told["TWILIO_API_URL"],
            account_sid=told["TWILIO_ACCOUNT_SID"],
            auth_token=told["TWILIO_AUTH_TOKEN"],
        )

    def number(self, username: str) -> str:
        """A person's phone number."""
        return self.numbers[username]

    def teams(self, *codes: str) -> dict[str, Any]:
        """At each of these hubs one operator of each phase who was let in, and the number of who answers for them."""
        told: dict[str, Any] = json.loads(
            self.manage("shell", "--no-imports", "-c", f"CODES = {codes!r}\n{TEAMS}")
        )
        return told

    def ask(self, who: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        """An answer of the API to this person's program: status and JSON."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=READY) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def get(self, path: str) -> int:
        """The status of a page for anybody."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except HTTPError as refused:
            with refused:
                return refused.code
        except OSError:
            return 0

    def process(self, words: str) -> int:
        """The process of this house whose command line has these words."""
        return processes.one(self.home, words)
