"""Waits for a provider no longer than it may, whatever holds it up: a name that is not resolved, ten addresses, a drip.

Used by the transports. A socket's time-out begins anew with each byte and knows nothing of name resolution; the whole
deed is given up here. What was given up ends by itself on its own thread, and nobody sees its answer any more.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager


def within[T](seconds: float, deeds: Sequence[Callable[[], T]]) -> list[T | None]:
    """Do all of it at once, and say what came of each; None for what had not ended after so many seconds.

    What a deed raises is raised here.
    """
    begun = [_begin(deed) for deed in deeds]
    ended = wait(begun, timeout=seconds).done
    return [one.result() if one in ended else None for one in begun]


def _begin[T](deed: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()

    def do() -> None:
        try:
            future.set_result(deed())
        except Exception as error:  # noqa: BLE001 it is raised where somebody waits for it
            future.set_exception(error)

    # A daemon: a provider that never ends its answer must not keep the pager from ending.
    threading.Thread(target=do, name="provider", daemon=True).start()
    return future


class Spares[T]:
    """Clients that one thread at a time may use; one that failed, or was given up, is not used again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._idle: list[T] = []  # append and pop are one step each, so no lock is needed

    @contextmanager
    def lent(self) -> Iterator[T]:
        """A client with its open connections, or a new one; taken back where nothing went wrong."""
        try:
            client = self._idle.pop()
        except IndexError:
            client = self._make()
        yield client
        self._idle.append(client)
