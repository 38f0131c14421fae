"""Proves that a referral's trail is as it was written: the numbers, the seals, and the road that the events tell.

Called by `manage.py verify_trail`. Reads only; it says what is wrong and never repairs it.
"""

from collections.abc import Iterable

from referrals.models import Event, Referral
from referrals.states import State


def verify(referral: Referral) -> list[str]:
    """What is wrong with this referral's trail, in sentences; empty where nothing is."""
    return faults(referral, referral.events.order_by("number"))


def faults(referral: Referral, events: Iterable[Event]) -> list[str]:
    """The same over events that were read already, in the order of their numbers."""
    found: list[str] = []
    seal, state, number = "", str(State.NEW), 0
    for event in events:
        number += 1
        where = f"{referral.code} event {event.number}"
        if event.number != number:
            found.append(f"{where}: number {number} is missing before it.")
            number = event.number
        if event.previous_hash != seal:
            found.append(f"{where} does not follow from the one before it.")
        if event.seal() != event.hash:
            found.append(f"{where} is not what was sealed.")
        if event.before != state:
            found.append(f"{where} begins at {event.before}; the one before it ended at {state}.")
        seal, state = event.hash, event.after
    if number != referral.version:
        found.append(f"{referral.code} is at version {referral.version}; its trail ends at {number}.")
    if state != referral.state:
        found.append(f"{referral.code} is at {referral.state}; its trail ends at {state}.")
    return found
