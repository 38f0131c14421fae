"""The door of one process: sockets that knock while others are being judged are let in together by the next visit.

Used by the tail, so that a thousand boards that come back at once cost a few visits to the database and not thousands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from realtime.entering import Entered, Knock, Refused

AT_ONCE = 250  # sockets in one visit; the boards that are live wait for it
Judge = Callable[[Sequence[Knock]], Awaitable[list[Entered | Refused]]]


class Door:
    """Who waits to be let in."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._waiting: list[tuple[Knock, asyncio.Future[Entered]]] = []
        self._opening: asyncio.Task[None] | None = None

    async def knock(self, knock: Knock) -> Entered:
        """Wait to be let in, or raise Refused; what the database raises comes to all who waited for it."""
        answer: asyncio.Future[Entered] = asyncio.get_running_loop().create_future()
        self._waiting.append((knock, answer))
        if self._opening is None:
            self._opening = asyncio.create_task(self._let_in())
        return await answer

    async def _let_in(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            for (_, waiting), answer in zip(together, await self._answers(together), strict=True):
                if waiting.done():
                    continue  # whoever it was has gone
                if isinstance(answer, Exception):
                    waiting.set_exception(answer)
                else:
                    waiting.set_result(answer)
        self._opening = None

    async def _answers(
        self, together: Sequence[tuple[Knock, asyncio.Future[Entered]]]
    ) -> Sequence[Entered | Exception]:
        try:
            return await self._judge([knock for knock, _ in together])
        except Exception as error:  # noqa: BLE001 whoever waits must hear of it, and the door must open again
            return [error] * len(together)
