"""When the rights of those who watch must be read again: not for every frame, only where one may have ended.

Used by the tail at each look. PostgreSQL keeps one number that changes with every transaction that takes a right away
(its triggers are in the migrations); it is read with the news, as of one moment, so nothing newer than it is sent.
"""

AGAIN = 2.0  # seconds; what ends by the clock alone, such as a session, changes no number
TOO_OLD = 2 * AGAIN  # seconds; so long nothing could be read, and no frame leaves before it is


class Warden:
    """What one process knows of the rights of all its sockets together."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._at = 0.0

    def doubts(self, number: int, *, at: float) -> bool:
        """Must they be read again before anything leaves, the number being this at this moment (monotonic seconds)?"""
        return number != self._number or at - self._at >= TOO_OLD

    def is_due(self, *, at: float) -> bool:
        """Is it time for what ends by the clock alone? That keeps no frame waiting."""
        return at - self._at >= AGAIN

    def trusts(self, number: int, *, at: float) -> None:
        """They are being read again."""
        self._number, self._at = number, at

    def forget(self) -> None:
        """Somebody has come whose rights were read earlier, or a reading failed."""
        self._number = None
