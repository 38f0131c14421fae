"""Servers that answer badly on purpose: byte for byte what they were told, or one byte after the other."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

DRIP = b"HTTP/1.1 201 Created\r\nX-Slow: "
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
PAGE = b"<html><h1>Sign in to this network</h1></html>"
HTML = HEAD % (b"text/html", len(PAGE)) + PAGE
NOTHING = HEAD % (b"application/json", 0)
OTHER_JSON = {
    words: HEAD % (b"application/json", len(words)) + words for words in (b"{}", b"[]", b"null", b'"x"', b"7")
}
DROPS = 2400  # for two minutes: long enough to be too long
NOT_HTTP = b"\x16\x03\x01 hello\r\n\r\n"


@dataclass
class Raw:
    """One such server."""

    url: str = ""
    asked: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    answered: threading.Event = field(default_factory=threading.Event)


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
                for _ in range(DROPS if drips else 0):
                    if raw.over.wait(0.05):
                        return
                    self.request.sendall(b"x")
                if not answer:
                    raw.over.wait()
                raw.answered.set()

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
