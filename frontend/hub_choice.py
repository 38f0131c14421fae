"""The hubs to which a spoke may refer, the soonest groin first, each with its reasons and what its criteria say.

Called by the referral form, its fragment and the case. The first that is open is ticked, and only a suggestion; a
closed one says why and when it opens.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from frontend import criteria_sheet, notice_sheet, waits
from frontend.criteria_sheet import Advice
from network.models import Site
from referrals import ranking, soonest
from referrals.models import Notice, NoticeKind, Referral
from referrals.notices import reading
from referrals.ranking import Ranked
from referrals.soonest import Choice
from workforce import rota
from workforce.models import Duty

AT_FIRST = 4  # hubs that are shown without asking for more


@dataclass(frozen=True)
class HubChoice:
    """One hub as it stands on the form."""

    code: str
    name: str
    minutes: int  # by road
    network: str  # empty: the spoke's own
    first: str  # who is first on call now; empty: nobody
    first_until: datetime | None
    ticked: bool
    groin: str  # when the groin could be punctured; empty: not within a day
    line: str  # how that is reckoned
    advice: Advice | None = None
    closed: bool = False
    why: str = ""  # why it is closed
    opens: datetime | None = None
    last: str = ""  # until when it takes referrals, where that is soon
    repeats: bool = False  # says of the patient what all of them say
    notices: tuple[str, ...] = ()  # what holds there, but that it is closed


@dataclass(frozen=True)
class HubChoices:
    """The near hubs, and the others behind one press."""

    near: list[HubChoice]
    far: list[HubChoice]
    common: Advice | None = None  # what all the near ones say of the patient
    as_of: str = ""  # when the medians were reckoned, where one of these hubs has any

    @property
    def far_ticked(self) -> bool:
        """Is one of the far hubs ticked, so that it must be seen?"""
        return any(hub.ticked for hub in self.far)


def choices(
    spoke: Site,
    *,
    ticked: Collection[str] | None,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    referral: Referral | None = None,
) -> HubChoices:
    """The hubs around a spoke, the soonest groin first; `ticked` None ticks the suggested one.

    `facts`: what is known of the patient, where enough is known to be judged.
    """
    return of(soonest.hubs(spoke, now=at, facts=facts, referral=referral), spoke, ticked=ticked, at=at)


def of(found: Sequence[Choice], spoke: Site, *, ticked: Collection[str] | None, at: datetime) -> HubChoices:
    """The same, of hubs that are ranked already."""
    hubs = [one.hub for one in found]
    on = {s.hub_id: s for s in rota.on_call_at(hubs, at=at) if s.duty == Duty.FIRST}
    first = ranking.suggested([one.ranked for one in found])
    chosen = set(ticked) if ticked is not None else {first.code} if first else set()
    advised = [_advice(one) for one in found]
    near = {(a.line, a.version) for a in advised[:AT_FIRST] if a}
    common = advised[0] if len(near) == 1 else None
    said = reading.of_hubs([hub.pk for hub in hubs], spoke.network, at=at)
    rows = [
        replace(
            _choice(
                one, spoke, on.get(one.hub.pk), advice, one.hub.code in chosen, repeats=_same(advice, common)
            ),
            notices=_noted(said.get(one.hub.pk, ()), at),
        )
        for one, advice in zip(found, advised, strict=True)
    ]
    return HubChoices(rows[:AT_FIRST], rows[AT_FIRST:], common, _as_of(found))


def _as_of(found: Sequence[Choice]) -> str:
    observed = [one for one in found if one.ranked.conveyance or one.ranked.readiness.number]
    return waits.hour(observed[0].as_of) if observed else ""


def _noted(said: Iterable[Notice], at: datetime) -> tuple[str, ...]:
    """What holds at a hub, for its line; that it is closed the line says already."""
    return tuple(notice_sheet.brief(one, at=at) for one in said if one.kind != NoticeKind.CLOSED)


def _same(advice: Advice | None, common: Advice | None) -> bool:
    return bool(advice and common and (advice.line, advice.version) == (common.line, common.version))


def _advice(one: Choice) -> Advice | None:
    judgement = one.ranked.judgement
    return criteria_sheet.advice(one.hub.short_name, judgement) if judgement else None


def _choice(
    one: Choice, spoke: Site, shift: Any, advice: Advice | None, ticked: bool, *, repeats: bool
) -> HubChoice:
    hub, ranked = one.hub, one.ranked
    return HubChoice(
        code=hub.code,
        name=hub.short_name,
        minutes=ranked.road,
        network="" if hub.network_id == spoke.network_id else hub.network.name,
        first=shift.person.name if shift else "",
        first_until=shift.period.upper if shift else None,
        ticked=ticked,
        groin=waits.hour(ranked.groin_at) if ranked.groin_at else "",
        line=line(ranked),
        advice=advice,
        closed=not ranked.is_open,
        why=ranked.closed_why,
        opens=ranked.opens_at,
        last=waits.hour(ranked.last_acceptance) if ranked.is_open and ranked.last_acceptance else "",
        repeats=repeats,
    )


def line(ranked: Ranked) -> str:
    """How the instant is reckoned, in one line: “Leaves 04:14, 34 min there (12 journeys; 27 by road), …”."""
    if not (ranked.groin_at and ranked.leave_at):
        return "Takes nobody within the next 24 hours"
    seen = ranked.conveyance
    road = f"{ranked.road} min by road"
    journey = f"{seen.minutes} min there (median of {seen.number} journeys; {road})" if seen else road
    ready = ranked.readiness
    of = f" (median of {ready.number})" if ready.number else ""
    pieces = [f"Leaves {waits.hour(ranked.leave_at)}", journey, f"{ready.minutes} min to the groin{of}"]
    if ranked.ahead:
        patients = "1 patient" if ranked.ahead == 1 else f"{ranked.ahead} patients"
        pieces.append(f"{patients} before" + (f": waits {ranked.waits} min" if ranked.waits else ", no wait"))
    return ", ".join(pieces)
