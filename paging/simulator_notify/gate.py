"""The gate before Notify's API: ledger line, token, the faults on order, and Notify's error bodies.

Every request under /v2/ passes through `guard`. It must never know what a request is about beyond its number.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from paging.simulator import spoiling
from paging.simulator.faults import Fate
from paging.simulator_notify import errors, tokens
from paging.simulator_notify.errors import NotifyError
from paging.simulator_notify.office import Office

OFFICE = web.AppKey("office", Office)
BODY: web.RequestKey[object] = web.RequestKey("body", object)
FATE = web.RequestKey("fate", Fate)
LINE: web.RequestKey[dict[str, object]] = web.RequestKey("line", dict)
SENDING = "/v2/notifications/sms"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refusal(error: NotifyError) -> web.Response:
    """Notify's answer to a request that it refuses."""
    return web.json_response(error.payload(), status=error.status)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let an API request through, with the faults that are on order for it."""
    if not request.path.startswith("/v2/"):
        return await handler(request)
    office = request.app[OFFICE]
    request[BODY] = body = await _json(request)
    to = str(body.get("phone_number", "")) if isinstance(body, Mapping) else ""
    request[LINE] = line = office.ledger.write(
        "request",
        method=request.method,
        path=request.path,
        to=to,
        body="",
        outcome="under way",
        fault="",
        id="",
        http_status=None,
    )
    try:
        tokens.check(request.headers.get("Authorization", ""), office.config)
    except NotifyError as error:
        return _written(line, error)
    # The shared book knows a request that makes a text by Twilio's address of it.
    makes = request.method == "POST" and request.path == SENDING
    path = f"{request.path}/Messages.json" if makes else request.path
    taken = office.faults.take(method=request.method, path=path, to=to)
    request[FATE] = taken.fate
    if taken.answer is None:
        return await _answer(request, handler)
    line.update(fault=taken.answer.action, outcome="fault")
    return await spoiling.spoil(
        request,
        taken.answer,
        answer=lambda: _answer(request, handler),
        broken=lambda status: refusal(errors.of_status(status)),
    )


async def _json(request: web.Request) -> object:
    try:
        return await request.json()
    except ValueError:
        return None


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    line = request[LINE]
    try:
        response = await handler(request)
    except NotifyError as error:
        return _written(line, error)
    except web.HTTPException as error:
        return _written(line, NotifyError(error.status, "Exception", error.reason))
    line["http_status"] = response.status
    return response


def _written(line: dict[str, object], error: NotifyError) -> web.Response:
    line.update(outcome=f"refused:{error.kind}", http_status=error.status)
    return refusal(error)
