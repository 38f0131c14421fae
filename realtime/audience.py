"""Those who watch one stream in this process, in groups that a frame goes out to; a group is kept while nobody moves.

Kept by the tail, read by whatever writes to sockets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from realtime.server import Bundle
from realtime.watcher import Watcher

SLICE = 500  # sockets that are written to before the loop may look at something else


@dataclass(frozen=True, slots=True)
class Group:
    """Some of them, and their sockets in the same order; none where another server holds the sockets."""

    watchers: tuple[Watcher, ...]
    bundle: Bundle | None


class Audience:
    """A set of watchers that knows its groups."""

    def __init__(self, watchers: Iterable[Watcher] = ()) -> None:
        self._watchers = dict.fromkeys(watchers)
        self._newcomers = set(self._watchers)
        self._groups: tuple[Group, ...] | None = None

    def __len__(self) -> int:
        return len(self._watchers)

    def __iter__(self) -> Iterator[Watcher]:
        return iter(self._watchers)

    def __contains__(self, watcher: Watcher) -> bool:
        return watcher in self._watchers

    def add(self, watcher: Watcher) -> None:
        self._watchers[watcher] = None
        self._newcomers.add(watcher)
        self._groups = None

    def remove(self, watcher: Watcher) -> None:
        del self._watchers[watcher]
        self._newcomers.discard(watcher)
        self._groups = None

    def ahead(self, position: int) -> set[Watcher]:
        """Those who came in after this position, where the tail is still on its way; it is asked in order."""
        self._newcomers = {watcher for watcher in self._newcomers if watcher.position > position}
        return self._newcomers

    def groups(self) -> tuple[Group, ...]:
        """All of them."""
        if self._groups is None:
            self._groups = tuple(grouped(self))
        return self._groups


def grouped(watchers: Iterable[Watcher]) -> Iterator[Group]:
    """These in groups, none too large."""
    everybody = tuple(watchers)
    for start in range(0, len(everybody), SLICE):
        some = everybody[start : start + SLICE]
        writers = [writer for watcher in some if (writer := watcher.writer)]
        yield Group(some, Bundle(writers) if len(writers) == len(some) else None)
