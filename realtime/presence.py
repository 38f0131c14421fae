"""Who looks at which referral now: what this process knows of its own sockets, and what the others said last.

Used by the tail. Nothing of it is written down: processes tell each other through Redis, ids only, signed, and what
was not said again is forgotten within seconds. A hint: right or absent, and nobody's right depends on it.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core import signing

from network.models import Person
from realtime import above, feed
from realtime.feed import Post

FORGOTTEN = 12  # seconds after which what another process said counts no more
TOLD_EVERY = 5.0  # seconds between two tellings of the same
GATHERED = 1.0  # seconds between two tellings at the least, however many screens open and close
SALT = "realtime.presence"

Look = tuple[int, int]  # a referral and a person, by their ids
Told = Mapping[str, Mapping[str, tuple["Viewer", ...]]]  # stream → code → who looks


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who has a referral open, and the post by which they see it."""

    person: int
    name: str
    site: str


@dataclass
class Presence:
    """What one process knows."""

    name: str = field(default_factory=lambda: secrets.token_hex(8))
    told: Told = field(default_factory=dict)  # what was last said to the sockets here
    _here: Counter[Look] = field(default_factory=Counter)
    _elsewhere: dict[str, tuple[float, frozenset[Look]]] = field(default_factory=dict)
    _shown: frozenset[int] = frozenset()  # the referrals that somebody was told to be open, by id
    _stirred: bool = False
    _done_at: float = -TOLD_EVERY

    def opens(self, look: Look) -> None:
        """A socket here shows this referral to this person."""
        self._here[look] += 1
        self._stirred = self._stirred or self._here[look] == 1

    def closes(self, look: Look) -> None:
        """One such socket has gone."""
        self._here[look] -= 1
        if self._here[look] <= 0:
            del self._here[look]
            self._stirred = True

    def message(self) -> str:
        """What the other processes are told: ids, signed, for no other house to mistake for its own."""
        return signing.dumps({"from": self.name, "looks": sorted(self._here)}, salt=SALT)

    def heard(self, message: str, *, at: float) -> None:
        """Take what another process says; what is not ours, or old, is passed over. `at` is monotonic seconds."""
        try:
            said = signing.loads(message, salt=SALT, max_age=FORGOTTEN)
        except signing.BadSignature:
            return
        if said["from"] == self.name:
            return
        looks = frozenset((int(case), int(person)) for case, person in said["looks"])
        before = self._elsewhere.get(said["from"], (0.0, frozenset[Look]()))[1]
        self._elsewhere[said["from"]] = (at, looks)
        self._stirred = self._stirred or looks != before

    def looks(self, *, at: float) -> frozenset[Look]:
        """Everybody's; what another process said too long ago is forgotten."""
        for name in [name for name, (said_at, _) in self._elsewhere.items() if at - said_at > FORGOTTEN]:
            self._stirred = self._stirred or bool(self._elsewhere[name][1])
            del self._elsewhere[name]
        return frozenset(self._here).union(*(looks for _, looks in self._elsewhere.values()))

    def is_due(self, *, at: float) -> bool:
        """Is it time to look again who is there? At once after a change, and every few seconds to check the rights."""
        looks = self.looks(at=at)
        every = GATHERED if self._stirred else TOLD_EVERY
        return bool(self._stirred or looks or any(self.told.values())) and at - self._done_at >= every

    def begin(self, *, at: float) -> tuple[frozenset[Look], frozenset[int]]:
        """Look now: who is there, and of which referrals it must be said if nobody is there any more."""
        self._stirred, self._done_at = False, at
        return self.looks(at=at), self._shown

    def changes(self, told: Told, looks: Iterable[Look] = ()) -> dict[str, list[dict[str, Any]]]:
        """The frames that each stream's sockets have not been told yet, now that `looks` were read."""
        before, self._shown = self.told, frozenset(case for case, _ in looks)
        self.told = {key: {code: seen for code, seen in cases.items() if seen} for key, cases in told.items()}
        return {
            key: [
                frame(code, seen) for code, seen in cases.items() if before.get(key, {}).get(code, ()) != seen
            ]
            for key, cases in told.items()
        }

    def greeting(self, stream: str) -> list[dict[str, Any]]:
        """What somebody who has just come to a stream is told: each referral that is open before somebody."""
        return [frame(code, people) for code, people in self.told.get(stream, {}).items() if people]


def frame(code: str, people: Iterable[Viewer]) -> dict[str, Any]:
    """What goes over the wire: everybody who has this referral open; nobody any more is an empty list."""
    seen = [{"person": one.person, "name": one.name, "site": one.site} for one in people]
    return {"type": "presence", "referral": code, "people": seen}


def read(looks: Iterable[Look], *, before: Iterable[int], now: datetime) -> Told:
    """Who looks, for each stream that may see the referral now; on the tail's thread.

    Somebody who lost sight of a referral is not told of, however their screen came to be open; and a stream that lost
    sight of it is told nothing.
    """
    by_case: dict[int, set[int]] = {case: set() for case in before}
    for case, person in looks:
        by_case.setdefault(case, set()).add(person)
    people = set().union(*by_case.values())
    posts = feed.posts(people, at=now)
    names = dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))
    told: dict[str, dict[str, tuple[Viewer, ...]]] = {}
    for seen in above.cases(ids=by_case.keys()):
        viewing = (_viewer(person, names, posts.get(person, []), seen.streams) for person in by_case[seen.id])
        viewers = tuple(sorted((one for one in viewing if one), key=lambda one: (one.name, one.person)))
        for key in seen.streams:
            told.setdefault(key, {})[seen.code] = viewers
    return told


def _viewer(
    person: int, names: Mapping[int, str], held: Iterable[Post], streams: frozenset[str]
) -> Viewer | None:
    place = next((post.place for post in held if post.stream in streams), None)
    return Viewer(person, names[person], place) if place and person in names else None
