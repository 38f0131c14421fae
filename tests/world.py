"""A small network with its people, and referrals that get where they are by real verbs.

Used by every test that needs somebody to do something. It writes rows only for the slow-moving facts (sites, people);
a referral's state is always reached by doing.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from network import people
from network.models import Link, Membership, Network, Person, Role, Site
from referrals import entry, transitions
from referrals.models import Referral
from referrals.states import State
from tests import kept
from tests.kept import Kept
from workforce import phases, rota
from workforce.models import Authorisation, Change, Duty, Operator, Phase, Shift, Specialty
from workforce.rota_rows import RotaEvent

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
NIGHT = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)

NHS_NUMBERS = [
    "9990000018",
    "9990000026",
    "9990000034",
    "9990000042",
    "9990000050",
    "9990000069",
    "9990000077",
]


def facts(now: datetime, **changes: Any) -> dict[str, Any]:
    """What a spoke doctor types for an ordinary patient at this moment; None leaves a field out."""
    said = {
        "nhs_number": "9990000018",
        "family_name": "Canary-Whitlock",
        "given_name": "Peregrine",
        "date_of_birth": "1950-01-31",
        "sex": "female",
        "onset_at": (now - timedelta(minutes=100)).isoformat(),
        "onset_kind": "witnessed",
        "arrived_at": (now - timedelta(minutes=45)).isoformat(),
        "nihss": 14,
        "prestroke_mrs": 1,
        "cta_at": (now - timedelta(minutes=12)).isoformat(),
        "occlusion": "M1",
        "side": "left",
        "aspects": 8,
        "thrombolysis": "given",
        "thrombolysis_at": (now - timedelta(minutes=20)).isoformat(),
        "anticoagulant": "none",
        "callback": "+441514960123",
    }
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


@dataclass
class World:
    """Two networks: ours with two hubs and two spokes, and another one that must see nothing of it."""

    now: datetime = NIGHT
    sites: dict[str, Site] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    spare: int = 0

    def wind(self, **by: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**by)
        return self.now

    def press(self, who: str | None, **more: Any) -> dict[str, Any]:
        """Who presses, now."""
        by = self.people[who] if who else None
        return {"by": by, "at": self.now, "now": self.now, **more}

    def refers(self, *hubs: str, by: str = "ada", spoke: str = "RBL14", **changes: Any) -> Referral:
        """A spoke doctor refers another patient to these hubs (Walton where none is named)."""
        said = facts(self.now, nhs_number=f"{self._next_number()}", **changes)
        entered = entry.refer(spoke=spoke, hubs=list(hubs or ["RET20"]), said=said, **self.press(by))
        return entered.referral

    def _next_number(self) -> str:
        self.spare += 1
        number = f"999{self.spare:06d}"
        total = sum(int(d) * w for d, w in zip(number, range(10, 1, -1), strict=True))
        check = (11 - total % 11) % 11
        return number + str(check) if check < 10 else self._next_number()

    def a_referral(self, state: State = State.REFERRED, *hubs: str) -> Referral:
        """A referral in this state, brought there by the people whose verbs lead there."""
        if state == State.PRE_ALERTED:
            said = facts(self.now, nhs_number=self._next_number(), cta_at=None, occlusion=None, side=None)
            return entry.pre_alert(spoke="RBL14", said=said, **self.press("ada")).referral
        referral = self.refers(*hubs)
        for step in ROADS[state]:
            self.wind(minutes=1)
            referral = STEPS[step](self, referral.code)
        return referral


def _stepping(verb: Callable[..., Referral], who: str, **arguments: Any) -> Callable[[World, str], Referral]:
    return lambda world, code: verb(code, **arguments, **world.press(who))


STEPS: dict[str, Callable[[World, str], Referral]] = {
    "accept": _stepping(transitions.accept, "ben"),
    "accept under supervision": _stepping(transitions.accept, "dev"),
    "decline": _stepping(transitions.decline, "ben", reason="no_operator"),
    "request_ambulance": _stepping(transitions.request_ambulance, "ada", category="C2", cad="4711"),
    "depart": _stepping(transitions.depart, "ada"),
    "arrive": _stepping(transitions.arrive, "ben"),
    "puncture": _stepping(transitions.puncture, "ben"),
    "end_procedure": _stepping(transitions.end_procedure, "ben", mtici="2b"),
    "request_repatriation": _stepping(transitions.request_repatriation, "ben"),
    "repatriate": _stepping(transitions.repatriate, "ada"),
    "withdraw": _stepping(transitions.withdraw, "ada", reason="improved"),
    "stand_down": _stepping(transitions.stand_down, "ada", reason="worse"),
    "not_treat": _stepping(transitions.not_treat, "ben", reason="infarct_established"),
    "record_death": _stepping(transitions.record_death, "ada"),
}
WAY = [
    "accept",
    "request_ambulance",
    "depart",
    "arrive",
    "puncture",
    "end_procedure",
    "request_repatriation",
    "repatriate",
]
ROADS: dict[State, list[str]] = {
    State.REFERRED: [],
    State.PROVISIONAL: ["accept under supervision"],
    State.UNPLACED: ["decline"],
    State.WITHDRAWN: ["withdraw"],
    State.STOOD_DOWN: ["accept", "stand_down"],
    State.NOT_TREATED: [*WAY[:4], "not_treat"],
    State.DIED: ["record_death"],
    **{
        state: WAY[: number + 1]
        for number, state in enumerate(
            [
                State.ACCEPTED,
                State.AMBULANCE_REQUESTED,
                State.DEPARTED,
                State.ARRIVED,
                State.PUNCTURE,
                State.TREATED,
                State.REPATRIATING,
                State.REPATRIATED,
            ]
        )
    },
}

SITES = [
    # code, name, short name, network, hub?
    ("RET20", "The Walton Centre, Liverpool", "Walton", "cheshire-and-merseyside", True),
    ("RM301", "Salford Royal Hospital", "Salford", "greater-manchester", True),
    ("RBL14", "Arrowe Park Hospital, Wirral", "Arrowe Park", "cheshire-and-merseyside", False),
    ("RBN01", "Whiston Hospital, Prescot", "Whiston", "cheshire-and-merseyside", False),
    ("RCB55", "York Hospital", "York", "west-yorkshire-and-harrogate", False),
    ("RR801", "Leeds General Infirmary", "Leeds", "west-yorkshire-and-harrogate", True),
]
MINUTES = {
    ("RBL14", "RET20"): 27, ("RBL14", "RM301"): 53, ("RBN01", "RET20"): 21, ("RBN01", "RM301"): 35,
    ("RCB55", "RR801"): 48, ("RET20", "RM301"): 44, ("RM301", "RET20"): 44, ("RBL14", "RR801"): 95,
}  # fmt: skip
PEOPLE = [
    # username, name, role, place
    ("ada", "Ada Okoro", Role.SPOKE, "RBL14"),
    ("wyn", "Wyn Parry", Role.SPOKE, "RBN01"),
    ("ben", "Ben Hale", Role.OPERATOR, "RET20"),
    ("cleo", "Cleo Marsh", Role.OPERATOR, "RET20"),
    ("dev", "Dev Rao", Role.OPERATOR, "RET20"),
    ("ivy", "Ivy Lowe", Role.OPERATOR, "RET20"),
    ("sam", "Sam Quist", Role.OPERATOR, "RET20"),
    ("hob", "Hob Nunn", Role.HUB, "RET20"),
    ("mo", "Mo Idris", Role.OPERATOR, "RM301"),
    ("nia", "Nia Bevan", Role.COORDINATOR, "cheshire-and-merseyside"),
    ("lea", "Lea Frost", Role.LEAD, "cheshire-and-merseyside"),
    ("meg", "Meg Vane", Role.GOVERNANCE, "cheshire-and-merseyside"),
    ("zed", "Zed Moor", Role.SPOKE, "RCB55"),
    ("yan", "Yan Holt", Role.OPERATOR, "RR801"),
    ("una", "Una Crag", Role.COORDINATOR, "west-yorkshire-and-harrogate"),
    ("kit", "Kit Lund", Role.GOVERNANCE, "west-yorkshire-and-harrogate"),
]
PHASES = [
    ("ben", "RET20", Phase.INDEPENDENT, None),
    ("cleo", "RET20", Phase.INDEPENDENT, None),
    ("sam", "RET20", Phase.INDEPENDENT, None),
    ("ivy", "RET20", Phase.INDIRECT, "sam"),
    ("dev", "RET20", Phase.DIRECT, "sam"),
    ("mo", "RM301", Phase.INDEPENDENT, None),
    ("yan", "RR801", Phase.INDEPENDENT, None),
]
ON_CALL = [
    ("RET20", Duty.FIRST, "ben"),
    ("RET20", Duty.SECOND, "cleo"),
    ("RET20", Duty.SUPERVISOR, "sam"),
    ("RM301", Duty.FIRST, "mo"),
    ("RR801", Duty.FIRST, "yan"),
]


def build(now: datetime = NIGHT) -> World:
    """The rows of the small network, with everybody on call around this moment."""
    world = World(now=now)
    for code in sorted({site[3] for site in SITES}):
        world.networks[code] = Network.objects.create(code=code, name=code.replace("-", " ").title())
    for code, name, short, network, is_hub in SITES:
        world.sites[code] = Site.objects.create(
            code=code,
            name=name,
            short_name=short,
            network=world.networks[network],
            is_hub=is_hub,
            country="England",
            latitude=53.4,
            longitude=-2.9,
            phone="+441514960100" if is_hub else "",
        )
    for (origin, hub), minutes in MINUTES.items():
        Link.objects.create(origin=world.sites[origin], hub=world.sites[hub], minutes=minutes)
    for number, (username, name, role, place) in enumerate(PEOPLE):
        person = Person.objects.create_user(
            username, name=name, phone=f"+447700900{number + 100}", phone_verified_at=LONG_AGO
        )
        world.people[username] = person
        site, region = world.sites.get(place), world.networks.get(place)
        people.grant(person, role, at=LONG_AGO, site=site, network=region)
    for username, hub, phase, supervisor in PHASES:
        phases.authorise(
            world.people[username],
            world.sites[hub],
            specialty=Specialty.INR,
            phase=phase,
            at=LONG_AGO,
            supervisor=world.people[supervisor] if supervisor else None,
        )
    for hub, duty, username in ON_CALL:
        start, end = now - timedelta(days=1), now + timedelta(days=2)
        rota.put(world.sites[hub], duty, world.people[username], start=start, end=end)
    return world


TABLES = (Network, Site, Link, Person, Membership, Authorisation, Operator, Change, Shift, RotaEvent)
_built: list[tuple[bytes, Kept]] = []


def again() -> World:
    """The world that `build` makes, in tables that are empty of it: built once in a process, and then put back."""
    if not _built:
        world = build()
        _built.append((pickle.dumps(world), kept.keep(TABLES)))
        return world
    pickled, rows = _built[0]
    rows.put_back()
    return cast("World", pickle.loads(pickled))


def loses_role(world: World, username: str) -> None:
    """A person's only membership ends now."""
    people.end(Membership.objects.get(person=world.people[username], until=None), at=world.now)
