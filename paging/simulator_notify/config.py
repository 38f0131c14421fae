"""What one simulated service at Notify is: its key, its template, where it reports to and how fast it is.

Built by the management command from Django's settings, and by tests by hand. Holds values only; it must never read the
environment or the clock.
"""

import re
from dataclasses import dataclass, replace

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
API_KEY = re.compile(rf"(?P<name>.*)-(?P<service>{UUID})-(?P<secret>{UUID})")


@dataclass(frozen=True, kw_only=True)
class NotifyConfig:
    """One service at our small Notify; all times are in seconds."""

    api_key: str  # {name}-{service id}-{secret}
    template_id: str
    template: str = "((text))"
    status_url: str = ""
    inbound_url: str = ""
    callback_token: str = ""
    number: str = "07700900999"  # to which people write back, as Notify writes it
    international: bool = False
    sent_after: float = 0.3
    delivered_after: float = 0.8
    # Notify tries for up to 72 hours; a demonstration is not that patient.
    unreachable_after: float = 8.0
    callback_timeout: float = 30.0
    callback_retries: int = 5
    callback_pause: float = 300.0
    history: int = 20_000
    ledger_history: int = 50_000

    @property
    def service_id(self) -> str:
        """The service that the key belongs to: the issuer of every token."""
        return self._part("service")

    @property
    def secret(self) -> str:
        """The part of the key that signs every token."""
        return self._part("secret")

    def without_delays(self) -> "NotifyConfig":
        """The same service on a network that takes no time at all, as tests want it."""
        return replace(
            self,
            sent_after=0.0,
            delivered_after=0.0,
            unreachable_after=0.0,
            callback_pause=0.0,
            callback_timeout=5.0,
        )

    def _part(self, name: str) -> str:
        found = API_KEY.fullmatch(self.api_key)
        if found is None:
            raise ValueError("An API key is a name, a service's id and a secret, with dashes between them.")
        return found[name]
