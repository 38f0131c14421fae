"""A configuration that cannot page anybody, or that lets anybody in, is said at start-up."""

import pytest
from pytest_django import Settings

from config import checks


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_an_account_that_cannot_page_is_an_error(settings: Settings, name: str) -> None:
    assert checks.can_page() == []
    setattr(settings, name, "")
    (fault,) = checks.can_page()
    assert fault.id == "dido.E001"
    assert name in fault.msg


def test_a_sender_that_cannot_be_answered_is_an_error(settings: Settings) -> None:
    settings.TWILIO_FROM = "DIDO"
    assert [fault.id for fault in checks.can_page()] == ["dido.E002"]


def test_a_public_demonstration_is_a_warning(settings: Settings) -> None:
    settings.DEMO, settings.SECURE = True, False
    assert checks.demo_is_not_public() == []
    settings.SECURE = True
    assert [fault.id for fault in checks.demo_is_not_public()] == ["dido.W003"]


def test_what_is_half_set_up_or_has_no_second_way_is_said(settings: Settings) -> None:
    settings.DEMO = True
    assert checks.pages_have_two_ways() == []
    settings.NOTIFY_API_KEY = "key"
    assert [fault.id for fault in checks.pages_have_two_ways()] == ["dido.E004"]
    settings.DEMO, settings.NOTIFY_API_KEY = False, ""
    assert [fault.id for fault in checks.pages_have_two_ways()] == ["dido.W005", "dido.W006", "dido.W007"]
    settings.PLATFORM_OWNER, settings.DEADMAN_URL = "nia", "https://watch.example/dido"
    settings.NOTIFY_API_KEY, settings.NOTIFY_TEMPLATE_ID, settings.NOTIFY_CALLBACK_TOKEN = (
        "key",
        "one",
        "token",
    )
    assert checks.pages_have_two_ways() == []
