"""Short codes for speech and SMS: an alphabet without vowels (no words) and without look-alikes. Pure."""

import secrets

ALPHABET = "BCDFGHJKMNPQRTVWXYZ2346789"
REFERRAL_LENGTH = 4  # 26^4 = 456,976 referrals
REPLY_LENGTH = 5  # 26^5 = 23.5 bits


def new(length: int) -> str:
    """A random code of so many symbols."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
