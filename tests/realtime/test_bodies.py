"""A body that is longer than any address takes is refused before it is read, whether it says its length or not."""

import contextlib
import socket
from pathlib import Path

import pytest

from realtime import bodies
from tests.realtime import webs
from tests.world import World

CHUNK = b"x" * 65536


def sends(address: str, head: str, *, chunked: bool, most: int) -> tuple[bytes, int]:
    """The answer to a body without an end, and how many bytes of it could be sent."""
    host, _, port = address.partition(":")
    sent, piece = 0, b"10000\r\n" + CHUNK + b"\r\n" if chunked else CHUNK
    with socket.create_connection((host, int(port)), timeout=webs.PATIENCE) as line:
        line.sendall(
            f"POST /papers/x/part/ HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{head}\r\n\r\n".encode()
        )
        with contextlib.suppress(OSError):
            while sent < most:
                line.sendall(piece)
                sent += len(CHUNK)
        answer = b""
        with contextlib.suppress(OSError):
            while some := line.recv(65536):
                answer += some
    return answer, sent


@pytest.mark.django_db(transaction=True)
def test_two_gigabytes_are_cut_off(open_world: World, tmp_path: Path) -> None:
    with webs.running(tmp_path) as web:
        answer, _ = sends(web.address, "Content-Length: 2000000000", chunked=False, most=bodies.MOST // 2)
        assert answer.startswith(b"HTTP/1.1 413")
        assert answer.endswith(bodies.SENTENCE)
        _, sent = sends(web.address, "Transfer-Encoding: chunked", chunked=True, most=200_000_000)
        assert sent < 64 * bodies.MOST, "the line was cut long before"
        answer, _ = sends(web.address, "Content-Length: 65536", chunked=False, most=len(CHUNK))
        assert not answer.startswith(b"HTTP/1.1 413")
