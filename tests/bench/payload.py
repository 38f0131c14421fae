"""An event as 1 KB of text: what the peers pass on, through Dido's own tail and writer. A FEED_RENDERER."""

import json
from typing import Any

from realtime.models import Entry

SIZE = 1024  # bytes of JSON
_LONGEST = "x" * SIZE


def frames(stream_key: str, entries: list[Entry]) -> list[dict[str, Any]]:
    """One frame of SIZE bytes for each entry."""
    return [_frame(entry.position) for entry in entries]


def _frame(position: int) -> dict[str, Any]:
    frame = {"type": "event", "position": position, "text": ""}
    return {**frame, "text": _LONGEST[: SIZE - len(json.dumps(frame, separators=(",", ":")))]}
