"""Which moment of a patient's way cannot lie before which other one. Called by the verbs."""

from referrals.ledger import Turn, clock
from referrals.refusals import BadInput

# What cannot have happened before what: verb → (the earlier moment's field, its name).
EARLIER = {
    "accept": ("referred_at", "the referral"),
    "confirm": ("provisional_at", "the provisional acceptance"),
    "request_ambulance": ("arrived_at", "the arrival at the spoke"),
    "depart": ("arrived_at", "the arrival at the spoke"),
    "expect": ("departed_at", "the departure from the spoke"),
    "arrive": ("departed_at", "the departure from the spoke"),
    "puncture": ("hub_arrived_at", "the arrival at the hub"),
    "end_procedure": ("punctured_at", "groin puncture"),
    "not_treat": ("hub_arrived_at", "the arrival at the hub"),
    "request_repatriation": ("hub_arrived_at", "the arrival at the hub"),
    "repatriate": ("repatriation_requested_at", "the request for a bed"),
    "decline": ("referred_at", "the referral"),
    "stand_down": ("accepted_at", "the acceptance"),
    "record_death": ("arrived_at", "the arrival at the first hospital"),
}

# What cannot lie before door in.
AFTER_DOOR_IN = (
    ("ambulance_requested_at", "the request for an ambulance"),
    ("departed_at", "the departure"),
    ("punctured_at", "groin puncture"),
)


def check(turn: Turn) -> None:
    """Refuse a moment that lies before what must have come first; BadInput names both."""
    field, name = EARLIER.get(turn.verb, ("", ""))
    earlier = getattr(turn.referral, field) if field else None
    if earlier and turn.at.replace(second=0, microsecond=0) < earlier.replace(second=0, microsecond=0):
        raise BadInput({"at": f"{clock(turn.at)} is before {name} at {clock(earlier)}. Check both times."})
