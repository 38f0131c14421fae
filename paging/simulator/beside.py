"""Runs a web application beside the caller, in a thread of its own, over real HTTP.

Used by the simulators, for tests and fixtures. It must never be used to serve a
demonstration; a management command does that.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from aiohttp import web

HOST = "127.0.0.1"
START_SECONDS = STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Served:
    """Where the application is, and how to end it."""

    url: str
    stop: Callable[[], object]


@contextlib.contextmanager
def serving(app: web.Application, *, port: int = 0) -> Iterator[str]:
    """The application's address on this machine, for as long as the block lasts; port 0 takes a free one."""
    started: Future[Served] = Future()
    thread = threading.Thread(target=_run, args=(app, port, started), name="simulator", daemon=True)
    thread.start()
    served = started.result(START_SECONDS)
    try:
        yield served.url
    finally:
        served.stop()
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            raise TimeoutError("The simulator does not end.")


def _run(app: web.Application, port: int, started: "Future[Served]") -> None:
    try:
        asyncio.run(_serve(app, port, started))
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)


async def _serve(app: web.Application, port: int, started: "Future[Served]") -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    # Requests that a fault holds open must not hold up the end.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        url = f"http://{HOST}:{runner.addresses[0][1]}"
        started.set_result(Served(url, lambda: loop.call_soon_threadsafe(stop.set)))
        await stop.wait()
    finally:
        await runner.cleanup()
