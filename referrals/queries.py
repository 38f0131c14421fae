"""Reading referrals: what a person may see, the board, the trail. The only reader for other apps; writes nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, JSONObject

from network.models import Person, Site
from network.permissions import Rights
from realtime import feed
from referrals.models import Event, NetworkTargets, Offer, OfferState, Party, Referral
from referrals.refusals import NotVisible
from referrals.states import LIVE, TAKEN, WAITING, State

LINGERS = timedelta(hours=6)  # how long an ended referral stays on the board
PLACES = ("spoke", "hub")  # of each row
PEOPLE = ("operator", "supervisor", "owner", "successor")
SURROUNDINGS = (*(f"{place}__network" for place in PLACES), *PEOPLE)
OPEN_PARTIES = Prefetch("parties", Party.objects.filter(until=None).select_related("site__network"))


def _open_party(**where: object) -> Exists:
    return Exists(Party.objects.filter(referral=OuterRef("pk"), until=None, **where))


def visible(rights: Rights) -> QuerySet[Referral]:
    """The referrals that this person may see: parties at the person's sites, and in the networks of the person."""
    seen = Q(pk__in=[])
    if rights.sites:
        seen |= Q(_open_party(site__in=rights.sites))
    if rights.networks:
        seen |= Q(_open_party(site__network__in=rights.networks))
    return Referral.objects.filter(seen).select_related(*SURROUNDINGS)


def get(rights: Rights, code: str) -> Referral:
    """One referral by its code, or NotVisible."""
    referral = visible(rights).filter(code=code.upper()).first() if code.isalnum() else None
    if referral is None:
        raise NotVisible
    return referral


def offered(rights: Rights, code: str) -> Offer | None:
    """The last offer of this referral to a hub of this person, whatever became of it; for saying who took it."""
    if not code.isalnum():
        return None
    offers = Offer.objects.filter(referral__code=code.upper(), hub__in=rights.sites)
    return offers.select_related("referral__hub", "referral__operator", "hub").order_by("-pk").first()


def with_targets(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """The same referrals with the own targets of each one's network that stood when it began; no query more."""
    began = Coalesce(OuterRef("pre_alerted_at"), OuterRef("referred_at"), OuterRef("hub_arrived_at"))
    stood = NetworkTargets.objects.filter(network=OuterRef("spoke__network"), written_at__lte=began)
    newest = stood.order_by("-version").values(said=JSONObject(version="version", minutes="minutes"))
    return referrals.annotate(own_targets=Subquery(newest[:1]))


def own_targets(referral: Referral) -> dict[str, Any] | None:
    """Those targets of one referral: version and minutes; a query more only where it was read without them."""
    if "own_targets" not in vars(referral):
        read = with_targets(Referral.objects.only("pk")).get(pk=referral.pk)
        vars(referral)["own_targets"] = vars(read)["own_targets"]
    own: dict[str, Any] | None = vars(referral)["own_targets"]
    return own


def with_offers(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """The same referrals with what a card shows, in two queries."""
    return (
        with_targets(referrals)
        .select_related(*SURROUNDINGS)
        .prefetch_related(
            Prefetch("offers", Offer.objects.select_related("hub__network", "closed_by").order_by("pk"))
        )
    )


def with_surroundings(referrals: QuerySet[Referral]) -> QuerySet[Referral]:
    """The same referrals with what a card shows and what rights are judged by, in three queries."""
    return with_offers(referrals).prefetch_related(OPEN_PARTIES)


def open_parties(referral: Referral) -> list[Party]:
    """The parties that may see this referral now, with their sites and networks; kept with the row."""
    prefetch_related_objects([referral], OPEN_PARTIES)
    return list(referral.parties.all())


def on_board(referrals: QuerySet[Referral], *, now: datetime) -> QuerySet[Referral]:
    """Those that belong on a board: live, or ended within the last hours."""
    recent = Q(ended_at__gte=now - LINGERS) | Q(repatriated_at__gte=now - LINGERS)
    return referrals.filter(Q(state__in=sorted(LIVE)) | recent)


def of_stream(key: str) -> QuerySet[Referral]:
    """The referrals that the audience of one stream may see now."""
    kind, _, code = key.partition(":")
    return of_site(code) if kind == "site" else of_network(code)


def of_site(code: Any) -> QuerySet[Referral]:
    """The referrals that the hospital with this code may see now."""
    return Referral.objects.filter(_open_party(site__code=code))


def of_network(code: Any) -> QuerySet[Referral]:
    """The referrals that the coordinators of the network with this code may see now."""
    return Referral.objects.filter(_open_party(site__network__code=code))


def streams(referral: Referral) -> set[str]:
    """The streams whose audience may see this referral now: each party's, and its network's."""
    parties = Party.objects.filter(referral=referral, until=None).select_related("site__network")
    return streams_of_sites(party.site for party in parties)


def standing(referral_ids: Collection[int]) -> list[feed.Said]:
    """Where these referrals stand now, with the streams whose audience may see each; one query."""
    parties = Party.objects.filter(referral__in=referral_ids, until=None)
    rows = parties.values_list(
        "referral__code", "referral__version", "referral__state", "site__code", "site__network__code"
    )
    found: dict[tuple[str, int, str], set[str]] = {}
    for code, version, state, site, network in rows:
        found.setdefault((code, version, state), set()).update({feed.of_site(site), feed.of_network(network)})
    return [feed.Said(keys, code, version, state) for (code, version, state), keys in found.items()]


def streams_of_sites(sites: Iterable[Site]) -> set[str]:
    """The streams of these sites and of their networks."""
    keys: set[str] = set()
    for site in sites:
        keys |= {feed.site_stream(site), feed.network_stream(site.network)}
    return keys


def trail(referral: Referral) -> QuerySet[Event]:
    """Everything that was done to a referral, in the order in which it was written."""
    return Event.objects.filter(referral=referral).select_related("by").order_by("number")


def asked_between(hubs: Iterable[Site], *, start: datetime, end: datetime) -> dict[int, list[datetime]]:
    """When each of these hubs was asked to take a patient, by the hub's id; one query."""
    offers = Offer.objects.filter(hub__in=list(hubs), opened_at__gte=start, opened_at__lt=end)
    found: dict[int, list[datetime]] = {}
    for hub, moment in offers.values_list("hub", "opened_at"):
        found.setdefault(hub, []).append(moment)
    return found


def under_a_supervisor() -> QuerySet[Referral]:
    """The patients whom somebody under indirect supervision has accepted, until their procedure is over."""
    # Whoever was under direct supervision was provisional first, and the supervisor has confirmed.
    before_the_end = {*TAKEN, State.ARRIVED, State.PUNCTURE}
    final = Referral.objects.filter(state__in=sorted(before_the_end), provisional_at=None)
    return final.filter(supervisor__isnull=False)


def accepted_under_a_supervisor() -> QuerySet[Referral]:
    """Those of them who are still on their way."""
    return under_a_supervisor().filter(state__in=sorted(TAKEN))


def travelling() -> QuerySet[Referral]:
    """The patients who wait for an ambulance or are on the road, and those who are worse before: no fact of them."""
    asked = Q(state__in=[State.AMBULANCE_REQUESTED, State.DEPARTED])
    found = Referral.objects.filter(asked | Q(state=State.ACCEPTED, worse_at__isnull=False))
    moments = ("ambulance_requested_at", "departed_at", "expected_at", "worse_at", "instruction", "category")
    taken = Offer.objects.filter(referral=OuterRef("pk"), state=OfferState.ACCEPTED).order_by("-closed_at")
    found = found.annotate(taken_at=Subquery(taken.values("closed_at")[:1]))
    return found.only("code", "state", "spoke_id", *moments, "hub", "operator").select_related(
        "hub", "operator"
    )


def crew_answered_by(code: str) -> Person | None:
    """Who told the crew what to do with a patient who is worse; None where nobody has since it was last said."""
    said = Event.objects.filter(referral__code=code, verb__in=["worsen", "instruct"]).select_related("by")
    last = said.order_by("-number").first()
    return last.by if last and last.verb == "instruct" else None


def id_of(code: str) -> int | None:
    """The referral of this code, as its rows are joined."""
    return Referral.objects.filter(code=code).values_list("pk", flat=True).first()


def left_road_at(referral: Referral) -> datetime | None:
    """When it was written down that this patient is no longer on the way to the hub, or will not be."""
    before = [State.ACCEPTED, State.AMBULANCE_REQUESTED, State.DEPARTED]
    left = Event.objects.filter(referral=referral, before__in=before).exclude(after__in=before)
    return left.order_by("-number").values_list("written_at", flat=True).first()


def spokes_network(code: str) -> set[int]:
    """The network of the spoke of this referral; nothing where there is none of this code."""
    return set(Referral.objects.filter(code=code).values_list("spoke__network", flat=True))


def supervisor_of(code: str) -> Person | None:
    """Who answers for the operator of this referral; None where nobody has to."""
    found = Referral.objects.filter(code=code).select_related("supervisor").first()
    return found.supervisor if found else None


def waiting() -> QuerySet[Referral]:
    """The referrals for which a person must be reached: the pager's work."""
    return Referral.objects.filter(state__in=sorted(WAITING))
