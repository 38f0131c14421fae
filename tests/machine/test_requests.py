"""A request stays on one thread from the first middleware to the view, and an asynchronous view is answered too."""

import threading
from typing import Any, ClassVar

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

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


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz"])
async def test_a_request_stays_on_one_thread(handler: OnOneThread, path: str) -> None:
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
    visit: Any = ApplicationCommunicator(handler, asked)  # type: ignore[no-untyped-call]
    await visit.send_input({"type": "http.request", "body": b"", "more_body": False})
    begun = await visit.receive_output(timeout=30)
    assert begun["status"] == 200
    assert len(Noting.threads) == 6
    assert len(set(Noting.threads)) == 1 and threading.get_ident() not in Noting.threads
    await visit.wait(timeout=30)
