"""A patient enters through the API: by referral, pre-alert, admission, or by joining a live referral."""

from tests.api.callers import Caller, caller
from tests.world import World, facts


def test_a_referral_is_answered_with_its_code_state_version_and_offers(world: World, ada: Caller) -> None:
    said = facts(world.now)
    answer = ada.post("/referrals", {"spoke": "RBL14", "hubs": ["RET20", "RM301"], **said})
    told = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/referrals/{told['code']}"
    assert (told["state"], told["version"], told["joined"], told["visible"]) == ("referred", 1, False, True)
    assert [(o["hub"], o["state"]) for o in told["offers"]] == [("RET20", "open"), ("RM301", "open")]
    assert (told["spoke"], told["hub"], told["operator"]) == ("RBL14", None, None)
    assert told["referred_at"] == "2026-11-21T03:10:00Z"
    assert told["arrived_at"] == "2026-11-21T02:25:00Z"
    assert told["callback"] == "+441514960123"
    for name in (
        "nhs_number",
        "family_name",
        "given_name",
        "date_of_birth",
        "sex",
        "nihss",
        "occlusion",
        "side",
    ):
        assert told[name] == said[name], name
    assert told["no_thrombolysis_reason"] is None
    assert told["dido_minutes"] is None


def test_a_local_time_without_a_zone_is_the_wards_own(world: World, ada: Caller) -> None:
    said = facts(world.now, arrived_at="2026-11-21T02:30")
    assert ada.post("/referrals", {"spoke": "RBL14", "hubs": ["RET20"], **said}).json()["arrived_at"] == (
        "2026-11-21T02:30:00Z"
    )


def test_a_pre_alert_asks_no_hub_and_is_upgraded_by_refer(world: World, ada: Caller) -> None:
    known = facts(world.now)
    early = {k: v for k, v in known.items() if k not in {"cta_at", "occlusion", "side"}}
    answer = ada.post("/referrals", {"spoke": "RBL14", "pre_alert": True, **early})
    assert (answer.status_code, answer.json()["state"], answer.json()["offers"]) == (201, "pre_alerted", [])
    late = {name: known[name] for name in ("cta_at", "occlusion", "side")}
    referred = ada.does(answer.json()["code"], "refer", hubs=["RET20"], **late)
    assert (referred.status_code, referred.json()["state"]) == (200, "referred")


def test_a_patient_who_came_straight_to_a_hub_has_arrived(world: World, ben: Caller) -> None:
    for hubs in ([], ["RET20"]):
        said = facts(world.now, nhs_number=None, cta_at=None)
        answer = ben.post("/referrals", {"spoke": "RET20", "hubs": hubs, **said})
        told = answer.json()
        assert (answer.status_code, told["state"], told["hub"]) == (201, "arrived", "RET20")
        assert told["hub_arrived_at"] == told["arrived_at"]


def test_a_second_team_joins_the_live_referral_and_the_same_key_says_so_again(
    world: World, ada: Caller
) -> None:
    first = ada.post("/referrals", {"spoke": "RBL14", "hubs": ["RET20"], **facts(world.now)}).json()
    wyn = caller(world, "wyn")
    same = {"spoke": "RBN01", "hubs": ["RET20"], **facts(world.now)}
    for _ in range(2):
        answer = wyn.post("/referrals", same, key="wyn-1")
        assert (answer.status_code, answer.json()["joined"], answer.json()["code"]) == (
            200,
            True,
            first["code"],
        )
    separate = wyn.post("/referrals", {**same, "separate": True})
    assert (separate.status_code, separate.json()["joined"]) == (201, False)
    assert separate.json()["code"] != first["code"]


def test_the_same_key_again_enters_nobody(world: World, ada: Caller) -> None:
    said = {"spoke": "RBL14", "hubs": ["RET20"], **facts(world.now)}
    first, second = (ada.post("/referrals", said, key="press-1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(ada.get("/referrals").json()) == 1


def test_a_key_is_each_persons_own(world: World, ada: Caller) -> None:
    first = ada.post("/referrals", {"spoke": "RBL14", "hubs": ["RET20"], **facts(world.now)}, key="1").json()
    wyn = caller(world, "wyn")
    other = facts(world.now, nhs_number="9990000026")
    second = wyn.post("/referrals", {"spoke": "RBN01", "hubs": ["RET20"], **other}, key="1")
    assert second.status_code == 201
    assert second.json()["code"] != first["code"]


def test_only_the_hospitals_own_team_enters_its_patients(
    world: World, ada: Caller, ben: Caller, zed: Caller
) -> None:
    said = {"spoke": "RBL14", "hubs": ["RET20"], **facts(world.now)}
    for stranger in (ben, zed, caller(world, "nia")):
        answer = stranger.post("/referrals", said)
        assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
        assert "you are not in its team" in answer.json()["message"]
    assert ada.get("/referrals").json() == []
