"""Turns a referral and its trail into what the API answers. Reads only what it is given, but for prefetched rows.

Called by api.referrals. An empty text in the database is null outside.
"""

from typing import Any

from api import schemas
from referrals import clocks, eligibility, facts
from referrals.criteria.judging import Judgement
from referrals.eligibility import Kept
from referrals.models import Event, Referral

TEXTS = ("category", "cad", "escort", "infusion", "override", "mtici", "end_reason")


def referral(row: Referral) -> dict[str, Any]:
    """Everything about a referral, for somebody who may see it; `row` comes with its offers."""
    known = {name: _or_null(getattr(row, name)) for name in (*facts.NAMES, *TEXTS)}
    fields = {**schemas.Moments.model_fields, **schemas.Travel.model_fields}
    moments = {name: _or_null(getattr(row, name)) for name in fields}
    return {
        **known,
        **moments,
        "code": row.code,
        "state": row.state,
        "version": row.version,
        "visible": True,
        "spoke": row.spoke.code,
        "hub": row.hub.code if row.hub else None,
        "offers": [_offer(offer) for offer in row.offers.all()],
        "operator": row.operator.name if row.operator else None,
        "supervisor": row.supervisor.name if row.supervisor else None,
        "infusion_ends_at": row.infusion_ends_at,
        "transfer_risks": row.transfer_risks,
        "reperfused_at": row.reperfused_at,
        "second": row.second.name if row.second else None,
        "observing": row.observer.name if row.observer else None,
        "complications": row.complications,
        "dido_minutes": clocks.whole_minutes(clocks.dido(row)),
        "door_to_puncture_minutes": clocks.whole_minutes(clocks.door_to_puncture(row)),
        "onset_to_puncture_minutes": clocks.whole_minutes(clocks.onset_to_puncture(row)),
    }


def farewell(row: Referral, last: Event, sites: frozenset[int]) -> dict[str, Any]:
    """What is left to tell somebody who no longer sees it: what they did last, and their own hubs' offers."""
    return {
        **dict.fromkeys(schemas.Referral.model_fields),
        "code": row.code,
        "state": last.after,
        "version": last.number,
        "visible": False,
        "spoke": row.spoke.code,
        "offers": [_offer(offer) for offer in row.offers.all() if offer.hub_id in sites],
    }


def event(row: Event) -> dict[str, Any]:
    """One line of a referral's trail."""
    return {
        "number": row.number,
        "verb": row.verb,
        "before": row.before,
        "after": row.after,
        "by": {"username": row.by.username, "name": row.by.name} if row.by else None,
        "via": row.via,
        "at": row.at,
        "written_at": row.written_at,
        "details": row.details,
        "hash": row.hash,
    }


def _offer(row: Any) -> dict[str, Any]:
    return {
        "hub": row.hub.code,
        "state": row.state,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "reason": row.reason or None,
        "criteria": judged(kept) if (kept := eligibility.again(row.judged)) else None,
    }


def judged(judgement: Judgement | Kept) -> dict[str, Any]:
    """What a hub's criteria say of a patient, with the clauses behind it."""
    names = ("clause", "verdict", "said", "rule", "source", "settle")
    return {
        "version": judgement.version,
        "verdict": judgement.verdict.value,
        "line": judgement.line,
        "reasons": [{name: str(getattr(one, name)) for name in names} for one in judgement.findings],
    }


def _or_null(value: Any) -> Any:
    return None if value == "" else value
