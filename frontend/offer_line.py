"""What became of each hub that was asked, in one line for the case's page. Pure; called by frontend.casefile."""

from dataclasses import dataclass
from datetime import datetime

from frontend import clocks
from referrals.models import Offer, OfferState

MOODS = {
    OfferState.ACCEPTED: "ok",
    OfferState.DECLINED: "late",
    OfferState.LAPSED: "late",
    OfferState.PROVISIONAL: "soon",
}


@dataclass(frozen=True)
class Answered:
    """What became of one offer."""

    hub: str
    became: str
    mood: str
    minutes: int | None


def of(offer: Offer, roads: dict[tuple[int, int], int], now: datetime) -> Answered:
    """One offer as it stands; `roads` has the drive minutes by spoke and hub."""
    state = OfferState(offer.state)
    became = str(state.label)
    if offer.closed_at:
        who_closed = f" by {offer.closed_by}" if offer.closed_by else ""
        why = f": {offer.get_reason_display().lower()}" if offer.reason else ""
        became = f"{became}{who_closed} at {clocks.moment(offer.closed_at, now)}{why}"
    elif state == OfferState.OPEN:
        became = f"Asked at {clocks.moment(offer.opened_at, now)}, no answer yet"
    minutes = roads.get((offer.referral.spoke_id, offer.hub_id))
    return Answered(str(offer.hub), became, MOODS.get(state, ""), minutes)
