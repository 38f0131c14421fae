"""The control interface: JSON by which people and tests hold the phones, order faults, and change the service.

Routed by the server under /control/, with the service's id and secret as password. It speaks as the other simulator's
does, so that one client holds the phones of both; production code must never depend on it.
"""

from aiohttp import web

from paging.simulator import faults
from paging.simulator.wishes import (
    SETTLE_SECONDS,
    ControlRequestError,
    Kinds,
    json_of,
    knows_password,
    mistake,
    wishes_of,
)
from paging.simulator_notify import texts
from paging.simulator_notify.gate import OFFICE, Handler
from paging.simulator_notify.office import NoSignalError

# Notify has nothing like them: an order that would change nothing is refused rather than ignored.
NOT_HERE = frozenset({"error", "accept_then_fail", "created_failed", "reverse_callbacks"})
ENDS = texts.FINAL | {"never"}


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
    if not _is_the_service(request):
        return mistake(401, "The service's id and secret are needed.")
    try:
        return await handler(request)
    except NoSignalError as error:
        return mistake(409, str(error))
    except (ControlRequestError, faults.FaultError) as error:
        return mistake(400, str(error))
    except web.HTTPException as error:
        return mistake(error.status, error.reason)


async def phones(request: web.Request) -> web.Response:
    """All phones and what they show."""
    return web.json_response([phone.as_json() for phone in request.app[OFFICE].phones()])


async def change_phone(request: web.Request) -> web.Response:
    """Register a phone, or change its name, its signal, or how texts to it end."""
    wishes = await wishes_of(request, {"name": str, "signal": bool, "ends": str})
    if wishes.get("ends", "delivered") not in ENDS:
        raise ControlRequestError(f"A text ends as one of {', '.join(sorted(ENDS))}.")
    phone = request.app[OFFICE].phone(request.match_info["number"].strip())
    for name, value in wishes.items():
        setattr(phone, name, value)
    return web.json_response(phone.as_json())


async def reply(request: web.Request) -> web.Response:
    """The phone's owner writes to the service; with `wait` the answer comes once the service was told."""
    wishes = await wishes_of(request, {"body": str, "wait": bool})
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
    kinds: Kinds = {
        "trial_team": (list, type(None)),
        "daily_limit": (int, type(None)),
        "status_url": str,
        "inbound_url": str,
    }
    wishes = await wishes_of(request, kinds)
    office = request.app[OFFICE]
    team = wishes.get("trial_team")
    if "trial_team" in wishes:
        office.trial_team = frozenset(map(str, team)) if isinstance(team, list) else None
    for name in wishes.keys() - {"trial_team"}:
        setattr(office, name, wishes[name])
    return web.Response(status=204)


async def add_faults(request: web.Request) -> web.Response:
    """Order one fault, or a list of them; all or none."""
    orders = await json_of(request)
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
    wishes = await wishes_of(request, {"everything": bool})
    done = await request.app[OFFICE].work.settle(SETTLE_SECONDS, everything=bool(wishes.get("everything")))
    return web.json_response({"settled": done})


async def reset(request: web.Request) -> web.Response:
    """Forget every text, phone, fault and ledger line."""
    await request.app[OFFICE].reset()
    return web.Response(status=204)


def _is_the_service(request: web.Request) -> bool:
    config = request.app[OFFICE].config
    return knows_password(request, user=config.service_id, secret=config.secret)
