"""Puts the simulator together as one web application.

Called by the management command, which serves it for good, and by `running` for tests. It must never be
bound to anything but this machine: whoever reaches it can read and write every phone.
"""

from collections.abc import AsyncIterator

from aiohttp import web

from paging.simulator import api, calls_api, control, gate, numbers_api
from paging.simulator.config import SimulatorConfig
from paging.simulator.exchange import Exchange


def build_app(config: SimulatorConfig) -> web.Application:
    """One simulated Twilio account, ready to be served."""
    app = web.Application(middlewares=[control.guard, gate.guard])
    app[gate.EXCHANGE] = Exchange(config)
    for part in (api, calls_api, numbers_api, control):
        app.router.add_routes(part.routes())
    app.router.add_get("/healthz", healthz)
    app.cleanup_ctx.append(_post_office)
    return app


async def healthz(_: web.Request) -> web.Response:
    """Says that the simulator answers; needs no password."""
    return web.json_response({"status": "ok"})


async def _post_office(app: web.Application) -> AsyncIterator[None]:
    exchange = app[gate.EXCHANGE]
    await exchange.courier.open()
    yield
    await exchange.work.call_off()
    await exchange.courier.close()
