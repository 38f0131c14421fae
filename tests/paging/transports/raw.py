"""Servers that answer badly on purpose: byte for byte what they were told, or one byte after the other for ever."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

DRIP = b"HTTP/1.1 201 Created\r\nX-Slow: "
HTML = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 26\r\nConnection: close\r\n\r\n"
    b"<html><h1>Sign in</h1></html>"[:26]
)
NOT_HTTP = b"\x16\x03\x01 hello\r\n\r\n"


@dataclass
class Raw:
    """One such server."""

    url: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def server(answer: bytes = b"", *, drips: bool = False) -> Iterator[Raw]:
    """A server on this machine for as long as the block lasts; without an answer it only listens."""
    raw = Raw()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)
            raw.asked.set()
            with contextlib.suppress(OSError):
                self.request.sendall(answer)
                while drips and not raw.over.wait(0.05):
                    self.request.sendall(b"x")
                if not answer:
                    raw.over.wait()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

    with Server(("127.0.0.1", 0), Handler) as listening:
        raw.url = f"http://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield raw
        finally:
            raw.over.set()
            listening.shutdown()
            thread.join()


def nobody() -> str:
    """An address on this machine at which nobody listens."""
    with server() as raw:
        return raw.url
