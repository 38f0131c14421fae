"""The rows of a patient's way, gathered for Django. Who writes which is said where each is declared."""

from referrals.after.rows import NinetyRule, Outcome
from referrals.conversation.reference_rows import Reference, ReferenceKind
from referrals.conversation.rows import Address, Confirmation, Conversation, Mark, Marking, Message
from referrals.crew_link import CrewLink
from referrals.draft_rows import Draft
from referrals.median_rows import KeptMedian
from referrals.notices.rows import Notice, NoticeKind, NoticeMark, NoticeMarking
from referrals.papers.rows import Opened, Paper, PaperKind, Upload
from referrals.readiness_list import ReadinessList
from referrals.referral import MOMENTS, Referral
from referrals.rulebook_rows import HubCriteria, NetworkTargets
from referrals.trail import Event, Offer, OfferState, Party, Via

__all__ = [
    "MOMENTS",
    "Address",
    "Confirmation",
    "Conversation",
    "CrewLink",
    "Draft",
    "Event",
    "HubCriteria",
    "KeptMedian",
    "Mark",
    "Marking",
    "Message",
    "NetworkTargets",
    "NinetyRule",
    "Notice",
    "NoticeKind",
    "NoticeMark",
    "NoticeMarking",
    "Offer",
    "OfferState",
    "Opened",
    "Outcome",
    "Paper",
    "PaperKind",
    "Party",
    "ReadinessList",
    "Reference",
    "ReferenceKind",
    "Referral",
    "Upload",
    "Via",
]
