"""Which provider carries a page: the first that works, the next at once where it cannot. A circuit breaker for each.

Used by paging.sending on the senders' threads. A provider that fails is passed over for some seconds and then tried
again; where every one fails, the first is asked all the same: no page is ever dropped here.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

import structlog
from django.conf import settings
from django.db import transaction

from paging import troubles
from paging.models import Channel, Provider
from paging.transports.contract import Kind, Order, Outcome, Remembers, Report, Transport
from paging.transports.notify import Notify
from paging.transports.push import Push
from paging.transports.siren import Siren
from paging.transports.twilio import Account, Text, TwilioSms, TwilioVoice
from paging.troubles import Trouble

log = structlog.get_logger(__name__)

FAULTS_IN_A_ROW = 2  # after so many the provider is passed over
PASSED_OVER_FOR = timedelta(seconds=15)
# Our whole account is refused, and not one number: no second page needs to find that out.
ACCOUNT_REFUSED = frozenset(
    {"10001", "10005", "20003", "20005", "20404", "30002", "63038", "90010"}
    | {"21212", "21213", "21601", "21603", "21606", "21659", "21660", "21661", "21663", "21703", "21704"}
    | {"notify:key", "notify:clock", "notify:trial", "notify:template", "notify:limit"}
)


@dataclass(frozen=True)
class Sent:
    """What came of a page, who carried it, and what the providers before that one said."""

    outcome: Outcome
    provider: str = ""
    faults: tuple[tuple[str, str], ...] = ()  # (provider, error)


@dataclass
class Breaker:
    """How one transport did lately."""

    faults: int = 0
    open_until: datetime | None = None

    error: str = ""
    told: bool | None = None  # what this process last wrote: is it troubled?

    def lets(self, now: datetime) -> bool:
        """May this page go here? Of those that come after it was passed over for long enough, one finds out."""
        if self.open_until is None:
            return True
        if now < self.open_until:
            return False
        self.open_until = now + PASSED_OVER_FOR
        return True


class Inbox(Protocol):
    """Where a provider keeps the texts that people sent us."""

    def texts_since(self, moment: datetime) -> list[Text]:
        """What came since then, the oldest first; empty where it does not answer."""
        ...


@dataclass
class Routes:
    """Every transport of this process, in the order in which they are tried."""

    ways: Mapping[str, Sequence[Transport]]
    inboxes: Sequence[Inbox] = ()  # where missed texts are fetched
    _breakers: dict[tuple[str, str], Breaker] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _telling: threading.Lock = field(default_factory=threading.Lock)

    @property
    def channels(self) -> frozenset[str]:
        """The channels on which anybody can be reached at all."""
        return frozenset(channel for channel, ways in self.ways.items() if ways)

    def another(self, channel: str, provider: str) -> bool:
        """Is there another provider for this channel?"""
        return any(way.provider != provider for way in self.ways.get(channel, ()))

    def send(
        self, channel: str, order: Order, *, now: datetime, passed_over: str = "", again: bool = False
    ) -> Sent:
        """Hand a page to the first provider that takes it; one that may have left before is asked about."""
        faults: list[tuple[str, str]] = []
        sent = Sent(Outcome(Kind.REFUSED, error="no_provider"))
        ways = self._order(channel, now, passed_over)
        for way in ways:
            earlier = way.earlier(order) if again and way is ways[0] and isinstance(way, Remembers) else None
            outcome = earlier or way.send(order)
            self._note(way, outcome, now)
            sent = Sent(outcome, way.provider, tuple(faults))
            if outcome.kind is Kind.ACCEPTED or troubles.of(outcome.error) not in troubles.ELSEWHERE:
                return sent
            faults.append((way.provider, outcome.error))
        return sent

    def status(self, provider: str, channel: str, provider_id: str) -> Report | None:
        """Ask the provider that carried a page what became of it."""
        for way in self.ways.get(channel, ()):
            if way.provider == provider:
                return way.status(provider_id)
        return None

    def _order(self, channel: str, now: datetime, passed_over: str) -> list[Transport]:
        ways = list(self.ways.get(channel, ()))
        with self._lock:
            tried = [way for way in ways if way.provider != passed_over]
            broken = {way.provider for way in tried if not self._breaker(way).lets(now)}
        # False sorts before True: the working ones first, each group in the order of the settings.
        return sorted(ways, key=lambda way: (way.provider == passed_over, way.provider in broken))

    def _breaker(self, way: Transport) -> Breaker:
        return self._breakers.setdefault((way.provider, way.channel), Breaker())

    def _note(self, way: Transport, outcome: Outcome, now: datetime) -> None:
        trouble = troubles.of(outcome.error) if outcome.kind is not Kind.ACCEPTED else None
        with self._lock:
            breaker = self._breaker(way)
            if trouble is Trouble.BUSY or outcome.error in ACCOUNT_REFUSED:
                breaker.faults += FAULTS_IN_A_ROW if outcome.error in ACCOUNT_REFUSED else 1
                breaker.error = outcome.error
                if breaker.faults >= FAULTS_IN_A_ROW:
                    breaker.open_until = now + PASSED_OVER_FOR
            else:
                breaker.faults, breaker.open_until, breaker.error = 0, None, ""
            changed = breaker.told != (breaker.open_until is not None)
        if changed:
            self._tell(way, breaker, now)

    def _tell(self, way: Transport, breaker: Breaker, now: datetime) -> None:
        """Let the boards know. One thread at a time, so that the last word is the true one."""
        with self._telling:
            with self._lock:
                troubled, error = breaker.open_until is not None, breaker.error
            if troubled == breaker.told:
                return
            first, breaker.told = breaker.told is None, troubled
            if troubled or not first:
                log.warning(
                    "provider_passed_over" if troubled else "provider_works_again",
                    provider=way.provider,
                    channel=way.channel,
                )
            _write(way, error if troubled else "", now if troubled else None)


def _write(way: Transport, error: str, since: datetime | None) -> None:
    with transaction.atomic():
        said = {"troubled_since": since, "error": error}
        Provider.objects.update_or_create(name=way.provider, channel=way.channel, defaults=said)


def only(*ways: Transport, inbox: Inbox | None = None) -> Routes:
    """Routes over these transports alone."""
    by_channel: dict[str, list[Transport]] = {}
    for way in ways:
        by_channel.setdefault(way.channel, []).append(way)
    return Routes(by_channel, [inbox] if inbox else [])


@cache
def configured() -> Routes:
    """The routes of the settings."""
    account = Account(
        sid=settings.TWILIO_ACCOUNT_SID or "AC-not-set",
        token=settings.TWILIO_AUTH_TOKEN or "not-set",
        number=settings.TWILIO_FROM,
        base_url=settings.TWILIO_API_URL,
    )
    ways: dict[str, list[Transport]] = {
        Channel.SMS: [TwilioSms(account)],
        Channel.VOICE: [TwilioVoice(account)],
        Channel.SIREN: [Siren()],
        Channel.PUSH: [],
    }
    inboxes: list[Inbox] = [account]
    if settings.NOTIFY_API_KEY:
        notify = Notify(
            api_key=settings.NOTIFY_API_KEY,
            template_id=settings.NOTIFY_TEMPLATE_ID,
            base_url=settings.NOTIFY_API_URL,
        )
        ways[Channel.SMS].append(notify)
        inboxes.append(notify)
    if settings.VAPID_PRIVATE_KEY:
        ways[Channel.PUSH].append(
            Push(private_key=settings.VAPID_PRIVATE_KEY, subject=settings.VAPID_SUBJECT)
        )
    return Routes(ways, inboxes)
