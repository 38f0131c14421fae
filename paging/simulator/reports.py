"""The reports: status callbacks of messages and calls, one after the other, spoilt only where a fault is on order.

Used by the carrier for texts and by the switchboard for calls. It never decides what is reported, only when, how
often and in which order; it must never look into a form.
"""

import asyncio
import functools
from collections.abc import Mapping
from typing import Protocol

from paging.simulator.courier import Courier
from paging.simulator.faults import Fate
from paging.simulator.work import Work

type Form = Mapping[str, str]


class Reported(Protocol):
    """A message or a call; `reported` is set once the application was told of a first step, or never will be."""

    sid: str
    fate: Fate
    reported: asyncio.Event


class Reports:
    """The callbacks under way, and those that a fault holds back."""

    def __init__(self, courier: Courier, work: Work) -> None:
        self._courier, self._work = courier, work
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, list[tuple[str, str, Form]]] = {}

    def send(self, thing: Reported, kind: str, url: str, form: Form) -> asyncio.Task[None] | None:
        """Report one step, now or when its fate allows; None where nothing leaves yet."""
        if not url or thing.fate.silent:
            return None
        if thing.fate.reversed:
            self._held.setdefault(thing.sid, []).append((kind, url, form))
            return None
        return self._leave(thing, kind, url, form)

    def release(self, thing: Reported) -> None:
        """The thing is over: what was held back goes out, the last first."""
        for kind, url, form in reversed(self._held.pop(thing.sid, [])):
            self._leave(thing, kind, url, form)

    def ended(self, thing: Reported) -> None:
        """No step will follow; whoever waits for a first report need wait no longer if none is under way."""
        if thing.sid not in self._under_way:
            thing.reported.set()

    def forget(self) -> None:
        """Drop what was held back; used when everything begins anew."""
        self._under_way.clear()
        self._held.clear()

    async def idle(self, seconds: float) -> None:
        """Let time pass that is not work."""
        if seconds:
            with self._work.parked():
                await asyncio.sleep(seconds)

    def _leave(self, thing: Reported, kind: str, url: str, form: Form) -> asyncio.Task[None] | None:
        # Reports of one thing follow each other, so that disorder is there only when it was ordered.
        report = None
        for _ in range(thing.fate.copies):
            before = self._under_way.get(thing.sid)
            report = self._work.start(self._post(thing, kind, url, form, before))
            self._under_way[thing.sid] = report
            report.add_done_callback(functools.partial(self._done, thing.sid))
        return report

    async def _post(
        self, thing: Reported, kind: str, url: str, form: Form, before: asyncio.Task[None] | None
    ) -> None:
        await self.idle(thing.fate.callback_delay)
        if before is not None:
            await asyncio.wait({before})
        await self._courier.post(kind, url, form)
        thing.reported.set()

    def _done(self, sid: str, report: asyncio.Task[None]) -> None:
        if self._under_way.get(sid) is report:
            del self._under_way[sid]
