"""What the tail knows of a socket: where it is in its stream, by what right, and how to write to it."""

from typing import Protocol

from realtime.reading import Ticket
from realtime.server import Writer


class Watcher(Protocol):
    """A socket that watches one stream."""

    stream: str
    position: int  # at which it came in; from there on it is where the tail is
    case: int | None
    ticket: Ticket
    writer: Writer | None

    async def push(self, text: str) -> None: ...

    async def dismiss(self, reason: str) -> None: ...
