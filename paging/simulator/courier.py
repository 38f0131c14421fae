"""The courier: posts signed forms to the application's webhooks, as Twilio does.

Called for status callbacks, inbound texts and the words of calls. Unless the address asks for something else, it
connects within 5 seconds, is done within 15, and tries once more only where no connection came about. It never reads
the meaning of an answer.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from paging.simulator import patience
from paging.simulator.config import SimulatorConfig
from paging.simulator.ledger import Ledger
from paging.simulator.patience import Patience


@dataclass(frozen=True)
class Answer:
    """What a webhook answered; status 0 means that no answer came."""

    status: int
    content_type: str = ""
    text: str = ""
    error: str = ""


class Signer(Protocol):
    """Twilio's own validator, which ships no types."""

    def compute_signature(self, uri: str, params: Mapping[str, str]) -> str:
        """The signature of a form posted to this address."""


class Courier:
    """Carries forms to webhooks, signed with the account's token."""

    def __init__(self, config: SimulatorConfig, ledger: Ledger) -> None:
        self._config, self._ledger = config, ledger
        self._signer = cast(Callable[[str], Signer], RequestValidator)(config.auth_token)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Get ready to post; needs a running event loop."""
        # One connection a request: a kept-alive one that the application closes would look like a fault.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._session = aiohttp.ClientSession(
            connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def close(self) -> None:
        """Post nothing more."""
        if self._session is not None:
            await self._session.close()

    async def post(self, kind: str, url: str, form: Mapping[str, str]) -> Answer:
        """Deliver one event, with the same idempotency token at each try, and write it into the ledger."""
        target = url.partition("#")[0]
        headers = {
            "X-Twilio-Signature": self._signer.compute_signature(target, form),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        line = self._ledger.write(kind, url=target, form=dict(form), attempts=0, http_status=None, error="")
        answer = Answer(0, error="11200 TimeoutError")
        wait = patience.of(url, self._config)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait.total):
                for attempt in range(1, wait.again + 2):
                    line["attempts"] = attempt
                    answer, trouble = await self._try(target, form, headers, wait)
                    if not wait.tries_again(trouble):
                        break
        line["http_status"], line["error"] = answer.status or None, answer.error
        return answer

    async def _try(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str], wait: Patience
    ) -> tuple[Answer, str]:
        """One try, and the trouble with it in the words of a retry policy."""
        if self._session is None:
            raise RuntimeError("The courier posts only while the simulator runs.")
        limits = aiohttp.ClientTimeout(sock_connect=wait.connect, sock_read=wait.read)
        try:
            # The bytes signed must be the bytes requested, so the URL is not to be quoted anew.
            target = URL(url, encoded=True)
            async with self._session.post(
                target, data=dict(form), headers=headers, allow_redirects=False, timeout=limits
            ) as response:
                answer = Answer(response.status, response.content_type, await response.text())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Answer(0, error=f"11205 {type(error).__name__}"), "ct"
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
            return Answer(0, error=f"11200 {type(error).__name__}"), "rt"
        return answer, f"{answer.status // 100}xx" if answer.status >= 400 else ""
