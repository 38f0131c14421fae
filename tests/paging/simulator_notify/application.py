"""An application at the other end of Notify's callbacks: it records all, and answers with the statuses it was given."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One callback, as it arrived."""

    path: str
    headers: dict[str, str]
    said: dict[str, Any]


@dataclass
class Application:
    """The recorded callbacks, and the statuses of the next answers; 204 after them."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)


@contextlib.contextmanager
def listening() -> Iterator[Application]:
    """An application on this machine for as long as the block lasts."""
    application = Application()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            application.heard.append(Heard(self.path, dict(self.headers), said))
            self.send_response(application.answers.pop(0) if application.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    application.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
