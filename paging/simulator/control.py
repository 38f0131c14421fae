"""The control interface: JSON by which people and tests hold the phones and order faults.

Routed by the server under /control/, with the account's own password. Dido's page of phones and the tests
call it; production code must never depend on it.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from aiohttp import web

from paging.simulator import faults, script
from paging.simulator import phones as handsets
from paging.simulator.checks import BRITISH
from paging.simulator.exchange import NoSignalError
from paging.simulator.gate import EXCHANGE, Handler, authenticated
from paging.simulator.lines import Line, LineError
from paging.simulator.phones import Phone
from paging.simulator.wishes import (
    SETTLE_SECONDS,
    ControlRequestError,
    Kinds,
    Wishes,
    json_of,
    mistake,
    wishes_of,
)

type Deed = Callable[[Line, Wishes], None]

PHONE_WISHES: Kinds = {
    "name": str,
    "signal": bool,
    "mobile": bool,
    "slow_seconds": (int, float),
    "voice": str,
    "answers_after": (int, float),
    "detected_as": str,
    "read": bool,
}


def routes() -> list[web.RouteDef]:
    """Everything that can be done to the simulated world."""
    return [
        web.get("/control/phones", phones),
        web.get("/control/phones/{number}", phone),
        web.put("/control/phones/{number}", change_phone),
        web.post("/control/phones/{number}/reply", reply),
        web.post("/control/phones/{number}/answer", answer),
        web.post("/control/phones/{number}/press", press),
        web.post("/control/phones/{number}/hang_up", hang_up),
        web.post("/control/phones/{number}/let_time_pass", let_time_pass),
        web.post("/control/faults", add_faults),
        web.delete("/control/faults", clear_faults),
        web.put("/control/inbound", set_inbound),
        web.get("/control/ledger", ledger),
        web.post("/control/settle", settle),
        web.post("/control/reset", reset),
    ]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the account's password, and answer mistakes in JSON."""
    if not request.path.startswith("/control/"):
        return await handler(request)
    if not authenticated(request):
        return mistake(401, "The account's sid and token are needed.")
    try:
        return await handler(request)
    except (NoSignalError, LineError) as error:
        return mistake(409, str(error))
    except (ControlRequestError, faults.FaultError) as error:
        return mistake(400, str(error))
    except web.HTTPException as error:
        return mistake(error.status, error.reason)


async def phones(request: web.Request) -> web.Response:
    """All phones and what they show."""
    return web.json_response([phone.as_json() for phone in request.app[EXCHANGE].phones()])


async def phone(request: web.Request) -> web.Response:
    """One phone and what it shows; a new one is not made by looking."""
    number = _number(request)
    for known in request.app[EXCHANGE].phones():
        if known.number == number:
            return web.json_response(known.as_json())
    raise web.HTTPNotFound


async def change_phone(request: web.Request) -> web.Response:
    """Register a phone, or change its name, signal, kind, speed or way with calls, or mark it as read."""
    number = _number(request)
    if not BRITISH.fullmatch(number):
        raise ControlRequestError(f"{number} is not a British telephone number such as +447700900123.")
    wishes = await wishes_of(request, PHONE_WISHES)
    known = request.app[EXCHANGE].phone(number)
    _change(known, wishes)
    return web.json_response(known.as_json())


async def reply(request: web.Request) -> web.Response:
    """The phone's owner writes to us; with `wait` the answer comes once the application was told."""
    wishes = await wishes_of(request, {"body": str, "to": str, "wait": bool})
    if "body" not in wishes:
        raise ControlRequestError("A reply needs a body.")
    exchange = request.app[EXCHANGE]
    to = cast(str, wishes["to"]) if wishes.get("to") else None
    if to is not None and to not in exchange.config.numbers:
        raise ControlRequestError(f"{to} is not one of this account's numbers.")
    message = exchange.write(exchange.phone(_number(request)), cast(str, wishes["body"]), to)
    heard = exchange.work.start(exchange.receive(message))
    if wishes.get("wait"):
        await heard
    return web.json_response({"sid": message.sid, "to": message.to}, status=201)


async def answer(request: web.Request) -> web.Response:
    """The phone's owner takes the call that rings."""
    return await _on_the_line(request, {}, lambda line, _: line.answer())


async def press(request: web.Request) -> web.Response:
    """The phone's owner presses keys in a call."""
    return await _on_the_line(request, {"keys": str}, lambda line, wishes: line.press(_keys(wishes)))


async def hang_up(request: web.Request) -> web.Response:
    """The phone's owner ends the call, or rejects it while it rings."""
    return await _on_the_line(request, {}, lambda line, _: line.put_down())


async def let_time_pass(request: web.Request) -> web.Response:
    """The time that a call waits for its owner is over at once, so that no test need wait for it."""
    return await _on_the_line(request, {}, lambda line, _: line.let_time_pass())


async def add_faults(request: web.Request) -> web.Response:
    """Order one fault, or a list of them; all or none."""
    orders = await json_of(request)
    wanted = orders if isinstance(orders, list) else [orders]
    understood = [faults.parse(order) for order in wanted]
    request.app[EXCHANGE].faults.add(*understood)
    return web.Response(status=204)


async def clear_faults(request: web.Request) -> web.Response:
    """Cancel every fault on order."""
    request.app[EXCHANGE].faults.clear()
    return web.Response(status=204)


async def set_inbound(request: web.Request) -> web.Response:
    """Point the numbers' webhook elsewhere, until the next reset."""
    wishes = await wishes_of(request, {"url": str})
    request.app[EXCHANGE].inbound_url = str(wishes.get("url", ""))
    return web.Response(status=204)


async def ledger(request: web.Request) -> web.Response:
    """What came in and went out, the oldest first; `?kind=` keeps one kind."""
    return web.json_response(request.app[EXCHANGE].ledger.lines(request.query.get("kind")))


async def settle(request: web.Request) -> web.Response:
    """Wait until nothing more happens by itself; with `everything`, for what waits on time or signal too."""
    wishes = await wishes_of(request, {"everything": bool})
    everything = bool(wishes.get("everything"))
    done = await request.app[EXCHANGE].work.settle(SETTLE_SECONDS, everything=everything)
    return web.json_response({"settled": done})


async def reset(request: web.Request) -> web.Response:
    """Forget every message, phone, fault and ledger line."""
    await request.app[EXCHANGE].reset()
    return web.Response(status=204)


def _change(known: Phone, wishes: Wishes) -> None:
    known.name = cast(str, wishes.get("name", known.name))
    known.mobile = cast(bool, wishes.get("mobile", known.mobile))
    known.slow_seconds = float(cast(float, wishes.get("slow_seconds", known.slow_seconds)))
    known.voice = _one_of(handsets.VOICES, wishes.get("voice", known.voice))
    known.detected_as = _one_of(handsets.DETECTED, wishes.get("detected_as", known.detected_as))
    known.answers_after = float(cast(float, wishes.get("answers_after", known.answers_after)))
    if "signal" in wishes:
        known.switch(signal=cast(bool, wishes["signal"]))
    if wishes.get("read"):
        known.unread = 0


async def _on_the_line(request: web.Request, kinds: Kinds, deed: Deed) -> web.Response:
    """Do it; with `wait` the answer comes once the call waits for its owner again, or has ended."""
    wishes = await wishes_of(request, kinds | {"wait": bool})
    exchange = request.app[EXCHANGE]
    line = exchange.phone(_number(request)).line()
    deed(line, wishes)
    # Under way from this moment, so that whoever settles waits for what the deed sets going.
    rest = exchange.work.start(line.rests())
    if wishes.get("wait"):
        await asyncio.wait({rest}, timeout=SETTLE_SECONDS)
    return web.json_response(line.as_json())


def _keys(wishes: Wishes) -> str:
    keys = str(wishes.get("keys", ""))
    if not keys or not set(keys) <= script.KEYS:
        raise ControlRequestError("A phone has the keys 0 to 9, * and #.")
    return keys


def _one_of(known: tuple[str, ...], wish: object) -> str:
    if wish not in known:
        raise ControlRequestError(f"{wish} is none of {', '.join(filter(None, known))}.")
    return str(wish)


def _number(request: web.Request) -> str:
    return request.match_info["number"].strip()
