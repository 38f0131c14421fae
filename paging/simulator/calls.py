"""The Call resource: one call on its way, the JSON by which Twilio describes it, and the forms that report it.

Made and moved along by the switchboard, shown by the API. It must never ring, speak or decide anything.
"""

import asyncio
import math
import uuid
from dataclasses import dataclass, field
from datetime import datetime

from paging.simulator import faults, messages

OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
BILLED_SECONDS = 60


def new_sid() -> str:
    """A fresh call sid: CA and 32 hexadecimal digits."""
    return f"CA{uuid.uuid4().hex}"


@dataclass(kw_only=True)
class Call:
    """One call from one of our numbers to a phone; `timeout` is how long it may ring, in seconds."""

    account_sid: str
    to: str
    from_: str
    twiml: str = ""
    url: str = ""
    fallback_url: str = ""
    timeout: int = 60
    status_callback: str = ""
    events: frozenset[str] = frozenset({"completed"})
    detection: str = ""
    detected_aside: bool = False
    detection_callback: str = ""
    fate: faults.Fate = field(default_factory=faults.Fate)
    status: str = "queued"
    sid: str = field(default_factory=new_sid)
    created_at: datetime = field(default_factory=messages.now)
    updated_at: datetime = field(default_factory=messages.now)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    sip_code: int | None = None
    error_code: int | None = None
    sequence: int = 0
    reported: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        return self.status in OVER

    @property
    def seconds(self) -> int:
        """How long the two ends were connected; a call that began lasted at least a second."""
        if self.started_at is None or self.ended_at is None:
            return 0
        return max(1, math.ceil((self.ended_at - self.started_at).total_seconds()))

    def move(self, status: str, *, sip_code: int | None = None, error_code: int | None = None) -> None:
        """Take the next status, with what the network said at the end."""
        self.status, self.updated_at = status, messages.now()
        if status == "in-progress":
            self.started_at = self.updated_at
        if self.over:
            self.ended_at, self.sip_code, self.error_code = self.updated_at, sip_code, error_code

    def resource(self) -> dict[str, object]:
        """The call as Twilio's REST API shows it."""
        uri = f"/{messages.API_VERSION}/Accounts/{self.account_sid}/Calls/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "annotation": None,
            "answered_by": self.answered_by,
            "api_version": messages.API_VERSION,
            "caller_name": None,
            "date_created": messages.rfc2822(self.created_at),
            "date_updated": messages.rfc2822(self.updated_at),
            "direction": "outbound-api",
            "duration": str(self.seconds) if self.over else None,
            "end_time": messages.rfc2822(self.ended_at),
            "forwarded_from": None,
            "from": self.from_,
            "from_formatted": self.from_,
            "group_sid": None,
            "parent_call_sid": None,
            "phone_number_sid": number_sid(self.account_sid, self.from_),
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": self.sid,
            "start_time": messages.rfc2822(self.started_at),
            "status": self.status,
            "subresource_uris": {"events": f"{uri}/Events.json", "recordings": f"{uri}/Recordings.json"},
            "to": self.to,
            "to_formatted": self.to,
            "trunk_sid": None,
            "uri": f"{uri}.json",
        }


def number_sid(account_sid: str, number: str) -> str:
    """The sid of one of our numbers; the same one every time."""
    return f"PN{uuid.uuid5(uuid.NAMESPACE_URL, f'{account_sid}/{number}').hex}"


def request_form(call: Call) -> dict[str, str]:
    """What every request about a call carries, as Twilio asks for TwiML."""
    form = {
        "AccountSid": call.account_sid,
        "ApiVersion": messages.API_VERSION,
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Called": call.to,
        "Caller": call.from_,
        "Direction": "outbound-api",
        "From": call.from_,
        "To": call.to,
    }
    for end in ("Called", "Caller", "From", "To"):
        form |= {f"{end}City": "", f"{end}Country": "GB", f"{end}State": "", f"{end}Zip": ""}
    if call.answered_by and not call.detected_aside:
        form["AnsweredBy"] = call.answered_by
    return form


def status_form(call: Call, status: str) -> dict[str, str]:
    """The form that reports a step of a call; the number in the sequence counts the steps nobody asked for too."""
    form = request_form(call) | {
        "CallStatus": status,
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(call.sequence),
        "Timestamp": messages.rfc2822(call.updated_at) or "",
    }
    if call.answered_by:
        form["AnsweredBy"] = call.answered_by
    if status in OVER:
        form["CallDuration"] = str(call.seconds)
        form["Duration"] = str(math.ceil(call.seconds / BILLED_SECONDS))
        if call.sip_code is not None:
            form["SipResponseCode"] = str(call.sip_code)
        if call.error_code is not None:
            form["ErrorCode"] = str(call.error_code)
    return form


def detection_form(call: Call, *, seconds: float) -> dict[str, str]:
    """The form that tells who answered, once the detection is sure; its duration is in milliseconds."""
    return {
        "AccountSid": call.account_sid,
        "AnsweredBy": call.answered_by or "unknown",
        "CallSid": call.sid,
        "MachineDetectionDuration": str(round(seconds * 1000)),
    }
