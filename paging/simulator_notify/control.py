"""The control interface: JSON by which people and tests hold the phones, order faults, and change the service.

Routed by the server under /control/, with the service's id and secret as password. It speaks as the other simulator's
does, so that one client holds the phones of both; production code must never depend on it.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping

from aiohttp import web

from paging.simulator import faults
from paging.simulator_notify import texts
from paging.simulator_notify.gate import OFFICE, Handler
from paging.simulator_notify.office import NoSignalError

SETTLE_SECONDS = 10.0
# Notify has nothing like them: an order that would change nothing is refused rather than ignored.
NOT_HERE = frozenset({"error", "accept_then_fail", "created_failed", "reverse_callbacks"})
ENDS = texts.FINAL | {"never"}


class ControlRequestError(Exception):
    """The control request cannot be carried out; the message says why."""


def routes() -> list[web.RouteDef]:
    """Everything that can be done to the simulated world."""
    return [
        web.get("/control/phones", phones),
        web.put("/control/phones/{number}", change_phone),
        web.post("/control/phones/{number}/reply", reply),
        web.put("/control/service", change_service),
        web.post("/control/faults", add_faults),
        web.delete("/control/faults", clear_faults),
        web.get("/control/ledger", ledger),
        web.post("/control/settle", settle),
        web.post("/control/reset", reset),
    ]


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the password, and answer mistakes in JSON."""
    if not request.path.startswith("/control/"):
        return await handler(request)
    if not _authenticated(request):
        return _mistake(401, "The service's id and secret are needed.")
    try:
        return await handler(request)
    except NoSignalError as error:
        return _mistake(409, str(error))
    except (ControlRequestError, faults.FaultError) as error:
        return _mistake(400, str(error))
    except web.HTTPException as error:
        return _mistake(error.status, error.reason)


async def phones(request: web.Request) -> web.Response:
    """All phones and what they show."""
    return web.json_response([phone.as_json() for phone in request.app[OFFICE].phones()])


async def change_phone(request: web.Request) -> web.Response:
    """Register a phone, or change its name, its signal, or how texts to it end."""
    wishes = await _object(request, {"name": str, "signal": bool, "ends": str})
    if wishes.get("ends", "delivered") not in ENDS:
        raise ControlRequestError(f"A text ends as one of {', '.join(sorted(ENDS))}.")
    phone = request.app[OFFICE].phone(request.match_info["number"].strip())
    for name, value in wishes.items():
        setattr(phone, name, value)
    return web.json_response(phone.as_json())


async def reply(request: web.Request) -> web.Response:
    """The phone's owner writes to the service; with `wait` the answer comes once the service was told."""
    wishes = await _object(request, {"body": str, "wait": bool})
    if not wishes.get("body"):
        raise ControlRequestError("A reply needs a body.")
    office = request.app[OFFICE]
    phone = office.phone(request.match_info["number"].strip())
    text, told = await office.write(phone, str(wishes["body"]))
    if wishes.get("wait"):
        await told
    return web.json_response({"sid": text.id, "to": text.to}, status=201)


async def change_service(request: web.Request) -> web.Response:
    """Put the service in trial mode with these numbers as its team, limit its day, or point its callbacks elsewhere."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "trial_team": (list, type(None)),
        "daily_limit": (int, type(None)),
        "status_url": str,
        "inbound_url": str,
    }
    wishes = await _object(request, kinds)
    office = request.app[OFFICE]
    team = wishes.get("trial_team")
    if "trial_team" in wishes:
        office.trial_team = frozenset(map(str, team)) if isinstance(team, list) else None
    for name in wishes.keys() - {"trial_team"}:
        setattr(office, name, wishes[name])
    return web.Response(status=204)


async def add_faults(request: web.Request) -> web.Response:
    """Order one fault, or a list of them; all or none."""
    orders = await _json(request)
    understood = [faults.parse(order) for order in (orders if isinstance(orders, list) else [orders])]
    if foreign := [fault.kind for fault in understood if fault.kind in NOT_HERE]:
        raise ControlRequestError(f"Notify knows no {foreign[0]}; a phone's `ends` says how its texts end.")
    request.app[OFFICE].faults.add(*understood)
    return web.Response(status=204)


async def clear_faults(request: web.Request) -> web.Response:
    """Cancel every fault on order."""
    request.app[OFFICE].faults.clear()
    return web.Response(status=204)


async def ledger(request: web.Request) -> web.Response:
    """What came in and went out, the oldest first; `?kind=` keeps one kind."""
    return web.json_response(request.app[OFFICE].ledger.lines(request.query.get("kind")))


async def settle(request: web.Request) -> web.Response:
    """Wait until nothing more happens by itself; with `everything`, for what waits on time too."""
    wishes = await _object(request, {"everything": bool})
    done = await request.app[OFFICE].work.settle(SETTLE_SECONDS, everything=bool(wishes.get("everything")))
    return web.json_response({"settled": done})


async def reset(request: web.Request) -> web.Response:
    """Forget every text, phone, fault and ledger line."""
    await request.app[OFFICE].reset()
    return web.Response(status=204)


def _authenticated(request: web.Request) -> bool:
    config = request.app[OFFICE].config
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        secret = b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{config.service_id}:{config.secret}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(secret, expected)


async def _json(request: web.Request) -> object:
    try:
        return await request.json()
    except ValueError as error:
        raise ControlRequestError("The body is not JSON.") from error


async def _object(request: web.Request, kinds: Mapping[str, type | tuple[type, ...]]) -> Mapping[str, object]:
    body = await _json(request)
    if not isinstance(body, Mapping):
        raise ControlRequestError("The body must be a JSON object.")
    for name, value in body.items():
        if name not in kinds:
            raise ControlRequestError(f"There is no {name} here.")
        if not isinstance(value, kinds[name]):
            raise ControlRequestError(f"{name} has the wrong type.")
    return body


def _mistake(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
