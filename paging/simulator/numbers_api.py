"""Twilio's list of our own numbers (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).

Routed by the server, behind the gate; it lets the application check at its start where its texts are sent. It must
never change a number.
"""

from dataclasses import dataclass

from aiohttp import web

from paging.simulator import calls, listing, messages
from paging.simulator.gate import EXCHANGE
from paging.simulator.messages import API_VERSION


@dataclass(frozen=True)
class OwnNumber:
    """One of the account's numbers, and the two addresses that hear of what comes in."""

    sid: str
    account_sid: str
    number: str
    sms_url: str
    voice_url: str

    def resource(self) -> dict[str, object]:
        """The number as Twilio's REST API shows it."""
        since = messages.rfc2822(messages.now())
        uri = f"/{API_VERSION}/Accounts/{self.account_sid}/IncomingPhoneNumbers/{self.sid}"
        methods = {f"{name}_method": "POST" for name in ("sms", "sms_fallback", "voice", "voice_fallback")}
        return methods | {
            "account_sid": self.account_sid,
            "address_requirements": "none",
            "address_sid": None,
            "api_version": API_VERSION,
            "beta": False,
            "bundle_sid": None,
            "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
            "date_created": since,
            "date_updated": since,
            "emergency_address_sid": None,
            "emergency_status": "Active",
            "friendly_name": self.number,
            "identity_sid": None,
            "origin": "twilio",
            "phone_number": self.number,
            "sid": self.sid,
            "sms_application_sid": "",
            "sms_fallback_url": "",
            "sms_url": self.sms_url,
            "status": "in-use",
            "status_callback": "",
            "status_callback_method": "POST",
            "subresource_uris": {"assigned_add_ons": f"{uri}/AssignedAddOns.json"},
            "trunk_sid": None,
            "uri": f"{uri}.json",
            "voice_application_sid": "",
            "voice_caller_id_lookup": False,
            "voice_fallback_url": "",
            "voice_receive_mode": "voice",
            "voice_url": self.voice_url,
        }


NUMBERS = listing.Collection[OwnNumber](
    name="incoming_phone_numbers", equal={"PhoneNumber": lambda own: own.number}
)


def routes() -> list[web.RouteDef]:
    """The one request about numbers that Dido makes."""
    return [web.get(f"/{API_VERSION}/Accounts/{{account}}/IncomingPhoneNumbers.json", index)]


async def index(request: web.Request) -> web.Response:
    """The account's numbers, or the one that is asked for."""
    exchange = request.app[EXCHANGE]
    config = exchange.config
    known = [
        OwnNumber(
            calls.number_sid(config.account_sid, number),
            config.account_sid,
            number,
            exchange.inbound_url,
            config.voice_url,
        )
        for number in config.numbers
    ]
    return NUMBERS.answer(request, known)
