"""The small Notify answers as Notify documents it: who may ask, what may be sent, and what is told of a text."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import time_machine

from paging.simulator.client import ControlClient, ControlError
from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.running import Simulator, running
from paging.transports.contract import Order
from paging.transports.notify import Notify
from tests.paging.simulator_notify.conftest import BEN, KEY, PATIENCE, SECRET, SERVICE, TEMPLATE, Ask, token

Sends = Callable[..., requests.Response]


def errors(answer: requests.Response) -> list[tuple[str, str]]:
    said = answer.json()
    assert said["status_code"] == answer.status_code
    return [(row["error"], row["message"]) for row in said["errors"]]


NOW = int(time.time())


@pytest.mark.parametrize(
    ("authorization", "status", "sentence"),
    [
        ("", 401, "Unauthorized: authentication token must be provided"),
        (f"Basic {SECRET}", 401, "Unauthorized: authentication bearer scheme must be used"),
        ("Bearer a.b.c", 403, "Invalid token: signature, api token is not valid"),
        ("Bearer YWJj.YWJj.YWJj", 403, "Invalid token: signature, api token is not valid"),
        ("Bearer x.y.z", 403, "Invalid token: signature, api token is not valid"),
        ("Bearer ", 401, "Unauthorized: authentication bearer scheme must be used"),
        (f"Bearer {token(header={'alg': 'none'})}", 403, "Invalid token: algorithm used is not HS256"),
        (f"Bearer {token(claims={'iat': NOW})}", 403, "Invalid token: iss field not provided"),
        (
            f"Bearer {token(claims={'iss': 'x', 'iat': NOW})}",
            403,
            "Invalid token: service id is not the right data type",
        ),
        (f"Bearer {token(claims={'iss': TEMPLATE, 'iat': NOW})}", 403, "Invalid token: service not found"),
        (f"Bearer {token(secret=SERVICE)}", 403, "Invalid token: API key not found"),
        (f"Bearer {token(claims={'iss': SERVICE})}", 403, "Invalid token: iat field not provided"),
        (f"Bearer {token()[:-4]}AAAA", 403, "Invalid token: API key not found"),
        (f"Bearer {token(claims=[])}", 403, "Invalid token: signature, api token is not valid"),
    ],
)
def test_only_a_token_of_the_service_lets_in(
    ask: Ask, authorization: str, status: int, sentence: str
) -> None:
    answer = ask("GET", f"/v2/notifications/{TEMPLATE}", authorization=authorization)
    assert answer.status_code == status
    assert errors(answer) == [("AuthError", sentence)]


@pytest.mark.parametrize(("skew", "good"), [(-29, True), (29, True), (-32, False), (40, False)])
def test_a_clock_may_be_half_a_minute_wrong(ask: Ask, skew: int, good: bool) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        header = f"Bearer {token(claims={'iss': SERVICE, 'iat': int(time.time()) + skew})}"
        answer = ask("GET", f"/v2/notifications/{TEMPLATE}", authorization=header)
    assert answer.status_code == (404 if good else 403)
    assert good or "within 30 seconds" in errors(answer)[0][1]


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"phone_number": None}, "ValidationError", "phone_number is a required property"),
        ({"template_id": None}, "ValidationError", "template_id is a required property"),
        ({"template_id": "x"}, "ValidationError", "template_id is not a valid UUID"),
        ({"template_id": SERVICE}, "BadRequestError", "Template not found"),
        ({"phone_number": 7}, "ValidationError", "phone_number 7 is not of type string"),
        (
            {"phone_number": "07700x900101"},
            "ValidationError",
            "phone_number Must not contain letters or symbols",
        ),
        ({"phone_number": "0770090"}, "ValidationError", "phone_number Not enough digits"),
        ({"phone_number": "077009001"}, "ValidationError", "phone_number Not enough digits"),
        ({"phone_number": "0770090010199"}, "ValidationError", "phone_number Too many digits"),
        ({"phone_number": "07700900101999999"}, "ValidationError", "phone_number Too many digits"),
        ({"phone_number": "0151 496 0123"}, "ValidationError", "phone_number Not a UK mobile number"),
        ({"phone_number": "+33612345678"}, "BadRequestError", "Cannot send to international mobile numbers"),
        ({"personalisation": {}}, "BadRequestError", "Missing personalisation: text"),
        ({"personalisation": [1]}, "ValidationError", "personalisation is not of type object"),
        (
            {"colour": "red"},
            "ValidationError",
            "Additional properties are not allowed (colour was unexpected)",
        ),
        (
            {"sms_sender_id": SERVICE},
            "BadRequestError",
            f"sms_sender_id {SERVICE} does not exist in database for service id {SERVICE}",
        ),
        (
            {"personalisation": {"text": "x" * 919}},
            "BadRequestError",
            "Content for template has a character count greater than the limit of 918",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_in_notifys_words(
    sends: Sends, simulator: Simulator, changes: dict[str, Any], kind: str, sentence: str
) -> None:
    answer = sends(**changes)
    assert answer.status_code == 400
    assert errors(answer) == [(kind, sentence)]
    assert simulator.phones() == []


@pytest.mark.parametrize("body", ["", "[", "7", "[]"])
def test_a_body_that_is_no_object_is_refused(ask: Ask, body: str) -> None:
    answer = ask("POST", "/v2/notifications/sms", data=body)
    assert errors(answer) == [("BadRequestError", "Invalid JSON supplied in POST data")]


@pytest.mark.parametrize(
    "written", ["+447700900101", "447700900101", "07700 900101", "(07700) 900-101", "00447700900101"]
)
def test_a_number_may_be_written_in_any_usual_way(sends: Sends, simulator: Simulator, written: str) -> None:
    assert sends(phone_number=written).status_code == 201
    simulator.settle()
    assert simulator.received(BEN) == ["R7K2"]


def test_an_accepted_text_is_described_as_notify_describes_it(
    sends: Sends, ask: Ask, simulator: Simulator
) -> None:
    answer = sends(reference="4711")
    assert answer.status_code == 201
    said = answer.json()
    assert said == {
        "id": said["id"],
        "reference": "4711",
        "content": {"body": "R7K2", "from_number": "07700900999"},
        "uri": f"{simulator.url}/v2/notifications/{said['id']}",
        "template": {"id": TEMPLATE, "version": 1, "uri": f"{simulator.url}/v2/template/{TEMPLATE}"},
        "scheduled_for": None,
    }
    simulator.settle()
    found = ask("GET", f"/v2/notifications/{said['id']}").json()
    assert (found["status"], found["reference"], found["phone_number"]) == ("delivered", "4711", BEN)
    assert (found["type"], found["body"], found["subject"]) == ("sms", "R7K2", None)
    assert found["created_at"] <= found["sent_at"] <= found["completed_at"]


@pytest.mark.parametrize(("id", "status"), [(TEMPLATE, 404), ("x", 400)])
def test_an_unknown_text_is_not_found(ask: Ask, id: str, status: int) -> None:
    answer = ask("GET", f"/v2/notifications/{id}")
    assert answer.status_code == status


def test_another_address_of_the_api_is_not_there(ask: Ask) -> None:
    assert ask("GET", "/v2/templates").status_code == 404
    assert ask("DELETE", "/v2/notifications/sms").status_code == 405


def test_received_texts_come_a_page_at_a_time_the_newest_first(ask: Ask, simulator: Simulator) -> None:
    ids = [simulator.reply(BEN, f"text {n}") for n in range(252)]
    first = ask("GET", "/v2/received-text-messages").json()
    assert [text["id"] for text in first["received_text_messages"]] == ids[:1:-1]
    newest = first["received_text_messages"][0]
    assert (newest["user_number"], newest["notify_number"]) == ("447700900101", "07700900999")
    assert (newest["content"], newest["service_id"]) == ("text 251", SERVICE)
    rest = ask("GET", first["links"]["next"].removeprefix(simulator.url)).json()
    assert [text["id"] for text in rest["received_text_messages"]] == [ids[1], ids[0]]
    last = ask("GET", rest["links"]["next"].removeprefix(simulator.url)).json()
    assert last["received_text_messages"] == []
    assert "next" not in last["links"]


def test_what_the_control_interface_cannot_do_it_refuses(simulator: Simulator) -> None:
    simulator.change_phone(BEN, signal=False)
    for wrong in (
        lambda: simulator.reply(BEN, "4F7K"),
        lambda: simulator.reply(BEN, ""),
        lambda: simulator.change_phone(BEN, ends="lost"),
        lambda: simulator.change_phone(BEN, colour="red"),
        lambda: simulator.change_phone(BEN, signal="yes"),
        lambda: simulator.order_faults({"action": "created_failed:30003"}),
        lambda: simulator.order_faults({"action": "unheard_of"}),
        lambda: simulator.change_service(daily_limit="all"),
    ):
        with pytest.raises(ControlError):
            wrong()
    stranger = ControlClient(simulator.url, account_sid=SERVICE, auth_token="wrong")
    with pytest.raises(ControlError) as refused:
        stranger.phones()
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("/control/phones/x/reply", "[", 400), ("/control/settle", "7", 400), ("/control/nothing", "{}", 404)],
)
def test_the_control_interface_says_what_it_cannot_read(
    simulator: Simulator, path: str, body: str, status: int
) -> None:
    answer = requests.post(simulator.url + path, data=body, auth=(SERVICE, SECRET), timeout=PATIENCE)
    assert answer.status_code == status
    assert answer.json()["error"]
    for header in ("", "Basic é", "Basic x", f"Bearer {SECRET}"):
        refused = requests.post(
            simulator.url + path, headers={"Authorization": header.encode()}, timeout=PATIENCE
        )
        assert refused.status_code == 401


def test_a_fault_can_be_called_off(sends: Sends, simulator: Simulator) -> None:
    simulator.order_faults({"action": "status:500"})
    simulator.clear_faults()
    assert sends().status_code == 201


def test_a_reply_need_not_wait_until_it_is_told(simulator: Simulator) -> None:
    simulator.reply(BEN, "4F7K", wait=False)
    simulator.settle()
    assert len(simulator.ledger("inbound")) == 1


def test_a_service_may_send_abroad_and_keeps_only_so_much() -> None:
    config = NotifyConfig(api_key=KEY, template_id=TEMPLATE, international=True, history=1).without_delays()
    with running(config) as simulator:
        notify = Notify(api_key=KEY, template_id=TEMPLATE, base_url=simulator.url)
        first, second = (notify.send(Order(page_id=n, to="+33612345678", words="x")) for n in (1, 2))
        assert notify.status(first.provider_id) is None
        assert notify.status(second.provider_id) is not None


def test_a_key_that_is_none_has_no_parts() -> None:
    with pytest.raises(ValueError, match="secret"):
        NotifyConfig(api_key="nonsense", template_id=TEMPLATE).secret  # noqa: B018


def test_a_port_in_use_is_an_error_at_the_start(simulator: Simulator) -> None:
    port = int(simulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match="address already in use"), running(simulator.config, port=port):
        raise AssertionError("never here")


def test_everything_is_written_down_and_can_be_forgotten(sends: Sends, simulator: Simulator) -> None:
    simulator.order_faults({"action": "status:503", "retry_after": 9})
    answer = sends()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "9")
    assert errors(answer) == [("Exception", "Internal server error")]
    sends()
    simulator.settle()
    lines = simulator.ledger("request")
    assert [(line["fault"], line["http_status"], line["to"]) for line in lines] == [
        ("status:503", None, BEN),
        ("", 201, BEN),
    ]
    assert SECRET not in json.dumps(simulator.ledger())
    simulator.reset()
    assert (simulator.ledger(), simulator.phones()) == ([], [])


def test_the_health_page_needs_no_password(simulator: Simulator) -> None:
    assert requests.get(f"{simulator.url}/healthz", timeout=PATIENCE).json() == {"status": "ok"}
