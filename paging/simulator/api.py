"""Twilio's Messages API: create, fetch and list (https://www.twilio.com/docs/messaging/api/message-resource).

Routed by the server, behind the gate. It speaks Twilio's forms and JSON and leaves every decision to the
checks and the exchange.
"""

from aiohttp import web

from paging.simulator import checks, listing
from paging.simulator.errors import TwilioError
from paging.simulator.gate import EXCHANGE, FATE, LINE
from paging.simulator.messages import API_VERSION, Message

MESSAGES = listing.Collection[Message](
    name="messages",
    equal={"To": lambda message: message.to, "From": lambda message: message.from_},
    dated="DateSent",
    date=lambda message: message.sent_at,
)


def routes() -> list[web.RouteDef]:
    """The three requests that Dido makes for its texts."""
    collection = f"/{API_VERSION}/Accounts/{{account}}/Messages"
    return [
        web.post(f"{collection}.json", create),
        web.get(f"{collection}.json", index),
        web.get(f"{collection}/{{sid}}.json", fetch),
    ]


async def create(request: web.Request) -> web.Response:
    """Accept a text for sending, or refuse it with Twilio's code."""
    listing.check_account(request)
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
    listing.check_account(request)
    message = request.app[EXCHANGE].message(request.match_info["sid"])
    if message is None:
        raise TwilioError(20404, request.path)
    request[LINE].update(outcome="fetched", sid=message.sid)
    return web.json_response(message.resource())


async def index(request: web.Request) -> web.Response:
    """The messages that match the filters, the newest first, a page at a time."""
    return MESSAGES.answer(request, request.app[EXCHANGE].newest_first())
