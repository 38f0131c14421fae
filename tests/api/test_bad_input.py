"""Whatever is wrong with a body is answered with a sentence for each field, in one shape, and changes nothing."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.asgi import ASGIRequest

from api import bodies
from tests.api.callers import Caller
from tests.world import World
from tests.world import facts as known

SCORE = "NIHSS is a whole number from 0 to 42."
UNKEEPABLE = "This holds a character that cannot be kept."
NOT_A_TIME = "Arrived at your door: this is not a date and time. Write it like 2026-11-21 02:30."
WHERE = "Say in which hospital the patient is: its ODS site code, like RBL14."
WRONG: list[tuple[str, Any, str]] = [
    ("nihss", 43, SCORE),
    ("nihss", -1, SCORE),
    ("nihss", 14.5, SCORE),
    ("nihss", "many", SCORE),
    ("nihss", 10**400, SCORE),
    ("nihss", "9" * 5000, SCORE),
    ("nihss", True, "nihss must be a text or a number."),
    ("nihss", [14], "nihss must be a text or a number."),
    ("nihss", None, "Give the NIHSS."),
    ("nhs_number", "9990000019", "This is not a valid NHS number"),
    ("family_name", "", "Give the family name."),
    ("family_name", "x" * 81, "Family name is too long: at most 80 characters."),
    ("family_name", "Nul\x00l", UNKEEPABLE),
    ("family_name", "half \ud800 pair", UNKEEPABLE),
    ("date_of_birth", "31/31/1950", "Date of birth: this is not a date."),
    ("date_of_birth", "2027-01-01", "The date of birth lies in the future."),
    ("date_of_birth", "0001-01-01", "Check the year of birth."),
    ("sex", "sometimes", "Sex must be one of: "),
    ("arrived_at", "yesterday", NOT_A_TIME),
    ("arrived_at", {}, "arrived_at must be a text or a number."),
    ("arrived_at", "2026-11-22T03:10:00Z", "Arrived at your door lies in the future."),
    ("arrived_at", "0001-01-01T00:00:00+14:00", "Arrived at your door is more than 14 days ago."),
    ("cta_at", "2026-11-21T01:00:00Z", "The CT angiogram is before the arrival at your door."),
    ("side", None, "Say which side the clot is on."),
    ("thrombolysis_at", None, "Give the time of thrombolysis."),
    ("callback", "the ward", "This is not a telephone number"),
    ("at", "soon", "This is not a date and time."),
    ("at", [[]], "This is not a date and time."),
    ("at", "2026-11-21T09:00:00Z", "This time lies in the future."),
    ("spoke", None, WHERE),
    ("spoke", 14, WHERE),
    ("spoke", "RBL14\x00", UNKEEPABLE),
    ("spoke", "XXXXX", "There is no hospital with the code “XXXXX”."),
    ("hubs", [], "Choose at least one hub."),
    ("hubs", "RBN01", "RBN01 is not a thrombectomy hub."),
    ("hubs", ["RET20\x00"], UNKEEPABLE),
    ("hubs", [1], "The hubs must be a list of site codes."),
    ("hubs", [[[[[[["RET20"]]]]]]], "This is nested too deeply."),
    ("separate", "yes", "separate is true or false."),
    ("pre_alert", True, "A pre-alert asks no hub yet"),
    ("blood_group", "A", "There is no field called “blood_group”."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), WRONG)
def test_a_wrong_value_is_named_and_nothing_is_saved(
    world: World, ada: Caller, field: str, value: Any, sentence: str
) -> None:
    answer = ada.post("/referrals", {"spoke": "RBL14", "hubs": ["RET20"], **known(world.now), field: value})
    told = answer.json()
    assert answer.status_code == 422
    assert told["error"] == "bad_input"
    named = "hubs" if field == "pre_alert" else field
    assert told["fields"][named].startswith(sentence)
    assert told["fields"][named] in told["message"]
    assert ada.get("/referrals").json() == []


def test_all_faults_come_in_one_answer(world: World, ada: Caller) -> None:
    said = known(world.now, nihss=43, family_name="")
    fields = ada.post("/referrals", {"hubs": ["RET20"], **said, "separate": 1}).json()["fields"]
    assert set(fields) == {"spoke", "nihss", "family_name", "separate"}
    fields = ada.post("/referrals", {"spoke": "RBL14", "hubs": ["nowhere"], **said}).json()["fields"]
    assert set(fields) == {"hubs", "nihss", "family_name"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nihss=14",
        b"\xff\xfe",
        b'{"nihss": NaN}',
        b'{"nihss": -Infinity}',
        b'{"nihss": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_json_is_said_to_be_none(ada: Caller, body: bytes) -> None:
    answer = ada.post("/referrals", body)
    assert answer.status_code == 400
    assert answer.json() == {"error": "bad_json", "message": "The body is not valid JSON."}


@pytest.mark.parametrize("body", [b"[]", b'"RBL14"', b"14", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(ada: Caller, body: bytes) -> None:
    answer = ada.post("/referrals", body)
    assert (answer.status_code, answer.json()["fields"]) == (
        422,
        {"body": "The body must be one JSON object."},
    )


def test_a_value_that_is_said_twice_is_refused_because_nobody_knows_which_counts(ada: Caller) -> None:
    answer = ada.post("/referrals", b'{"nihss": 4, "nihss": 14}')
    assert (answer.status_code, answer.json()["fields"]) == (422, {"nihss": "This is said twice."})


def test_a_body_that_is_far_too_long_is_refused(ada: Caller) -> None:
    answer = ada.post("/referrals", json.dumps({"note": "x" * 300_000}).encode())
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_body_that_came_in_pieces_is_measured_too() -> None:
    pieces = ASGIRequest(
        {"type": "http", "method": "POST", "path": "/", "headers": []}, BytesIO(b" " * 300_000)
    )
    with pytest.raises(RequestDataTooBig):
        bodies.read(pieces)


def test_no_body_at_all_counts_as_an_empty_one(world: World, ben: Caller) -> None:
    code = world.a_referral().code
    assert ben.post(f"/referrals/{code}/accept", b"").json()["state"] == "accepted"
    assert ben.post("/referrals", b" ").json()["error"] == "bad_input"


@pytest.mark.parametrize("key", ["k" * 121, "naïve", "tab\tkey"])
def test_an_odd_idempotency_key_is_refused(world: World, ada: Caller, key: str) -> None:
    answer = ada.post("/referrals", {"spoke": "RBL14", "hubs": ["RET20"], **known(world.now)}, key=key)
    assert answer.status_code == 422
    assert answer.json()["fields"] == {
        "Idempotency-Key": "The Idempotency-Key is at most 120 plain characters."
    }
    assert ada.get("/referrals").json() == []


def test_the_longest_idempotency_key_is_taken(world: World, ada: Caller) -> None:
    said = {"spoke": "RBL14", "hubs": ["RET20"], **known(world.now)}
    assert ada.post("/referrals", said, key="k" * 120).status_code == 201


def test_a_verb_names_what_it_lacks_and_what_it_does_not_take(world: World, ben: Caller) -> None:
    code = world.a_referral().code
    answer = ben.does(code, "decline", hub="RET20", colour="red")
    assert answer.status_code == 422
    assert answer.json()["fields"] == {
        "reason": "The reason: this is needed.",
        "colour": "“Decline” takes no “colour”.",
    }
    answer = ben.does(code, "decline", reason="busy", at="soon")
    assert set(answer.json()["fields"]) == {"reason", "at"}
    assert ben.get(f"/referrals/{code}").json()["version"] == 1
