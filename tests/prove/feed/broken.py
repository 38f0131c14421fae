"""What is broken on purpose in a web process, by the name in BREAK: each a fault that a feed may well have.

Run by the zygote's children alone, before the server starts; a name that the product no longer has is an error.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import django
from django.conf import settings

django.setup()

from realtime import reading, rendering, tail  # noqa: E402 Django must be set up first
from realtime.reading import Asked, Place, Ticket  # noqa: E402
from referrals import ledger  # noqa: E402
from referrals.conversation import marks, sending  # noqa: E402


class _Everybody:
    """An audience to which everybody belongs."""

    def __contains__(self, stream: object) -> bool:
        return True


def _no_poll() -> None:
    """The tail looks only when Redis rings."""
    _replace(tail, "POLL", 3600.0)
    _replace(settings, "FEED_LISTENS", False)


def _no_rights() -> None:
    """Rights are asked for when a socket comes in, and never again."""

    def nobody(_: Iterable[Ticket]) -> frozenset[Ticket]:
        return frozenset()

    _replace(reading, "ended", nobody)


def _no_backlog() -> None:
    """Whoever comes back hears what comes, and not what was missed."""
    told: Callable[[Sequence[Asked]], list[Place]] = reading.places

    def places(asked: Sequence[Asked]) -> list[Place]:
        return [replace(place, missed=(), reset=False) for place in told(asked)]

    _replace(reading, "places", places)


def _shared() -> None:
    """What was rendered for one stream is shown to every other that tells of the same deed."""
    _replace(rendering, "_audiences", lambda codes: dict.fromkeys(codes, _Everybody()))


def _no_keys() -> None:
    """A message has no idempotency key, so it is written as often as it is sent."""
    _replace(sending, "_done_before", lambda _press, _code, _text: None)
    _replace(ledger, "scoped", lambda _press: None)


def _no_word() -> None:
    """Who writes tells no stream of it."""
    _replace(sending, "tell", lambda _referral, _at, **_more: None)


def _one_mark() -> None:
    """Of what somebody has read only the first run is kept."""
    _replace(marks, "_ranges", lambda numbers: [(n, n) for n in sorted(numbers)[:1]])


BREAKS = {
    "no poll": _no_poll,
    "no rights": _no_rights,
    "no backlog": _no_backlog,
    "shared": _shared,
    "no keys": _no_keys,
    "no word": _no_word,
    "one mark": _one_mark,
}


def _replace(module: Any, name: str, by: object) -> None:
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name}: the control breaks nothing")
    setattr(module, name, by)


if __name__ == "__broken__":
    BREAKS[os.environ["BREAK"]]()
