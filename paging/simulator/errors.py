"""Twilio's own error codes, sentences and HTTP statuses, for the API and for deliveries.

Raised by the checks of a request and read by the carrier of messages; the sentences follow Twilio's error
dictionary (https://www.twilio.com/docs/api/errors). It must never decide which error applies.
"""

API_ERRORS: dict[int, tuple[int, str]] = {
    20001: (400, "Invalid parameter: {value}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource {value} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20502: (502, "Bad Gateway"),
    20503: (503, "Service Unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {value}"),
    21210: (
        400,
        (
            "The source phone number provided, {value}, is not yet verified for your account. "
            "You may only make calls from phone numbers that you've verified or purchased from Twilio."
        ),
    ),
    21211: (400, "Invalid 'To' Phone Number: {value}"),
    21212: (400, "Invalid From Number (caller ID): {value}"),
    21213: (400, "No 'From' number is specified"),
    21214: (400, "'To' phone number cannot be reached: {value}"),
    21215: (
        400,
        (
            "Account not authorized to call {value}. Perhaps you need to enable some international "
            "permissions: https://www.twilio.com/console/voice/calls/geo-permissions/low-risk"
        ),
    ),
    21216: (400, "Account not allowed to call {value}"),
    21217: (400, "Phone number does not appear to be valid: {value}"),
    21219: (
        400,
        "The number {value} is unverified. Trial accounts may only make calls to verified numbers.",
    ),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21266: (400, "'To' and 'From' number cannot be the same: {value}"),
    21408: (
        400,
        "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {value}",
    ),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (
        400,
        "The 'From' phone number {value} is not a valid, SMS-capable number for your account.",
    ),
    21608: (
        400,
        "The number {value} is unverified. Trial accounts cannot send messages to unverified numbers.",
    ),
    21609: (400, "The 'StatusCallback' URL {value} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21612: (
        400,
        "The message cannot be sent with the current combination of 'To' ({value}) and/or 'From' parameters.",
    ),
    21614: (400, "'To' number is not a valid mobile number: {value}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21624: (400, "Invalid validity period value: {value}"),
    21701: (400, "The Messaging Service {value} does not exist"),
    32018: (400, "Twiml size exceeded maximum allowed value of 4000 characters"),
}

# Where the Calls API says the same code in other words.
CALL_ERRORS: dict[int, tuple[int, str]] = {
    21211: (400, "The phone number you are attempting to call, {value}, is not valid."),
    21212: (400, "The source phone number provided, {value}, is not valid."),
}

DELIVERY_ERRORS: dict[int, str] = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity Period Expired",
    30410: "Provider Timeout Error",
}

# These stop a message inside Twilio, before any network has seen it: `failed`, never `undelivered`.
FAILED_BEFORE_SENDING = frozenset({30001, 30002})


class TwilioError(Exception):
    """A request that Twilio would refuse, with its code, HTTP status and sentence."""

    sentences = API_ERRORS

    def __init__(self, code: int, value: str = "") -> None:
        self.code = code
        self.status, sentence = self.sentences.get(code, (400, "The request was refused with error {value}"))
        self.message = sentence.format(value=value if code in self.sentences else code)
        super().__init__(self.message)

    def payload(self) -> dict[str, object]:
        """The JSON body that Twilio's API answers with."""
        return {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


class CallRefused(TwilioError):
    """A request about a call that Twilio would refuse."""

    sentences = API_ERRORS | CALL_ERRORS
