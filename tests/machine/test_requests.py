"""A request stays on one thread from the first middleware to the view, and an asynchronous view is answered too."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from config import requests
from config.requests import OnOneThread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quiet_connections")]


class Noting(MiddlewareMixin):
    """Notes on which threads it is called."""

    threads: ClassVar[list[int]] = []

    def process_request(self, _request: HttpRequest) -> None:
        self.threads.append(threading.get_ident())

    def process_view(self, _request: HttpRequest, view: Any, *_: Any) -> None:
        self.threads.append(threading.get_ident())

    def process_response(self, _request: HttpRequest, response: HttpResponse) -> HttpResponse:
        self.threads.append(threading.get_ident())
        return response


@pytest.fixture
def handler(settings: Any) -> OnOneThread:
    settings.MIDDLEWARE = [f"{__name__}.Noting", *settings.MIDDLEWARE, f"{__name__}.Noting"]
    Noting.threads = []
    return OnOneThread()


def scope(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver")],
        "server": ("testserver", 80),
    }


def visit(handler: OnOneThread, path: str) -> Any:
    return ApplicationCommunicator(handler, scope(path))  # type: ignore[no-untyped-call]


async def asked(handler: OnOneThread, path: str) -> Any:
    """A request that has been read whole, and is not answered yet."""
    made = visit(handler, path)
    await made.send_input({"type": "http.request", "body": b"", "more_body": False})
    return made


async def answered(made: Any) -> None:
    begun = await made.receive_output(timeout=30)
    assert begun["status"] == 200
    await made.wait(timeout=30)


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz"])
async def test_a_request_stays_on_one_thread(handler: OnOneThread, path: str) -> None:
    await answered(await asked(handler, path))
    assert len(Noting.threads) == 6
    assert len(set(Noting.threads)) == 1 and threading.get_ident() not in Noting.threads


async def test_a_thread_that_has_answered_serves_the_next(handler: OnOneThread) -> None:
    for _ in range(3):
        await answered(await asked(handler, "/sign-in/"))
    assert len(set(Noting.threads)) == 1


class Stopping(Noting):
    """Stands still before the view, until it is let go on."""

    here, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        self.here.release()
        assert self.go_on.acquire(timeout=30)


@pytest.fixture
def stopping(settings: Any) -> OnOneThread:
    settings.MIDDLEWARE = [f"{__name__}.Stopping", *settings.MIDDLEWARE]
    Noting.threads = []
    return OnOneThread()


async def comes_to_its_view() -> None:
    assert await asyncio.to_thread(Stopping.here.acquire, timeout=30)


async def test_two_at_once_have_a_thread_each_and_a_rush_leaves_no_more_than_are_kept(
    stopping: OnOneThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "KEPT", 2)
    rush = [await asked(stopping, "/sign-in/") for _ in range(4)]
    for _ in rush:
        await comes_to_its_view()
    assert len(set(Noting.threads)) == 4
    Stopping.go_on.release(4)
    for one in rush:
        await answered(one)
    assert len(stopping._idle) == 2


async def test_nobody_waits_for_a_view_that_the_server_gave_up(stopping: OnOneThread) -> None:
    left = await asked(stopping, "/sign-in/")
    await comes_to_its_view()
    left.future.cancel()  # as Daphne does some seconds after its client has left
    with pytest.raises(asyncio.CancelledError):
        await left.future
    next_one = await asked(stopping, "/sign-in/")
    await comes_to_its_view()
    assert len(set(Noting.threads)) == 2
    Stopping.go_on.release(2)
    await answered(next_one)
    for _ in range(2):
        one = await asked(stopping, "/sign-in/")
        await comes_to_its_view()
        Stopping.go_on.release()
        await answered(one)
    assert len(set(Noting.threads)) == 2, "whose view has ended since serves again"


async def order_of(handler: OnOneThread, path: str, *said: dict[str, Any]) -> list[str]:
    """What happens, in its order: what is sent, and that the request's connection is given back."""
    order: list[str] = []
    told = iter(said)

    def ends(**_: Any) -> None:
        order.append("given back")

    async def receive() -> dict[str, Any]:
        return next(told)

    async def send(message: dict[str, Any]) -> None:
        order.append(message["type"])

    request_finished.connect(ends)
    try:
        await handler(scope(path), receive, send)
    finally:
        request_finished.disconnect(ends)
    return order


WHOLE = {"type": "http.request", "body": b"", "more_body": False}


async def test_a_page_gives_its_connection_back_before_it_is_sent(handler: OnOneThread) -> None:
    order = await order_of(handler, "/sign-in/", WHOLE)
    assert order == ["given back", "http.response.start", "http.response.body"]


async def test_a_file_is_read_while_it_is_sent_and_closed_then(handler: OnOneThread) -> None:
    order = await order_of(handler, staticfiles_storage.url("frontend/board.js"), WHOLE)
    assert order[0] == "http.response.start" and order[-1] == "given back"
    assert set(order[1:-1]) == {"http.response.body"}


async def test_a_file_is_never_whole_in_memory() -> None:
    order: list[str] = []

    def file() -> Iterator[bytes]:
        for piece in (b"1", b"2"):
            order.append(f"read {piece.decode()}")
            yield piece

    pieces = requests.piece_by_piece(file())
    while (piece := await anext(pieces, None)) is not None:
        order.append(f"sent {piece.decode()}")
    assert order == ["read 1", "sent 1", "read 2", "sent 2"]


async def test_whoever_leaves_before_all_is_said_is_not_answered(handler: OnOneThread) -> None:
    part = {"type": "http.request", "body": b"code=", "more_body": True}
    assert await order_of(handler, "/sign-in/", part, {"type": "http.disconnect"}) == []
    assert not Noting.threads
