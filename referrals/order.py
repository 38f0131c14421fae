"""Which moment of a patient's way cannot lie before which other one: data. Read by the verbs."""

# What cannot have happened before what: verb → (the earlier moment's field, its name).
EARLIER = {
    "accept": ("referred_at", "the referral"),
    "confirm": ("provisional_at", "the provisional acceptance"),
    "request_ambulance": ("arrived_at", "the arrival at the spoke"),
    "depart": ("arrived_at", "the arrival at the spoke"),
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
