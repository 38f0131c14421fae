"""Twilio's Calls API: create, fetch, list and end (https://www.twilio.com/docs/voice/api/call-resource).

Routed by the server, behind the gate. It speaks Twilio's forms and JSON and leaves every decision to the
checks and the switchboard.
"""

from typing import Literal, cast

from aiohttp import web

from paging.simulator import call_checks, listing
from paging.simulator.calls import Call
from paging.simulator.errors import CallRefused
from paging.simulator.gate import EXCHANGE, FATE, LINE
from paging.simulator.messages import API_VERSION

CALLS = listing.Collection[Call](
    name="calls",
    equal={
        "To": lambda call: call.to,
        "From": lambda call: call.from_,
        "Status": lambda call: call.status,
    },
    dated="StartTime",
    date=lambda call: call.started_at,
)
ENDS = frozenset({"canceled", "completed"})


def routes() -> list[web.RouteDef]:
    """The four requests that Dido makes for its calls."""
    collection = f"/{API_VERSION}/Accounts/{{account}}/Calls"
    return [
        web.post(f"{collection}.json", create),
        web.get(f"{collection}.json", index),
        web.get(f"{collection}/{{sid}}.json", fetch),
        web.post(f"{collection}/{{sid}}.json", update),
    ]


async def create(request: web.Request) -> web.Response:
    """Accept a call, or refuse it with Twilio's code."""
    listing.check_account(request)
    exchange, line, posted = request.app[EXCHANGE], request[LINE], await request.post()
    form = {name: str(value) for name, value in posted.items()}
    events = [str(event) for event in posted.getall("StatusCallbackEvent", [])]
    order = call_checks.order(form, events, exchange.config)
    call = exchange.switchboard.accept(order, request[FATE], exchange.phone(order.to))
    line["outcome"], line["sid"] = "accepted", call.sid
    resource = call.resource()
    if call.fate.callback_first:
        await call.reported.wait()
    return web.json_response(resource, status=201)


async def fetch(request: web.Request) -> web.Response:
    """One call as it stands."""
    call = _call(request)
    request[LINE]["outcome"] = "fetched"
    return web.json_response(call.resource())


async def update(request: web.Request) -> web.Response:
    """End a call; nothing else of a call can be changed here."""
    call = _call(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    if unknown := sorted(set(form) - {"Status"}):
        raise CallRefused(20001, unknown[0])
    if (status := form.get("Status", "")) not in ENDS:
        raise CallRefused(20001, "Status")
    end = cast(Literal["canceled", "completed"], status)
    await request.app[EXCHANGE].switchboard.hang_up(call.sid, end)
    request[LINE]["outcome"] = "updated"
    return web.json_response(call.resource())


async def index(request: web.Request) -> web.Response:
    """The calls that match the filters, the newest first, a page at a time."""
    return CALLS.answer(request, request.app[EXCHANGE].switchboard.newest_first())


def _call(request: web.Request) -> Call:
    listing.check_account(request)
    call = request.app[EXCHANGE].switchboard.call(request.match_info["sid"])
    if call is None:
        raise CallRefused(20404, request.path)
    request[LINE]["sid"] = call.sid
    return call
