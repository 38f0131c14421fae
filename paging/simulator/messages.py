"""The Message resource: one text on its way, and the JSON by which Twilio describes it.

Made by the exchange, moved along by the carrier, shown by the API. It must never send or decide anything.
"""

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from paging.simulator import errors, faults, segments

API_VERSION = "2010-04-01"
LONGEST_VALIDITY = 36_000


def now() -> datetime:
    """The simulator's own clock, in UTC."""
    return datetime.now(UTC)


def new_sid() -> str:
    """A fresh message sid: SM and 32 hexadecimal digits."""
    return f"SM{uuid.uuid4().hex}"


@dataclass(kw_only=True)
class Message:
    """One text message between one of our numbers and a phone."""

    account_sid: str
    to: str
    from_: str
    body: str
    direction: str
    status: str = "queued"
    status_callback: str = ""
    validity_seconds: int = LONGEST_VALIDITY
    fate: faults.Fate = field(default_factory=faults.Fate)
    sid: str = field(default_factory=new_sid)
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    sent_at: datetime | None = None
    error_code: int | None = None
    # Set once the application was told of a first step, or never will be.
    reported: asyncio.Event = field(default_factory=asyncio.Event)

    def move(self, status: str, *, error_code: int | None = None) -> None:
        """Take the next status, with the delivery error where it ended badly."""
        self.status, self.error_code, self.updated_at = status, error_code, now()
        if status in {"sent", "received"} and self.sent_at is None:
            self.sent_at = self.updated_at

    @property
    def segments(self) -> int:
        """The number of parts that the text is carried in."""
        return segments.count(self.body)

    def resource(self) -> dict[str, object]:
        """The message as Twilio's REST API shows it."""
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": rfc2822(self.created_at),
            "date_sent": rfc2822(self.sent_at),
            "date_updated": rfc2822(self.updated_at),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": errors.DELIVERY_ERRORS.get(self.error_code) if self.error_code else None,
            "from": self.from_,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": str(self.segments),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


def rfc2822(moment: datetime | None) -> str | None:
    """A moment as Twilio's API and callbacks write it."""
    return None if moment is None else format_datetime(moment)
