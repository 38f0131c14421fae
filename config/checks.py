"""Turns a configuration that would fail at three in the morning into a sentence at start-up."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

HINT = "See .env.example."


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


def pages_have_two_ways(**_: Any) -> list[CheckMessage]:
    """What is half set up would fail when it is needed most."""
    found: list[CheckMessage] = []
    halves = {
        "NOTIFY_API_KEY": ("NOTIFY_TEMPLATE_ID", "NOTIFY_CALLBACK_TOKEN"),
        "VAPID_PRIVATE_KEY": ("VAPID_SUBJECT",),
    }
    for name, others in halves.items():
        if getattr(settings, name) and (
            missing := [other for other in others if not getattr(settings, other)]
        ):
            found.append(Error(f"{name} is set, and {', '.join(missing)} is not.", hint=HINT, id="dido.E004"))
    if not settings.DEMO and not settings.NOTIFY_API_KEY:
        sentence = "Texts have one way out only: nobody can be reached by text while Twilio fails."
        found.append(Warning(sentence, hint="Set NOTIFY_API_KEY.", id="dido.W005"))
    if not settings.DEMO and not settings.PLATFORM_OWNER:
        sentence = "Nobody is paged when Dido's own set-up stops pages from leaving."
        found.append(Warning(sentence, hint="Set PLATFORM_OWNER to somebody's username.", id="dido.W006"))
    if not settings.DEMO and not settings.DEADMAN_URL:
        sentence = "Nobody outside notices when the pager stops."
        found.append(Warning(sentence, hint="Set DEADMAN_URL.", id="dido.W007"))
    return found


def demo_is_not_public(**_: Any) -> list[CheckMessage]:
    """The demonstration signs people in without a password."""
    if settings.DEMO and settings.SECURE:
        sentence = "DEMO is on at a public address: anybody can sign in as anybody."
        return [Warning(sentence, hint="Set DEMO=0 wherever real patients are.", id="dido.W003")]
    return []
