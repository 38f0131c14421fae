"""The gate before the REST API: ledger line, password, the faults on order, and Twilio's error bodies.

Every request under /2010-04-01/ passes through `guard`; the control interface uses `authenticated` alone.
It must never know what a request is about beyond its To and its words.
"""

import asyncio
import binascii
import hmac
import socket
import struct
from base64 import b64decode
from collections.abc import Awaitable, Callable

from aiohttp import web

from paging.simulator.errors import TwilioError
from paging.simulator.exchange import Exchange
from paging.simulator.faults import Fate, Fault

EXCHANGE = web.AppKey("exchange", Exchange)
FATE = web.RequestKey("fate", Fate)
LINE: web.RequestKey[dict[str, object]] = web.RequestKey("line", dict)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Twilio API"'}
API_ERROR_OF_STATUS = {429: 20429, 500: 20500, 502: 20502, 503: 20503}


def authenticated(request: web.Request) -> bool:
    """Whether the request carries the account's sid and token."""
    config = request.app[EXCHANGE].config
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        given = b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{config.account_sid}:{config.auth_token}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(given, expected)


def refusal(error: TwilioError) -> web.Response:
    """Twilio's answer to a request that it refuses."""
    return web.json_response(
        error.payload(), status=error.status, headers=CHALLENGE if error.status == 401 else None
    )


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let an API request through, with the faults that are on order for it."""
    if not request.path.startswith("/2010-04-01/"):
        return await handler(request)
    exchange = request.app[EXCHANGE]
    form = await request.post()
    to = str(form.get("To") or request.query.get("To", ""))
    line = exchange.ledger.write(
        "request",
        method=request.method,
        path=request.path,
        to=to,
        from_=str(form.get("From", "")),
        body=str(form.get("Body", "")),
        twiml=str(form.get("Twiml", "")),
        outcome="under way",
        fault="",
        sid="",
        http_status=None,
    )
    request[LINE] = line
    if not authenticated(request):
        return _written(line, TwilioError(20003))
    taken = exchange.faults.take(method=request.method, path=request.path, to=to)
    request[FATE] = taken.fate
    if taken.answer is not None:
        line["fault"] = taken.answer.action
        return await _spoil(request, handler, taken.answer)
    return await _answer(request, handler)


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    line = request[LINE]
    try:
        response = await handler(request)
    except TwilioError as error:
        return _written(line, error)
    except web.HTTPMethodNotAllowed:
        return _written(line, TwilioError(20004))
    except web.HTTPNotFound:
        return _written(line, TwilioError(20404, request.path))
    line["http_status"] = response.status
    return response


def _written(line: dict[str, object], error: TwilioError) -> web.Response:
    line["outcome"], line["http_status"] = f"refused:{error.code}", error.status
    return refusal(error)


async def _spoil(request: web.Request, handler: Handler, fault: Fault) -> web.StreamResponse:
    line = request[LINE]
    match fault.kind:
        case "status":
            line["outcome"], line["http_status"] = "fault", int(fault.number)
            return _broken_server(fault)
        case "error":
            return _written(line, TwilioError(int(fault.number)))
        case "timeout":
            line["outcome"] = "fault"
            await asyncio.sleep(fault.number)
            return _hang_up(request)
        case "reset":
            line["outcome"] = "fault"
            return _hang_up(request)
    response = await _answer(request, handler)
    if fault.kind == "wrong_json":
        return web.Response(
            body=b'{"sid": "SM', status=response.status, headers={"Content-Type": "application/json"}
        )
    await asyncio.sleep(fault.number)
    return response if fault.kind == "slow" else _hang_up(request)


def _broken_server(fault: Fault) -> web.Response:
    status = int(fault.number)
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    if fault.action.endswith("html"):
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        return web.Response(text=page, content_type="text/html", status=status, headers=headers)
    payload = TwilioError(API_ERROR_OF_STATUS.get(status, 20500)).payload() | {"status": status}
    return web.json_response(payload, status=status, headers=headers)


def _hang_up(request: web.Request) -> web.Response:
    """Break the connection off with a reset, so that the caller gets no answer at all."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()
