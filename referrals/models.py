"""The rows of a patient's way, gathered for Django. Written by referrals.transitions alone."""

from referrals.referral import MOMENTS, Referral
from referrals.trail import Event, Offer, OfferState, Party, Via

__all__ = ["MOMENTS", "Event", "Offer", "OfferState", "Party", "Referral", "Via"]
