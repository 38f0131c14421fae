"""The rows of a patient's way, gathered for Django. Written by referrals.transitions alone; the rulebook by its own."""

from referrals.draft_rows import Draft
from referrals.referral import MOMENTS, Referral
from referrals.rulebook_rows import HubCriteria, NetworkTargets
from referrals.trail import Event, Offer, OfferState, Party, Via

__all__ = [
    "MOMENTS",
    "Draft",
    "Event",
    "HubCriteria",
    "NetworkTargets",
    "Offer",
    "OfferState",
    "Party",
    "Referral",
    "Via",
]
