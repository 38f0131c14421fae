"""The board: every patient of one stream along the way, for a screen that watches; and the wall, for a room.

Thin: rights, the stream's head before the rows, present. It changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from frontend import cards, cover_sheet, mine_sheet, notice_sheet, outcomes_sheet, present, visit
from frontend.mine_sheet import Strip
from frontend.present import Filled
from network import permissions
from network.models import Person, Site
from network.permissions import Rights
from realtime import feed, reading
from workforce import rota, rota_edits
from workforce.models import Duty


@dataclass(frozen=True)
class HubNow:
    """One hub and who is on call there now."""

    name: str
    words: str
    on: bool


@dataclass(frozen=True)
class Other:
    """Another board that this person may watch."""

    key: str
    name: str
    here: bool


@dataclass(frozen=True)
class Board:
    """What a board's templates show."""

    key: str
    name: str
    epoch: str
    head: int
    counts: str
    lanes: list[Filled]
    ended: Filled
    hubs: list[HubNow]
    others: list[Other]
    bare: bool
    ahead: str  # the gap that comes first, for those who can fill it
    after: outcomes_sheet.Strip | None  # the outcomes that this person's teams are asked for
    mine: Strip | None  # who waits for this person to say that they have them
    tells: bool  # a hospital's board says that it sounds; a network's is nobody's hospital


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Send everybody to their own place."""
    if not isinstance(request.user, Person):
        return redirect("sign-in")
    rights = permissions.rights(request.user, at=timezone.now())
    only_governs = rights.governs and not rights.sites and not rights.networks
    return redirect("operators" if only_governs else "board")


@require_safe
@login_required
def board(request: HttpRequest, key: str | None = None) -> HttpResponse:
    """One stream's patients; without a key, the widest that this person may watch."""
    rights = _rights(request)
    may_watch = feed.watchable(rights)
    if key is None and not may_watch:
        return render(request, "frontend/no_board.html")
    shown = _board(rights, may_watch, key or next(iter(may_watch)))
    strip = notice_sheet.strip(rights, at=timezone.now())
    return render(request, "frontend/board.html", {"board": shown, "strip": strip})


@require_safe
@login_required
def lanes(request: HttpRequest, key: str) -> HttpResponse:
    """The same patients again, for a page that has lost touch or wants to be sure."""
    rights = _rights(request)
    shown = _board(rights, feed.watchable(rights), key, bare="wall" in request.GET)
    return render(request, "frontend/_lanes.html", {"board": shown})


@require_safe
@login_required
def wall(request: HttpRequest, key: str) -> HttpResponse:
    """The board for a room: large, no facts of a patient, nothing to press."""
    rights = _rights(request)
    shown = _board(rights, feed.watchable(rights), key, bare=True)
    strip = notice_sheet.strip(rights, at=timezone.now(), wall=True)
    return render(request, "frontend/wall.html", {"board": shown, "strip": strip})


def _rights(request: HttpRequest) -> Rights:
    return permissions.rights(visit.person(request), at=timezone.now())


def _board(rights: Rights, may_watch: dict[str, str], key: str, *, bare: bool = False) -> Board:
    now = timezone.now()
    if key not in may_watch:
        raise Http404
    # The head before the rows: what happens in between comes again as an event, and is never missed.
    place = reading.place(key, since=None, epoch=None)
    *filled, ended = present.lanes(cards.of_stream(key, now=now))
    hubs = _hubs_of(key, filled)
    return Board(
        key=key,
        name=may_watch[key],
        epoch=place.epoch,
        head=place.head,
        counts=present.counts(filled),
        lanes=filled,
        ended=ended,
        hubs=_now(hubs, now),
        ahead="" if bare else _ahead(rights, hubs, now),
        others=[Other(k, name, here=k == key) for k, name in may_watch.items()] if len(may_watch) > 1 else [],
        bare=bare,
        after=None if bare else outcomes_sheet.strip(rights, now=now),
        mine=None if bare else mine_sheet.strip(rights, now=now),
        tells=key.startswith("site:"),
    )


def _hubs_of(key: str, filled: list[Filled]) -> list[Site]:
    """The hubs of this stream's network and those that were asked."""
    kind, _, code = key.partition(":")
    own = Q(network__sites__code=code) if kind == "site" else Q(network__code=code)
    asked = {code for lane in filled for card in lane.cards for code in card.asked}
    return list(Site.objects.filter(own | Q(code__in=asked), is_hub=True).order_by("short_name").distinct())


def _ahead(rights: Rights, hubs: list[Site], now: datetime) -> str:
    """The next gap of those of these hubs whose rota this person may write."""
    own = [hub for hub in hubs if rota_edits.may_edit(rights, hub)]
    return cover_sheet.nearest(own, now=now) if own else ""


def _now(rows: list[Site], now: datetime) -> list[HubNow]:
    """Who is on call at each of these hubs."""
    on_call: dict[int, list[str]] = {}
    for shift in rota.on_call_at(rows, at=now):
        duty = "" if shift.duty == Duty.FIRST else f" ({shift.get_duty_display().lower()})"
        on_call.setdefault(shift.hub_id, []).append(f"{shift.person}{duty}")
    return [
        HubNow(hub.short_name, ", ".join(on_call.get(hub.pk, ["nobody on call"])), on=hub.pk in on_call)
        for hub in rows
    ]
