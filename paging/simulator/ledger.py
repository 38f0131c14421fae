"""The ledger: everything that came in or went out, in order, for tests to hold the pager to its promises.

Written by the API's gate, the courier and the exchange; read through the control interface. Append-only
until it is reset; a bounded number of lines is kept.
"""

from collections import deque

from paging.simulator import messages


class Ledger:
    """The lines written so far; each is a flat JSON object with its moment `at` and its `kind`."""

    def __init__(self, history: int) -> None:
        self._lines: deque[dict[str, object]] = deque(maxlen=history)

    def write(self, kind: str, **facts: object) -> dict[str, object]:
        """Add a line; the writer may still complete it while the thing is going on."""
        line: dict[str, object] = {"at": messages.now().isoformat(), "kind": kind, **facts}
        self._lines.append(line)
        return line

    def lines(self, kind: str | None = None) -> list[dict[str, object]]:
        """All lines kept, the oldest first; of one kind where it is given."""
        return [line for line in self._lines if kind is None or line["kind"] == kind]

    def clear(self) -> None:
        """Begin a new ledger."""
        self._lines.clear()
