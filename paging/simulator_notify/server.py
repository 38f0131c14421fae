"""Puts the simulator together as one web application.

Called by `running` for tests and by the management command. It must never be bound to anything but this machine:
whoever reaches it can read and write every phone.
"""

from collections.abc import AsyncIterator

from aiohttp import web

from paging.simulator_notify import api, control, gate
from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.office import Office


def build_app(config: NotifyConfig) -> web.Application:
    """One simulated service at Notify, ready to be served."""
    app = web.Application(middlewares=[control.guard, gate.guard])
    app[gate.OFFICE] = Office(config)
    app.router.add_routes([*api.routes(), *control.routes(), web.get("/healthz", healthz)])
    app.cleanup_ctx.append(_post_office)
    return app


async def healthz(_: web.Request) -> web.Response:
    """Says that the simulator answers; needs no password."""
    return web.json_response({"status": "ok"})


async def _post_office(app: web.Application) -> AsyncIterator[None]:
    office = app[gate.OFFICE]
    await office.courier.open()
    yield
    await office.work.call_off()
    await office.courier.close()
