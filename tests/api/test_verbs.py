"""Every verb through the API: from referral to the way back, and every kind of refusal."""

from typing import Any

import pytest

from referrals.models import Event
from referrals.states import State
from tests.api.callers import Caller, caller
from tests.world import World, loses_role


def test_a_patients_whole_way(world: World, ada: Caller, ben: Caller, clock: Any) -> None:
    code = world.a_referral().code
    steps: list[tuple[Caller, str, dict[str, str], str]] = [
        (ben, "ask", {"text": "Which side?"}, "referred"),
        (ada, "answer", {"text": "The left."}, "referred"),
        (ada, "amend", {"nihss": "16"}, "referred"),
        (ben, "accept", {"hub": "RET20"}, "accepted"),
        (ada, "request_ambulance", {"category": "C2", "cad": "4711"}, "ambulance_requested"),
        (ada, "depart", {}, "departed"),
        (ben, "arrive", {}, "arrived"),
        (ben, "puncture", {}, "puncture"),
        (ben, "end_procedure", {"mtici": "2b"}, "treated"),
        (ben, "request_repatriation", {}, "repatriating"),
        (ada, "repatriate", {"note": "Bed 4"}, "repatriated"),
    ]
    for number, (who, verb, said, state) in enumerate(steps, start=2):
        clock.shift(60)
        answer = who.does(code, verb, **said)
        assert (answer.status_code, answer.json().get("state")) == (200, state), answer.json()
        assert answer.json()["version"] == number
    told = ada.get(f"/referrals/{code.lower()}").json()
    assert (told["hub"], told["operator"], told["category"], told["cad"]) == (
        "RET20",
        "Ben Hale",
        "C2",
        "4711",
    )
    assert (told["nihss"], told["mtici"]) == (16, "2b")
    # Door in at 02:25, departed at 03:16, groin puncture at 03:18; last known well at 01:30.
    assert told["departed_at"] == "2026-11-21T03:16:00Z"
    assert (told["dido_minutes"], told["door_to_puncture_minutes"], told["onset_to_puncture_minutes"]) == (
        51,
        53,
        108,
    )
    events = ada.get(f"/referrals/{code}/events").json()
    assert [event["verb"] for event in events] == ["refer", *[verb for _, verb, _, _ in steps]]
    assert events[3]["details"]["changed"] == {"nihss": ["14", "16"]}
    assert events[3]["details"]["judged"]["RET20"]["verdict"] == "within"
    assert (events[4]["before"], events[4]["after"]) == ("referred", "accepted")
    assert events[4]["by"] == {"username": "ben", "name": "Ben Hale"}
    assert events[4]["via"] == "api"
    assert [event["number"] for event in events] == list(range(1, 13))
    assert len({event["hash"] for event in events}) == 12


def test_a_time_entered_late_keeps_both_times(world: World, ada: Caller, ben: Caller, clock: Any) -> None:
    code = world.a_referral(State.AMBULANCE_REQUESTED).code
    clock.shift(15 * 60)
    told = ada.does(code, "depart", at="2026-11-21T03:14:00Z", note="The screen was locked.").json()
    assert told["departed_at"] == "2026-11-21T03:14:00Z"
    event = ada.get(f"/referrals/{code}/events").json()[-1]
    assert (event["at"], event["written_at"]) == ("2026-11-21T03:14:00Z", "2026-11-21T03:25:00Z")
    assert event["details"]["note"] == "The screen was locked."


def test_a_provisional_acceptance_is_confirmed_by_the_supervisor(world: World, ada: Caller) -> None:
    code = world.a_referral().code
    assert caller(world, "dev").does(code, "accept").json()["state"] == "provisional"
    told = caller(world, "sam").does(code, "confirm").json()
    assert (told["state"], told["operator"], told["supervisor"]) == ("accepted", "Dev Rao", "Sam Quist")


def test_a_verb_that_is_not_possible_now_is_a_conflict(world: World, ada: Caller) -> None:
    code = world.a_referral().code
    answer = ada.does(code, "depart")
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "wrong_state",
        "message": f"{code} is at “waiting for an answer”, so this cannot be done now. Nothing was changed.",
    }


def test_the_second_acceptance_is_told_who_has_the_patient(world: World, ben: Caller) -> None:
    code = world.a_referral(State.REFERRED, "RET20", "RM301").code
    assert ben.does(code, "accept").status_code == 200
    answer = caller(world, "mo").does(code, "accept")
    assert (answer.status_code, answer.json()["error"]) == (409, "already_taken")
    assert answer.json()["message"] == f"{code} was already accepted by Ben Hale for Walton at 03:10."


def test_somebody_who_sees_it_may_still_not_do_everything(world: World, ada: Caller, nia: Caller) -> None:
    code = world.a_referral().code
    hob = caller(world, "hob")
    refused = [
        (ada, "accept", {}, "You see this referral, but this is not yours to do."),
        (ada, "decline", {"reason": "no_bed"}, "You see this referral, but this is not yours to do."),
        (hob, "accept", {}, "Only an operator of Walton can accept. Nothing was changed."),
        (
            nia,
            "withdraw",
            {"reason": "improved"},
            "Only the spoke's stroke team can do this. Nothing was changed.",
        ),
    ]
    for who, verb, said, sentence in refused:
        answer = who.does(code, verb, **said)
        assert (answer.status_code, answer.json()) == (403, {"error": "not_allowed", "message": sentence})
    assert ada.get(f"/referrals/{code}").json()["version"] == 1


@pytest.mark.parametrize("verb", ["accept", "withdraw", "ask", "amend", "depart", "confirm"])
def test_a_stranger_is_told_that_there_is_nothing(world: World, zed: Caller, verb: str) -> None:
    code = world.a_referral().code
    said = {"withdraw": {"reason": "improved"}, "ask": {"text": "Who?"}}.get(verb, {})
    real, none = zed.does(code, verb, **said), zed.does("ZZZZ", verb, **said)
    assert (real.status_code, none.status_code) == (404, 404)
    assert real.json() == none.json()


@pytest.mark.parametrize("verb", ["lapse", "explode", "accept now", "%00"])
def test_an_unknown_verb_is_not_found(world: World, ben: Caller, verb: str) -> None:
    answer = ben.does(world.a_referral().code, verb)
    assert (answer.status_code, answer.json()["error"]) == (404, "unknown_verb")


@pytest.mark.parametrize("code", ["%00", "R7K2R7K2R", "%F0%9F%90%8C", "R 7"])
def test_an_odd_code_is_not_found(ben: Caller, code: str) -> None:
    assert ben.does(code, "accept").json()["error"] == "not_found"
    assert ben.get(f"/referrals/{code}").status_code == 404
    assert ben.get(f"/referrals/{code}/events").status_code == 404


def test_the_same_key_does_a_verb_once(world: World, ben: Caller) -> None:
    code = world.a_referral().code
    first, second = (ben.does(code, "accept", key="one") for _ in range(2))
    assert (first.status_code, first.json()) == (200, second.json())
    assert second.status_code == 200
    assert Event.objects.filter(referral__code=code, verb="accept").count() == 1


def test_a_key_of_something_else_is_refused(world: World, ben: Caller) -> None:
    one, other = world.a_referral().code, world.a_referral().code
    ben.does(one, "accept", key="one")
    for code, verb, said in ((other, "accept", {}), (one, "ask", {"text": "Which side?"})):
        answer = ben.does(code, verb, key="one", **said)
        assert (answer.status_code, answer.json()["error"]) == (409, "key_used")


def test_who_declined_is_told_what_they_did_and_no_longer_who_the_patient_is(
    world: World, ada: Caller, ben: Caller
) -> None:
    code = world.a_referral(State.REFERRED, "RET20", "RM301").code
    first = ben.does(code, "decline", reason="no_bed", key="no")
    ada.does(code, "amend", family_name="Another")
    second = ben.does(code, "decline", reason="no_bed", key="no")
    told = second.json()
    assert (first.status_code, first.json()) == (200, told)
    assert (told["visible"], told["state"], told["version"]) == (False, "referred", 2)
    assert [(offer["hub"], offer["state"], offer["reason"]) for offer in told["offers"]] == [
        ("RET20", "declined", "no_bed")
    ]
    assert (told["family_name"], told["nhs_number"], told["operator"]) == (None, None, None)
    assert ben.get(f"/referrals/{code}").status_code == 404


def test_a_role_that_ended_opens_nothing_not_even_by_an_old_key(
    world: World, ada: Caller, clock: Any
) -> None:
    code = world.a_referral(State.ACCEPTED).code
    assert ada.does(code, "request_ambulance", category="C2", key="amb").json()["visible"] is True
    loses_role(world, "ada")
    clock.shift(120)
    again = ada.does(code, "request_ambulance", category="C2", key="amb").json()
    assert (again["visible"], again["family_name"], again["state"]) == (False, None, "ambulance_requested")
    assert ada.does(code, "depart").status_code == 404
