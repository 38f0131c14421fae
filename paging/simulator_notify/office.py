"""The office: one service's texts and phones, and the two directions in which a text can go.

The API sends through `accept`, the control interface lets a phone write through `write`. It must never speak HTTP
itself: that is the API's, the control interface's and the courier's business.
"""

import asyncio
from collections import OrderedDict

from paging.simulator.faults import Fate, FaultBook
from paging.simulator.ledger import Ledger
from paging.simulator.work import Work
from paging.simulator_notify import checks, errors
from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.courier import Courier
from paging.simulator_notify.texts import Phone, Received, Sent


class NoSignalError(Exception):
    """The phone cannot send: it has no signal."""


class Office:
    """Everything that one simulated service knows, in memory only."""

    def __init__(self, config: NotifyConfig) -> None:
        self.config = config
        self.status_url, self.inbound_url = config.status_url, config.inbound_url
        self.ledger = Ledger(config.ledger_history)
        self.faults = FaultBook()
        self.work = Work()
        self.courier = Courier(config, self.ledger, self.work)
        self.received: list[Received] = []
        self.trial_team: frozenset[str] | None = None  # the only numbers of a service in trial mode
        self.daily_limit: int | None = None
        self._sent: OrderedDict[str, Sent] = OrderedDict()
        self._phones: dict[str, Phone] = {}

    def phones(self) -> list[Phone]:
        """Every phone that was registered or written to, in that order."""
        return list(self._phones.values())

    def phone(self, number: str) -> Phone:
        """The phone of this number; a number never seen before gets a phone with signal."""
        return self._phones.setdefault(number, Phone(number=number))

    def sent(self, id: str) -> Sent | None:
        """One notification, while it is still kept."""
        return self._sent.get(id)

    def all_sent(self) -> list[Sent]:
        """Every notification that is still kept, in the order in which they were accepted."""
        return list(self._sent.values())

    def accept(self, order: checks.Order, fate: Fate) -> Sent:
        """Take an order that passed its checks, and set it on its way."""
        if self.trial_team is not None and order.to not in self.trial_team:
            raise errors.bad(checks.TRIAL)
        if self.daily_limit is not None and len(self._sent) >= self.daily_limit:
            raise errors.over_the_day(self.daily_limit)
        text = Sent(
            to=order.to,
            said=order.said,
            body=order.body,
            reference=order.reference,
            template_id=self.config.template_id,
            number=self.config.number,
            fate=fate,
        )
        self._sent[text.id] = text
        while len(self._sent) > self.config.history:
            self._sent.popitem(last=False)
        self.work.start(self._carry(text, self.phone(order.to)))
        return text

    async def write(self, phone: Phone, body: str) -> tuple[Received, "asyncio.Task[None]"]:
        """The phone's owner sends a text to the service's number; with it the posting of its callback."""
        if not phone.signal:
            raise NoSignalError(f"{phone.number} has no signal.")
        text = Received(
            sender=phone.number.lstrip("+"),
            to=self.config.number,
            body=body,
            service_id=self.config.service_id,
        )
        self.received.append(text)
        phone.wrote(text)
        return text, self.work.start(self.courier.post("inbound", self.inbound_url, text.as_callback()))

    async def reset(self) -> None:
        """Forget everything, as if the simulator had just been started."""
        await self.work.call_off()
        self._sent.clear()
        self._phones.clear()
        self.received.clear()
        self.faults.clear()
        self.ledger.clear()
        self.status_url, self.inbound_url = self.config.status_url, self.config.inbound_url
        self.trial_team, self.daily_limit = None, None

    async def _carry(self, text: Sent, phone: Phone) -> None:
        try:
            await asyncio.sleep(self.config.sent_after)
            text.move("sending")
            if text.fate.dropped or phone.ends == "never":
                return
            await asyncio.sleep(self.config.delivered_after)
            text.move(await self._end(phone))
            if text.status == "delivered" and not text.fate.never_shown:
                phone.show(text)
            await self._report(text)
        finally:
            text.reported.set()

    async def _end(self, phone: Phone) -> str:
        if not phone.signal:
            with self.work.parked():
                await asyncio.sleep(self.config.unreachable_after)
        return phone.ends if phone.signal else "temporary-failure"

    async def _report(self, text: Sent) -> None:
        if text.fate.silent:
            return
        if text.fate.callback_delay:
            with self.work.parked():
                await asyncio.sleep(text.fate.callback_delay)
        for _ in range(text.fate.copies):
            await self.courier.post("callback", self.status_url, text.as_receipt())
