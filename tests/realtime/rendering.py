"""A renderer of the feed that shows an entry as it was written, and a pager that worked once."""

from datetime import datetime
from typing import Any

from realtime.models import Entry
from tests.world import NIGHT


def frames(stream_key: str, entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"type": "event", "position": e.position, "referral": e.subject, "verb": e.verb, "stream": stream_key}
        for e in entries
    ]


def last_tick() -> datetime:
    return NIGHT
