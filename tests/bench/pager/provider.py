"""A provider that takes every text after a set time, and notes when each request came; on a thread of its own."""

import asyncio
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Provider:
    """What came, when (monotonic seconds), in order."""

    answers_in: float
    url: str = ""
    came: list[tuple[float, str]] = field(default_factory=list)
    held: dict[str, deque[dict[str, str]]] = field(default_factory=dict)  # by the number it went to
    more: threading.Condition = field(default_factory=threading.Condition)

    async def take(self, request: web.Request) -> web.Response:
        """A text is handed over, in Twilio's form or in the peer's."""
        form = await request.post()
        body, to = str(form.get("Body", "")), str(form.get("To", ""))
        sid = f"SM{uuid.uuid4().hex}"
        with self.more:
            self.came.append((time.monotonic(), body))
            self.held.setdefault(to, deque(maxlen=1000)).append(
                {"sid": sid, "status": "queued", "body": body}
            )
            self.more.notify_all()
        await asyncio.sleep(self.answers_in)
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    async def tell(self, request: web.Request) -> web.Response:
        """What became of a text: it has arrived. And all that was handed over, as Twilio lists it."""
        if request.path.endswith("/Messages.json"):
            newest = list(self.held.get(request.query.get("To", ""), ()))[::-1]
            asked = newest[: int(request.query.get("PageSize", "50"))]
            return web.json_response({"messages": asked, "page": 0, "next_page_uri": None})
        return web.json_response(
            {"sid": request.path.rsplit("/", 1)[-1].removesuffix(".json"), "status": "delivered"}
        )

    def wait_for(self, count: int, *, patience: float) -> list[tuple[float, str]]:
        """The first so many requests, once they have come."""
        deadline = time.monotonic() + patience
        with self.more:
            while len(self.came) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{len(self.came)} of {count} requests came within {patience} s")
                self.more.wait(left)
            return self.came[:count]

    def forget(self) -> None:
        """Begin to count anew."""
        with self.more:
            self.came.clear()


@contextmanager
def open_at_a_free_port(*, answers_in: float) -> Iterator[Provider]:
    """The provider, for as long as the block runs."""
    provider = Provider(answers_in)
    loop, started = asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/{rest:.*}", provider.take)
        app.router.add_get("/{rest:.*}", provider.tell)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
        await site.start()
        provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
