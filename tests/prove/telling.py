"""How far a proof has come, told to whoever watches; silent in a test.

On a terminal one line is written over and over, elsewhere a line for each tenth.
"""

import sys
from collections.abc import Iterator

TENTHS = 10


class Teller:
    """Tells of one proof at a time."""

    def __init__(self) -> None:
        self.about = ""  # nobody is told anything until a name stands here
        self._told = -1

    def begin(self, about: str) -> None:
        """From now on it is this that is told of; empty for silence."""
        self.about, self._told = about, -1

    def count(self, size: int) -> Iterator[int]:
        """Count from nought to the size, and tell how far it has come."""
        for number in range(size):
            self.step(number, size)
            yield number

    def step(self, done: int, size: int) -> None:
        """So much is done."""
        terminal = sys.stderr.isatty()
        part = done * (100 if terminal else TENTHS) // max(size, 1)
        if not self.about or part == self._told:
            return
        self._told = part
        if terminal:
            sys.stderr.write(f"\r  {self.about}: {part} % \033[K")
        elif part:
            sys.stderr.write(f"  {self.about}: {part * 100 // TENTHS} %\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Nothing more to tell; what was written over is wiped out."""
        if self.about and sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
        self.begin("")


teller = Teller()
