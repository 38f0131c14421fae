"""Replies to our number must come to us: where Twilio sends them elsewhere, the platform's owner hears of it."""

import pytest
from pytest_django import Settings

from paging import own_number
from paging.models import Escalation, Reason
from tests.paging.night import Night

ELSEWHERE = "PLATFORM: twilio says replies by text go to another address."


@pytest.fixture
def owned(night: Night, settings: Settings) -> Night:
    """Hob looks after the platform."""
    settings.PLATFORM_OWNER = "hob"
    night.allowed_errors = {"platform_fault"}
    return night


def _checks(night: Night) -> None:
    own_number.check(routes=night.routes, clock=night.clock)
    night.works()


def _open() -> list[str]:
    found = Escalation.objects.filter(reason=Reason.PLATFORM, closed_at=None)
    return list(found.values_list("subject", flat=True))


def test_where_replies_come_to_us_nobody_is_told(owned: Night) -> None:
    _checks(owned)
    assert _open() == []


@pytest.mark.parametrize("patience", ["#rc=2", "#ct=2000&rp=all"])
def test_how_patiently_twilio_knocks_is_no_part_of_the_address(owned: Night, patience: str) -> None:
    owned.simulator.set_inbound(owned.simulator.config.inbound_url + patience)
    _checks(owned)
    assert _open() == []


@pytest.mark.parametrize("address", ["https://old.example/twilio/sms/inbound", "", "http://127.0.0.1:9/"])
def test_where_replies_go_elsewhere_the_platforms_owner_is_paged_once(owned: Night, address: str) -> None:
    owned.simulator.set_inbound(address)
    _checks(owned)
    owned.hears(hob=ELSEWHERE)
    _checks(owned)
    owned.is_silent()


def test_a_number_that_is_not_in_our_account_is_told_in_other_words(owned: Night) -> None:
    ours, owned.account.number = owned.account.number, "+447700900998"
    own_number.check(routes=owned.routes, clock=owned.clock)
    owned.account.number = ours
    owned.works()
    owned.hears(hob="PLATFORM: twilio says our number is not in our account.")


def test_once_they_come_to_us_again_its_owner_is_paged_no_more(owned: Night) -> None:
    owned.simulator.set_inbound("https://old.example/")
    _checks(owned)
    owned.hears(hob=ELSEWHERE)
    owned.simulator.set_inbound(owned.simulator.config.inbound_url)
    _checks(owned)
    assert _open() == []
    owned.wind(minutes=5)
    owned.is_silent()


@pytest.mark.parametrize("fault", ["status:503", "wrong_json", "reset", "error:20003"])
def test_where_twilio_does_not_answer_nothing_is_said_and_nothing_taken_back(
    owned: Night, fault: str
) -> None:
    owned.simulator.set_inbound("https://old.example/")
    _checks(owned)
    owned.hears(hob=ELSEWHERE)
    owned.simulator.order_faults({"action": fault, "match": {"path": "IncomingPhoneNumbers"}})
    _checks(owned)
    assert _open() == ["twilio hooks:elsewhere"]


def test_without_an_account_nobody_is_asked(owned: Night, settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID = ""
    before = len(owned.simulator.ledger())
    _checks(owned)
    assert len(owned.simulator.ledger()) == before
