"""Calls as Dido makes them, in few words: what is said, where keys go, and which steps are reported.

Used by the simulator's tests of voice.
"""

from typing import Any

from paging.simulator.running import Simulator
from tests.paging.simulator.application import Application
from tests.paging.simulator.conftest import OURS, Sdk

BEN = "+447700900101"
CLEO = "+447700900102"
ALL = ["initiated", "ringing", "answered", "completed"]
HELLO = "<Response><Say>This is Dido.</Say></Response>"
ASKED = ["Referral R, 7, from Arrowe Park.", "To accept, press 7."]
NOTHING = ["Nothing was recorded.", "Goodbye."]
ACCEPTED = "<Response><Say>Accepted.</Say><Pause length='1'/><Say>Goodbye.</Say><Hangup/></Response>"
SORRY = ["We're sorry, an application error has occurred.", "Goodbye."]


def question(application: Application, *, times: int = 1, action: str = "/keys", extra: str = "") -> str:
    """A document that says who calls and asks for one key."""
    gather = (
        f'<Gather input="dtmf" numDigits="1" timeout="6" finishOnKey="" action="{application.url}{action}"'
        f" {extra}><Say>Referral R, 7, from Arrowe Park. To accept, press 7.</Say></Gather>"
    )
    return f"<Response>{gather * times}<Say>Nothing was recorded. Goodbye.</Say><Hangup/></Response>"


def ring(twilio: Sdk, application: Application, **changes: Any) -> Any:
    """Call Ben, report every step, and find out who answers."""
    wishes: dict[str, Any] = {
        "to": BEN,
        "from_": OURS,
        "status_callback": f"{application.url}/call",
        "status_callback_event": ALL,
        "machine_detection": "Enable",
        "async_amd": "true",
        "async_amd_status_callback": f"{application.url}/machine",
    } | changes
    if "url" not in wishes:
        wishes.setdefault("twiml", HELLO)
    return twilio.calls.create(**wishes)


def answered(twilio: Sdk, simulator: Simulator, application: Application, **changes: object) -> str:
    """A call that Ben has answered; returns its sid."""
    sid = str(ring(twilio, application, **changes).sid)
    simulator.settle()
    simulator.answer(BEN)
    return sid
