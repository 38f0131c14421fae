"""The courier: posts JSON to the service's callbacks with its bearer token, and tries again, as Notify does.

Called by the office for delivery receipts and received texts: five more tries, five minutes apart, where no answer, a
429 or a 5xx came (https://docs.notifications.service.gov.uk/rest-api.html#callbacks). It never reads an answer.
"""

import asyncio
from collections.abc import Mapping

import aiohttp

from paging.simulator.ledger import Ledger
from paging.simulator.work import Work
from paging.simulator_notify.config import NotifyConfig


class Courier:
    """Carries JSON to one service's callbacks."""

    def __init__(self, config: NotifyConfig, ledger: Ledger, work: Work) -> None:
        self._config, self._ledger, self._work = config, ledger, work
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready to post; needs a running event loop."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._config.callback_timeout),
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Post nothing more."""
        assert self._session
        await self._session.close()

    async def post(self, kind: str, url: str, body: Mapping[str, object]) -> None:
        """Deliver one event, and write it into the ledger."""
        if not url:
            return
        line = self._ledger.write(kind, url=url, body=dict(body), attempts=0, http_status=None, error="")
        for attempt in range(1 + self._config.callback_retries):
            if attempt:
                with self._work.parked():
                    await asyncio.sleep(self._config.callback_pause)
            status, error = await self._try(url, body)
            line.update(attempts=attempt + 1, http_status=status, error=error)
            if status is not None and status < 500 and status != 429:
                return

    async def _try(self, url: str, body: Mapping[str, object]) -> tuple[int | None, str]:
        assert self._session
        headers = {"Authorization": f"Bearer {self._config.callback_token}"}
        try:
            async with self._session.post(url, json=body, headers=headers, allow_redirects=False) as answer:
                return answer.status, ""
        except (aiohttp.ClientError, TimeoutError) as error:
            return None, type(error).__name__
