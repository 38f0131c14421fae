"""The push service as one web application: POST /push/{device}, and a control interface for tests.

It refuses what a vendor's would: no VAPID token, one for another service or of another key, no TTL, a body that is not
encrypted. Vendors' answers: https://www.rfc-editor.org/rfc/rfc8030 and https://www.rfc-editor.org/rfc/rfc8292. It must
never be bound to anything but this machine.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from paging.simulator import faults, spoiling
from paging.simulator.ledger import Ledger
from paging.simulator_push import vapid

LEDGER = web.AppKey("ledger", Ledger)
FAULTS = web.AppKey("faults", faults.FaultBook)
GONE: web.AppKey[set[str]] = web.AppKey("gone", set)
KEYS: web.AppKey[dict[str, str]] = web.AppKey(
    "keys", dict
)  # of each device: the public key it subscribed with
HISTORY = 50_000
URGENCIES = frozenset({"very-low", "low", "normal", "high"})
LONGEST_TTL = 28 * 24 * 60 * 60  # seconds

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app() -> web.Application:
    """One push service that knows no device yet."""
    app = web.Application()
    app[LEDGER], app[FAULTS], app[GONE], app[KEYS] = Ledger(HISTORY), faults.FaultBook(), set(), {}
    app.router.add_routes(
        [
            web.post("/push/{device}", push),
            web.put("/control/devices/{device}", subscribe),
            web.delete("/control/devices/{device}", unsubscribe),
            web.post("/control/faults", add_faults),
            web.delete("/control/faults", clear_faults),
            web.get("/control/ledger", ledger),
            web.post("/control/reset", reset),
        ]
    )
    return app


async def push(request: web.Request) -> web.StreamResponse:
    """Wake a device, unless something is wrong with the request or a fault is on order."""
    device = request.match_info["device"]
    headers = {
        name: request.headers.get(name, "") for name in ("TTL", "Urgency", "Topic", "Content-Encoding")
    }
    line = request.app[LEDGER].write(
        "push", device=device, bytes=len(await request.read()), fault="", http_status=None, **headers
    )

    async def answer() -> web.Response:
        status, reason = _judge(request, device, await request.read())
        line.update(http_status=status, reason=reason)
        created = {"Location": f"{request.scheme}://{request.host}/message/{device}", "TTL": headers["TTL"]}
        return web.Response(status=status, text=reason, headers=created if status == 201 else {})

    fault = request.app[FAULTS].take(method="POST", path=request.path, to=device).answer
    if fault is None:
        return await answer()
    line["fault"] = fault.action
    return await spoiling.spoil(
        request, fault, answer=answer, broken=lambda status: web.json_response({"errno": 999}, status=status)
    )


def _judge(request: web.Request, device: str, body: bytes) -> tuple[int, str]:
    """The status with which a vendor would answer, and why."""
    if device in request.app[GONE]:
        return 410, "unsubscribed"
    key = request.app[KEYS].get(device)
    if key is None:
        return 404, "no such device"
    service = f"{request.scheme}://{request.host}"
    if trouble := vapid.trouble(request.headers.get("Authorization", ""), service=service, key=key):
        return 403, trouble
    ttl = request.headers.get("TTL", "")
    if not ttl.isdecimal() or int(ttl) > LONGEST_TTL:
        return 400, "a TTL in seconds is needed"
    if request.headers.get("Urgency", "normal") not in URGENCIES:
        return 400, "no such urgency"
    if body and request.headers.get("Content-Encoding") != "aes128gcm":
        return 400, "what is carried must be encrypted"
    return 201, ""


async def subscribe(request: web.Request) -> web.Response:
    """A browser subscribes with this public key; comes back where it was gone."""
    device = request.match_info["device"]
    request.app[KEYS][device] = (await request.json())["key"]
    request.app[GONE].discard(device)
    return web.Response(status=204)


async def unsubscribe(request: web.Request) -> web.Response:
    """A browser has gone for good."""
    request.app[GONE].add(request.match_info["device"])
    return web.Response(status=204)


async def add_faults(request: web.Request) -> web.Response:
    """Order faults for the requests to come; `match.to` is a device."""
    try:
        request.app[FAULTS].add(*(faults.parse(order) for order in await request.json()))
    except (faults.FaultError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return web.Response(status=204)


async def clear_faults(request: web.Request) -> web.Response:
    """Cancel every fault on order."""
    request.app[FAULTS].clear()
    return web.Response(status=204)


async def ledger(request: web.Request) -> web.Response:
    """Every push that came in, the oldest first."""
    return web.json_response(request.app[LEDGER].lines(request.query.get("kind")))


async def reset(request: web.Request) -> web.Response:
    """Forget every device, fault and ledger line."""
    for book in (request.app[LEDGER], request.app[FAULTS], request.app[GONE], request.app[KEYS]):
        book.clear()
    return web.Response(status=204)
