"""Twilio's doors open to Twilio alone: a form that is not signed for us changes nothing."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.test import Client
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from paging import engine
from paging.models import Callback, Fate, Inbound, Page
from tests.paging.conftest import ACCOUNT, OURS, TOKEN
from tests.paging.tables import Postbox
from tests.world import World

PUBLIC = "https://dido.example"


@pytest.fixture
def page(world: World, twilio_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page that has left, and Dido at its public address behind a proxy that ends TLS."""
    monkeypatch.setattr("paging.webhooks.timezone", SimpleNamespace(now=lambda: world.now))
    twilio_settings.PUBLIC_URL = PUBLIC
    world.refers()
    engine.tick(now=world.now, routes=Postbox().routes, clock=lambda: world.now)
    return Page.objects.select_related("person").get()


def _signature(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    return str(cast(Any, RequestValidator)(token).compute_signature(url, form))


def _status(page: Page) -> tuple[str, dict[str, str]]:
    form = {
        "AccountSid": ACCOUNT,
        "MessageSid": page.provider_id,
        "MessageStatus": "undelivered",
        "ErrorCode": "30003",
    }
    return f"/twilio/sms/status?page={page.pk}", form


def _inbound(page: Page) -> tuple[str, dict[str, str]]:
    assert page.person
    form = {
        "AccountSid": ACCOUNT,
        "MessageSid": "SM" + "7" * 32,
        "From": page.person.phone,
        "To": OURS,
        "Body": page.reply_code,
    }
    return "/twilio/sms/inbound", form


def _encoded(form: dict[str, str]) -> str:
    return "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in form.items())


def _send(path: str, form: dict[str, str], signature: str | None, **more: Any) -> int:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    client = Client(enforce_csrf_checks=True)
    body = more.pop("body", _encoded(form))
    return client.generic(
        more.pop("method", "POST"),
        path,
        body,
        content_type=more.pop("content_type", "application/x-www-form-urlencoded"),
        headers={**headers, **more.pop("headers", {})},
    ).status_code


def _untouched() -> bool:
    return (
        not Callback.objects.exists()
        and not Inbound.objects.exists()
        and Page.objects.get().fate == Fate.SENT
        and Page.objects.get().used_at is None
    )


def test_a_signed_report_and_a_signed_text_are_heard(page: Page) -> None:
    path, form = _status(page)
    assert _send(path, form, _signature(PUBLIC + path, form)) == 204
    assert Page.objects.get(pk=page.pk).fate == Fate.FAILED
    path, form = _inbound(page)
    assert _send(path, form, _signature(PUBLIC + path, form)) == 200
    assert Page.objects.get(pk=page.pk).fate == Fate.ANSWERED


@pytest.mark.parametrize("door", [_status, _inbound])
@pytest.mark.parametrize("signature", [None, "", "AAAA", "ä"])
def test_a_missing_or_wrong_signature_is_refused(page: Page, door: Any, signature: str | None) -> None:
    path, form = door(page)
    given = signature.encode().decode("latin-1") if signature else signature
    assert _send(path, form, given) == 403
    assert _untouched()


@pytest.mark.parametrize("door", [_status, _inbound])
def test_another_account_s_token_is_refused(page: Page, door: Any) -> None:
    path, form = door(page)
    assert _send(path, form, _signature(PUBLIC + path, form, "another-token")) == 403
    assert _untouched()


@pytest.mark.parametrize("door", [_status, _inbound])
def test_another_account_s_form_is_refused_even_signed(page: Page, door: Any) -> None:
    path, form = door(page)
    form["AccountSid"] = "AC" + "9" * 32
    assert _send(path, form, _signature(PUBLIC + path, form)) == 403
    del form["AccountSid"]
    assert _send(path, form, _signature(PUBLIC + path, form)) == 403
    assert _untouched()


@pytest.mark.parametrize("door", [_status, _inbound])
def test_a_changed_added_or_missing_parameter_is_refused(page: Page, door: Any) -> None:
    path, form = door(page)
    signature = _signature(PUBLIC + path, form)
    for name in form:
        assert _send(path, {**form, name: form[name] + "1"}, signature) == 403
        assert _send(path, {k: v for k, v in form.items() if k != name}, signature) == 403
    assert _send(path, {**form, "NumMedia": "0"}, signature) == 403
    assert _untouched()


def test_a_report_with_another_page_in_its_address_is_refused(page: Page) -> None:
    path, form = _status(page)
    signature = _signature(PUBLIC + path, form)
    assert _send(f"/twilio/sms/status?page={page.pk + 1}", form, signature) == 403
    assert _send("/twilio/sms/status", form, signature) == 403
    assert _untouched()


@pytest.mark.parametrize("host", ["http://dido.example", "https://evil.example", "http://testserver"])
def test_a_signature_for_another_address_is_refused(page: Page, host: str) -> None:
    path, form = _inbound(page)
    assert _send(path, form, _signature(host + path, form)) == 403
    assert _send(path, form, _signature(host + path, form), headers={"X-Forwarded-Host": host}) == 403
    assert _untouched()


@pytest.mark.parametrize("door", [_status, _inbound])
def test_json_is_refused(page: Page, door: Any) -> None:
    path, form = door(page)
    signature = _signature(PUBLIC + path, {})
    assert _send(path, form, signature, body='{"AccountSid": 1}', content_type="application/json") == 403
    assert _send(path, form, _signature(PUBLIC + path, form), content_type="text/plain") == 403
    assert _untouched()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_heard(page: Page, method: str) -> None:
    path, form = _inbound(page)
    signature = _signature(PUBLIC + path, form)
    assert _send(path, form, signature, method=method) == 405
    assert _untouched()


def test_without_a_token_of_our_own_nothing_is_believed(page: Page, twilio_settings: Settings) -> None:
    twilio_settings.TWILIO_AUTH_TOKEN = ""
    path, form = _inbound(page)
    assert _send(path, form, _signature(PUBLIC + path, form, "")) == 403
    assert _untouched()


@pytest.mark.parametrize("number", ["", "x", "1e3", "-1", "9" * 30, "١"])
def test_a_report_for_a_page_that_is_no_number_is_heard_by_its_id(page: Page, number: str) -> None:
    path = f"/twilio/sms/status?page={number}".encode("ascii", "ignore").decode()
    _, form = _status(page)
    assert _send(path, form, _signature(PUBLIC + path, form)) == 204


def test_the_same_text_delivered_twice_is_done_once_and_answered_the_same(page: Page) -> None:
    path, form = _inbound(page)
    signature = _signature(PUBLIC + path, form)
    answers = [
        Client().generic(
            "POST",
            path,
            _encoded(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )
        for _ in range(3)
    ]
    assert len({answer.content for answer in answers}) == 1
    assert b"You have accepted" in answers[0].content
    assert Inbound.objects.count() == 1
    referral = page.escalation.referral
    assert referral
    assert list(referral.events.order_by("number").values_list("verb", flat=True)) == ["refer", "accept"]
