"""The texts of a service, sent and received, the JSON by which Notify describes them, and the phones that show them.

Made by the office and moved along by it. Times are Notify's own: UTC, with microseconds and a Z.
"""

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from paging.simulator import faults, messages

FINAL = frozenset({"delivered", "permanent-failure", "temporary-failure", "technical-failure"})


def moment(at: datetime | None) -> str | None:
    """A moment as Notify writes it."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_id() -> str:
    """A fresh id, as Notify gives them."""
    return str(uuid.uuid4())


@dataclass(kw_only=True)
class Sent:
    """One notification: a text from the service to a phone."""

    to: str
    said: str
    body: str
    reference: str | None
    template_id: str
    number: str
    status: str = "created"
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=messages.now)
    sent_at: datetime | None = None
    completed_at: datetime | None = None
    fate: faults.Fate = field(default_factory=faults.Fate)
    # Set once the application was told what became of it, or never will be.
    reported: asyncio.Event = field(default_factory=asyncio.Event)

    def move(self, status: str) -> None:
        """Take the next status."""
        self.status = status
        if status == "sending":
            self.sent_at = messages.now()
        if status in FINAL:
            self.completed_at = messages.now()

    def as_accepted(self, base: str) -> dict[str, object]:
        """The answer to the request that made it."""
        return {
            "id": self.id,
            "reference": self.reference,
            "content": {"body": self.body, "from_number": self.number},
            "uri": f"{base}/v2/notifications/{self.id}",
            "template": self._template(base),
            "scheduled_for": None,
        }

    def as_found(self, base: str) -> dict[str, object]:
        """The answer to a request that asks what became of it."""
        nothing = dict.fromkeys(
            [
                "email_address",
                *(f"line_{i}" for i in range(1, 7)),
                "postcode",
                "postage",
                "subject",
                "created_by_name",
            ]
        )
        return {
            **nothing,
            "id": self.id,
            "reference": self.reference,
            "phone_number": self.said,
            "type": "sms",
            "status": self.status,
            "template": self._template(base),
            "body": self.body,
            "created_at": moment(self.created_at),
            "sent_at": moment(self.sent_at),
            "completed_at": moment(self.completed_at),
            "scheduled_for": None,
        }

    def as_receipt(self) -> dict[str, object]:
        """The delivery receipt that is posted to the service."""
        return {
            "id": self.id,
            "reference": self.reference,
            "to": self.said,
            "status": self.status,
            "created_at": moment(self.created_at),
            "completed_at": moment(self.completed_at),
            "sent_at": moment(self.sent_at),
            "notification_type": "sms",
            "template_id": self.template_id,
            "template_version": 1,
        }

    def _template(self, base: str) -> dict[str, object]:
        return {"id": self.template_id, "version": 1, "uri": f"{base}/v2/template/{self.template_id}"}


@dataclass(frozen=True, kw_only=True)
class Received:
    """A text that somebody sent to the service's number."""

    sender: str  # without a plus
    to: str
    body: str
    service_id: str
    id: str = field(default_factory=new_id)
    created_at: datetime = field(default_factory=messages.now)

    def as_found(self) -> dict[str, object]:
        """One line of the list of received texts."""
        return {
            "id": self.id,
            "user_number": self.sender,
            "notify_number": self.to,
            "service_id": self.service_id,
            "content": self.body,
            "created_at": moment(self.created_at),
        }

    def as_callback(self) -> dict[str, object]:
        """What is posted to the service when it arrives."""
        return {
            "id": self.id,
            "source_number": self.sender,
            "destination_number": self.to,
            "message": self.body,
            "date_received": moment(self.created_at),
        }


@dataclass(kw_only=True)
class Phone:
    """One mobile phone, what it shows, and how Notify's texts to it end while it is not well."""

    number: str
    name: str = ""
    signal: bool = True
    ends: str = "delivered"  # a final status, or "never" for a phone of which nothing is heard
    unread: int = 0
    _screen: deque[tuple[Literal["to", "from"], Sent | Received]] = field(
        init=False, default_factory=lambda: deque(maxlen=200)
    )

    def show(self, text: Sent) -> None:
        """A text arrives and lights the screen."""
        self._screen.append(("to", text))
        self.unread += 1

    def wrote(self, text: Received) -> None:
        """Its owner has written a text, and so has read what was there."""
        self._screen.append(("from", text))
        self.unread = 0

    def as_json(self) -> dict[str, object]:
        """The phone in the shape of the other simulator's phones."""
        bubbles = [
            {
                "sid": text.id,
                "direction": direction,
                "body": text.body,
                "at": text.created_at.isoformat(),
                "status": text.status if isinstance(text, Sent) else "received",
            }
            for direction, text in self._screen
        ]
        state = {"number": self.number, "name": self.name, "signal": self.signal, "ends": self.ends}
        return {**state, "unread": self.unread, "messages": bubbles}
