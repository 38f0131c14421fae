"""What each verb costs: the statements that it sends to PostgreSQL, by the function, by a browser and by the API.

A number here may be lowered. Whoever must raise one says why in the commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from network import people
from referrals import readiness, road, transitions, verbs
from referrals.models import Referral
from referrals.states import State
from tests import world as worlds
from tests.world import LONG_AGO, World

BROWSER = 2  # the session and the person
PROGRAM = 3  # the token, and the referral with its offers for the answer
FAREWELL = 2  # where the caller no longer sees it: their own last deed, and the spoke's code


@dataclass(frozen=True)
class Cost:
    """One verb in the state in which it is pressed, by whom, and how many statements it may send."""

    verb: str
    who: str
    state: State
    statements: int
    said: Mapping[str, Any] = field(default_factory=dict)
    hubs: tuple[str, ...] = ()
    dismissed: bool = False

    def __str__(self) -> str:
        return f"{self.verb} of {self.state}{' among several hubs' if self.hubs else ''}"


# Every verb: the transaction's two, the key's lock and its look-up, the referral locked, the rights, the parties;
# the last event's seal, the referral saved, the event, the streams. That is 11; the rest is the verb's own.
# Where the patient is another role's from then on, two ask who has it: the coordinators on duty, or who had it before.
# An offer is ranked and judged by five, so that what was judged is kept; a correction judges its open offers again.
COSTS = [
    Cost("refer", "ada", State.PRE_ALERTED, 20, {"hubs": ["RET20"]}),
    Cost("re_offer", "ada", State.UNPLACED, 20, {"hubs": ["RM301"]}),
    Cost("accept", "ben", State.REFERRED, 14),
    Cost("accept", "ben", State.REFERRED, 16, hubs=("RET20", "RM301")),
    Cost("accept", "dev", State.REFERRED, 14),
    Cost("confirm", "sam", State.PROVISIONAL, 16),
    Cost("decline", "ben", State.REFERRED, 16, {"reason": "no_bed"}, dismissed=True),
    Cost("decline", "sam", State.PROVISIONAL, 19, {"reason": "no_bed"}, dismissed=True),
    Cost("second_opinion", "ada", State.UNPLACED, 20, {"hubs": ["RM301"], "text": "Too large?"}),
    Cost("seen", "ben", State.REFERRED, 12),
    Cost("seen", "ben", State.REFERRED, 12, hubs=("RET20", "RM301")),
    Cost("seen", "sam", State.PROVISIONAL, 14),
    Cost("ask", "ben", State.REFERRED, 12, {"text": "Airway?"}),
    Cost("answer", "ada", State.REFERRED, 11, {"text": "Clear"}),
    Cost("amend", "ada", State.REFERRED, 13, {"nihss": "17"}),
    Cost("request_ambulance", "ada", State.ACCEPTED, 11, {"category": "C2"}),
    Cost("crew_at_spoke", "ada", State.AMBULANCE_REQUESTED, 11),
    Cost("expect", "ada", State.DEPARTED, 11, {"minutes": "10"}),
    Cost("delay", "ada", State.DEPARTED, 12, {"minutes": "10"}),
    Cost("worsen", "ada", State.DEPARTED, 11, {"gcs": "9"}),
    Cost("instruct", "ben", State.DEPARTED, 11, {"instruction": "continue"}),
    Cost("ready", "ben", State.ACCEPTED, 14, {"item": "suite"}),
    Cost("not_ready", "ben", State.ACCEPTED, 13, {"item": "suite"}),
    Cost("promise_bed", "ada", State.ACCEPTED, 11),
    Cost("find_haemorrhage", "ben", State.TREATED, 11),
    Cost("offer_bed", "ada", State.REPATRIATING, 11, {"text": "Bed 4"}),
    Cost("request_return", "ben", State.REPATRIATING, 11, {"category": "IFT3"}),
    Cost("leave_hub", "ben", State.REPATRIATING, 11),
    Cost(
        "record_outcome",
        "ben",
        State.TREATED,
        13,
        {"outcome": "discharge", "mrs": "2", "destination": "home"},
    ),
    Cost("own", "cleo", State.ACCEPTED, 11),
    Cost("noted", "ben", State.STOOD_DOWN, 12),
    Cost("depart", "ada", State.AMBULANCE_REQUESTED, 11),
    Cost("arrive", "ben", State.DEPARTED, 11),
    Cost("puncture", "ben", State.ARRIVED, 11),
    Cost("end_procedure", "ben", State.PUNCTURE, 11, {"mtici": "2b"}),
    Cost("request_repatriation", "ben", State.TREATED, 13),
    Cost("repatriate", "ada", State.REPATRIATING, 12),
    Cost("withdraw", "ada", State.REFERRED, 14, {"reason": "improved"}),
    Cost("stand_down", "ada", State.ACCEPTED, 12, {"reason": "worse"}),
    Cost("not_treat", "ben", State.ARRIVED, 12, {"reason": "worse"}),
    Cost("record_death", "ada", State.DEPARTED, 12),
]


@pytest.fixture(params=COSTS, ids=str)
def cost(request: pytest.FixtureRequest) -> Cost:
    found = request.param
    assert isinstance(found, Cost)
    return found


@pytest.fixture
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The edge's clock is the world's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: world.now)


def ready(world: World, cost: Cost) -> tuple[Referral, dict[str, Any]]:
    """The referral, and everything that is typed."""
    referral = world.a_referral(cost.state, *cost.hubs)
    if cost.verb == "instruct":
        referral = road.worsen(referral.code, **world.press("ada"))
    if cost.verb == "refer":
        return referral, worlds.facts(world.now, nhs_number=referral.nhs_number) | dict(cost.said)
    if cost.verb == "not_ready":
        referral = readiness.ready(referral.code, item="suite", **world.press("ben"))
    return referral, dict(cost.said)


def test_every_verb_has_its_cost_here() -> None:
    assert {cost.verb for cost in COSTS} == set(verbs.VERBS)


def test_a_verb_costs_no_more_than_this(world: World, cost: Cost, django_assert_max_num_queries: Any) -> None:
    referral, said = ready(world, cost)
    by = world.people[cost.who]
    with django_assert_max_num_queries(cost.statements):
        verbs.do(referral.code, cost.verb, said, by=by, now=world.now, via="web", key="once")


def test_pressed_in_a_browser_it_costs_only_the_session_more(
    world: World, clock: None, cost: Cost, django_assert_max_num_queries: Any
) -> None:
    referral, said = ready(world, cost)
    browser = Client()
    browser.force_login(world.people[cost.who])
    with django_assert_max_num_queries(cost.statements + BROWSER):
        told = browser.post(f"/r/{referral.code}/{cost.verb}/", {"key": "once", **said})
    assert told.status_code == 303


def test_by_the_api_it_costs_only_the_token_and_the_answer_more(
    world: World, clock: None, cost: Cost, django_assert_max_num_queries: Any
) -> None:
    referral, said = ready(world, cost)
    token = people.issue_token(world.people[cost.who], at=LONG_AGO)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
    farewell = FAREWELL if cost.dismissed else 0
    with django_assert_max_num_queries(cost.statements + PROGRAM + farewell):
        told = Client(headers=headers).post(
            f"/api/v1/referrals/{referral.code}/{cost.verb}", said, content_type="application/json"
        )
    assert told.status_code == 200


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("who", "statements", "said"),
    [
        ("ada", 26, {"spoke": "RBL14", "hubs": ["RET20"]}),
        ("ada", 17, {"spoke": "RBL14", "pre_alert": True}),
        ("ben", 19, {"spoke": "RET20"}),
    ],
    ids=["refer", "pre-alert", "straight to a hub"],
)
def test_entering_a_patient_costs_no_more_than_this(
    world: World, who: str, statements: int, said: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    token = people.issue_token(world.people[who], at=LONG_AGO)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}
    known = worlds.facts(world.now)
    with django_assert_max_num_queries(statements):
        told = Client(headers=headers).post(
            "/api/v1/referrals", known | said, content_type="application/json"
        )
    assert told.status_code == 201


def test_the_clocks_verb_costs_no_more_than_this(world: World, django_assert_max_num_queries: Any) -> None:
    referral = world.refers()
    with django_assert_max_num_queries(12):
        transitions.lapse(referral.code, hub="RET20", **world.press(None))


def test_the_same_press_again_costs_almost_nothing(world: World, django_assert_max_num_queries: Any) -> None:
    referral = world.refers()
    press: dict[str, Any] = {"by": world.people["ada"], "now": world.now, "via": "web", "key": "once"}
    verbs.do(referral.code, "answer", {"text": "Clear"}, **press)
    with django_assert_max_num_queries(5):
        verbs.do(referral.code, "answer", {"text": "Clear"}, **press)
