"""The carrier: takes each accepted message from `queued` to its end, and reports every step.

Started by the exchange, one job a message. A phone without signal keeps its message at `sent` until the
signal is back or somebody gives up; faults on order are played out here. It must never check a request.
"""

import asyncio

from paging.simulator import errors, messages
from paging.simulator.config import SimulatorConfig
from paging.simulator.messages import Message
from paging.simulator.phones import Phone
from paging.simulator.reports import Reports
from paging.simulator.work import Work


class Carrier:
    """Moves messages to phones, and their statuses to the application."""

    def __init__(self, config: SimulatorConfig, reports: Reports, work: Work) -> None:
        self._config, self._reports, self._work = config, reports, work

    async def carry(self, message: Message, phone: Phone) -> None:
        """The whole way of one outbound message."""
        try:
            await self._carry(message, phone)
        finally:
            self._reports.ended(message)

    async def _carry(self, message: Message, phone: Phone) -> None:
        fate = message.fate
        await asyncio.sleep(self._config.sent_after / 2)
        if fate.error_code in errors.FAILED_BEFORE_SENDING:
            self._end(message, "failed", error_code=fate.error_code)
            return
        message.move("sending")
        await asyncio.sleep(self._config.sent_after / 2)
        self._step(message, "sent")
        if fate.dropped:
            return
        await asyncio.sleep(self._config.delivered_after)
        await self._reports.idle(phone.slow_seconds)
        if fate.error_code is not None:
            self._end(message, "undelivered", error_code=fate.error_code)
        elif fate.never_shown:
            self._end(message, "delivered")
        elif (trouble := await self._lacks_signal(message, phone)) is not None:
            self._end(message, "undelivered", error_code=trouble)
        else:
            phone.show(message)
            self._end(message, "delivered")

    async def _lacks_signal(self, message: Message, phone: Phone) -> int | None:
        if phone.signal:
            return None
        age = (messages.now() - message.created_at).total_seconds()
        validity = max(0.0, message.validity_seconds - age)
        patience = self._config.unreachable_after
        limit = validity if patience is None else min(validity, patience)
        phone.waiting += 1
        try:
            with self._work.parked():
                async with asyncio.timeout(limit):
                    await phone.signal_returns()
        except TimeoutError:
            return 30003 if patience is not None and patience <= validity else 30036
        finally:
            phone.waiting -= 1
        return None

    def _end(self, message: Message, status: str, *, error_code: int | None = None) -> None:
        self._step(message, status, error_code=error_code)
        self._reports.release(message)

    def _step(self, message: Message, status: str, *, error_code: int | None = None) -> None:
        message.move(status, error_code=error_code)
        self._reports.send(message, "callback", message.status_callback, status_form(message))


def status_form(message: Message) -> dict[str, str]:
    """The form by which Twilio reports a message's status, as it stands at this moment."""
    form = {
        "AccountSid": message.account_sid,
        "ApiVersion": messages.API_VERSION,
        "From": message.from_,
        "MessageSid": message.sid,
        "MessageStatus": message.status,
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "To": message.to,
    }
    if message.error_code is not None:
        form["ErrorCode"] = str(message.error_code)
        form["ErrorMessage"] = errors.DELIVERY_ERRORS.get(message.error_code, "Unknown error")
    if message.status in {"delivered", "undelivered"}:
        form["RawDlrDoneDate"] = message.updated_at.strftime("%y%m%d%H%M")
    return form
