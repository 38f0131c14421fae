"""Is somebody still at the other end of a socket? One that was silent for long is asked, and ended if it stays silent.

Daphne asks through Autobahn: a random number, two timers and some lines for a log that nobody reads, for each socket.
With a thousand boards at rest that is the most of what a server does. Mixed into Daphne's protocol by realtime.server.
"""

import random
from time import monotonic
from typing import TYPE_CHECKING, Any

from autobahn.websocket.protocol import WebSocketProtocol

if TYPE_CHECKING:
    from realtime.server import Writer

SILENCE = 35.0  # seconds without a word until a socket is asked
PATIENCE = 20.0  # seconds for its answer; both together stay below the minute that proxies grant
OPEN = WebSocketProtocol.STATE_OPEN
PING = b"\x89\x00"  # a whole frame without a payload (RFC 6455, section 5.5.2)
PONG = b"\x8a\x80"  # its answer, before the four bytes of a mask that has nothing to hide


class Pulse:
    """What a protocol of Daphne's does about silence."""

    writer: "Writer | None" = None
    heard = asked = 0.0  # monotonic: when a word last came, and when we last asked for one
    state: Any
    data: bytes
    current_frame: Any
    transport: Any

    def begin(self) -> None:
        """Those who came together, as after a restart, are not asked together: that would stop all for a while."""
        self.heard = monotonic() - random.uniform(0, SILENCE)  # noqa: S311 no secret

    def check_timeouts(self) -> None:
        """Daphne asks for this every two seconds; of a socket that has not been let in yet, Daphne knows itself."""
        if self.state == OPEN:
            self._feel(monotonic())
        else:
            super().check_timeouts()  # type: ignore[misc]

    def _feel(self, now: float) -> None:
        if self.asked > self.heard:
            if now - self.asked >= PATIENCE:
                self.onAutoPingTimeout()  # type: ignore[attr-defined]
        elif now - self.heard >= SILENCE:
            self.asked = now
            (self.writer or self.transport).write(PING)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 Twisted's name
        """Any word will do; an answer between two messages needs no more than that."""
        self.heard = monotonic()
        answers = len(data) == 6 and data.startswith(PONG)
        if not (answers and self.state == OPEN and self.current_frame is None and not self.data):
            super().dataReceived(data)  # type: ignore[misc]
