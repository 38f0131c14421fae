"""The gate before the REST API: ledger line, password, the faults on order, and Twilio's error bodies.

Every request under /2010-04-01/ passes through `guard`; the control interface uses `authenticated` alone.
It must never know what a request is about beyond its To and its words.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from paging.simulator import spoiling
from paging.simulator.errors import TwilioError
from paging.simulator.exchange import Exchange
from paging.simulator.faults import REFUSING, Fate, Fault
from paging.simulator.wishes import knows_password

EXCHANGE = web.AppKey("exchange", Exchange)
FATE = web.RequestKey("fate", Fate)
LINE: web.RequestKey[dict[str, object]] = web.RequestKey("line", dict)

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CHALLENGE = {"WWW-Authenticate": 'Basic realm="Twilio API"'}
API_ERROR_OF_STATUS = {429: 20429, 500: 20500, 502: 20502, 503: 20503}


def refusal(error: TwilioError) -> web.Response:
    """Twilio's answer to a request that it refuses."""
    return web.json_response(
        error.payload(), status=error.status, headers=CHALLENGE if error.status == 401 else None
    )


def authenticated(request: web.Request) -> bool:
    """Whether the request carries the account's sid and token."""
    config = request.app[EXCHANGE].config
    return knows_password(request, user=config.account_sid, secret=config.auth_token)


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
    if taken.answer is None:
        return await _answer(request, handler)
    return await _spoilt(request, handler, taken.answer)


async def _spoilt(request: web.Request, handler: Handler, fault: Fault) -> web.StreamResponse:
    line = request[LINE]
    line["fault"] = fault.action
    if fault.kind == "error":
        return _written(line, TwilioError(int(fault.number)))
    if fault.kind in REFUSING:
        line["outcome"] = "fault"
    if fault.kind == "status":
        line["http_status"] = int(fault.number)
    return await spoiling.spoil(
        request, fault, answer=lambda: _answer(request, handler), broken=_broken_server
    )


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


def _broken_server(status: int) -> web.Response:
    payload = TwilioError(API_ERROR_OF_STATUS.get(status, 20500)).payload() | {"status": status}
    return web.json_response(payload, status=status)
