"""New entries as text for the wire: a deed is rendered once, however many streams tell of it.

Called by realtime.reading. A verb writes the same entry to the streams of each party, and to render it is the dearest
part of telling it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime import above
from realtime.models import Entry

type Frame = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """One entry as JSON text, ready to be put into a frame."""

    position: int
    text: str


def encode(frame: Frame | Sequence[Frame]) -> str:
    """A frame, or a list of them, as it goes over the wire."""
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def together(entries: Sequence[Rendered]) -> str:
    """One event is an object, a backlog is a list."""
    return entries[0].text if len(entries) == 1 else "[" + ",".join(entry.text for entry in entries) + "]"


def rendered(entries: Mapping[str, Sequence[Entry]]) -> dict[str, list[Rendered]]:
    """The entries of each stream. What one stream's audience may see is shared with the others that may see it."""
    audiences = (
        _audiences({entry.subject for some in entries.values() for entry in some}) if len(entries) > 1 else {}
    )
    shared: dict[tuple[object, ...], Frame] = {}
    found: dict[str, list[Rendered]] = {}
    for key, some in entries.items():
        sees = [key in audiences.get(entry.subject, ()) for entry in some]
        new = [one for one, may in zip(some, sees, strict=True) if not (may and _deed(one) in shared)]
        frames = {frame["position"]: frame for frame in above.render(key, new)} if new else {}
        for one, may in zip(some, sees, strict=True):
            if may and one.position in frames:
                shared[_deed(one)] = frames[one.position]
            elif may:
                frames[one.position] = {**shared[_deed(one)], "position": one.position}
        found[key] = [Rendered(one.position, encode(frames[one.position])) for one in some]
    return found


def _audiences(codes: set[str]) -> dict[str, frozenset[str]]:
    return {case.code: case.streams for case in above.cases(codes=codes)}


def _deed(entry: Entry) -> tuple[object, ...]:
    return entry.subject, entry.version, entry.verb, entry.state, entry.at
