"""Who falls ill tonight: the facts of one invented patient, consistent in themselves.

Called by the director. Pure over the random numbers and the moment that it is given; what it draws must always
pass referrals.facts, because people in a real spoke would have corrected it before sending.
"""

from datetime import date, datetime, timedelta
from random import Random

from demo import published
from network.models import Site
from referrals import nhs_number
from referrals.states import Anticoagulant, NoThrombolysis, Occlusion, OnsetKind, Side, Thrombolysis

THROMBOLYSIS_WINDOW = timedelta(hours=4, minutes=30)
LATEST = timedelta(hours=23)  # nobody refers a patient who has been ill for longer
NOTES = (
    "Images are on the exchange.",
    "CT perfusion done, small core.",
    "Daughter is with the patient.",
    "Blood pressure 178/92, no treatment needed.",
    "Good collaterals on the CTA.",
    "Known atrial fibrillation.",
    "Airway is safe, GCS 13.",
    "Allergic to penicillin.",
)

type Facts = dict[str, str | int]


def nhs(rng: Random) -> str:
    """A valid NHS number that will never be issued: it begins with 999."""
    while True:
        nine = f"999{rng.randrange(10**6):06d}"
        for check in "0123456789":
            if nhs_number.is_valid(nine + check):
                return nine + check


def identity(rng: Random, *, today: date) -> Facts:
    """Name, sex, date of birth and NHS number."""
    sex = rng.choice(("female", "male"))
    age = max(24, min(97, round(rng.gauss(72, 13))))
    born = today - timedelta(days=age * 365 + age // 4 + rng.randrange(1, 360))
    return {
        "nhs_number": nhs(rng),
        "family_name": rng.choice(published.names("family")),
        "given_name": rng.choice(published.names(sex)),
        "date_of_birth": born.isoformat(),
        "sex": sex,
    }


def clot(rng: Random) -> Facts:
    """Where the artery is closed, how bad it is, and how the brain looks."""
    where = published.choose(rng, "occlusion")
    middle = {Occlusion.ICA: 18, Occlusion.M1: 16, Occlusion.M2: 11, Occlusion.BASILAR: 20}.get(
        Occlusion(where), 10
    )
    facts: Facts = {
        "occlusion": where,
        "nihss": max(6, min(34, round(rng.gauss(middle, 4.5)))),
        "prestroke_mrs": int(published.choose(rng, "prestroke_mrs")),
    }
    if where in {Occlusion.ICA, Occlusion.M1, Occlusion.M2}:
        facts["side"] = rng.choice((Side.LEFT.value, Side.RIGHT.value))
        facts["aspects"] = rng.choices((10, 9, 8, 7, 6, 5), (14, 26, 28, 18, 10, 4))[0]
    return facts


def onset(rng: Random, *, arrived: datetime) -> Facts:
    """When it began, as far as anybody knows."""
    kind = published.choose(rng, "onset_kind")
    if kind == OnsetKind.WAKE_UP:
        before = timedelta(minutes=rng.uniform(240, 600))
    elif kind == OnsetKind.LAST_KNOWN_WELL:
        before = timedelta(minutes=1.4 * published.minutes(rng, "onset_to_arrival"))
    else:
        before = timedelta(minutes=published.minutes(rng, "onset_to_arrival"))
    moment = arrived - min(max(before, timedelta(minutes=25)), LATEST)
    return {"onset_kind": kind, "onset_at": _minute(moment)}


def thrombolysis(rng: Random, facts: Facts, *, spoke: Site, cta: datetime, now: datetime) -> Facts:
    """Whether the clot was treated with a drug: what the onset and the anticoagulant allow."""
    anticoagulant = published.choose(rng, "anticoagulant")
    given = cta + timedelta(minutes=rng.uniform(-2, 10))  # the plain CT comes first, and often the drug too
    began = datetime.fromisoformat(str(facts["onset_at"]))
    reason = ""
    if anticoagulant not in {Anticoagulant.NONE, Anticoagulant.UNKNOWN}:
        reason = NoThrombolysis.ANTICOAGULATED.value
    elif facts["onset_kind"] == OnsetKind.WAKE_UP:
        reason = NoThrombolysis.ONSET_UNKNOWN.value
    elif given - began > THROMBOLYSIS_WINDOW:
        reason = NoThrombolysis.TOO_LATE.value
    elif not spoke.thrombolyses:
        reason = NoThrombolysis.OTHER.value
    elif rng.random() < 0.15:
        weights = (45, 25, 20, 10)
        reasons = ("bleeding_risk", "recent_surgery", "blood_pressure", "declined")
        reason = rng.choices(reasons, weights)[0]
    said: Facts = {"anticoagulant": anticoagulant}
    if reason:
        return {**said, "thrombolysis": Thrombolysis.NOT_GIVEN.value, "no_thrombolysis_reason": reason}
    if given > now:
        return {**said, "thrombolysis": Thrombolysis.PENDING.value}
    return {**said, "thrombolysis": Thrombolysis.GIVEN.value, "thrombolysis_at": _minute(given)}


def suspected(rng: Random, *, spoke: Site, now: datetime) -> Facts:
    """What a spoke says in a pre-alert: the patient came some minutes ago, the CTA is under way."""
    arrived = now - timedelta(minutes=rng.uniform(9, 24))
    return {
        **identity(rng, today=now.date()),
        **onset(rng, arrived=arrived),
        "arrived_at": _minute(arrived),
        "nihss": max(6, min(30, round(rng.gauss(15, 5)))),
        "callback": spoke.phone or "+441632960123",
    }


def scanned(rng: Random, before: Facts, *, spoke: Site, now: datetime) -> Facts:
    """What the spoke adds when the CTA of a pre-alerted patient is done."""
    arrived = datetime.fromisoformat(str(before["arrived_at"]))
    cta = max(now - timedelta(minutes=rng.uniform(2, 6)), arrived + timedelta(minutes=1))
    cta = min(cta, now)
    facts = {**clot(rng), "cta_at": _minute(cta)}
    facts["nihss"] = before["nihss"]
    return {**facts, **thrombolysis(rng, before, spoke=spoke, cta=cta, now=now)}


def referred(rng: Random, *, spoke: Site, now: datetime) -> Facts:
    """A patient who is referred at this moment: in the spoke for 40 to 100 minutes, the CTA just done."""
    arrived = now - timedelta(minutes=rng.triangular(40, 100, 60))
    cta = now - timedelta(minutes=min(4 + 0.4 * published.minutes(rng, "scan_to_needle"), 34))
    facts: Facts = {
        **identity(rng, today=now.date()),
        **onset(rng, arrived=arrived),
        **clot(rng),
        "arrived_at": _minute(arrived),
        "cta_at": _minute(cta),
        "callback": spoke.phone or "+441632960123",
    }
    facts |= thrombolysis(rng, facts, spoke=spoke, cta=cta, now=now)
    if rng.random() < 0.4:
        facts["note"] = rng.choice(NOTES)
    return facts


def admitted(rng: Random, *, hub: Site, now: datetime) -> Facts:
    """A patient who came straight to a hub a while ago."""
    arrived = now - timedelta(minutes=rng.uniform(28, 55))
    cta = min(now, arrived + timedelta(minutes=min(published.minutes(rng, "arrival_to_cta"), 25)))
    facts: Facts = {
        **identity(rng, today=now.date()),
        **onset(rng, arrived=arrived),
        **clot(rng),
        "arrived_at": _minute(arrived),
        "cta_at": _minute(cta),
    }
    return facts | thrombolysis(rng, facts, spoke=hub, cta=cta, now=now)


def _minute(moment: datetime) -> str:
    """As people write times: to the minute."""
    return moment.replace(second=0, microsecond=0).isoformat()
