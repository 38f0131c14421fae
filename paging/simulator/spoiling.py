"""Spoils one HTTP exchange as a fault on order says: no answer, a broken connection, half an answer, a late one.

Shared by the simulators. It knows nothing of what a request is about: the provider's
own error body is made by the caller.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from paging.simulator.faults import Fault

type Answer = Callable[[], Awaitable[web.StreamResponse]]


async def spoil(
    request: web.Request, fault: Fault, *, answer: Answer, broken: Callable[[int], web.Response]
) -> web.StreamResponse:
    """What this request is answered with; `answer` does what was asked, `broken` makes the provider's error."""
    if fault.kind == "status":
        return _status(fault, broken)
    if fault.kind in {"timeout", "reset"}:
        await asyncio.sleep(fault.number)  # nought for a reset
        return hang_up(request)
    response = await answer()
    if fault.kind == "wrong_json":
        return web.Response(body=b'{"id": "74', status=response.status, content_type="application/json")
    await asyncio.sleep(fault.number)
    return response if fault.kind == "slow" else hang_up(request)


def hang_up(request: web.Request) -> web.Response:
    """Break the connection off with a reset, so that the caller gets no answer at all."""
    if request.transport is not None:  # the caller has not gone yet
        at_once = struct.pack("ii", 1, 0)
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        request.transport.abort()
    return web.Response()


def _status(fault: Fault, broken: Callable[[int], web.Response]) -> web.Response:
    status = int(fault.number)
    if fault.action.endswith("html"):
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        response = web.Response(text=page, content_type="text/html", status=status)
    else:
        response = broken(status)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response
