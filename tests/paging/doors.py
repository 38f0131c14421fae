"""Twilio's doors from outside: forms signed as Twilio signs them, sent to Dido at its public address.

Used by the tests that need no simulator, or forge what no simulator would send.
"""

import hashlib
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from paging.models import Page
from referrals.models import Event, Referral
from tests.paging.conftest import ACCOUNT, TOKEN
from tests.paging.tables import Tables
from tests.world import World

PUBLIC = "https://dido.example"
FORM = "application/x-www-form-urlencoded"

LENGTH = 34
Form = dict[str, str]
ACCEPT, DECLINE, LOOK = 0, 1, 2  # the places of the keys


def at_public_address(world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dido behind a proxy that ends TLS, on the test's own clock."""
    settings.PUBLIC_URL = PUBLIC
    monkeypatch.setattr("paging.webhooks.timezone", SimpleNamespace(now=lambda: world.now))


def signature(path: str, form: Form, token: str = TOKEN) -> str:
    """What Twilio puts into X-Twilio-Signature for this form."""
    return str(cast(Any, RequestValidator)(token).compute_signature(PUBLIC + path, form))


def post(path: str, form: Form, *, signed: str | None = None, account: str = ACCOUNT) -> HttpResponse:
    """Send a form, signed as Twilio does unless another signature is given (an empty one is none)."""
    whole = {"AccountSid": account, **form}
    whole |= {name: _as_twilio_names(whole[name]) for name in ("MessageSid", "CallSid") if name in whole}
    given = signature(path, whole) if signed is None else signed
    return _send(path, whole, given)


def _as_twilio_names(sid: str) -> str:
    """A message's or call's name of the length that Twilio's have; a short one stands for one."""
    return (
        sid if len(sid) == LENGTH else sid[:2] + hashlib.md5(sid.encode(), usedforsecurity=False).hexdigest()
    )


def _send(path: str, form: Form, given: str) -> HttpResponse:
    body = "&".join(
        f"{name}={value.replace('+', '%2B').replace('#', '%23').replace('*', '%2A')}"
        for name, value in form.items()
    )
    headers = {"X-Twilio-Signature": given} if given else {}
    answer = Client(enforce_csrf_checks=True).generic("POST", path, body, content_type=FORM, headers=headers)
    return cast(HttpResponse, answer)


@dataclass
class Line:
    """One call as Twilio reports it."""

    page: Page
    sid: str
    to: str

    @property
    def path(self) -> str:
        return f"/twilio/voice/answer?page={self.page.pk}"

    def form(self, key: str, **more: str) -> dict[str, str]:
        return {"CallSid": self.sid, "From": "+447700900999", "To": self.to, "Digits": key, **more}

    def presses(self, key: int | str, **more: str) -> str:
        """A key, by its meaning or by its sign; returns the TwiML that answers it."""
        digit = self.page.digits[key] if isinstance(key, int) else key
        answer = post(self.path, self.form(digit, **more))
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
        return answer.content.decode()

    def machine(self, by: str = "machine_start") -> None:
        path = f"/twilio/voice/machine?page={self.page.pk}"
        assert post(path, {"CallSid": self.sid, "AnsweredBy": by}).status_code == 204

    def status(self, status: str) -> None:
        path = f"/twilio/voice/status?page={self.page.pk}"
        assert post(path, {"CallSid": self.sid, "CallStatus": status}).status_code == 204


def line_of(desk: Tables, username: str) -> Line:
    """The latest call of this person."""
    page = desk.page(username, channel="voice")
    return Line(page, page.provider_id, page.phone)


def state() -> str:
    """Where the one patient of this test is."""
    return Referral.objects.get().state


def verbs() -> list[str]:
    """All that was done to patients, in its order."""
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))
