"""The line: the end of a call that its phone holds; it rings, hears, presses keys and is put down.

Held by the switchboard and the caller on one side, by the phone's owner through the control interface on the other.
It must never know of TwiML or of webhooks.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal

from paging.simulator.calls import Call

type Ringing = Literal["answered", "rejected", "waited"]


def _later[T]() -> "asyncio.Future[T]":
    return asyncio.get_running_loop().create_future()


class LineError(Exception):
    """The phone's owner cannot do this now; the message says why."""


@dataclass
class Keypad:
    """One question that is open: it is complete after `wanted` keys, or at the key `finish`."""

    wanted: int | None
    finish: str
    digits: str = ""
    finished_on: str = ""
    touched: asyncio.Event = field(default_factory=asyncio.Event)
    complete: bool = False

    def press(self, key: str) -> None:
        """One key; once complete, further keys are not heard."""
        if self.complete:
            return
        if key == self.finish:
            self.finished_on, self.complete = key, True
        else:
            self.digits += key
            self.complete = len(self.digits) == self.wanted
        self.touched.set()

    def give_up(self) -> None:
        """Nobody presses any more."""
        self.complete = True
        self.touched.set()


@dataclass
class Line:
    """One call as its phone has it. `machine`: a voicemail has answered; it hears all, and nobody holds the phone."""

    call: Call
    machine: bool = False
    heard: list[str] = field(default_factory=list)
    pressed: str = ""
    rung: asyncio.Future[Ringing] = field(default_factory=_later)
    over: asyncio.Future[None] = field(default_factory=_later)
    _keypad: Keypad | None = None
    _at_rest: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def rings(self) -> bool:
        """Whether it rings just now."""
        return self.call.status == "ringing" and not self.rung.done() and not self.over.done()

    @property
    def connected(self) -> bool:
        """Whether somebody has answered and nobody has put it down."""
        return self.call.status == "in-progress" and not self.over.done()

    def answer(self) -> None:
        """Take the call."""
        if not self.rings:
            raise LineError(f"{self.call.to} is not ringing.")
        self.stop_ringing("answered")

    def press(self, keys: str) -> None:
        """Press keys, one after the other; where no question is open, nobody hears them."""
        if not self.connected:
            raise LineError(f"{self.call.to} is not in a call.")
        for key in keys:
            self.pressed += key
            if self._keypad is not None:
                self._keypad.press(key)
        if self._keypad is not None and self._keypad.complete:
            self._busy()

    def put_down(self) -> None:
        """End the call, or reject it while it rings."""
        if self.rings:
            self.stop_ringing("rejected")
        else:
            self.end()

    def let_time_pass(self) -> None:
        """The time that the call waits for is over: nobody has answered, or nobody has pressed."""
        if self.rings:
            self.stop_ringing("waited")
        elif self.connected and self._keypad is not None:
            self._busy()
            self._keypad.give_up()
        else:
            raise LineError(f"{self.call.to} keeps nobody waiting.")

    def stop_ringing(self, because: Ringing) -> None:
        """The ringing is over; the first reason counts."""
        self._busy()
        if not self.rung.done():
            self.rung.set_result(because)

    def ends_of_ringing(self) -> set[asyncio.Future[Any]]:
        """What can end the ringing: somebody at the phone, or the one who calls."""
        return {self.rung, self.over}

    def end(self) -> None:
        """The connection ends, or the attempt to make one."""
        self._busy()
        if not self.over.done():
            self.over.set_result(None)

    def open(self, keypad: Keypad) -> None:
        """A question is asked; a person may press from now on."""
        self._keypad = keypad

    def close(self) -> None:
        """The question is over."""
        self._keypad = None
        self._busy()

    def rest(self) -> None:
        """Nothing happens now unless the phone's owner does something."""
        self._at_rest.set()

    async def rests(self) -> None:
        """Wait until nothing happens by itself."""
        await self._at_rest.wait()

    def _busy(self) -> None:
        self._at_rest.clear()

    def as_json(self) -> dict[str, object]:
        """The call as the page of phones draws it."""
        return {
            "sid": self.call.sid,
            "from": self.call.from_,
            "status": self.call.status,
            "ringing": self.rings,
            "connected": self.connected,
            "listening": self.connected and self._keypad is not None and not self.machine,
            "machine": self.machine,
            "heard": list(self.heard),
            "pressed": self.pressed,
            "at": self.call.created_at.isoformat(),
            "seconds": self.call.seconds,
        }
