"""What every way of reaching somebody must do, and the words in which it says what came of it.

Every transport passes the same test (tests/paging/transports/contract.py), against a simulator or against the live
service. A transport writes nothing: the engine calls it outside every transaction and marks the page afterwards.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable


class Kind(Enum):
    """How far a page got."""

    ACCEPTED = "accepted"  # the provider has it; nobody has answered yet
    AGAIN = "again"  # may have been lost: send again soon, or by another provider at once
    REFUSED = "refused"  # will never arrive this way


@dataclass(frozen=True, kw_only=True)
class Order:
    """One page, ready to leave."""

    page_id: int
    to: str  # E.164; for a push the id of the person, for a siren the code of the site
    words: str  # the text of an SMS, the TwiML of a call; empty for a push, which carries no content
    callback: str = ""  # where the provider reports what became of it


@dataclass(frozen=True)
class Outcome:
    """What the provider said: its id of the page, its status, or the code of the error."""

    kind: Kind
    provider_id: str = ""
    status: str = ""
    error: str = ""  # the provider's code, or one of ours: "unanswered", "no_number", "no_device"


@dataclass(frozen=True)
class Report:
    """What a provider says of a page when it is asked."""

    status: str
    error: str = ""


class Transport(Protocol):
    """One provider's way over one channel. Safe to be called from several threads at once."""

    provider: str  # "twilio", "notify", "push", "siren"
    channel: str  # "sms", "voice", "push", "siren"

    def send(self, order: Order) -> Outcome:
        """Hand one page over; never raises, never takes longer than its time-out."""
        ...

    def status(self, provider_id: str) -> Report | None:
        """What became of a page; None where the provider does not answer, or cannot be asked."""
        ...


@runtime_checkable
class Remembers(Protocol):
    """A provider that can be asked whether it has this very page already: a pager died, or an answer was lost."""

    def earlier(self, order: Order) -> Outcome | None:
        """What it says of the copy that it has; None where it has none that may arrive, or does not say so at once."""
        ...
