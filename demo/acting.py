"""What happens next to a patient, from the state in which the referral stands.

Called by demo.director with the referral locked. It schedules by the plan and acts through demo.players; answers of
hubs and supervisors are in demo.answering.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from demo import answering, crews, patients, players
from demo.players import Scene
from network import sites
from network.models import Site
from referrals.models import Offer, Referral
from referrals.states import EndReason, NoThrombolysis, State, Thrombolysis

FARTHEST = 150  # minutes by road; nobody offers a patient to a hub beyond
MOST_OFFERS = 3
REPERFUSED = 0.7  # of the way from puncture to the end
NEXT = {
    State.PRE_ALERTED: "refer",
    State.UNPLACED: "re_offer",
    State.ACCEPTED: "request_ambulance",
    State.AMBULANCE_REQUESTED: "depart",
    State.DEPARTED: "arrive",
    State.ARRIVED: "puncture",
    State.PUNCTURE: "end_procedure",
    State.TREATED: "request_repatriation",
    State.REPATRIATING: "repatriate",
}
ROUTINE = frozenset(NEXT) - {State.PRE_ALERTED, State.UNPLACED}
TALKING = (State.ACCEPTED, State.AMBULANCE_REQUESTED, State.DEPARTED, State.ARRIVED)
QUESTIONS = (
    ("Is the CT perfusion on the exchange?", "Yes, sent with the angiogram."),
    ("Which arm has the cannula?", "Right antecubital, green."),
    ("Is the blood pressure controlled?", "168/88, no infusion running."),
    ("Who travels with the patient?", "A stroke nurse, and the monitor."),
    ("Any change in the NIHSS?", "The same as at referral."),
    ("Is the family coming?", "The son is driving, he has your ward's number."),
    ("Last creatinine?", "92, from this evening."),
)


def diary(scene: Scene) -> datetime | None:
    """When to look at this patient again, having come to this state just now; None where nothing more happens."""
    plan, state = scene.plan, State(scene.referral.state)
    plan.state = state.value
    if state in {State.REFERRED, State.PROVISIONAL}:
        return answering.begin(scene)
    if state == State.NOT_TREATED:
        goes_back = plan.rng("goes back").random() < 0.6 and not scene.referral.spoke.is_hub
        return scene.now + scene.wall(plan.minutes["request_repatriation"]) if goes_back else None
    if state not in NEXT:
        return None
    minutes = plan.minutes[NEXT[state]]
    if state.value == plan.ends_at:
        minutes *= plan.rng("when it ends").uniform(0.3, 0.9)
    elif state == State.AMBULANCE_REQUESTED and crews.has_link(scene):
        minutes *= crews.WITH_PATIENT
    return scene.now + scene.wall(minutes)


def act(scene: Scene) -> datetime | None:
    """The step that is due; says when to look again."""
    state = State(scene.referral.state)
    if state == State.REFERRED:
        return answering.answer(scene) or diary(scene)
    if state == State.PROVISIONAL:
        return answering.confirm(scene) or diary(scene)
    if state.value == scene.plan.ends_at:
        _end(scene)
        return diary(scene)
    step = STEPS.get(state)
    if step is None:
        return None
    if state in {State.ACCEPTED, State.AMBULANCE_REQUESTED} and _decide_thrombolysis(scene):
        return scene.now + timedelta(seconds=scene.plan.rng("then").randint(8, 25))
    awaited = state == State.AMBULANCE_REQUESTED and scene.referral.crew_at_spoke_at is None
    if awaited and crews.press(scene, "crew_at_spoke"):
        return scene.now + scene.wall(scene.plan.minutes["depart"] * (1 - crews.WITH_PATIENT))
    step(scene)
    return diary(scene)


def converse(scene: Scene) -> None:
    """The hub asks something, or the spoke answers what was asked."""
    referral = scene.referral
    last = referral.events.order_by("-number").first()
    asked = [e for e in referral.events.filter(verb="ask") if e.details.get("text")]
    if last is not None and last.verb == "ask":
        answers = dict(QUESTIONS)
        text = answers.get(last.details.get("text", ""), "Yes.")
        players.do(scene, "answer", players.spoke(referral.spoke), text=text)
    elif referral.hub is not None:
        questions = [q for q, _ in QUESTIONS if q not in {e.details["text"] for e in asked}]
        text = scene.plan.rng(f"asks {len(asked)}").choice(questions)
        players.do(scene, "ask", players.hub(referral.hub), text=text)


def hubs_for(spoke: Site, *, without: set[int]) -> list[Site]:
    """The hubs to which this spoke may offer a patient, the nearest first."""
    links = [link for link in sites.ranked_hubs(spoke) if link.hub_id not in without]
    return [link.hub for n, link in enumerate(links) if n == 0 or link.minutes <= FARTHEST]


def _end(scene: Scene) -> None:
    """The transfer ends otherwise than by treatment."""
    referral, outcome = scene.referral, scene.plan.outcome
    assert referral.hub is not None
    at_spoke = referral.state in {State.ACCEPTED, State.AMBULANCE_REQUESTED}
    by = players.spoke(referral.spoke) if at_spoke else players.hub(referral.hub)
    said = {"reason": scene.plan.said["end"]} if outcome in {"not_treat", "stand_down"} else {}
    players.do(scene, outcome, by, **said)


def _decide_thrombolysis(scene: Scene) -> bool:
    """What was still being decided at the referral is decided by now."""
    referral = scene.referral
    if referral.thrombolysis != Thrombolysis.PENDING:
        return False
    decided: dict[str, object] = {
        "thrombolysis": Thrombolysis.GIVEN,
        "thrombolysis_at": scene.now.isoformat(),
    }
    if scene.plan.rng("lysis").random() < 0.2:
        decided = {
            "thrombolysis": Thrombolysis.NOT_GIVEN,
            "no_thrombolysis_reason": NoThrombolysis.BLOOD_PRESSURE,
        }
    players.do(scene, "amend", players.spoke(referral.spoke), **decided)
    return True


def _upgrade(scene: Scene) -> None:
    """The CTA of a pre-alerted patient is done: there is a clot to take out, or there is not."""
    referral, plan = scene.referral, scene.plan
    rng, by = plan.rng("upgrade"), players.spoke(referral.spoke)
    if rng.random() < 0.18:
        players.do(scene, "withdraw", by, reason=plan.said["withdraw"])
        return
    facts = patients.scanned(rng, plan.facts, spoke=referral.spoke, now=scene.now)
    players.do(scene, "refer", by, hubs=[hubs_for(referral.spoke, without=set())[0].code], **facts)


def _offer_again(scene: Scene) -> None:
    """No hub has taken the patient: the spoke or the coordinator tries the next one, or has to give up."""
    referral = scene.referral
    offered = set(Offer.objects.filter(referral=referral).values_list("hub_id", flat=True))
    left = hubs_for(referral.spoke, without=offered)
    rng = scene.plan.rng(f"offer {len(offered)}")
    if not left or len(offered) >= MOST_OFFERS:
        players.do(scene, "withdraw", players.spoke(referral.spoke), reason=EndReason.TOO_LATE)
        return
    by_spoke = rng.random() < 0.6
    by = players.spoke(referral.spoke) if by_spoke else players.coordinator(referral.spoke.network)
    players.do(scene, "re_offer", by, hubs=[left[0].code])


def _request_ambulance(scene: Scene) -> None:
    said = scene.plan.said
    by = players.spoke(scene.referral.spoke)
    players.do(scene, "request_ambulance", by, category=said["category"], cad=said["cad"])
    crews.hand_link(scene)


def _depart(scene: Scene) -> None:
    if not crews.press(scene, "depart"):
        players.do(scene, "depart", players.spoke(scene.referral.spoke))


def _arrive(scene: Scene) -> None:
    if not crews.press(scene, "arrive"):
        players.do(scene, "arrive", players.hub(_hub(scene.referral)))


def _at_spoke(verb: str) -> Callable[[Scene], None]:
    return lambda scene: players.do(scene, verb, players.spoke(scene.referral.spoke))


def _at_hub(verb: str) -> Callable[[Scene], None]:
    return lambda scene: players.do(scene, verb, players.hub(_hub(scene.referral)))


def _end_procedure(scene: Scene) -> None:
    said, begun = scene.plan.said["mtici"], scene.referral.punctured_at
    opened = (
        {"reperfused_at": (begun + (scene.now - begun) * REPERFUSED).isoformat()}
        if begun and said != "0"
        else {}
    )
    players.do(scene, "end_procedure", players.hub(_hub(scene.referral)), mtici=said, **opened)


def _hub(referral: Referral) -> Site:
    assert referral.hub is not None, "a patient on the way has a hub"
    return referral.hub


STEPS: dict[State, Callable[[Scene], None]] = {
    State.PRE_ALERTED: _upgrade,
    State.UNPLACED: _offer_again,
    State.ACCEPTED: _request_ambulance,
    State.AMBULANCE_REQUESTED: _depart,
    State.DEPARTED: _arrive,
    State.ARRIVED: _at_hub("puncture"),
    State.PUNCTURE: _end_procedure,
    State.TREATED: _at_hub("request_repatriation"),
    State.NOT_TREATED: _at_hub("request_repatriation"),
    State.REPATRIATING: _at_spoke("repatriate"),
}
