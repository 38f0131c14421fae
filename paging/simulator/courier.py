"""The courier: posts signed forms to the application's webhooks, as Twilio does.

Called by the carrier for status callbacks and by the exchange for inbound texts. Connects within 5 seconds,
is done within 15, and tries once more only where no connection came about: Twilio's defaults
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). It never reads the meaning of an
answer.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import aiohttp
from twilio.request_validator import RequestValidator
from yarl import URL

from paging.simulator.config import SimulatorConfig
from paging.simulator.ledger import Ledger


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
        limits = aiohttp.ClientTimeout(
            total=self._config.total_timeout, sock_connect=self._config.connect_timeout
        )
        # One connection a request: a kept-alive one that the application closes would look like a fault.
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        self._session = aiohttp.ClientSession(
            timeout=limits, connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
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
        answer = Answer(0)
        for attempt in range(1, self._config.callback_retries + 2):
            line["attempts"] = attempt
            answer, again = await self._try(target, form, headers)
            if not again:
                break
        line["http_status"], line["error"] = answer.status or None, answer.error
        return answer

    async def _try(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[Answer, bool]:
        if self._session is None:
            raise RuntimeError("The courier posts only while the simulator runs.")
        try:
            # The bytes signed must be the bytes requested, so the URL is not to be quoted anew.
            target = URL(url, encoded=True)
            async with self._session.post(
                target, data=dict(form), headers=headers, allow_redirects=False
            ) as response:
                return Answer(response.status, response.content_type, await response.text()), False
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Answer(0, error=f"11205 {type(error).__name__}"), True
        except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError) as error:
            return Answer(0, error=f"11200 {type(error).__name__}"), False
