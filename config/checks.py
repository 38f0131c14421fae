"""Turns a configuration that would fail at three in the morning into a sentence at start-up."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning


def can_page(**_: Any) -> list[CheckMessage]:
    """Without an account at Twilio nobody is paged."""
    needed = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
    if missing := [name for name in needed if not getattr(settings, name)]:
        sentence = f"Nobody can be paged: {', '.join(missing)} is not set."
        return [
            Error(sentence, hint="See .env.example; `make run` sets a simulator for itself.", id="dido.E001")
        ]
    if not re.fullmatch(r"\+[1-9]\d{7,14}", settings.TWILIO_FROM):
        return [
            Error(
                "TWILIO_FROM must be a number like +447700900000, so that people can reply.", id="dido.E002"
            )
        ]
    return []


def demo_is_not_public(**_: Any) -> list[CheckMessage]:
    """The demonstration signs people in without a password."""
    if settings.DEMO and settings.SECURE:
        sentence = "DEMO is on at a public address: anybody can sign in as anybody."
        return [Warning(sentence, hint="Set DEMO=0 wherever real patients are.", id="dido.W003")]
    return []
