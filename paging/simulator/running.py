"""Runs a simulator beside the caller, in a thread of its own, over real HTTP.

Used by tests and fixtures: `with running(config) as simulator: simulator.url`. The phones are held through
the returned `Simulator`. It must never be used to serve a demonstration; the management command does that.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future

from aiohttp import web

from paging.simulator import server
from paging.simulator.client import ControlClient
from paging.simulator.config import SimulatorConfig

START_SECONDS = STOP_SECONDS = 10.0


class Simulator(ControlClient):
    """A running simulator: its address, its account, and the hand that holds its phones."""

    def __init__(self, url: str, config: SimulatorConfig) -> None:
        super().__init__(url, account_sid=config.account_sid, auth_token=config.auth_token)
        self.config = config


@contextlib.contextmanager
def running(config: SimulatorConfig, *, port: int = 0) -> Iterator[Simulator]:
    """A simulator on this machine for as long as the block lasts; port 0 takes a free one."""
    started: Future[int] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=_run,
        args=(loop, _serve(config, port, started, stop), started),
        name="twilio-simulator",
        daemon=True,
    )
    thread.start()
    try:
        yield Simulator(f"http://{server.HOST}:{started.result(START_SECONDS)}", config)
    finally:
        if loop.is_running():
            loop.call_soon_threadsafe(stop.set)
        thread.join(STOP_SECONDS)
        if thread.is_alive():
            raise TimeoutError("The simulator does not end.")


def _run(
    loop: asyncio.AbstractEventLoop, serving: "asyncio._CoroutineLike[None]", started: "Future[int]"
) -> None:
    try:
        loop.run_until_complete(serving)
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)
    finally:
        loop.close()


async def _serve(config: SimulatorConfig, port: int, started: "Future[int]", stop: asyncio.Event) -> None:
    # Requests that a fault holds open must not hold up the end.
    runner = web.AppRunner(server.build_app(config), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, server.HOST, port).start()
        started.set_result(runner.addresses[0][1])
        await stop.wait()
    finally:
        await runner.cleanup()
