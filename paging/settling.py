"""What providers report of a page, merged by rank: early, late, twice or out of order comes to the same end.

Only a human answer stops the clock. A delivery changes nothing but what the screen says; a failure hurries the ladder.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from network.models import Person, Site
from paging import aftermath, escalations, senders, showing
from paging.models import Callback, Channel, Fate, Page, Reason
from paging.routes import Routes

STATUS_RANK: Mapping[str, int] = {
    "accepted": 0,
    "scheduled": 0,
    "created": 0,
    "queued": 1,
    "pending": 2,
    "sending": 2,
    "initiated": 2,
    "sent": 3,
    "ringing": 3,
    "delivered": 4,
    "in-progress": 4,
    "read": 5,
    "completed": 5,
    "machine": 6,
    "canceled": 6,
    "busy": 7,
    "no-answer": 7,
    "undelivered": 7,
    "temporary-failure": 7,
    "technical-failure": 7,
    "permanent-failure": 8,
    "failed": 8,
}  # higher wins, in whatever order they come: a failure outranks a delivery, because it only hurries the ladder
FAILED = frozenset(status for status, rank in STATUS_RANK.items() if rank >= STATUS_RANK["machine"])
DELIVERED = frozenset({"delivered", "read", "in-progress", "completed"})
WOKEN_WITHIN = timedelta(minutes=5)


@transaction.atomic
def report(*, page_id: int | None, provider_id: str, status: str, error: str, now: datetime) -> bool:
    """Keep what a provider said, once; False where it was known already or is no status of ours."""
    if status not in STATUS_RANK:
        return False
    page = _locked(page_id, provider_id)
    if (
        page
        and page.provider_id
        and page.provider_id != provider_id
        and page.fate not in {Fate.DUE, Fate.SENDING}
    ):
        page = None  # a copy that an earlier attempt had sent; the later one counts
    _, new = Callback.objects.get_or_create(
        provider_id=provider_id,
        event=status,
        defaults={"error": error[:24], "received_at": now, "page": page},
    )
    if not new or page is None:
        return new
    merge(page, now=now)
    return True


def _locked(page_id: int | None, provider_id: str) -> Page | None:
    """The page of this report, with its escalation locked before it."""
    about = Page.objects.filter(pk=page_id) if page_id else Page.objects.filter(provider_id=provider_id)
    found = about.values_list("pk", "escalation").first()
    if found is None:
        return None
    pk, escalation = found
    escalations.lock(escalation)
    return whole(Page.objects.filter(pk=pk)).get()


def whole(pages: QuerySet[Page]) -> QuerySet[Page]:
    """These pages, locked, with what a next move needs to know; their escalations are locked before them."""
    locked = pages.select_for_update(no_key=True, of=("self",))
    return locked.select_related("escalation__referral", "escalation__hub", "person")


def merge(page: Page, *, now: datetime) -> None:
    """Bring a page to what was reported of it, and tell it where that is news."""
    before = page.fate, page.error
    apply_reports(page, now=now)
    if (page.fate, page.error) != before:
        tell(page, now=now)


def apply_reports(page: Page, *, now: datetime) -> None:
    """Bring a page that has been handed over to the highest rank that was reported of it."""
    if not page.provider_id or page.fate not in {Fate.SENT, Fate.DELIVERED, Fate.FAILED}:
        return
    said = list(Callback.objects.filter(provider_id=page.provider_id))
    machine = any(callback.event == "machine" for callback in said)
    best = max(said, key=lambda callback: _rank(callback.event), default=None)
    if best is None or (_rank(best.event) <= _rank(page.provider_status) and machine == page.machine):
        return
    page.provider_status, page.machine = max(best.event, page.provider_status, key=_rank), machine
    if best.event in FAILED:
        page.settled_at = page.settled_at if page.fate == Fate.FAILED else now
        page.fate, page.error = Fate.FAILED, best.error or _error_of(page, best.event)
    elif best.event in DELIVERED:
        page.fate, page.settled_at = Fate.DELIVERED, now
    page.save(update_fields=["provider_status", "machine", "fate", "error", "settled_at"])


def _rank(status: str) -> tuple[int, str]:
    # Two of one rank contradict each other: the same one wins whichever came first.
    return STATUS_RANK.get(status, -1), status


def _error_of(page: Page, status: str) -> str:
    """A status that says why by itself; a text that merely failed has Twilio's code for "unknown"."""
    if page.channel == Channel.SMS and status in {"failed", "undelivered", "canceled"}:
        return "30008"
    return status


def tell(page: Page, *, now: datetime) -> None:
    """Show the page's fate on every screen that may see it; a failure leads to the next right move at once."""
    if page.fate == Fate.FAILED:
        if not aftermath.of_page(page, now=now):
            escalations.hurry(page, now=now)
        showing.wake()
    elif page.fate == Fate.DELIVERED and page.escalation.reason == Reason.TOLD:
        escalations.heard(page, now=now)
    showing.show(showing.about(page.escalation), now=now)


def ask(page: Page, *, routes: Routes, clock: Callable[[], datetime]) -> None:
    """Ask a provider that has been silent about a page what became of it."""
    if said := routes.status(page.provider, page.channel, page.provider_id):
        report(
            page_id=page.pk, provider_id=page.provider_id, status=said.status, error=said.error, now=clock()
        )


def ask_in_turn(*, pages: list[Page], routes: Routes, clock: Callable[[], datetime]) -> None:
    """Ask about one page after the other; a provider that fails over one is still asked about the next."""
    for page in pages:
        senders.guarded(ask, page, routes=routes, clock=clock)


def woke(*, person: Person, now: datetime) -> None:
    """A browser of theirs was woken by a push that we sent."""
    pages = Page.objects.filter(
        person=person, channel=Channel.PUSH, fate=Fate.SENT, sent_at__gt=now - WOKEN_WITHIN
    )
    _shown_as_delivered(list(pages.select_related("escalation")), now=now)


def rang(*, pages: list[int], sites: frozenset[int], now: datetime) -> None:
    """The boards of these sites sound for these pages; a siren meant for another site's boards counts for nothing."""
    sirens = Page.objects.filter(
        pk__in=pages, channel=Channel.SIREN, fate=Fate.SENT, escalation__closed_at=None
    )
    heard = sirens.filter(phone__in=Site.objects.filter(pk__in=sites).values("code"))
    _shown_as_delivered(list(heard.select_related("escalation")), now=now)


def _shown_as_delivered(pages: list[Page], *, now: datetime) -> None:
    for page in pages:
        if Page.objects.filter(pk=page.pk, fate=Fate.SENT).update(fate=Fate.DELIVERED, settled_at=now):
            showing.show(showing.about(page.escalation), now=now)
