"""The rows of a patient's way, gathered for Django. Written by referrals.transitions alone."""

from referrals.crew_link import CrewLink
from referrals.readiness_list import ReadinessList
from referrals.referral import MOMENTS, Referral
from referrals.trail import Event, Offer, OfferState, Party, Via

__all__ = ["MOMENTS", "CrewLink", "Event", "Offer", "OfferState", "Party", "ReadinessList", "Referral", "Via"]
