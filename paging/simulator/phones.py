"""The phones: whose each is, whether it has signal, what it shows on its screen, and how it takes calls.

Moved by the control interface, the carrier and the switchboard. A phone shows only what reached it; a text that waits
for signal is counted but not seen. It must never know of webhooks or statuses at Twilio.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from paging.simulator.lines import Line, LineError
from paging.simulator.messages import Message

VOICES = ("human", "answers", "voicemail", "busy", "rejects", "off")
DETECTED = ("", "human", "machine_start", "fax", "unknown")


@dataclass(frozen=True)
class Shown:
    """One bubble on a phone's screen: `to` came to the phone, `from` was written on it."""

    message: Message
    direction: Literal["to", "from"]

    def as_json(self) -> dict[str, object]:
        """The bubble as the page of phones draws it."""
        return {
            "sid": self.message.sid,
            "direction": self.direction,
            "body": self.message.body,
            "at": self.message.updated_at.isoformat(),
            "status": self.message.status,
        }


@dataclass(kw_only=True)
class Phone:
    """One phone; `slow_seconds` is what its network takes on top of the usual.

    `voice` is what becomes of its calls: a `human` may answer until the time is up, it `answers` by itself
    `answers_after` seconds, a `voicemail` does, it is `busy`, it `rejects`, or it is `off`. `detected_as`: what the
    detection takes its owner for, whoever answers.
    """

    number: str
    history: int
    call_history: int
    name: str = ""
    mobile: bool = True
    slow_seconds: float = 0.0
    voice: str = "human"
    answers_after: float = 0.0
    detected_as: str = ""
    opted_out_of: set[str] = field(default_factory=set)
    unread: int = 0
    waiting: int = 0
    _screen: deque[Shown] = field(init=False)
    _lines: deque[Line] = field(init=False)
    _reachable: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._screen = deque(maxlen=self.history)
        self._lines = deque(maxlen=self.call_history)
        self._reachable.set()

    @property
    def signal(self) -> bool:
        """Whether a text would reach it now."""
        return self._reachable.is_set()

    def switch(self, *, signal: bool) -> None:
        """Signal comes or goes; texts that wait for it are let through."""
        if signal:
            self._reachable.set()
        else:
            self._reachable.clear()

    async def signal_returns(self) -> None:
        """Wait until the phone can be reached."""
        await self._reachable.wait()

    def show(self, message: Message) -> None:
        """A text arrives and lights the screen."""
        self._screen.append(Shown(message, "to"))
        self.unread += 1

    def wrote(self, message: Message) -> None:
        """Its owner has written a text, and so has read what was there."""
        self._screen.append(Shown(message, "from"))
        self.unread = 0

    def last_caller(self) -> str | None:
        """The number that last wrote to this phone."""
        return next(
            (shown.message.from_ for shown in reversed(self._screen) if shown.direction == "to"), None
        )

    @property
    def engaged(self) -> bool:
        """Whether a further call would find the line in use; a voicemail takes any number at once."""
        return self.voice == "busy" or (self.voice != "voicemail" and self._current() is not None)

    def take(self, line: Line) -> None:
        """A call comes in."""
        self._lines.append(line)

    def line(self) -> Line:
        """The call that rings, or that its owner is in; a voicemail's call is in nobody's hand."""
        if (line := self._current()) is None:
            raise LineError(f"Nobody is calling {self.number}.")
        return line

    def _current(self) -> Line | None:
        mine = (line for line in reversed(self._lines) if line.rings or (line.connected and not line.machine))
        return next(mine, None)

    def as_json(self) -> dict[str, object]:
        """The phone as the page of phones draws it."""
        return {
            "number": self.number,
            "name": self.name,
            "signal": self.signal,
            "mobile": self.mobile,
            "slow_seconds": self.slow_seconds,
            "opted_out": bool(self.opted_out_of),
            "unread": self.unread,
            "waiting": self.waiting,
            "voice": self.voice,
            "answers_after": self.answers_after,
            "detected_as": self.detected_as,
            "calls": [line.as_json() for line in self._lines],
            "messages": [shown.as_json() for shown in self._screen],
        }
