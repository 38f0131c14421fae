"""The one way to tell everybody concerned, and the only caller that closes a hub or opens it again.

Called by the notices' page and the hours' page. A notice that closes writes its closure by network.hours in the same
transaction; taking it back opens the hub. What was said stays as it was said.
"""

from datetime import datetime, timedelta

from django.db import transaction

from network import hours
from network.hours import HoursRefused
from network.hours_rows import Closure
from network.models import Network, Role, Site
from network.permissions import Rights
from realtime import feed
from referrals import nhs_number
from referrals.notices import audience
from referrals.notices.rows import Notice, NoticeKind
from referrals.refusals import BadInput, NotAllowed, Refusal, WrongState

LONGEST = 280  # characters
LONGEST_HELD = timedelta(days=366)
NEWS_FOR = timedelta(hours=12)  # how long those who have not seen it are told that a notice was taken back
SAID = (NoticeKind.INFORMATION, NoticeKind.REDUCED, NoticeKind.CLOSED)


class NoSuchNotice(Refusal):
    """It does not exist for this person."""

    status = 404


def say(
    rights: Rights,
    network: Network,
    hub: Site | None,
    *,
    kind: str,
    words: str,
    since: datetime | None,
    until: datetime | None,
    at: datetime,
) -> Notice:
    """Tell everybody whom it concerns: of one hub, or of the whole network; `since` None is now.

    A notice of the kind “closed” closes the hub, so it needs an end.
    """
    role = _checked_role(rights, network, hub)
    said, begun = checked(words), since or at
    _check_times(begun, until, at)
    if kind not in SAID:
        raise BadInput({"kind": "Choose what it means: information, reduced or closed."})
    if kind == NoticeKind.CLOSED and (hub is None or until is None):
        raise BadInput(
            {"until": "Say until when the hub is closed; it can be opened sooner."}
            if hub
            else {"kind": "One hub is closed at a time: choose which."}
        )
    with transaction.atomic():
        closure = None
        if kind == NoticeKind.CLOSED and hub and until:
            closure = hours.close(hub, since=begun, until=until, reason=said, by=rights.person, at=at)
        notice = Notice.objects.create(
            network=network, hub=hub, kind=kind, words=said, since=begun, until=until,
            by=rights.person, role=role, at=at, closure=closure,
        )  # fmt: skip
        _tell(notice)
    return notice


@transaction.atomic
def take_back(rights: Rights, number: int, *, words: str, at: datetime) -> Notice:
    """It no longer holds: everybody concerned is told, and a hub that it closed is open again."""
    notice = audience.of_person(rights).select_for_update(of=("self",)).filter(pk=number).first()
    if notice is None:
        raise NoSuchNotice("not_found", "There is no such notice, or it does not concern you.")
    role = _checked_role(rights, notice.network, notice.hub)
    said = checked(words)
    if not holds(notice, at=at):
        raise WrongState("over", "This notice is over already. Nothing was changed.")
    if notice.closure is not None:
        _reopen(notice.closure, reason=said, rights=rights, at=at)
    back = Notice.objects.create(
        network=notice.network, hub=notice.hub, kind=NoticeKind.TAKEN_BACK, words=said, since=at,
        until=at + NEWS_FOR, by=rights.person, role=role, at=at, takes_back=notice,
    )  # fmt: skip
    _tell(back)
    return back


def reopen(rights: Rights, closure: Closure, *, words: str, at: datetime) -> None:
    """The hub takes patients again before the closure's time; a notice that said it closed is taken back with it."""
    told = Notice.objects.filter(closure=closure).first()
    if told is not None:
        take_back(rights, told.pk, words=words, at=at)
        return
    _checked_role(rights, closure.hub.network, closure.hub)
    _reopen(closure, reason=checked(words), rights=rights, at=at)


def holds(notice: Notice, *, at: datetime) -> bool:
    """Is it still to come or not over, and not taken back?"""
    over = notice.until is not None and notice.until <= at
    return not over and notice.kind != NoticeKind.TAKEN_BACK and not hasattr(notice, "taken_back")


def checked(words: str) -> str:
    """One line of at most 280 characters that names no patient; BadInput says what is wrong."""
    said = " ".join(words.split())
    if not said:
        raise BadInput({"words": "Write what everybody should know."})
    if len(said) > LONGEST or not said.isprintable():
        raise BadInput({"words": f"At most {LONGEST} plain characters; this has {len(said)}."})
    if nhs_number.is_in(said):
        raise BadInput(
            {"words": "There is what looks like an NHS number in it. Say nothing of a patient here."}
        )
    return said


def _checked_role(rights: Rights, network: Network, hub: Site | None) -> Role:
    role = audience.may_say(rights, network, hub)
    if role is None:
        who = (
            "The hub’s operators, and the network’s coordinators and leads,"
            if hub
            else "Coordinators and leads"
        )
        raise NotAllowed("not_yours", f"{who} say this. Nothing was changed.")
    return role


def _check_times(since: datetime, until: datetime | None, at: datetime) -> None:
    if since < at - hours.CLOCKS_DIFFER:
        raise BadInput({"since": "It cannot begin in the past."})
    if until is not None and until <= max(since, at):
        raise BadInput({"until": "The end is before the beginning, or over already."})
    if until is not None and until - since > LONGEST_HELD:
        raise BadInput({"until": "That is more than a year away. Check the date."})


def _reopen(closure: Closure, *, reason: str, rights: Rights, at: datetime) -> None:
    try:
        hours.reopen(closure, reason=reason, by=rights.person, at=at)
    except HoursRefused as refused:
        raise WrongState("over", str(refused)) from refused


def _tell(notice: Notice) -> None:
    """Every board whose people it concerns looks again."""
    keys = audience.streams(notice.network, notice.hub)
    feed.append(keys, subject="", version=0, verb="notice", state=notice.kind, at=notice.at)
