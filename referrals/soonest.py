"""Reads all that ranks the hubs for one spoke, in five statements, and ranks them: where could the groin be soonest?

Called by the referral form, the case, the API, the pager's hand-on, and where an offer is judged. Writes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from network import week
from network.hours_rows import Closure, OpeningHours
from network.models import Link, Site
from network.week import Open
from referrals import advising, eligibility, median_rows, observed, ranking, usual
from referrals.models import Offer, Referral
from referrals.observed import Observed
from referrals.ranking import Ahead, Hub, Ranked, Usual
from referrals.rulebook_rows import HubCriteria
from referrals.states import State
from workforce import cover
from workforce.models import Shift

AHEAD = timedelta(hours=24)  # nobody waits longer than the widest window for a hub to open
COMING = (
    State.PROVISIONAL,
    State.ACCEPTED,
    State.AMBULANCE_REQUESTED,
    State.DEPARTED,
    State.ARRIVED,
    State.PUNCTURE,
)


@dataclass(frozen=True)
class Choice:
    """One hub with its site and its rank's reasons."""

    hub: Site
    ranked: Ranked
    as_of: datetime  # when the medians in them were reckoned


def hubs(
    spoke: Site,
    *,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    referral: Referral | None = None,
    only: Collection[int] | None = None,
) -> list[Choice]:
    """The hubs around a spoke, the soonest groin first; five statements. `facts`: those of the patient, to be judged.

    `referral`: the one that is asked about, which does not wait for itself. `only`: these hubs, by id.
    """
    links = _links(spoke, now, only)
    sites = {link.hub_id: link.hub for link in links}
    is_kept = any(link.medians_kept for link in links)  # type: ignore[attr-defined]  # annotated
    seen = observed.of(spoke, list(sites), now=now, is_kept=is_kept)
    ahead = _ahead(list(sites), now, referral)
    covered = cover.of_hubs(list(sites.values()), start=now, end=now + AHEAD)
    remaining = _remaining(seen, referral, now)
    found = []
    for link in links:
        opens = _open(link, spoke, covered.get(link.hub_id), now)
        hub = _hub(link, opens, seen, ahead.get(link.hub_id, []))
        one = ranking.reckon(
            hub,
            now=now,
            remaining=remaining,
            turnaround=timedelta(minutes=usual.TURNAROUND),
            horizon=now + AHEAD,
        )
        if facts is not None:
            criteria = eligibility.read(link.hub, link.criteria)  # type: ignore[attr-defined]  # annotated
            # Closed for so long, it may be rung all the same: judged by when it could, if it took the patient now.
            groin = one.groin_at or now + remaining + hub.journey.length + hub.readiness.length
            judged = eligibility.judge(facts, criteria, groin_at=groin, now=now)
            one = replace(one, judgement=judged)
        found.append(one)
    by_code = {site.code: site for site in sites.values()}
    return [Choice(by_code[one.code], one, seen.as_of) for one in ranking.order(found)]


class Around:
    """The hubs around one referral at an instant, ranked when first asked for: a page that asks twice ranks once."""

    def __init__(self, referral: Referral, *, now: datetime) -> None:
        self.referral, self.now = referral, now

    @cached_property
    def choices(self) -> list[Choice]:
        """All of them, the soonest groin first, with the patient judged."""
        facts = eligibility.facts_of(self.referral)
        return hubs(self.referral.spoke, now=self.now, facts=facts, referral=self.referral)

    def next_hub(self, *, is_open: bool = False) -> Site | None:
        """Where the groin could be punctured soonest, of the hubs that this referral has not been put to yet.

        `is_open`: only a hub that takes patients now; else a closed one where no other is left, to be rung.
        """
        return advising.or_nothing(lambda: self._next_hub(is_open), None)

    def _next_hub(self, is_open: bool) -> Site | None:
        asked = set(Offer.objects.filter(referral=self.referral).values_list("hub", flat=True))
        left = [one for one in self.choices if one.hub.pk not in asked]
        if is_open:
            left = [one for one in left if one.ranked.is_open]
        first = ranking.suggested([one.ranked for one in left])
        return next((one.hub for one in left if first and one.ranked.code == first.code), None)


def next_hub(referral: Referral, *, now: datetime, is_open: bool = False) -> Site | None:
    """The same for one question alone."""
    return Around(referral, now=now).next_hub(is_open=is_open)


def _links(spoke: Site, now: datetime, only: Collection[int] | None) -> list[Link]:
    """The links with each hub's hours, closures, criteria, and whether a rota is kept there; one statement."""
    own = Q(network=None) | Q(network=spoke.network_id)
    week_rows = OpeningHours.objects.filter(own, hub=OuterRef("hub"), since__lte=now + AHEAD)
    closures = Closure.objects.filter(hub=OuterRef("hub"), until__gt=now, since__lt=now + AHEAD)
    criteria = HubCriteria.objects.filter(hub=OuterRef("hub")).order_by("-version")
    near = DateTimeTZRange(now - cover.KNOWN, now + cover.KNOWN)
    shifts = Shift.objects.filter(hub=OuterRef("hub"), duty__in=cover.OPERATING, period__overlap=near)
    rows = Link.objects.filter(origin=spoke)
    if only is not None:
        rows = rows.filter(hub__in=list(only))
    rows = rows.annotate(
        hours=ArraySubquery(
            week_rows.filter(Q(until=None) | Q(until__gt=now - timedelta(days=1))).values(
                said=JSONObject(id="pk", network="network", since="since", until="until", weekly="weekly")
            )
        ),
        closed=ArraySubquery(
            closures.order_by("since").values(
                said=JSONObject(since="since", until="until", again="reopening__at", reason="reason")
            )
        ),
        criteria=Subquery(
            criteria.values(said=JSONObject(version="version", differences="differences", at="written_at"))[
                :1
            ]
        ),
        known=Exists(shifts),
        medians_kept=Exists(median_rows.fresh(now)),
    )
    return list(rows.select_related("hub__network"))


def _remaining(seen: Observed, referral: Referral | None, now: datetime) -> timedelta:
    """How long until this patient can leave: the spoke's usual time from referral, less what has passed."""
    whole = seen.usual.get(("remaining", 0), Usual(usual.REMAINING)).length
    passed = now - referral.referred_at if referral and referral.referred_at else timedelta(0)
    return max(whole - passed, timedelta(minutes=usual.LEAST_REMAINING))


def _ahead(hub_ids: list[int], now: datetime, referral: Referral | None) -> dict[int, list[Ahead]]:
    """The patients who are on their way to these hubs, or in the suite; one statement."""
    road = Link.objects.filter(origin=OuterRef("spoke"), hub=OuterRef("hub")).values("minutes")[:1]
    coming = Referral.objects.filter(hub__in=hub_ids, state__in=COMING).annotate(road=Subquery(road))
    if referral is not None:
        coming = coming.exclude(pk=referral.pk)
    found: dict[int, list[Ahead]] = defaultdict(list)
    rows = coming.values_list(
        "hub",
        "departed_at",
        "diverted_at",
        "expected_at",
        "hub_arrived_at",
        "punctured_at",
        "accepted_at",
        "road",
    )
    for hub, departed, diverted, expected, arrived, punctured, accepted, minutes in rows:
        leaves = departed or max((accepted or now) + timedelta(minutes=usual.REMAINING), now)
        if departed and diverted:
            leaves = max(departed, diverted)  # from where, nobody knows: the whole road is counted
        door = arrived or max(expected or leaves + timedelta(minutes=minutes or 0), now)
        found[hub].append(Ahead(door, punctured))
    return found


def _hub(link: Any, opens: tuple[list[Open], str], seen: Observed, ahead: list[Ahead]) -> Hub:
    pk = link.hub_id
    return Hub(
        code=link.hub.code,
        road=link.minutes,
        conveyance=seen.usual.get(("road", pk)),
        readiness=seen.usual.get(("ready", pk), Usual(usual.READINESS)),
        procedure=seen.usual.get(("procedure", pk), Usual(usual.PROCEDURE)),
        open=opens[0],
        closed_why=opens[1],
        ahead=ahead,
    )


def _open(link: Any, spoke: Site, covered: Any, now: datetime) -> tuple[list[Open], str]:
    """When this hub takes referrals of the spoke's network, and why not now."""
    rows = [week.read(row) for row in link.hours]
    weekly = week.stretches(rows, network=spoke.network_id, start=now, end=now + AHEAD)
    closures = []
    why = "" if weekly and weekly[0].start <= now else "outside its hours"
    for said in link.closed:
        since, until = (datetime.fromisoformat(said[name]) for name in ("since", "until"))
        if said["again"]:
            until = min(until, datetime.fromisoformat(said["again"]))
        closures.append((since, until))
        if since <= now < until:
            why = said["reason"]
    gaps = []
    if covered is not None:
        gaps = cover.gaps(covered)
    elif link.known:
        gaps = [(now, now + AHEAD)]
    if not why and any(begun <= now < done for begun, done in gaps):
        why = "nobody on call who may operate"
    return week.without(week.without(weekly, closures), gaps), why
