"""An account at Twilio, for pagers that run as processes of their own in proofs and benchmarks."""

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "token-of-a-proof",
    "TWILIO_FROM": "+447700900999",
}
