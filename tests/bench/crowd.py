"""The crowd of boards as an object: starts the C program, tells it what to do, and works out who heard what when."""

import subprocess
import tempfile
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.bench import tools
from tests.bench.serving import Served

PATIENCE = 30.0  # seconds for one event to reach everybody
JOINING = 90.0  # seconds for everybody to be live


@dataclass(frozen=True)
class Joined:
    """How the crowd got in: nanoseconds from the first connect until a board was live."""

    live: int
    refused: int
    median: int
    last: int


@dataclass(frozen=True)
class Heard:
    """Nanoseconds at which each event was told, and at which each board had it (0: never)."""

    told: Sequence[int]
    moments: Sequence[Sequence[int]]

    def delays(self) -> list[float]:
        """Milliseconds, one for each event and board, in order of size."""
        pairs = zip(self.told, self.moments, strict=True)
        return sorted((at - told) / 1e6 for told, row in pairs for at in row if at)

    def last(self) -> list[float]:
        """Milliseconds until the last board had an event, one for each event, in order of size."""
        return sorted((max(row) - told) / 1e6 for told, row in zip(self.told, self.moments, strict=True))

    def lost(self) -> int:
        """How many deliveries never came."""
        return sum(row.count(0) for row in map(list, self.moments))


class Crowd:
    """So many boards of one server; a context manager."""

    def __init__(self, served: Served, size: int, headers: Sequence[str] = ()) -> None:
        self.served, self.size, self.headers = served, size, headers
        self.spoken = 1_000_000

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="crowd-")
        self._here = Path(self._folder.name)
        kind = "socketio" if self.served.socket_io else "plain"
        command = [str(tools.crowd()), str(self.served.port), self.served.path, str(self.size), kind]
        if self.headers:
            (self._here / "headers").write_text("".join(f"{line}\n" for line in self.headers))
            command.append(str(self._here / "headers"))
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _ask(self, order: str) -> list[str]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().split()
        if not answer:
            raise RuntimeError(f"the crowd died of {order!r}")
        return answer[1:]

    def join(self, *, at_once: int = 100) -> Joined:
        """Everybody connects, so many at a time, and waits until it is greeted."""
        return Joined(*map(int, self._ask(f"join {at_once} {JOINING}")))

    def leave(self) -> None:
        """Everybody hangs up."""
        self._ask("leave")

    def watch(self, first: int, count: int) -> None:
        """From now on note who hears these events; what was noted before is forgotten."""
        self._first, self._count = first, count
        self._ask(f"watch {first} {count}")

    def say(self, mark: int) -> None:
        """The first board says an event of 1 KB, which its server passes on to all."""
        self._ask(f"say {mark}")

    def everybody_heard(self, mark: int) -> bool:
        """Wait until the whole crowd has this event; False when some board never got it."""
        return int(self._ask(f"all {mark} {PATIENCE}")[0]) == self.size

    def pace(self, *, every: float) -> None:
        """The first board says all watched events, one each `every` seconds, however they are received."""
        self._ask(f"pace {self._first} {self._count} {int(every * 1e9)}")

    def settle(self, seconds: float) -> tuple[int, int, int]:
        """Wait for what is under way; how much was heard, how much of it twice, and how many boards were cut off."""
        heard, doubles, cut = map(int, self._ask(f"settle {seconds}"))
        return heard, doubles, cut

    def cost(self) -> float:
        """Seconds of processor time that the crowd itself has used."""
        return float(self._ask("cost")[0])

    def heard(self, told: Sequence[int] | None = None) -> Heard:
        """What was noted; `told` where the events were not said by the crowd itself."""
        self._ask(f"dump {self._here / 'dump'}")
        numbers = array("q", (self._here / "dump").read_bytes())
        rows = [
            numbers[self._count + n * self.size : self._count + (n + 1) * self.size]
            for n in range(self._count)
        ]
        return Heard(told if told is not None else numbers[: self._count], rows)
