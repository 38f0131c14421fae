"""How patients of the night come in: now, or with the way behind them that they had when the demonstration opened.

Called by demo.director. Times before now are entered late, as a ward would: the events keep when it happened and
when it was written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median

from django.db import transaction

from demo import acting, cast, patients, plans, players, published
from demo.models import Patient
from demo.patients import Facts
from demo.players import Scene
from network.models import Site
from referrals import entry, verbs
from referrals.ledger import Press
from referrals.models import Referral, Via
from referrals.states import LIVE, State

LATE = "Entered when the demonstration began."
WAY = (
    (State.ACCEPTED, "accept"),
    (State.AMBULANCE_REQUESTED, "request_ambulance"),
    (State.DEPARTED, "depart"),
    (State.ARRIVED, "arrive"),
    (State.PUNCTURE, "puncture"),
    (State.TREATED, "end_procedure"),
    (State.REPATRIATING, "request_repatriation"),
    (State.REPATRIATED, "repatriate"),
)
# Who stands where when an empty board opens. Ended ones are there because a board shows the last hours.
AT_HOME = (
    *(
        State.REFERRED,
        State.PRE_ALERTED,
        State.PROVISIONAL,
        State.ACCEPTED,
        State.AMBULANCE_REQUESTED,
        State.DEPARTED,
    ),
    *(State.ARRIVED, State.PUNCTURE, State.TREATED, State.REPATRIATING, State.REPATRIATED, State.NOT_TREATED),
)
ELSEWHERE = (
    *(State.REFERRED, State.PRE_ALERTED, State.UNPLACED, State.PROVISIONAL, State.ACCEPTED, State.REFERRED),
    *(
        State.AMBULANCE_REQUESTED,
        State.DEPARTED,
        State.DEPARTED,
        State.DEPARTED,
        State.ARRIVED,
        State.PUNCTURE,
    ),
    *(
        State.TREATED,
        State.REPATRIATING,
        State.AMBULANCE_REQUESTED,
        State.DEPARTED,
        State.ARRIVED,
        State.TREATED,
    ),
    *(State.AMBULANCE_REQUESTED, State.PUNCTURE, State.REPATRIATED),
)


@dataclass(frozen=True)
class Stage:
    """What every patient of this night has in common."""

    now: datetime
    speed: float
    has_phones: bool


def come(seed: int, *, home: bool, stage: Stage) -> Patient | None:
    """A patient comes in now: pre-alerted, referred, or straight to a hub."""
    rng = Random(f"{seed}:arrival")  # noqa: S311 - plays dice, guards nothing
    draw = rng.random()
    if draw < 0.07:
        return _admit(rng, seed, home=home, stage=stage)
    spoke = _spoke(rng, home=home)
    if draw < 0.3:
        return _suspect(rng, seed, spoke, home=home, stage=stage)
    return _refer(rng, seed, spoke, home=home, stage=stage, at=stage.now)


def begin_at(state: State, seed: int, *, home: bool, stage: Stage) -> Patient | None:
    """A patient who stands in this state already; the way up to it is entered late, all at once."""
    rng = Random(f"{seed}:opening")  # noqa: S311 - plays dice, guards nothing
    spoke = _spoke(rng, home=home)
    if state == State.PRE_ALERTED:
        return _suspect(rng, seed, spoke, home=home, stage=stage)
    plan = plans.draw(seed, home=home, door_in=timedelta(minutes=65))
    steps, ago = _history(state, plan.minutes, rng)
    referred_at = stage.now - timedelta(minutes=ago)
    with transaction.atomic():
        patient = _refer(rng, seed, spoke, home=home, stage=stage, at=referred_at, plan=plan)
        if patient is None:
            return None
        scene = _scene(patient, stage)
        for verb, minutes in steps:
            _late(scene, verb, at=stage.now - timedelta(minutes=minutes), rng=rng)
        patient.next_at = acting.diary(scene)
        if patient.next_at is not None and state in acting.ROUTINE:  # part of the wait is over already
            patient.next_at = stage.now + (patient.next_at - stage.now) * rng.uniform(0.1, 0.9)
        patient.plan = scene.plan.row()
        patient.save()
    return patient


def _history(
    state: State, minutes: Mapping[str, float], rng: Random
) -> tuple[list[tuple[str, float]], float]:
    """Verb by verb how many minutes ago it was done, and how many minutes ago the patient was referred."""
    so_far: list[tuple[str, float]] = []
    moment = 0.0
    if state in {State.UNPLACED, State.PROVISIONAL}:
        verb, moment = ("decline", 7.0) if state == State.UNPLACED else ("accept_in_training", 4.0)
        so_far.append((verb, moment))
    elif state == State.NOT_TREATED:
        so_far = _until(State.ARRIVED, minutes, rng)
        so_far.append(("not_treat", so_far[-1][1] + rng.uniform(12, 30)))
    elif state != State.REFERRED:
        so_far = _until(state, minutes, rng)
    total = so_far[-1][1] if so_far else 0.0
    since = _since(state, minutes, rng)
    return [(verb, total - moment + since) for verb, moment in so_far], total + since


def _until(state: State, minutes: Mapping[str, float], rng: Random) -> list[tuple[str, float]]:
    """The verbs up to a state, each with its minutes since the referral."""
    so_far: list[tuple[str, float]] = []
    moment = 0.0
    for reached, verb in WAY:
        moment += rng.uniform(3, 11) if verb == "accept" else minutes[verb]
        so_far.append((verb, moment))
        if reached == state:
            break
    return so_far


def _since(state: State, minutes: Mapping[str, float], rng: Random) -> float:
    """How many minutes a patient has stood in this state."""
    if state in {State.REFERRED, State.PROVISIONAL, State.UNPLACED}:
        return rng.uniform(0.1, 0.5)
    if state not in acting.NEXT:
        return rng.uniform(15, 60)
    return minutes[acting.NEXT[state]] * rng.uniform(0.1, 0.7)


def _late(scene: Scene, verb: str, *, at: datetime, rng: Random) -> None:
    """One verb of the past, by somebody whom no visitor plays."""
    referral, plan = scene.referral, scene.plan
    hub = referral.hub or referral.offers.order_by("-pk")[0].hub
    spoke, team = players.spoke(referral.spoke), players.hub(hub)
    said: dict[str, tuple[object, dict[str, object]]] = {
        "accept": (players.operator(hub), {"hub": hub.code}),
        "accept_in_training": (players.in_training(hub, at=scene.now), {"hub": hub.code}),
        "decline": (team, {"hub": hub.code, "reason": published.choose(rng, "decline")}),
        "request_ambulance": (spoke, {"category": plan.said["category"], "cad": plan.said["cad"]}),
        "depart": (spoke, {}),
        "repatriate": (spoke, {}),
        "end_procedure": (team, {"mtici": plan.said["mtici"]}),
        "not_treat": (team, {"reason": "infarct_established"}),
    }
    by, more = said.get(verb, (team, {}))
    more = {**more, "at": at.astimezone(UTC).isoformat(), "note": LATE}
    name = verb.removesuffix("_in_training")
    verbs.do(referral.code, name, more, by=by, now=scene.now, via=Via.NIGHT)
    referral.refresh_from_db()


def _refer(
    rng: Random,
    seed: int,
    spoke: Site,
    *,
    home: bool,
    stage: Stage,
    at: datetime,
    plan: plans.Plan | None = None,
) -> Patient | None:
    facts = _nobody_else(rng, lambda: patients.referred(rng, spoke=spoke, now=at))
    hubs = acting.hubs_for(spoke, without=set())
    chosen = hubs[:2] if not home and plan is None and len(hubs) > 1 and rng.random() < 0.08 else hubs[:1]
    press = Press(by=players.spoke(spoke), at=at, now=stage.now, via=Via.NIGHT)
    entered = entry.refer(spoke=spoke.code, hubs=[hub.code for hub in chosen], said=facts, **press)
    door_in = at - datetime.fromisoformat(str(facts["arrived_at"]))
    return _on_stage(entered, plan or plans.draw(seed, home=home, door_in=door_in), stage)


def _suspect(rng: Random, seed: int, spoke: Site, *, home: bool, stage: Stage) -> Patient | None:
    facts = _nobody_else(rng, lambda: patients.suspected(rng, spoke=spoke, now=stage.now))
    press = Press(by=players.spoke(spoke), at=stage.now, now=stage.now, via=Via.NIGHT)
    entered = entry.pre_alert(spoke=spoke.code, said=facts, **press)
    plan = plans.draw(seed, home=home, door_in=timedelta(minutes=30))
    plan.facts = {name: facts[name] for name in ("arrived_at", "onset_at", "onset_kind", "nihss")}
    return _on_stage(entered, plan, stage)


def _admit(rng: Random, seed: int, *, home: bool, stage: Stage) -> Patient | None:
    hubs = Site.objects.filter(is_hub=True).select_related("network").order_by("code")
    here = [hub for hub in hubs if (hub.network.code == cast.HOME) == home]
    hub = rng.choice(here)
    facts = _nobody_else(rng, lambda: patients.admitted(rng, hub=hub, now=stage.now))
    press = Press(by=players.operator(hub), at=stage.now, now=stage.now, via=Via.NIGHT)
    entered = entry.admit(hub=hub.code, said=facts, **press)
    plan = plans.draw(seed, home=home, door_in=timedelta(minutes=60))
    return _on_stage(entered, plan, stage)


def _on_stage(entered: entry.Entered, plan: plans.Plan, stage: Stage) -> Patient | None:
    """The director's row for a new patient; none where a visitor's live referral was joined."""
    if entered.joined:
        return None
    patient = Patient(referral=entered.referral, made_at=stage.now, plan={})
    scene = _scene(patient, stage, plan)
    patient.next_at = acting.diary(scene)
    patient.plan = plan.row()
    patient.save()
    return patient


def _scene(patient: Patient, stage: Stage, plan: plans.Plan | None = None) -> Scene:
    known = Referral.objects.select_related("spoke__network", "hub").get(pk=patient.referral_id)
    kept = plan or plans.Plan.of(patient.plan)
    return Scene(patient, known, kept, stage.now, stage.speed, has_phones=False)


def _spoke(rng: Random, *, home: bool) -> Site:
    """Where the patient is: by how many patients with stroke each hospital admits."""
    known = published.admissions()
    usual = median(known.values())
    places = Site.objects.filter(is_hub=False).select_related("network").order_by("code")
    weighed: Sequence[tuple[Site, float]] = [
        (site, known.get(site.code, usual if site.country == "Northern Ireland" else 0))
        for site in places
        if (site.network.code == cast.HOME) == home
    ]
    return rng.choices([site for site, _ in weighed], [weight for _, weight in weighed])[0]


def _nobody_else(rng: Random, draw: Callable[[], Facts]) -> Facts:
    """Facts with an NHS number that no live referral bears."""
    facts = draw()
    while Referral.objects.filter(nhs_number=facts["nhs_number"], state__in=sorted(LIVE)).exists():
        facts["nhs_number"] = patients.nhs(rng)
    return facts
