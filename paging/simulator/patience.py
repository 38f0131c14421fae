"""How long a webhook is waited for, and what is tried again: Twilio's defaults, or what the address itself asks for.

Read by the courier from the part of an address after `#`, which is never sent
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). Pure; it must never post anything.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag

from paging.simulator.config import SimulatorConfig

MOST_TRIES_AGAIN = 5
POLICIES = frozenset({"ct", "rt", "4xx", "5xx", "all"})


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to connect, to wait for the answer and for everything; how often, and after what, to try again."""

    connect: float
    read: float
    total: float
    again: int
    after: frozenset[str]

    def tries_again(self, trouble: str) -> bool:
        """Whether this trouble (ct, rt, 4xx or 5xx; empty for none) is worth a further try."""
        return bool(trouble) and bool(self.after & {trouble, "all"})


def of(url: str, config: SimulatorConfig) -> Patience:
    """The patience that this address asks for; what it does not say, or says wrongly, is the default."""
    asked = {name: values[-1] for name, values in parse_qs(urldefrag(url).fragment).items()}
    policy = frozenset(asked.get("rp", "ct").split(","))
    again = asked.get("rc", "")
    return Patience(
        connect=_seconds(asked.get("ct"), config.connect_timeout),
        read=_seconds(asked.get("rt"), config.total_timeout),
        total=_seconds(asked.get("tt"), config.total_timeout),
        again=min(int(again), MOST_TRIES_AGAIN) if again.isdecimal() else config.callback_retries,
        after=policy if policy <= POLICIES else frozenset({"ct"}),
    )


def _seconds(milliseconds: str | None, otherwise: float) -> float:
    if milliseconds is None or not milliseconds.isdecimal():
        return otherwise
    return min(int(milliseconds) / 1000, otherwise)
