"""Every verb in every state by every role: what is allowed happens, and what is refused changes nothing."""

import pytest

from network import permissions
from referrals import queries, verbs
from referrals.models import Event, Referral
from referrals.refusals import BadInput, NotAllowed, NotVisible, Refusal, WrongState
from referrals.states import LIVE, TAKEN, State
from tests import undone
from tests.world import World

ARGUMENTS: dict[str, dict[str, object]] = {
    "refer": {"hubs": ["RM301"]},
    "re_offer": {"hubs": ["RM301"]},
    "decline": {"reason": "no_bed"},
    "second_opinion": {"hubs": ["RM301"], "text": "Is the core too large?"},
    "ask": {"text": "Perfusion?"},
    "answer": {"text": "Done."},
    "amend": {"nihss": 15},
    "request_ambulance": {"category": "C2"},
    "expect": {"minutes": 10},
    "delay": {"minutes": 10},
    "worsen": {"gcs": 9},
    "ready": {"item": "suite"},
    "not_ready": {"item": "suite"},
    "instruct": {"instruction": "continue"},
    "offer_bed": {"text": "Bed 4"},
    "request_return": {"category": "IFT3"},
    "end_procedure": {"mtici": "3"},
    "record_outcome": {"outcome": "discharge", "mrs": "2", "destination": "home"},
    "withdraw": {"reason": "improved"},
    "stand_down": {"reason": "worse"},
    "not_treat": {"reason": "haemorrhage"},
}
ROLES = {
    "spoke": "ada",
    "other spoke": "wyn",
    "operator": "cleo",
    "hub team": "hob",
    "supervisor": "sam",
    "in training": "dev",
    "coordinator": "nia",
    "lead": "lea",
    "stranger": "zed",
    "other hub": "yan",
}
SPOKE = {"spoke"}
OPERATORS = {"operator", "supervisor", "in training"}
HUB = OPERATORS | {"hub team"}
UNTAKEN = {State.REFERRED, State.UNPLACED}
AT_THE_HUB = {State.ARRIVED, State.PUNCTURE, State.TREATED, State.NOT_TREATED}
AT_A_HUB = {*TAKEN, State.PROVISIONAL, State.ARRIVED, State.PUNCTURE, State.TREATED}
AT_HUB = {s for s in State if s not in {State.NEW, State.PRE_ALERTED, State.UNPLACED, State.WITHDRAWN}}

# verb → states in which it may be done, and by whom.
ALLOWED: dict[str, tuple[set[State], set[str]]] = {
    "refer": ({State.PRE_ALERTED}, SPOKE),
    "re_offer": (UNTAKEN, SPOKE | {"coordinator"}),
    "accept": ({State.REFERRED}, OPERATORS),
    "confirm": ({State.PROVISIONAL}, {"supervisor"}),
    "decline": ({State.REFERRED}, HUB),
    "seen": ({State.REFERRED}, HUB),
    "ask": (set(LIVE) - {State.PRE_ALERTED, State.UNPLACED}, HUB),
    "answer": (set(LIVE), SPOKE),
    "amend": (set(LIVE), SPOKE),
    "request_ambulance": ({State.ACCEPTED}, SPOKE),
    "crew_at_spoke": ({State.AMBULANCE_REQUESTED}, SPOKE),
    "expect": ({State.DEPARTED}, SPOKE | HUB | {"coordinator", "lead"}),
    "delay": ({State.DEPARTED}, SPOKE | HUB | {"coordinator", "lead"}),
    "worsen": (set(TAKEN), SPOKE | HUB),
    "instruct": (set(), set()),  # nobody is worse: tests/referrals/test_road.py
    "ready": ({*TAKEN, State.PROVISIONAL, State.ARRIVED}, HUB),
    "not_ready": (set(), set()),  # nothing is ready: tests/referrals/test_readiness.py
    "record_outcome": ({State.PUNCTURE, State.TREATED, State.REPATRIATING, State.REPATRIATED}, SPOKE | HUB),
    "own": (AT_A_HUB | {State.UNPLACED}, OPERATORS | {"coordinator", "lead"}),  # who has it: see is_allowed
    "noted": ({State.STOOD_DOWN, State.NOT_TREATED}, SPOKE | HUB | {"coordinator", "lead"}),
    "second_opinion": ({State.UNPLACED}, SPOKE | {"coordinator"}),
    "promise_bed": ({*TAKEN, State.PROVISIONAL, *AT_THE_HUB}, SPOKE),
    "find_haemorrhage": ({*AT_THE_HUB, State.REPATRIATING}, HUB),
    "offer_bed": ({State.REPATRIATING}, SPOKE),
    "request_return": ({State.REPATRIATING}, HUB),
    "leave_hub": ({State.REPATRIATING}, HUB),
    "depart": ({State.AMBULANCE_REQUESTED}, SPOKE),
    "arrive": ({State.DEPARTED}, HUB),
    "puncture": ({State.ARRIVED}, HUB),
    "end_procedure": ({State.PUNCTURE}, HUB),
    "request_repatriation": ({State.TREATED, State.NOT_TREATED}, HUB),
    "repatriate": ({State.REPATRIATING}, SPOKE),
    "withdraw": ({State.PRE_ALERTED, State.REFERRED, State.UNPLACED, State.PROVISIONAL}, SPOKE),
    "stand_down": ({State.ACCEPTED, State.AMBULANCE_REQUESTED, State.DEPARTED}, SPOKE | HUB),
    "not_treat": ({State.ARRIVED}, HUB),
    "record_death": (set(LIVE), SPOKE | HUB),
}
NO_HUB_YET = {State.PRE_ALERTED, State.UNPLACED}  # no hub is a party, so nobody at Walton sees it


def is_allowed(verb: str, state: State, role: str) -> bool:
    """What the design says, written down independently of the product's own table."""
    states, roles = ALLOWED[verb]
    if verb in {"decline", "seen"} and state == State.PROVISIONAL:
        return role == "supervisor"
    if verb == "record_death" and state in NO_HUB_YET | {State.REFERRED} and role in HUB:
        return False  # a hub that has not taken the patient does not end the referral
    if verb == "own" and (state == State.UNPLACED) != (role in {"coordinator", "lead"}):
        return False  # without a hub the patient is the network's, else the operators'
    if verb == "own" and role == "in training" and state == State.PROVISIONAL:
        return False  # dev has accepted, and has the patient
    return state in states and role in roles


@pytest.mark.parametrize("state", [s for s in State if s != State.NEW])
def test_every_verb_in_this_state_by_every_role(world: World, state: State) -> None:
    referral = world.a_referral(state)
    world.wind(minutes=1)
    stood, events = (referral.state, referral.version), Event.objects.count()
    for verb in sorted(verbs.VERBS):
        for role, username in ROLES.items():
            if is_allowed(verb, state, role):
                with undone.afterwards():
                    _allowed(world, referral, verb, username)
            else:
                assert _is_refused(world, referral, verb, username), f"{role} may {verb}"
        referral = Referral.objects.get(pk=referral.pk)
        now = (referral.state, referral.version), Event.objects.count()
        assert now == (stood, events), f"{verb} changed something for somebody who may not"


def _is_refused(world: World, referral: Referral, verb: str, username: str) -> bool:
    try:
        _do(world, referral, verb, username)
    except (NotAllowed, NotVisible, WrongState):
        return True
    return False


def _allowed(world: World, referral: Referral, verb: str, username: str) -> None:
    before, version = referral.state, referral.version
    changed = _do(world, referral, verb, username)
    assert changed.version == version + 1
    event = changed.events.get(number=changed.version)
    assert (event.verb, event.before, event.after, event.by) == (
        verb,
        before,
        changed.state,
        world.people[username],
    )


def _do(world: World, referral: Referral, verb: str, username: str) -> Referral:
    said = ARGUMENTS.get(verb, {})
    if verb == "refer":
        said = said | {"cta_at": world.now.isoformat(), "occlusion": "M1", "side": "left"}
    return verbs.do(referral.code, verb, said, by=world.people[username], now=world.now, via="web")


def test_a_stranger_is_told_that_there_is_no_such_referral(world: World) -> None:
    referral = world.a_referral()
    for username in ("zed", "yan", "una"):
        rights = permissions.rights(world.people[username], at=world.now)
        assert not queries.visible(rights).exists()
        with pytest.raises(NotVisible):
            queries.get(rights, referral.code)
        with pytest.raises(NotVisible):
            verbs.do(referral.code, "accept", {}, by=world.people[username], now=world.now, via="web")


def test_an_unknown_verb_is_refused(world: World) -> None:
    referral = world.a_referral()
    with pytest.raises(Refusal, match="no verb"):
        verbs.do(referral.code, "teleport", {}, by=world.people["ada"], now=world.now, via="web")


@pytest.mark.parametrize(
    ("verb", "said", "field"),
    [
        ("request_ambulance", {"category": "taxi"}, "category"),
        ("request_ambulance", {}, "category"),
        ("decline", {"reason": "bored"}, "reason"),
        ("ask", {"text": "x" * 2001}, "text"),
        ("ask", {"text": "nul\x00"}, "text"),
        ("re_offer", {"hubs": ["RBN01"]}, "hubs"),
        ("re_offer", {"hubs": []}, "hubs"),
        ("re_offer", {"hubs": {"a": 1}}, "hubs"),
        ("depart", {"at": "yesterday"}, "at"),
        ("depart", {"at": "2031-01-01T00:00:00Z"}, "at"),
        ("depart", {"speed": 90}, "speed"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(
    world: World, verb: str, said: dict[str, object], field: str
) -> None:
    referral = world.a_referral()
    who = "ben" if verb in {"decline", "ask"} else "ada"
    with pytest.raises(BadInput) as refusal:
        verbs.do(referral.code, verb, said, by=world.people[who], now=world.now, via="web")
    assert field in refusal.value.fields
    assert referral.events.count() == 1
