"""Which provider carries a page: the first that works, the next at once where it cannot. A circuit breaker for each.

Used by paging.sending on the senders' threads. A provider that fails is passed over for some seconds and then tried
again; where every one fails, the first is asked all the same: no page is ever dropped here.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

import structlog
from django.conf import settings

from paging import troubles
from paging.models import Channel, Provider
from paging.transports.contract import Kind, Order, Outcome, Report, Transport
from paging.transports.notify import Notify
from paging.transports.push import Push
from paging.transports.siren import Siren
from paging.transports.twilio import Account, TwilioSms, TwilioVoice
from paging.troubles import Trouble

log = structlog.get_logger(__name__)

FAULTS_IN_A_ROW = 2  # after so many the provider is passed over
PASSED_OVER_FOR = timedelta(seconds=15)
# Our whole account is refused, and not one number: no second page needs to find that out.
ACCOUNT_REFUSED = frozenset({"20003", "20404", "21212", "21606", "21659", "21663", "21703", "21704", "30002"})


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

    def is_open(self, now: datetime) -> bool:
        return self.open_until is not None and now < self.open_until


@dataclass
class Routes:
    """Every transport of this process, in the order in which they are tried."""

    ways: Mapping[str, Sequence[Transport]]
    inbox: Account | None = None  # where missed texts are fetched
    _breakers: dict[tuple[str, str], Breaker] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def channels(self) -> frozenset[str]:
        """The channels on which anybody can be reached at all."""
        return frozenset(channel for channel, ways in self.ways.items() if ways)

    def another(self, channel: str, provider: str) -> bool:
        """Is there another provider for this channel?"""
        return any(way.provider != provider for way in self.ways.get(channel, ()))

    def send(self, channel: str, order: Order, *, now: datetime, passed_over: str = "") -> Sent:
        """Hand a page to the first provider that takes it."""
        faults: list[tuple[str, str]] = []
        sent = Sent(Outcome(Kind.REFUSED, error="no_provider"))
        for way in self._order(channel, now, passed_over):
            outcome = way.send(order)
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
            broken = {way.provider for way in ways if self._breaker(way).is_open(now)}
        # False sorts before True: the working ones first, each group in the order of the settings.
        return sorted(ways, key=lambda way: (way.provider == passed_over, way.provider in broken))

    def _breaker(self, way: Transport) -> Breaker:
        return self._breakers.setdefault((way.provider, way.channel), Breaker())

    def _note(self, way: Transport, outcome: Outcome, now: datetime) -> None:
        trouble = troubles.of(outcome.error) if outcome.kind is not Kind.ACCEPTED else None
        with self._lock:
            breaker = self._breaker(way)
            was_open = breaker.open_until is not None
            if trouble is Trouble.BUSY or outcome.error in ACCOUNT_REFUSED:
                breaker.faults += FAULTS_IN_A_ROW if outcome.error in ACCOUNT_REFUSED else 1
                if breaker.faults >= FAULTS_IN_A_ROW:
                    breaker.open_until = now + PASSED_OVER_FOR
            else:
                breaker.faults, breaker.open_until = 0, None
            is_open = breaker.open_until is not None
        if is_open != was_open:
            _write(way, outcome.error if is_open else "", now if is_open else None)


def _write(way: Transport, error: str, since: datetime | None) -> None:
    log.warning(
        "provider_passed_over" if since else "provider_works_again",
        provider=way.provider,
        channel=way.channel,
    )
    Provider.objects.update_or_create(
        name=way.provider, channel=way.channel, defaults={"troubled_since": since, "error": error}
    )


def only(*ways: Transport, inbox: Account | None = None) -> Routes:
    """Routes over these transports alone."""
    by_channel: dict[str, list[Transport]] = {}
    for way in ways:
        by_channel.setdefault(way.channel, []).append(way)
    return Routes(by_channel, inbox)


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
    if settings.NOTIFY_API_KEY:
        ways[Channel.SMS].append(
            Notify(
                api_key=settings.NOTIFY_API_KEY,
                template_id=settings.NOTIFY_TEMPLATE_ID,
                base_url=settings.NOTIFY_API_URL,
            )
        )
    if settings.VAPID_PRIVATE_KEY:
        ways[Channel.PUSH].append(
            Push(private_key=settings.VAPID_PRIVATE_KEY, subject=settings.VAPID_SUBJECT)
        )
    return Routes(ways, account)
