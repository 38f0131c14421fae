"""Notify's API as far as Dido speaks to it: send a text, fetch one, list those sent and those received.

Routed by the server, behind the gate (https://docs.notifications.service.gov.uk/rest-api.html). It speaks Notify's JSON
and leaves every decision to the checks and the office.
"""

import re

from aiohttp import web

from paging.simulator_notify import checks, errors, gate
from paging.simulator_notify.config import UUID

PAGE = 250


def routes() -> list[web.RouteDef]:
    """The requests that Dido makes of Notify."""
    return [
        web.post(gate.SENDING, send),
        web.get("/v2/notifications", listed),
        web.get("/v2/notifications/{id}", fetch),
        web.get("/v2/received-text-messages", received),
    ]


async def send(request: web.Request) -> web.Response:
    """Accept a text for sending, or refuse it with Notify's words."""
    office = request.app[gate.OFFICE]
    text = office.accept(checks.order(request[gate.BODY], office.config), request[gate.FATE])
    request[gate.LINE].update(outcome="accepted", id=text.id, body=text.body)
    answer = text.as_accepted(_base(request))
    if text.fate.callback_first:
        await text.reported.wait()
    return web.json_response(answer, status=201)


async def fetch(request: web.Request) -> web.Response:
    """One notification as it stands."""
    wanted = request.match_info["id"]
    if not re.fullmatch(UUID, wanted):
        raise errors.invalid("id is not a valid UUID")
    text = request.app[gate.OFFICE].sent(wanted)
    if text is None:
        raise errors.unknown()
    request[gate.LINE].update(outcome="fetched", id=text.id)
    return web.json_response(text.as_found(_base(request)))


async def listed(request: web.Request) -> web.Response:
    """The texts with a reference, or all of them, the newest first; one page, because Dido never asks for more."""
    wanted = request.query.get("reference")
    newest_first = reversed(request.app[gate.OFFICE].all_sent())
    shown = [text for text in newest_first if wanted in {None, text.reference}][:PAGE]
    request[gate.LINE]["outcome"] = "listed"
    links = {"current": f"{_base(request)}{request.path}"}
    return web.json_response(
        {"notifications": [text.as_found(_base(request)) for text in shown], "links": links}
    )


async def received(request: web.Request) -> web.Response:
    """The texts that people sent, the newest first, a page at a time."""
    newest_first = list(reversed(request.app[gate.OFFICE].received))
    older_than = request.query.get("older_than", "")
    if older_than:
        places = [place for place, text in enumerate(newest_first) if text.id == older_than]
        newest_first = newest_first[places[0] + 1 :] if places else []
    shown = newest_first[:PAGE]
    here = f"{_base(request)}{request.path}"
    links = {"current": here} | ({"next": f"{here}?older_than={shown[-1].id}"} if shown else {})
    request[gate.LINE]["outcome"] = "listed"
    return web.json_response({"received_text_messages": [text.as_found() for text in shown], "links": links})


def _base(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"
