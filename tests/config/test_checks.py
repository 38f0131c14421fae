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
