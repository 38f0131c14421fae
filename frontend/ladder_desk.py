"""What lies on the desk of whoever reads or edits a hub's ladder: the draft, its night, its warnings, its history.

Called by frontend.views.ladders. Reads; only paging.ladders writes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from frontend import ladder_doubts, ladder_form, ladder_history, ladder_sheet
from frontend.ladder_form import Draft, Read
from frontend.ladder_sheet import Lookup, Night
from network.models import Person, Role, Site
from network.permissions import Rights
from paging import ladders
from paging.ladders import BrokenLadder, Remark, Rung, Standing
from paging.models import Ladder, Reason

WAITS = (Reason.OFFER, Reason.CONFIRM, Reason.UNPLACED)
OF_ALL = "all"  # instead of a version's number: the ladder of all hubs
NAMES = {Reason.OFFER: "Offer", Reason.CONFIRM: "Confirmation", Reason.UNPLACED: "No hub"}
LEADS = {
    Reason.OFFER: "A patient is offered to {hub}, and nobody has answered.",
    Reason.CONFIRM: "An operator under direct supervision has accepted, and the supervisor has to confirm.",
    Reason.UNPLACED: "No hub has taken the patient, {hub} was asked last, and another has to be found.",
}


@dataclass(frozen=True)
class Place:
    """Whose ladders these are, who looks at them, and when."""

    hub: Site
    person: Person
    may_edit: bool
    now: datetime


@dataclass(frozen=True)
class Wait:
    """One of the three things that a patient waits for, and what happens tonight."""

    reason: Reason
    name: str
    lead: str
    night: Night | None
    here: bool = False


@dataclass(frozen=True)
class Refused:
    """Why the editor comes back instead of saving."""

    status: int = 422
    asked: bool = False  # the warnings were shown, and a reason is asked for
    theirs: Ladder | None = None  # what somebody else saved meanwhile


def leads(rights: Rights, hub: Site) -> bool:
    """The coordinators and leads of the hub's network decide who is paged there."""
    return rights.oversees(hub.network_id)


def may_read(rights: Rights, hub: Site) -> bool:
    """Those who decide, and those who are paged or stand beside them."""
    return leads(rights, hub) or rights.has(Role.HUB, Role.OPERATOR, site_id=hub.pk)


def waits(place: Place, *, here: Reason | None = None, nights: bool = False) -> list[Wait]:
    """The three waits; with what each does tonight where that is asked for."""
    found = []
    for reason in WAITS:
        night = None
        if nights:
            lookup = Lookup(place.hub, reason, at=place.now)
            rungs = ladders.read(ladders.current(place.hub, reason).rungs)
            night = ladder_sheet.night(lookup, rungs, now=place.now)
        lead = LEADS[reason].format(hub=place.hub)
        found.append(Wait(reason, NAMES[reason], lead, night, here=reason == here))
    return found


def begin(place: Place, reason: Reason, wanted: str) -> Draft:
    """What the editor begins with: the ladder as it stands, an earlier version by its number, or that of all hubs."""
    kept = ladders.versions(place.hub, reason)
    based_on = kept[0].version if kept else 0
    if wanted == OF_ALL:
        return _of(reason, ladders.current(None, reason), based_on)
    if earlier := next((one for one in kept if str(one.version) == wanted), None):
        before = Standing(earlier.version, earlier.rungs, earlier.seen_holds)
        return replace(_of(reason, before, based_on), note=f"As version {earlier.version}")
    return _of(reason, ladders.current(place.hub, reason), based_on)


def _of(reason: Reason, stands: Standing, based_on: int) -> Draft:
    try:
        rungs = ladders.read(stands.rungs)
    except BrokenLadder:  # nobody could climb it then, and nobody can begin with it now
        rungs = ladders.read(ladders.shipped(reason).rungs)
    return ladder_form.of(reason, rungs, seen_holds=stands.seen_holds, based_on=based_on)


def stands_already(place: Place, reason: Reason, read: Read) -> bool:
    """Is this what the hub's own ladder says already?"""
    kept = ladders.versions(place.hub, reason)
    if not kept:
        return False
    newest = Standing(kept[0].version, kept[0].rungs, kept[0].seen_holds)
    now = ladder_form.read(_of(reason, newest, 0))
    return now.rungs == read.rungs and now.seen_holds == read.seen_holds


def warnings(place: Place, reason: Reason, rungs: Sequence[Rung]) -> list[Remark]:
    """What must have been seen before this is saved."""
    return ladder_doubts.doubts(Lookup(place.hub, reason, at=place.now), rungs, now=place.now)


def digest(warned: Sequence[Remark]) -> str:
    """Which warnings were shown, so that nobody saves over one that they have not seen."""
    said = "\n".join(sorted(remark.sentence for remark in warned))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def shown(place: Place, reason: Reason, draft: Draft, *, marked: bool) -> dict[str, Any]:
    """The steps, the night and the warnings of a draft; `marked`: each fault also stands at its field."""
    read = ladder_form.read(draft)
    night, warned = None, []
    if not read.faults:
        lookup = Lookup(place.hub, reason, at=place.now)
        night = ladder_sheet.night(lookup, read.rungs, now=place.now)
        warned = ladder_doubts.doubts(lookup, read.rungs, now=place.now)
    at_fields = read.faults if marked else []
    return {
        "place": place,
        "reason": reason,
        "draft": draft,
        "may_edit": place.may_edit,
        "rows": ladder_form.rows(draft, at_fields),
        "fields": ladder_form.fields(draft, at_fields),
        "faults": [(ladder_form.field_of(draft, remark), remark.sentence) for remark in read.faults],
        "night": night,
        "warned": warned,
        "seen": digest(warned),
    }


def whole(place: Place, reason: Reason, draft: Draft, refused: Refused | None) -> dict[str, Any]:
    """Everything on the editor's page."""
    kept = ladders.versions(place.hub, reason)
    of_all = ladders.read(ladders.current(None, reason).rungs)
    versions = ladder_history.versions(kept)
    context = shown(place, reason, draft, marked=refused is not None)
    theirs = versions[0] if refused and refused.theirs else None
    return context | {
        "refused": refused,
        "asked": bool(refused and refused.asked and context["warned"] and not theirs),
        "waits": waits(place, here=reason),
        "lead": LEADS[reason].format(hub=place.hub),
        "words": [] if place.may_edit else ladder_history.steps_in_words(ladder_form.read(draft).rungs),
        "versions": versions,
        "of_all": ladder_history.steps_in_words(of_all),
        "theirs": theirs,
    }
