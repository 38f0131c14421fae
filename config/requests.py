"""Each request on one thread, from the first middleware to the last: Django's own handler, without the hops between.

Used by config.asgi. Django asks each middleware that can be asynchronous to be so, and then goes from the event loop to
the request's thread and back for each of its parts, some twenty times a request; ours wait for the database anyhow.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler


class OnOneThread(ASGIHandler):
    """A view that is asynchronous, like the health checks, still runs on the event loop."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002 the handler asks for asynchronous ones
        super().load_middleware(is_async=False)
        self._middleware_chain: Any = sync_to_async(self._middleware_chain, thread_sensitive=True)
