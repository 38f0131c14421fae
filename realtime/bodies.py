"""No request's body is longer than what any of our addresses takes: more is refused before it is read, and cut off.

Used by realtime.server. Daphne by itself writes a body of any length to the disk before Django sees the request.
"""

from typing import Any

from daphne.http_protocol import WebRequest

MOST = 1024 * 1024 + 64 * 1024  # bytes: a part of an upload, with room to spare
SENTENCE = b"This is too large: nothing of it was kept."
REFUSAL = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
    b"Connection: close\r\nContent-Length: " + str(len(SENTENCE)).encode() + b"\r\n\r\n" + SENTENCE
)


class Limited(WebRequest):  # type: ignore[misc]
    """A request that is cut off at the first byte too many."""

    came = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(
            *given, parsePOSTFormSubmission=False, **named
        )  # Django reads it; Twisted need not too

    def gotLength(self, length: int | None) -> None:  # noqa: N802 Twisted's name
        super().gotLength(min(length, MOST) if length else length)
        if length is not None and length > MOST:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """A body whose length was not said is counted as it comes."""
        self.came += len(data)
        if self.came <= MOST:
            super().handleContentChunk(data)
        elif self.came - len(data) <= MOST:
            self._refuse()

    def process(self) -> None:
        if self.came <= MOST:
            super().process()

    def _refuse(self) -> None:
        self.came = max(self.came, MOST + 1)
        self.channel.transport.write(REFUSAL)
        self.channel.loseConnection()


def limit(factory: Any) -> None:
    """From now on this factory's connections take no longer body."""
    build = factory.buildProtocol

    def limited(address: Any) -> Any:
        protocol = build(address)
        protocol.requestFactory = Limited
        return protocol

    factory.buildProtocol = limited
