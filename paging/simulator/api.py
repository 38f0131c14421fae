"""Twilio's Messages API: create, fetch and list (https://www.twilio.com/docs/messaging/api/message-resource).

Routed by the server, behind the gate. It speaks Twilio's forms and JSON and leaves every decision to the
checks and the exchange.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from aiohttp import web

from paging.simulator import checks
from paging.simulator.errors import TwilioError
from paging.simulator.gate import EXCHANGE, FATE, LINE
from paging.simulator.messages import API_VERSION, Message

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000
DATE_FILTERS = ("DateSent", "DateSent<", "DateSent>")
FILTERS = ("To", "From", *DATE_FILTERS)


def routes() -> list[web.RouteDef]:
    """The three requests that Dido makes of Twilio."""
    collection = f"/{API_VERSION}/Accounts/{{account}}/Messages"
    return [
        web.post(f"{collection}.json", create),
        web.get(f"{collection}.json", listing),
        web.get(f"{collection}/{{sid}}.json", fetch),
    ]


async def create(request: web.Request) -> web.Response:
    """Accept a text for sending, or refuse it with Twilio's code."""
    _check_account(request)
    exchange, line = request.app[EXCHANGE], request[LINE]
    form = {name: str(value) for name, value in (await request.post()).items()}
    message = exchange.accept(checks.order(form, exchange.config), request[FATE])
    line["outcome"], line["sid"] = "accepted", message.sid
    # The answer tells the state at acceptance, even where the application hears of the next one first.
    resource = message.resource()
    if message.fate.callback_first:
        await message.reported.wait()
    return web.json_response(resource, status=201)


async def fetch(request: web.Request) -> web.Response:
    """One message as it stands."""
    _check_account(request)
    message = request.app[EXCHANGE].message(request.match_info["sid"])
    if message is None:
        raise TwilioError(20404, request.path)
    request[LINE].update(outcome="fetched", sid=message.sid)
    return web.json_response(message.resource())


async def listing(request: web.Request) -> web.Response:
    """The messages that match the filters, the newest first, a page at a time."""
    _check_account(request)
    bounds = _bounds(request)
    known = request.app[EXCHANGE].newest_first()
    found = [message for message in known if _matches(message, request, bounds)]
    request[LINE]["outcome"] = "listed"
    return web.json_response(_page(found, request))


def _check_account(request: web.Request) -> None:
    if request.match_info["account"] != request.app[EXCHANGE].config.account_sid:
        raise TwilioError(20404, request.path)


@dataclass(frozen=True)
class Bound:
    """One DateSent filter; it includes the moment, or the whole day, that it names."""

    name: str
    moment: datetime
    is_day: bool

    def admits(self, sent_at: datetime) -> bool:
        """Whether a message sent at this moment passes."""
        if self.name == "DateSent":
            return sent_at.date() == self.moment.date()
        if self.name == "DateSent>":
            return sent_at.replace(microsecond=0) >= self.moment
        if self.is_day:
            return sent_at.date() <= self.moment.date()
        return sent_at.replace(microsecond=0) <= self.moment


def _bounds(request: web.Request) -> list[Bound]:
    asked = [(name, request.query[name]) for name in DATE_FILTERS if request.query.get(name)]
    try:
        moments = [(name, text, datetime.fromisoformat(text)) for name, text in asked]
    except ValueError as error:
        raise TwilioError(20001, "DateSent") from error
    return [
        Bound(name, moment if moment.tzinfo else moment.replace(tzinfo=UTC), is_day="T" not in text)
        for name, text, moment in moments
    ]


def _matches(message: Message, request: web.Request, bounds: list[Bound]) -> bool:
    query = request.query
    if query.get("To", message.to) != message.to or query.get("From", message.from_) != message.from_:
        return False
    if not bounds:
        return True
    # A message that has not been sent has no such date, so no date can match it.
    sent_at = message.sent_at
    return sent_at is not None and all(bound.admits(sent_at) for bound in bounds)


def _page(found: list[Message], request: web.Request) -> dict[str, object]:
    size = _number(request, "PageSize", DEFAULT_PAGE)
    size = min(max(size, 1), LARGEST_PAGE)
    number = _number(request, "Page", 0)
    start = _start(found, request.query.get("PageToken", ""), number * size, size)
    shown = found[start : start + size]
    more = found[start + size :]
    after = _uri(request, number + 1, size, f"PA{shown[-1].sid}") if shown and more else None
    back = _uri(request, number - 1, size, f"PB{shown[0].sid}") if shown and start else None
    return {
        "end": start + len(shown) - 1 if shown else 0,
        "first_page_uri": _uri(request, 0, size),
        "messages": [message.resource() for message in shown],
        "next_page_uri": after,
        "page": number,
        "page_size": size,
        "previous_page_uri": back,
        "start": start,
        "uri": _uri(request, number, size, request.query.get("PageToken", "")),
    }


def _start(found: list[Message], token: str, otherwise: int, size: int) -> int:
    # A token names a message, so that texts which arrive between two pages shift nothing.
    places = {message.sid: place for place, message in enumerate(found)}
    place = places.get(token[2:])
    if place is None:
        return otherwise
    return place + 1 if token.startswith("PA") else max(0, place - size)


def _number(request: web.Request, name: str, otherwise: int) -> int:
    given = request.query.get(name, "")
    if given and not given.isdecimal():
        raise TwilioError(20001, name)
    return int(given) if given else otherwise


def _uri(request: web.Request, number: int, size: int, token: str = "") -> str:
    query = {name: request.query[name] for name in FILTERS if request.query.get(name)}
    query |= {"PageSize": str(size), "Page": str(max(0, number))} | ({"PageToken": token} if token else {})
    return f"{request.path}?{urlencode(query)}"
