"""A renderer of the feed that shows an entry as it was written; the screens' own is tested with the screens."""

from typing import Any

from realtime.models import Entry


def frames(stream_key: str, entries: list[Entry]) -> list[dict[str, Any]]:
    return [
        {"type": "event", "position": e.position, "referral": e.subject, "verb": e.verb, "stream": stream_key}
        for e in entries
    ]
