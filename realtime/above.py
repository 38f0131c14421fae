"""What only the apps above this one know, asked through settings: an entry's looks, a referral's audience, the pulse.

Called on the tail's own thread. Nothing here knows what a referral is, but that it has an id and a code.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from realtime.models import Entry

Renderer = Callable[[str, list[Entry]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Case:
    """One referral, and the streams whose audience may see it now."""

    id: int
    code: str
    streams: frozenset[str]


def render(stream: str, entries: list[Entry]) -> list[dict[str, Any]]:
    """A frame for each entry (FEED_RENDERER); the stream decides only whether the referral is seen."""
    renderer: Renderer = import_string(settings.FEED_RENDERER)
    return renderer(stream, entries)


def cases(*, codes: Collection[str] = (), ids: Collection[int] = ()) -> list[Case]:
    """The referrals with these codes or ids that somebody may see now (FEED_CASES)."""
    if not codes and not ids:
        return []
    look_up: Callable[..., list[Case]] = import_string(settings.FEED_CASES)
    return look_up(codes=codes, ids=ids)


def receipts(ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """The code of each of these referrals in whose conversation somebody has read, and how many marks there are."""
    look_up: Callable[[Collection[int]], dict[int, tuple[str, int]]] = import_string(settings.FEED_RECEIPTS)
    return look_up(list(ids))


def chore(at: datetime) -> None:
    """What is to be done every few minutes by some process that is always there (FEED_CHORE)."""
    do: Callable[[datetime], None] = import_string(settings.FEED_CHORE)
    do(at)


def pulse() -> datetime | None:
    """When any pager last ended a whole tick (FEED_PULSE)."""
    last_tick: Callable[[], datetime | None] = import_string(settings.FEED_PULSE)
    return last_tick()
