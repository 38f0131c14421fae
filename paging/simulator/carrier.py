"""The carrier: takes each accepted message from `queued` to its end, and reports every step.

Started by the exchange, one job a message. A phone without signal keeps its message at `sent` until the
signal is back or somebody gives up; faults on order are played out here. It must never check a request.
"""

import asyncio
import functools

from paging.simulator import errors, messages
from paging.simulator.config import SimulatorConfig
from paging.simulator.courier import Courier
from paging.simulator.messages import Message
from paging.simulator.phones import Phone
from paging.simulator.work import Work


class Carrier:
    """Moves messages to phones, and their statuses to the application."""

    def __init__(self, config: SimulatorConfig, courier: Courier, work: Work) -> None:
        self._config, self._courier, self._work = config, courier, work
        self._reports: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, list[dict[str, str]]] = {}

    async def carry(self, message: Message, phone: Phone) -> None:
        """The whole way of one outbound message."""
        try:
            await self._carry(message, phone)
        finally:
            if message.sid not in self._reports:
                message.reported.set()

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
        await self._idle(phone.slow_seconds)
        if fate.error_code is not None:
            self._end(message, "undelivered", error_code=fate.error_code)
        elif fate.never_shown:
            self._end(message, "delivered")
        elif (trouble := await self._lacks_signal(message, phone)) is not None:
            self._end(message, "undelivered", error_code=trouble)
        else:
            phone.show(message)
            self._end(message, "delivered")

    def forget(self) -> None:
        """Drop what was held back; used when everything begins anew."""
        self._reports.clear()
        self._held.clear()

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
        if held := self._held.pop(message.sid, None):
            for form in reversed(held):
                self._report(message, form)

    def _step(self, message: Message, status: str, *, error_code: int | None = None) -> None:
        message.move(status, error_code=error_code)
        if not message.status_callback or message.fate.silent:
            return
        form = status_form(message)
        if message.fate.reversed:
            self._held.setdefault(message.sid, []).append(form)
        else:
            self._report(message, form)

    def _report(self, message: Message, form: dict[str, str]) -> None:
        # Reports of one message follow each other, so that disorder is there only when it was ordered.
        for _ in range(message.fate.copies):
            before = self._reports.get(message.sid)
            report = self._work.start(self._post(message, form, before))
            self._reports[message.sid] = report
            report.add_done_callback(functools.partial(self._reported, message.sid))

    async def _post(self, message: Message, form: dict[str, str], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._idle(message.fate.callback_delay)
        await self._courier.post("callback", message.status_callback, form)
        message.reported.set()

    def _reported(self, sid: str, report: asyncio.Task[None]) -> None:
        if self._reports.get(sid) is report:
            del self._reports[sid]

    async def _idle(self, seconds: float) -> None:
        if seconds:
            with self._work.parked():
                await asyncio.sleep(seconds)


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
