"""The switchboard: takes each accepted call from `queued` to its end, and reports every step.

Started by the Calls API, one job a call. It lets phones ring, has a machine detected, and puts the caller on the
line; faults on order are played out here. It must never check a request or read TwiML.
"""

import asyncio
import contextlib
from collections import OrderedDict
from dataclasses import asdict
from typing import Literal

from paging.simulator import calls
from paging.simulator.call_checks import CallOrder
from paging.simulator.caller import Caller
from paging.simulator.calls import Call
from paging.simulator.config import SimulatorConfig
from paging.simulator.courier import Courier
from paging.simulator.errors import CallRefused
from paging.simulator.faults import Fate
from paging.simulator.ledger import Ledger
from paging.simulator.lines import Line
from paging.simulator.phones import Phone
from paging.simulator.reports import Reports
from paging.simulator.work import Work

# What the phone's network answers, in SIP (https://www.rfc-editor.org/rfc/rfc3261#section-21).
CONNECTED, UNAVAILABLE, BUSY, CANCELLED, DECLINED = 200, 480, 486, 487, 603
LOWEST_TWILIO_CODE = 1000
ENDS = {
    "rejected": ("busy", DECLINED),
    "unanswered": ("no-answer", CANCELLED),
    "canceled": ("canceled", CANCELLED),
}
WARNINGS = {21262: "No AMD status callback URL provided", 21626: "Invalid 'StatusCallbackEvent'"}

type Outcome = Literal["answered", "rejected", "unanswered", "canceled"]


class Switchboard:
    """Connects our calls with phones, and tells the application."""

    def __init__(
        self, config: SimulatorConfig, *, courier: Courier, ledger: Ledger, reports: Reports, work: Work
    ) -> None:
        self._config, self._courier, self._ledger = config, courier, ledger
        self._reports, self._work = reports, work
        self._lines: OrderedDict[str, Line] = OrderedDict()
        self._jobs: dict[str, asyncio.Task[None]] = {}

    def call(self, sid: str) -> Call | None:
        """One call by its sid, while it is still kept."""
        line = self._lines.get(sid)
        return line.call if line else None

    def newest_first(self) -> list[Call]:
        """All calls kept, the newest first."""
        return [line.call for line in reversed(self._lines.values())]

    def accept(self, order: CallOrder, fate: Fate, phone: Phone) -> Call:
        """Take an order that passed its checks, and set the call on its way."""
        facts = asdict(order)
        warnings = facts.pop("warnings")
        line = Line(Call(account_sid=self._config.account_sid, fate=fate, **facts))
        for code in warnings:
            self._ledger.write("debugger", code=code, message=WARNINGS[code], sid=line.call.sid)
        self._keep(line)
        if fate.failed_at_once:
            line.call.move("failed", error_code=fate.error_code)
        else:
            self._jobs[line.call.sid] = job = self._work.start(self._connect(line, phone))
            job.add_done_callback(lambda _: self._jobs.pop(line.call.sid, None))
        return line.call

    async def hang_up(self, sid: str, status: Literal["canceled", "completed"]) -> None:
        """Our application ends a call; one that is over cannot be ended, one that is answered not cancelled."""
        line = self._lines[sid]
        if line.call.over:
            raise CallRefused(21220)
        if status == "canceled" and line.call.status == "in-progress":
            return
        line.end()
        if (job := self._jobs.get(sid)) is not None:
            await asyncio.wait({job})

    def forget(self) -> None:
        """Drop every call; used when everything begins anew."""
        self._lines.clear()

    async def _connect(self, line: Line, phone: Phone) -> None:
        """The whole way of one call."""
        try:
            await self._dial(line, phone)
        finally:
            self._reports.ended(line.call)

    async def _dial(self, line: Line, phone: Phone) -> None:
        fate = line.call.fate
        if await self._ends_within(line, self._config.dialled_after):
            self._end(line, "canceled", CANCELLED)
            return
        self._step(line, "initiated")
        await self._reports.idle(phone.slow_seconds)
        if fate.error_code is not None:
            self._fail(line, fate.error_code)
        elif fate.dropped:
            self._ring(line)
        elif fate.never_shown:
            self._ring(line)
            self._answer(line)
            self._end(line, "completed", CONNECTED)
        elif not phone.signal or phone.voice == "off":
            self._fail(line, UNAVAILABLE)
        elif phone.engaged:
            self._end(line, "busy", BUSY)
        else:
            phone.take(line)
            self._ring(line)
            await self._after_ringing(line, phone)

    async def _after_ringing(self, line: Line, phone: Phone) -> None:
        outcome = await self._outcome(line, phone)
        if outcome == "answered":
            await self._talk(line, phone)
        else:
            self._end(line, *ENDS[outcome])

    async def _outcome(self, line: Line, phone: Phone) -> Outcome:
        """Let it ring until its owner, our application or the time ends it."""
        after, habit = self._habit(phone, line.call.timeout)
        with self._work.parked() if after else contextlib.nullcontext():
            await asyncio.wait(line.ends_of_ringing(), timeout=after, return_when=asyncio.FIRST_COMPLETED)
        if line.over.done():
            return "canceled"
        line.stop_ringing("waited")
        ended = line.rung.result()
        # Whatever its owner does not take goes to the voicemail, a rejected call at once.
        line.machine = phone.voice == "voicemail" and (ended, habit) != ("waited", "unanswered")
        line.machine = line.machine and ended != "answered"
        if line.machine:
            return "answered"
        return habit if ended == "waited" else ended

    def _habit(self, phone: Phone, patience: float) -> tuple[float, Outcome]:
        """What becomes of a call that nobody touches, and after how many seconds."""
        habits: dict[str, tuple[float, Outcome]] = {
            "answers": (phone.answers_after, "answered"),
            "voicemail": (self._config.voicemail_after, "answered"),
            "rejects": (self._config.rejects_after, "rejected"),
        }
        after, habit = habits.get(phone.voice, (patience, "unanswered"))
        return (after, habit) if after <= patience else (patience, "unanswered")

    async def _talk(self, line: Line, phone: Phone) -> None:
        self._answer(line)
        told = None
        if line.call.detection:
            detection = self._detect(line, phone)
            if line.call.detected_aside:
                told = self._work.start(detection)
            else:
                await detection
        caller = Caller(self._config, self._courier, self._ledger, self._work, line, told)
        words = asyncio.create_task(caller.speak())
        try:
            await asyncio.wait({words, line.over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            words.cancel()
            await asyncio.wait({words})
        self._end(line, "completed", CONNECTED)
        if not words.cancelled():
            words.result()

    async def _detect(self, line: Line, phone: Phone) -> None:
        """Find out who answered, and say so unless the call is over by then."""
        call = line.call
        if await self._ends_within(line, self._config.detection_after):
            return
        machine = "machine_start" if call.detection == "Enable" else "machine_end_beep"
        call.answered_by = phone.detected_as or (machine if line.machine else "human")
        if not call.detected_aside:
            return
        form = calls.detection_form(call, seconds=self._config.detection_after)
        report = self._reports.send(call, "detection", call.detection_callback, form)
        if report is not None and not call.fate.callback_delay:
            await asyncio.wait({report})

    async def _ends_within(self, line: Line, seconds: float) -> bool:
        done, _ = await asyncio.wait({line.over}, timeout=seconds)
        return bool(done)

    def _ring(self, line: Line) -> None:
        line.call.move("ringing")
        self._step(line, "ringing")

    def _answer(self, line: Line) -> None:
        line.call.move("in-progress")
        self._step(line, "answered")

    def _fail(self, line: Line, code: int) -> None:
        # A fault may name what a network says, or what Twilio does.
        if code < LOWEST_TWILIO_CODE:
            self._end(line, "failed", code)
        else:
            self._end(line, "failed", None, error_code=code)

    def _end(self, line: Line, status: str, sip_code: int | None, *, error_code: int | None = None) -> None:
        line.end()
        line.call.move(status, sip_code=sip_code, error_code=error_code)
        self._step(line, "completed")
        line.rest()
        self._reports.release(line.call)

    def _step(self, line: Line, event: str) -> None:
        call = line.call
        if event in call.events:
            status = "initiated" if event == "initiated" else call.status
            self._reports.send(call, "callback", call.status_callback, calls.status_form(call, status))
        call.sequence += 1

    def _keep(self, line: Line) -> None:
        self._lines[line.call.sid] = line
        while len(self._lines) > self._config.message_history:
            self._lines.popitem(last=False)
