"""A crowd of sockets, each of which notes when it heard which event. For `make bench` alone."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 20.0  # seconds for one event to reach everybody


@dataclass
class Crowd:
    """So many boards of one stream; `heard[mark]` holds one moment for each board."""

    url: str
    headers: dict[str, str]
    size: int
    sockets: list[ClientConnection] = field(default_factory=list)
    heard: dict[int, list[float]] = field(default_factory=dict)
    ears: list[asyncio.Task[None]] = field(default_factory=list)

    async def gather(self) -> None:
        """Connect everybody, a few at a time, and wait for their hello."""
        for start in range(0, self.size, 50):
            count = min(50, self.size - start)
            opened = await asyncio.gather(*(self._open() for _ in range(count)))
            self.sockets.extend(opened)
        self.ears = [asyncio.create_task(self._hear(socket)) for socket in self.sockets]

    async def _open(self) -> ClientConnection:
        socket = await connect(
            self.url, additional_headers=self.headers, compression=None, ping_interval=None
        )
        await socket.recv()
        return socket

    async def _hear(self, socket: ClientConnection) -> None:
        async for text in socket:
            moment = time.perf_counter()
            said = json.loads(text)
            for frame in said if isinstance(said, list) else [said]:
                if frame["type"] == "event":
                    self.heard.setdefault(frame["version"], []).append(moment)

    async def everybody_heard(self, mark: int) -> bool:
        """Wait until the whole crowd has this event; False when some never got it."""
        until = time.perf_counter() + PATIENCE
        while len(self.heard.get(mark, [])) < self.size:
            if time.perf_counter() > until:
                return False
            await asyncio.sleep(0.005)
        return True

    async def leave(self) -> None:
        for ear in self.ears:
            ear.cancel()
        await asyncio.gather(*(socket.close() for socket in self.sockets))


def spread(delays: list[float]) -> tuple[float, float]:
    """Median and 99th percentile, in milliseconds."""
    ordered = sorted(delays)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.99) - 1] * 1000
