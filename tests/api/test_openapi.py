"""The OpenAPI document is valid, and the API keeps to it whatever is sent: it never fails, and answers as described."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as habits
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis import checks as check
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as conformance

from api import urls
from referrals import facts, verbs
from referrals.states import State
from tests.api.callers import Caller
from tests.world import World

PROMISES = [
    check.not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]
described = schemathesis.openapi.from_dict(dict(urls.api.get_openapi_schema(path_prefix="/api/v1/")))
described.app = get_wsgi_application()
OPERATIONS: list[Any] = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
# The same examples at every run: a test that fails now and then is believed by nobody.
sparing = habits(
    max_examples=4,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)


def document() -> dict[str, Any]:
    return dict(Client().get("/api/v1/openapi.json").json())


@pytest.fixture
def as_a_server(settings: Any) -> Iterator[None]:
    """Requests come in by WSGI, and as in Django's own test client they leave the test's connection open."""
    settings.ALLOWED_HOSTS = ["localhost"]
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    yield
    for end in ends:
        end.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_whatever_is_sent_is_answered_as_described(
    world: World, ada: Caller, ben: Caller, *, as_a_server: None, operation: Any, mode: GenerationMode
) -> None:
    code = world.a_referral(State.ACCEPTED).code

    @sparing
    @given(operation.as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        if case.path_parameters and len(str(case.path_parameters["code"])) % 2:
            case.path_parameters["code"] = code
        for caller in (ada, ben):
            case.call_and_validate(headers={"Authorization": f"Bearer {caller.token}"}, checks=PROMISES)

    sent()


def test_each_address_asks_for_a_token_and_refuses_other_methods(
    world: World, ada: Caller, ben: Caller
) -> None:
    for operation in OPERATIONS:
        path = operation.path.removeprefix("/api/v1").replace("{code}", "R7K2").replace("{number}", "1")
        path = path.replace("{upload}", str(uuid.UUID(int=1)))
        nobody = Caller("").get(path) if operation.method.upper() == "GET" else Caller("").post(path)
        assert (nobody.status_code, nobody.json()["error"]) == (401, "unauthorised"), operation.label
        wrong = ada.client.delete(f"/api/v1{path}")
        assert (wrong.status_code, wrong.json()["error"]) == (405, "wrong_method"), operation.label
        assert operation.method.upper() in wrong["Allow"]


def test_the_document_says_what_each_verb_takes(db: None) -> None:
    paths = document()["paths"]
    for verb in verbs.VERBS.values():
        operation = paths[f"/api/v1/referrals/{{code}}/{verb.name}"]["post"]
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert {a.name for a in verb.takes} <= set(body["properties"])
        assert set(body["required"]) == {a.name for a in verb.takes if a.required}
        assert (set(facts.NAMES) <= set(body["properties"])) == verb.takes_facts
        assert {"200", "401", "403", "404", "409", "422"} <= set(operation["responses"])
        assert "Idempotency-Key" in {p["name"] for p in operation["parameters"]}


def test_every_schema_in_the_document_is_a_schema_and_its_example_fits(db: None) -> None:
    told = document()
    assert told["openapi"].startswith("3.1")
    for schema in told["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    body = told["paths"]["/api/v1/referrals"]["post"]["requestBody"]["content"]["application/json"]
    Draft202012Validator(body["schema"]).validate(body["example"])
    assert set(facts.NAMES) < set(body["schema"]["properties"])


def test_the_document_needs_no_token_and_tells_the_scheme(db: None) -> None:
    assert Client().post("/api/v1/openapi.json").status_code == 405
    told = document()
    assert [s["scheme"] for s in told["components"]["securitySchemes"].values()] == ["bearer"]
    assert all(o["security"] for path in told["paths"].values() for o in path.values())
