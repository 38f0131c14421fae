"""What is owed of whom: each outcome that is due, overdue, done or not obtained, for the places of a person.

Called by the screens. Reads a few columns in three queries; pure from there on. Writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from network.models import Role, Site
from network.permissions import Rights
from referrals import queries
from referrals.after import rules
from referrals.after.recording import died_on
from referrals.after.rows import By, Kind, NotObtained, Outcome
from referrals.after.rules import Window
from referrals.models import Referral
from referrals.states import State

COLUMNS = (
    "code", "state", "spoke", "hub", "punctured_at", "repatriated_at", "ended_at",
    *(f"{side}__{column}" for side in ("spoke", "hub") for column in ("code", "name", "short_name", "network")),
)  # fmt: skip
MOST_OPEN = 100  # patients that a board looks at: whoever owes more knows it by then
ASKED = tuple(kind for kind in Kind if rules.asked(kind))


class Standing(StrEnum):
    """How one outcome of one patient stands."""

    OVERDUE = "overdue"  # the window has closed, and nobody has said anything
    DUE = "due"
    COMING = "coming"
    DONE = "done"
    NOT_OBTAINED = "not_obtained"
    DIED = "died"  # before it was to be asked: nothing is owed


@dataclass(frozen=True)
class Owed:
    """One outcome of one patient: of which site, within which window, and how it stands."""

    referral: Referral
    kind: Kind
    site: Site
    window: Window
    standing: Standing
    row: Outcome | None

    @property
    def is_open(self) -> bool:
        return self.standing in {Standing.DUE, Standing.OVERDUE}


def of(rights: Rights, *, now: datetime, only_open: bool = False) -> list[Owed]:
    """Everything of the patients whom this person may see, the oldest window first; or of those with something open,
    and then of the newest MOST_OPEN of them."""
    seen = queries.visible(rights).filter(punctured_at__gte=now - rules.LOOKS_BACK, hub__isnull=False)
    if only_open:
        seen = seen.filter(reduce(or_, (_open(kind, now) for kind in ASKED))).exclude(state=State.DIED)
        seen = seen.order_by("-punctured_at")[:MOST_OPEN]
    rows = list(seen.select_related(None).select_related("spoke", "hub").only(*COLUMNS))
    found = _of(rows, now=now)
    return sorted(found, key=lambda one: (one.window.closes, one.referral.pk))


def _open(kind: Kind, now: datetime) -> Q:
    held = Outcome.objects.filter(referral=OuterRef("pk"), kind=kind, corrected_by=None)
    answered = Exists(held.exclude(not_obtained=NotObtained.MISTAKE))
    return Q(punctured_at__lte=rules.opened(kind, now=now)) & ~Q(answered)


def mine(found: Iterable[Owed], rights: Rights) -> list[Owed]:
    """Those that this person's own teams are to answer."""
    return [one for one in found if _answers(rights, one)]


def of_one(referral: Referral, *, now: datetime) -> list[Owed]:
    """The outcomes of one patient, in the order of time; none where there was no procedure."""
    if referral.punctured_at is None or referral.hub is None:
        return []
    return _of([referral], now=now)


def _answers(rights: Rights, one: Owed) -> bool:
    hub = one.site.pk == one.referral.hub_id
    return rights.has(*((Role.OPERATOR, Role.HUB) if hub else (Role.SPOKE,)), site_id=one.site.pk)


def _of(rows: list[Referral], *, now: datetime) -> list[Owed]:
    held: dict[int, dict[str, Outcome]] = {}
    newest = Outcome.objects.filter(Q(corrected_by=None), referral__in=[row.pk for row in rows])
    for outcome in newest if rows else ():
        held.setdefault(outcome.referral_id, {})[outcome.kind] = outcome
    ninety = rules.ninety_of({row.spoke.network_id for row in rows}) if rows else {}
    return [
        _one(row, kind, held.get(row.pk, {}), ninety.get(row.spoke.network_id, rules.DEFAULT_NINETY), now)
        for row in rows
        for kind in ASKED
    ]


def _one(row: Referral, kind: Kind, held: dict[str, Outcome], ninety: By, now: datetime) -> Owed:
    assert row.punctured_at and row.hub
    window = rules.window(kind, row.punctured_at)
    is_back = row.state == State.REPATRIATED
    site = rules.owes(kind, spoke=row.spoke_id, hub=row.hub.pk, is_back=is_back, ninety=ninety)
    entry = held.get(kind)
    entry = None if entry and entry.is_taken_back else entry
    died = died_on(row, held)
    return Owed(
        referral=row,
        kind=kind,
        site=row.hub if site == row.hub.pk else row.spoke,
        window=window,
        standing=_standing(entry, window, _is_over(row, kind, died, window), now),
        row=entry,
    )


def _is_over(row: Referral, kind: Kind, died: date | None, window: Window) -> bool:
    """Has the patient died before this was to be asked?"""
    if died is None:
        return False
    return row.state == State.DIED or (kind != Kind.DISCHARGE and died < timezone.localdate(window.opens))


def _standing(entry: Outcome | None, window: Window, is_over: bool, now: datetime) -> Standing:
    if entry is not None:
        return Standing.NOT_OBTAINED if entry.not_obtained else Standing.DONE
    if is_over:
        return Standing.DIED
    if now < window.opens:
        return Standing.COMING
    return Standing.DUE if now <= window.closes else Standing.OVERDUE
