"""Lists as Twilio's REST API gives them: filtered, the newest first, a page at a time.

Called by the APIs of messages, calls and numbers. It reads a request's query and never changes anything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import urlencode

from aiohttp import web

from paging.simulator.errors import TwilioError
from paging.simulator.gate import EXCHANGE, LINE

DEFAULT_PAGE, LARGEST_PAGE = 50, 1000


class Listed(Protocol):
    """Whatever has a sid and a resource."""

    @property
    def sid(self) -> str:
        """What it is known by."""

    def resource(self) -> dict[str, object]:
        """The thing as Twilio's REST API shows it."""


@dataclass(frozen=True, kw_only=True)
class Collection[T: Listed]:
    """A list's name, the filters that ask for equality, and the one that asks for a date."""

    name: str
    equal: Mapping[str, Callable[[T], str]]
    dated: str = ""
    date: Callable[[T], datetime | None] = lambda _: None

    def answer(self, request: web.Request, known: Sequence[T]) -> web.Response:
        """One page of those that match, in the order in which they are known."""
        check_account(request)
        bounds = _bounds(request, self.dates)
        found = [thing for thing in known if self._matches(thing, request, bounds)]
        request[LINE]["outcome"] = "listed"
        return web.json_response(_page(request, self.name, found, (*self.equal, *self.dates)))

    @property
    def dates(self) -> tuple[str, ...]:
        """The names of the filters by date: on, before and after."""
        return (self.dated, f"{self.dated}<", f"{self.dated}>") if self.dated else ()

    def _matches(self, thing: T, request: web.Request, bounds: "list[Bound]") -> bool:
        if any(request.query.get(name) not in {None, "", own(thing)} for name, own in self.equal.items()):
            return False
        if not bounds:
            return True
        # What has not been sent or begun has no such date, so no date can match it.
        moment = self.date(thing)
        return moment is not None and all(bound.admits(moment) for bound in bounds)


@dataclass(frozen=True)
class Bound:
    """One filter by date; it includes the moment, or the whole day, that it names."""

    way: str
    moment: datetime
    is_day: bool

    def admits(self, moment: datetime) -> bool:
        """Whether something of this moment passes."""
        if self.way == ">":
            return moment.replace(microsecond=0) >= self.moment
        if self.way == "<" and not self.is_day:
            return moment.replace(microsecond=0) <= self.moment
        if self.way == "<":
            return moment.date() <= self.moment.date()
        return moment.date() == self.moment.date()


def check_account(request: web.Request) -> None:
    """Only this account's own things are here."""
    if request.match_info["account"] != request.app[EXCHANGE].config.account_sid:
        raise TwilioError(20404, request.path)


def _bounds(request: web.Request, names: Sequence[str]) -> list[Bound]:
    asked = [(name, request.query[name]) for name in names if request.query.get(name)]
    bounds = []
    for name, text in asked:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise TwilioError(20001, name.rstrip("<>")) from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        bounds.append(Bound(name[-1] if name[-1] in "<>" else "", moment, is_day="T" not in text))
    return bounds


def _page(
    request: web.Request, name: str, found: Sequence[Listed], filters: Sequence[str]
) -> dict[str, object]:
    size = _number(request, "PageSize", DEFAULT_PAGE)
    size = min(max(size, 1), LARGEST_PAGE)
    number = _number(request, "Page", 0)
    token = request.query.get("PageToken", "")
    start = _start(found, token, number * size, size)
    shown = found[start : start + size]
    more = found[start + size :]
    kept = {each: request.query[each] for each in filters if request.query.get(each)}

    def uri(number: int, token: str = "") -> str:
        query = kept | {"PageSize": str(size), "Page": str(max(0, number))}
        return f"{request.path}?{urlencode(query | ({'PageToken': token} if token else {}))}"

    return {
        "end": start + len(shown) - 1 if shown else 0,
        "first_page_uri": uri(0),
        name: [thing.resource() for thing in shown],
        "next_page_uri": uri(number + 1, f"PA{shown[-1].sid}") if shown and more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": uri(number - 1, f"PB{shown[0].sid}") if shown and start else None,
        "start": start,
        "uri": uri(number, token),
    }


def _start(found: Sequence[Listed], token: str, otherwise: int, size: int) -> int:
    # A token names a thing, so that what comes in between two pages shifts nothing.
    places = {thing.sid: place for place, thing in enumerate(found)}
    place = places.get(token[2:])
    if place is None:
        return otherwise
    return place + 1 if token.startswith("PA") else max(0, place - size)


def _number(request: web.Request, name: str, otherwise: int) -> int:
    given = request.query.get(name, "")
    if given and not given.isdecimal():
        raise TwilioError(20001, name)
    return int(given) if given else otherwise
