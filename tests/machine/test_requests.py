"""A request stays on one thread from the first middleware to the view, and an asynchronous view is answered too."""

import asyncio
import threading
from typing import Any, ClassVar

import pytest
from asgiref.testing import ApplicationCommunicator
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


def visit(handler: OnOneThread, path: str) -> Any:
    asked = {
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
    return ApplicationCommunicator(handler, asked)  # type: ignore[no-untyped-call]


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
