"""An application at the other end of the simulator's webhooks: it records all, and answers as set.

Used by the simulator's tests only, in place of Dido, so that they check what goes over the wire and no more.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

NEVER = 600.0  # seconds: as slow as nobody waits for; it ends with the application


@dataclass(frozen=True)
class Heard:
    """One webhook request, as it arrived."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]

    def is_signed(self, url: str, token: str) -> bool:
        """Whether Twilio's own validator takes it for a webhook of this account at this address."""
        validator = cast(Any, RequestValidator)(token)
        return bool(validator.validate(url, self.form, self.headers["X-Twilio-Signature"]))


@dataclass
class Application:
    """The recorded webhooks, the answer to the next ones, and what is to be done when a path is asked for."""

    url: str = ""
    status: int = 204
    content_type: str = "text/xml"
    text: str = ""
    slow_seconds: float = 0.0
    pages: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    doors: dict[str, Callable[[dict[str, str]], None]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def forms(self, path: str) -> list[dict[str, str]]:
        """The forms posted to one path, in the order of their arrival."""
        return [heard.form for heard in self.heard if heard.path == path]

    def statuses(self) -> list[str]:
        """The statuses reported, in the order of their arrival."""
        return [form["MessageStatus"] for form in self.forms("/status")]

    def calls(self) -> list[tuple[str, str]]:
        """The steps of calls reported, each with its number, in the order of their arrival."""
        return [(form["CallStatus"], form["SequenceNumber"]) for form in self.forms("/call")]

    def says(self, path: str, *documents: str, status: int = 200) -> None:
        """At this path, answer with these documents, one after the other, and with the last of them for good."""
        self.pages[path] = [(status, document) for document in documents]

    def reply(self, path: str) -> tuple[int, str]:
        """What this request is answered with."""
        pages = self.pages.get(path.partition("?")[0], [])
        if not pages:
            return self.status, self.text
        return pages.pop(0) if len(pages) > 1 else pages[0]

    def answers(self, text: str, *, content_type: str = "text/xml", status: int = 200) -> None:
        """From now on, answer every webhook with this."""
        self.text, self.content_type, self.status = text, content_type, status


@contextlib.contextmanager
def listening() -> Iterator[Application]:
    """An application on this machine for as long as the block lasts."""
    application = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
            application.heard.append(Heard(self.path, form, dict(self.headers)))
            application.over.wait(application.slow_seconds)
            if self.path in application.doors:
                application.doors[self.path](form)
            status, text = application.reply(self.path)
            answer = text.encode()
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Type", application.content_type)
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if status != 204:
                self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    application.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield application
    finally:
        application.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
