"""Each request on one thread, from the first middleware to the last: Django's own handler, without the hops between.

Used by config.asgi. Django asks each middleware that can be asynchronous to be so, and then goes from the event loop to
the request's thread and back for each of its parts, for its signals and for the answer's end, some twenty times a
request; ours wait for the database anyhow. And it begins a thread for each request, and another that sees the first
one end: here a thread serves the next.
"""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse
from django.urls import set_script_prefix

KEPT = 64  # threads that wait for a request at most; a rush has as many as it needs


class Thread(ThreadPoolExecutor):
    """One thread, which knows whether it is still at work for somebody."""

    def __init__(self) -> None:
        super().__init__(1, thread_name_prefix="request")
        self._given: list[Future[Any]] = []

    def submit(self, do: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future = super().submit(do, *args, **named)
        self._given.append(future)
        return future

    def is_idle(self) -> bool:
        """Has everything ended that it was given?"""
        if not all(future.done() for future in self._given):
            return False
        self._given.clear()
        return True


async def piece_by_piece(content: Iterable[bytes]) -> AsyncIterator[bytes]:
    """What a file holds, each piece read on the request's thread when the one before has left."""
    pieces = iter(content)
    read = sync_to_async(lambda: next(pieces, None))
    while (piece := await read()) is not None:
        yield piece


class OnOneThread(ASGIHandler):
    """Reads a request and sends the answer on the event loop; everything between is one visit to a thread.

    A view that is asynchronous, like the health checks, still runs on the event loop. Whether who asked has left is not
    watched: a verb is done once it was asked for, and an answer to nobody costs nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._idle: list[Thread] = []

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 the handler asks for asynchronous ones
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        thread = self._idle.pop() if self._idle else Thread()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            if thread.is_idle():
                self._free(thread)
            else:  # it was given up, and its view goes on
                thread.submit(self._see_off, thread)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, from its first byte to the answer's last; nothing, where its body does not come to an end."""
        with contextlib.suppress(RequestAborted), closing(await self.read_body(receive)) as body:
            response = await sync_to_async(self._answer)(scope, body)
            try:
                await self.send_response(response, send)
            finally:
                if response.streaming:
                    await sync_to_async(response.close)()

    def _answer(self, scope: Any, body: Any) -> Any:
        """On the request's thread. What is whole ends here: its connection serves others while it is being sent."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = type(self)
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        elif not response.is_async:
            response.streaming_content = piece_by_piece(response.streaming_content)
        return response

    def _see_off(self, thread: Thread) -> None:
        """On the thread itself, once the view has ended: its connection goes back, as it would by itself for others."""
        close_old_connections()
        self._free(thread)

    def _free(self, thread: Thread) -> None:
        if len(self._idle) < KEPT:
            self._idle.append(thread)
        else:
            thread.shutdown(wait=False)
