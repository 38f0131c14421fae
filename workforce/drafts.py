"""Rotas that are asked for, searched, looked at, and published or not: the only writer of drafts.

Rights first. What a draft would change goes through workforce.rota_edits like everything that people do to a rota, and
is judged again at that instant. Called by the screens and by workforce.searching.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from network.models import Person, Site
from workforce import building, draft_changes, mending, rota_edits
from workforce.building import Asked, CannotAsk
from workforce.draft_rows import READY, UNDER_WAY, DraftState, Purpose, RotaDraft
from workforce.rota_edits import NotOnTheRota
from workforce.rota_rows import Deed, Leave
from workforce.rules.facts import Breach
from workforce.solver import process, wire
from workforce.solver.problem import Progress, Result, Rota

BUILD_SECONDS, MEND_SECONDS = 60.0, 30.0
WORKERS = 2
MANY = 12  # drafts that are looked through
SILENT = timedelta(seconds=20)  # a search gives a sign of life each second
UNBORN = timedelta(seconds=45)  # one that was asked for has begun by then
LOST = "The search ended before it had an answer. Nothing was changed. Ask again."
STATES = {
    Result.BEST: DraftState.FOUND,
    Result.GOOD: DraftState.FOUND,
    Result.IMPOSSIBLE: DraftState.IMPOSSIBLE,
    Result.UNKNOWN: DraftState.FAILED,
}


def ask(hub: Site, *, first: date, weeks: int, keeps: bool, by: Person, at: datetime) -> RotaDraft:
    """A lead or coordinator asks for a rota of so many weeks; CannotAsk says what it lacks."""
    _check(by, hub, at)
    with transaction.atomic():
        rota_edits.lock([hub])
        asked = building.asked(hub, first=first, weeks=weeks, keeps=keeps, at=at)
        request = wire.Request(asked.problem, seconds=BUILD_SECONDS, workers=WORKERS)
        details: dict[str, Any] = {"purpose": Purpose.BUILD, "first": first, "weeks": weeks, "keeps": keeps}
        return _create(hub, asked, request, by=by, at=at, **details)


def ask_cover(hub: Site, leave: Leave, *, by: Person, at: datetime) -> RotaDraft:
    """Who could hold what this person holds here while they are away, with as few changes as can be."""
    _check(by, hub, at)
    with transaction.atomic():
        rota_edits.lock([hub])
        mend = mending.asked(hub, leave, at=at)
        problem = mend.asked.problem
        request = wire.Request(
            problem, seconds=MEND_SECONDS, workers=WORKERS, good_enough=0.0, illness=mend.illness
        )
        details: dict[str, Any] = {"purpose": Purpose.MEND, "person": leave.person, "keeps": True}
        details |= {"first": problem.first, "weeks": problem.weeks}
        return _create(hub, mend.asked, request, by=by, at=at, **details)


def again(draft: RotaDraft, *, by: Person, at: datetime) -> RotaDraft:
    """The same question, with all that has become known since; the draft before it is discarded."""
    _check(by, draft.hub, at)
    with transaction.atomic():
        if draft.state != DraftState.PUBLISHED:
            discard(draft, by=by, at=at)
        if draft.purpose == Purpose.BUILD:
            return ask(draft.hub, first=draft.first, weeks=draft.weeks, keeps=draft.keeps, by=by, at=at)
        leave = Leave.objects.filter(person=draft.person, period__endswith__gt=at).order_by("period")
        newest = leave.filter(period__overlap=draft.period).select_related("person").first()
        if newest is None:
            raise CannotAsk("That leave is over, or was withdrawn.")
        return ask_cover(draft.hub, newest, by=by, at=at)


def _check(by: Person, hub: Site, at: datetime) -> None:
    rota_edits.check_edits(by, hub, at=at)
    if not process.installed():
        raise CannotAsk(process.MISSING)


def _create(
    hub: Site, asked: Asked, request: wire.Request, *, by: Person, at: datetime, **details: Any
) -> RotaDraft:
    for other in RotaDraft.objects.filter(hub=hub, state__in=UNDER_WAY):
        if not is_lost(other, at=at):
            raise CannotAsk(f"A search for {hub} is under way. Wait for it, or stop it.")
        failed(other.pk, LOST, at=at)
    return RotaDraft.objects.create(
        hub=hub,
        asked_by=by,
        asked_at=at,
        period=DateTimeTZRange(*asked.period),
        request=wire.request_to(request),
        before=draft_changes.snapshot(hub, *asked.period),
        left_out=list(asked.left_out),
        **details,
    )


def is_lost(draft: RotaDraft, *, at: datetime) -> bool:
    """Whether it should be under way, and nobody is at it."""
    if draft.state not in UNDER_WAY:
        return False
    return at - (draft.seen_at or draft.asked_at) > (SILENT if draft.seen_at else UNBORN)


def of_hub(hub: Site, *, most: int) -> list[RotaDraft]:
    """The newest drafts of this hub that were not discarded, without what they carry."""
    rows = RotaDraft.objects.filter(hub=hub).exclude(state=DraftState.DISCARDED)
    return list(
        rows.select_related("asked_by", "person").defer("request", "answer", "before").order_by("-pk")[:most]
    )


def waiting(hub: Site, *, at: datetime) -> list[RotaDraft]:
    """The drafts of duties ahead that nobody has published or discarded yet, without what they carry."""
    return [draft for draft in of_hub(hub, most=MANY) if draft.state in READY and draft.period.upper > at]


def begin(number: int, *, at: datetime) -> RotaDraft | None:
    """The search for this draft begins; None where it is not wanted any more, or another has begun it."""
    begun = RotaDraft.objects.filter(pk=number, state=DraftState.ASKED)
    if not begun.update(state=DraftState.SEARCHING, seen_at=at):
        return None
    return RotaDraft.objects.select_related("hub").get(pk=number)


def heard(number: int, *, at: datetime, progress: Progress | None = None) -> bool:
    """A sign of life, with the best so far; False where nobody waits for the answer any more."""
    live = RotaDraft.objects.filter(pk=number, state__in=UNDER_WAY)
    said: dict[str, Any] = {"progress": wire.progress_to(progress)} if progress else {}
    return bool(live.update(seen_at=at, **said))


def found(number: int, rota: Rota, *, at: datetime) -> None:
    """The search has its answer."""
    state = STATES[rota.result]
    RotaDraft.objects.filter(pk=number, state=DraftState.SEARCHING).update(
        state=state,
        seen_at=at,
        answer=wire.rota_to(rota),
        trouble=" ".join(rota.reasons) if state == DraftState.FAILED else "",
    )


def failed(number: int, trouble: str, *, at: datetime) -> None:
    """There will be no answer; the sentence says why."""
    live = RotaDraft.objects.filter(pk=number, state__in=UNDER_WAY)
    live.update(state=DraftState.FAILED, seen_at=at, trouble=trouble)


def discard(draft: RotaDraft, *, by: Person, at: datetime) -> None:
    """Nobody wants it; a search that is under way ends."""
    rota_edits.check_edits(by, draft.hub, at=at)
    open_ones = RotaDraft.objects.filter(pk=draft.pk).exclude(state=DraftState.PUBLISHED)
    open_ones.update(state=DraftState.DISCARDED, settled_by=by, settled_at=at)


def publish(draft: RotaDraft, *, by: Person, at: datetime, reason: str = "") -> list[Breach]:
    """From now on the rota is as in this draft; says what that breaks. Breaks without a reason.

    NotOnTheRota where somebody changed these duties since it was asked for, or it is settled already.
    """
    rota_edits.check_edits(by, draft.hub, at=at)
    with transaction.atomic():
        rota_edits.lock([draft.hub])
        row = (
            RotaDraft.objects.select_for_update(of=("self",))
            .select_related("hub", "asked_by")
            .get(pk=draft.pk)
        )
        if row.state not in READY:
            raise NotOnTheRota(f"This draft is settled: {row.get_state_display().lower()}.")
        if changed := draft_changes.changed_since(row, at=at):
            raise NotOnTheRota(f"The rota was changed since this draft was made. {changed} Search again.")
        changes = [one for one in draft_changes.of(row) if one.end > at]
        if not changes:
            raise NotOnTheRota("The rota is as in this draft already.")
        if row.state == DraftState.IMPOSSIBLE and not reason.strip():
            raise NotOnTheRota("Some duties stay empty. Say why it is published nevertheless.")
        broken = rota_edits.apply(changes, deed=Deed.PUT, by=by, at=at, reason=reason, note=_note(row))
        settled: Mapping[str, Any] = {"settled_by": by, "settled_at": at, "reason": reason.strip()}
        RotaDraft.objects.filter(pk=row.pk).update(state=DraftState.PUBLISHED, **settled)
    return broken


def _note(row: RotaDraft) -> str:
    if row.purpose == Purpose.MEND:
        return f"{row.person} is away; from a draft that {row.asked_by} asked for."
    return f"From a draft that {row.asked_by} asked for."
