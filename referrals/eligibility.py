"""A patient held against a hub's criteria, and the judgement as it is kept with an offer. Advice with its reasons.

Called by referrals.soonest (before anybody is asked) and referrals.offers (to keep what was judged). Writes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from network.models import Site
from referrals.criteria import clauses, judging
from referrals.criteria.clauses import Criteria
from referrals.criteria.judging import Finding, Judgement, Verdict
from referrals.ranking import Ranked
from referrals.referral import Referral
from referrals.rulebook_rows import HubCriteria

JUDGED_BY = (
    *(
        "onset_at",
        "occlusion",
        "nihss",
        "prestroke_mrs",
        "aspects",
        "perfusion",
        "mismatch_ml",
        "thrombolysis",
    ),
    "date_of_birth",
)


def facts_of(referral: Referral) -> dict[str, Any]:
    """What is known of this patient that the criteria ask for."""
    return {name: getattr(referral, name) for name in JUDGED_BY}


def read(hub: Site, own: Mapping[str, Any] | None) -> Criteria:
    """The criteria that hold for a hub, by its own differences as the database gives them."""
    if not own:
        return clauses.national()
    year = datetime.fromisoformat(own["at"]).year
    return clauses.of_hub(hub.short_name, own["version"], own["differences"], year=year)


def as_before(hub: Site, before: Mapping[str, Any]) -> Criteria:
    """The criteria of the version that a judgement was made by."""
    if not before["own"]:
        return clauses.national(before["national"])
    row = HubCriteria.objects.get(hub=hub, version=before["own"])
    return clauses.of_hub(
        hub.short_name, row.version, row.differences, year=row.written_at.year, base=before["national"]
    )


def judge(facts: Mapping[str, Any], criteria: Criteria, *, groin_at: datetime, now: datetime) -> Judgement:
    """Within, outside or uncertain, by these facts and the instant at which the groin could be punctured."""
    onset = facts.get("onset_at")
    minutes = int((groin_at - onset) / timedelta(minutes=1)) if onset else None
    known = {**facts, "minutes": minutes, "age": _age(facts.get("date_of_birth"), now)}
    return judging.judge(known, criteria)


def _age(born: date | None, now: datetime) -> int | None:
    if born is None:
        return None
    today = timezone.localdate(now)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def way(criteria: Criteria, occlusion: str, *, ranked: Ranked) -> dict[str, Any]:
    """What the latest departure is reckoned from: kept with the offer, so that a board need not ask again."""
    return {
        "journey": ranked.journey,
        "ready": ranked.readiness.minutes,
        "arrive_by": ranked.arrive_by.isoformat() if ranked.arrive_by else None,
        "windows": list(criteria.windows(judging.TERRITORY.get(occlusion, ""))),
    }


def kept(
    judgement: Judgement, *, groin_at: datetime | None, at: datetime, way: Mapping[str, Any]
) -> dict[str, Any]:
    """The judgement as it is kept with an offer and in the trail."""
    return {
        "way": dict(way),
        "version": judgement.criteria.version,
        "national": judgement.criteria.national,
        "own": judgement.criteria.own,
        "verdict": judgement.verdict.value,
        "at": at.isoformat(),
        "groin_at": groin_at.isoformat() if groin_at else None,
        "findings": [
            [f.clause, f.about, f.verdict.value, f.said, f.rule, f.source, f.settle]
            for f in judgement.findings
        ],
    }


@dataclass(frozen=True)
class Kept:
    """A judgement as it was made and kept."""

    version: str
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def line(self) -> str:
        return judging.line(self.verdict, self.findings)


def again(before: Mapping[str, Any]) -> Kept | None:
    """The judgement that was kept, as it was made; None where nothing was judged."""
    if not before:
        return None
    findings = tuple(
        Finding(clause, about, Verdict(verdict), said, rule, source, settle)
        for clause, about, verdict, said, rule, source, settle in before["findings"]
    )
    return Kept(before["version"], Verdict(before["verdict"]), findings)
