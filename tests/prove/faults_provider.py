"""Twilio and GOV.UK Notify over real HTTP on this machine, for the proof of faults: each request is damaged as planned.

`Provider` is the server; `Way` stands around one of the product's own transports, plans the damage of the next request
and notes what left. One request at a time, but for those that were given up.
"""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from typing import Any
from urllib.parse import parse_qs

from paging.transports.contract import Order, Outcome, Report, Transport
from paging.transports.notify import Notify
from paging.transports.twilio import Account, TwilioSms, TwilioVoice
from tests.paging.transports import raw
from tests.prove.doors import ACCOUNT, OURS, TOKEN
from tests.prove.faults_matrix import SMS, Answer

# Seconds that a silent provider is really waited for; the pager's clock is wound by its time-out.
GIVEN_UP = 0.06
ARRIVES = 60.0  # seconds; a request that was begun comes, however slow the machine
NOBODY = "http://127.0.0.1:9"
FINE = Answer(accepted=True)
NOTIFY_KEY = f"proof-{uuid.UUID(int=1 << 126)}-{uuid.UUID(int=3 << 126)}"
PREFIX = {"Messages": "SM", "Calls": "CA"}


class Provider(ThreadingHTTPServer):
    """The server: answers the next request as `plan` says, and every other one well."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.over = FINE, threading.Event()
        self.came = threading.Event()  # the request has been read, and the plan used up
        self.made, self.last = 0, ""
        self.said: dict[str, tuple[str, str] | None] = {}  # what is said of a page when it is asked for
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def new(self, collection: str) -> str:
        """The id of a page that was taken."""
        self.made += 1
        self.last = (
            f"{PREFIX[collection]}{self.made:032x}" if collection in PREFIX else str(uuid.UUID(int=self.made))
        )
        return self.last

    def let_go(self) -> None:
        """Whoever is still kept waiting is sent away."""
        self.over.set()
        self.over = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked has gone: they were meant to."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Provider

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """A page is handed over."""
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer, self.server.plan = self.server.plan, FINE
        collection = self.path.rsplit("/", 1)[-1].removesuffix(".json")
        sid = self.server.new(collection) if answer.accepted or "{sid}" in answer.body else ""
        self.server.came.set()
        form = parse_qs(said) if collection in PREFIX else {}
        echo = f"{self.headers['Authorization']} {TOKEN} {form.get('To', [''])[0]}"
        usual = {"sid": sid, "id": sid, "status": "queued", "error_code": None}
        body = answer.body.replace("{sid}", sid).replace("{echo}", echo) or json.dumps(usual)
        self._answer(answer, body.strip().encode())

    def do_GET(self) -> None:
        """Somebody asks what became of a page."""
        sid = self.path.rsplit("/", 1)[-1].removesuffix(".json")
        known = self.server.said.get(sid, ("", ""))
        if known is None:
            self._answer(Answer(503, "-"), b"-")
            return
        status, code = known
        row = {"sid": sid, "id": sid, "status": status or "sent", "error_code": int(code) if code else None}
        self._answer(Answer(200), json.dumps(row | {"answered_by": None}).encode())

    def _answer(self, answer: Answer, body: bytes) -> None:
        head = dict(answer.head) | {"Content-Length": str(len(body))}
        lines = [f"HTTP/1.1 {answer.status} X", *(f"{name}: {value}" for name, value in head.items())]
        whole = "\r\n".join([*lines, "", ""]).encode() + body
        match answer.damage:
            case "closed":
                self.close_connection = True
            case "reset":
                self.close_connection = True
                self.connection.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
            case "cut":
                self.close_connection = True
                self.wfile.write(whole[:-9])
            case "garbage":
                self.close_connection = True
                self.wfile.write(raw.NOT_HTTP)
            case "silent" | "drip":
                self._drip(drips=answer.damage == "drip")
            case _:
                self.wfile.write(whole)

    def _drip(self, *, drips: bool) -> None:
        self.close_connection, over = True, self.server.over
        with suppress(OSError):
            self.wfile.write(raw.DRIP if drips else b"")
            while drips and not over.wait(GIVEN_UP / 3):
                self.wfile.write(b"x")
        over.wait()


@contextmanager
def opened() -> Iterator[Provider]:
    """The server, for as long as the block lasts."""
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            provider.let_go()
            provider.shutdown()
            thread.join()


@dataclass
class Accounts:
    """The product's transports, made once: to Twilio, to a Twilio that is given up soon, and to nobody at all."""

    provider: Provider
    ways: dict[tuple[str, str], Transport] = field(default_factory=dict)

    @cached_property
    def notify(self) -> Transport:
        """The second provider for texts."""
        return Notify(api_key=NOTIFY_KEY, template_id="t", base_url=self.provider.url)

    def way(self, channel: str, damage: str) -> Transport:
        """The transport of this channel for a request that is damaged so."""
        kind = {"refused": damage, "silent": "impatient", "drip": "impatient"}.get(damage, "")
        if (channel, kind) not in self.ways:
            url = NOBODY if kind == "refused" else self.provider.url
            account = Account(sid=ACCOUNT, token=TOKEN, number=OURS, base_url=url)
            account.timeout = GIVEN_UP if kind == "impatient" else account.timeout
            self.ways[channel, kind] = TwilioSms(account) if channel == SMS else TwilioVoice(account)
        return self.ways[channel, kind]


@dataclass
class Left:
    """One request that left, and how it went."""

    page: int
    provider: str
    at: datetime
    answer: Answer
    outcome: Outcome | None = None
    sid: str = ""  # of the page that the provider took, whether or not it could say so


@dataclass
class Way:
    """One of the pager's ways out; `damage` says what befalls this order."""

    inner: Callable[[str], Transport]
    provider: str
    channel: str
    server: Provider
    now: Callable[[], datetime]
    damage: Callable[[str, Order], Answer]
    then: Callable[[Left], None]  # what happens before the pager can write down what came of it
    left: list[Left]

    def send(self, order: Order) -> Outcome:
        """Send it by the product's own transport, with the damage that was planned."""
        one = Left(order.page_id, self.provider, self.now(), self.damage(self.provider, order))
        self.left.append(one)
        self.server.plan, self.server.last = one.answer, ""
        self.server.came.clear()
        one.outcome = self.inner(one.answer.damage).send(order)
        if one.answer.damage != "refused":
            self.server.came.wait(ARRIVES)
        self.server.plan = FINE
        one.sid = self.server.last if one.answer.accepted else ""
        self.then(one)
        return one.outcome

    def status(self, provider_id: str) -> Report | None:
        """Ask what became of it."""
        return self.inner("").status(provider_id)
