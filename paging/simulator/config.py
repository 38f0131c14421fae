"""What one simulated Twilio account is: its secrets, its numbers, where it reports to and how fast it is.

Built by the management command from Django's settings, and by tests by hand. Holds values only; it must
never read the environment or the clock.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class SimulatorConfig:
    """One account at our small Twilio; all times are in seconds."""

    account_sid: str
    auth_token: str
    numbers: tuple[str, ...]
    inbound_url: str
    voice_url: str = ""
    sent_after: float = 0.3
    delivered_after: float = 0.8
    # How long a network looks for a phone without signal before it gives up (30003).
    # None: until the message's own validity period has passed (30036).
    unreachable_after: float | None = 8.0
    # A call: until it is dialled, until habit answers or rejects it, until it is known who answered, and how long a
    # second of speech, of silence or of a machine's patience lasts. A person's own patience is never shortened.
    dialled_after: float = 0.4
    voicemail_after: float = 6.0
    rejects_after: float = 3.0
    detection_after: float = 3.0
    pace: float = 1.0
    tape_seconds: float = 120.0
    connect_timeout: float = 5.0
    total_timeout: float = 15.0
    callback_retries: int = 1
    message_history: int = 20_000
    phone_history: int = 200
    call_history: int = 20
    ledger_history: int = 50_000

    def without_delays(self) -> "SimulatorConfig":
        """The same account on a network that takes no time at all, as tests want it."""
        return replace(
            self,
            sent_after=0.0,
            delivered_after=0.0,
            unreachable_after=0.0,
            dialled_after=0.0,
            voicemail_after=0.0,
            rejects_after=0.0,
            detection_after=0.0,
            pace=0.0,
        )
