"""What is true of every answer: never cached, guarded by headers, refused in one shape, and never leaking a fault."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError

from referrals import verbs
from tests.api.callers import Caller
from tests.world import World


def test_no_answer_is_cached_and_each_has_the_guarding_headers(world: World, ada: Caller) -> None:
    code = world.a_referral().code
    answers = [
        ada.get("/openapi.json"),
        ada.get("/referrals"),
        ada.get(f"/referrals/{code}"),
        ada.get("/referrals/ZZZZ"),
        ada.get("/nowhere"),
        ada.does(code, "depart"),
        ada.post("/referrals", b"{"),
        ada.client.delete("/api/v1/sites"),
        Caller("").get("/sites"),
    ]
    assert {answer.status_code for answer in answers} == {200, 400, 401, 404, 405, 409}
    for answer in answers:
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Content-Type"].startswith("application/json")
        if answer.status_code >= 400:
            assert set(answer.json()) <= {"error", "message", "fields"}
            assert answer.json()["message"].endswith((".", "…"))


@pytest.mark.parametrize("path", ["/", "/nowhere", "/referrals/", "/docs", "/referrals/R7K2/accept/now"])
def test_any_other_address_is_refused_in_the_same_shape(ada: Caller, path: str) -> None:
    for answer in (ada.get(path), ada.post(path)):
        assert (answer.status_code, answer.json()["error"]) == (404, "no_address")


def breaks_with(error: Exception) -> Any:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    return broken


def test_an_unexpected_fault_leaks_nothing_into_the_answer_or_the_log(
    world: World, ada: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    code = world.a_referral().code
    monkeypatch.setattr(verbs, "do", breaks_with(ZeroDivisionError("Canary-Whitlock 9990000018")))
    answer = ada.does(code, "depart", note="Canary-Whitlock")
    assert (answer.status_code, answer.json()["error"]) == (500, "fault")
    assert "Canary" not in answer.content.decode() + caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "test_answers.py" in caplog.text


def test_a_database_that_went_away_is_said_to_be_away(
    world: World, ada: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    code = world.a_referral().code
    lost = OperationalError("server closed the connection unexpectedly: Canary-Whitlock")
    lost.__cause__ = psycopg.OperationalError()
    monkeypatch.setattr(verbs, "do", breaks_with(lost))
    answer = ada.does(code, "depart")
    assert (answer.status_code, answer.json()["error"], answer["Retry-After"]) == (503, "database_away", "2")
    assert "same Idempotency-Key" in answer.json()["message"]
    assert "Canary" not in answer.content.decode() + caplog.text
