"""The phones of the demonstration: what each shows and hears, and what its owner does with it.

Called by the page of phones; speaks to the simulator at TWILIO_API_URL and to nothing else. Production has
real phones: nothing here may be needed to page anybody.
"""

from collections.abc import Callable

from django.conf import settings

from paging.simulator.client import ControlClient, ControlError, PhoneState

PATIENCE = 2.0  # seconds; a page that is asked for every other second must not wait longer


class PhonesAway(Exception):
    """The simulator does not answer."""


class Refused(Exception):
    """The phone cannot do this now; the message says why."""


def configured() -> bool:
    """Is there a simulator of ours at the other end?"""
    return bool(settings.TWILIO_API_URL and settings.SIMULATOR_PORT)


def phones() -> list[PhoneState]:
    """Every phone that the simulator knows, with what it shows."""
    return _ask(lambda client: client.phones())


def reply(number: str, body: str) -> None:
    """The owner of this phone writes to Dido."""
    _ask(lambda client: client.reply(number, body, wait=False))


def set_signal(number: str, on: bool) -> None:
    """The phone finds its signal, or loses it."""
    _ask(lambda client: client.change_phone(number, signal=on))


def set_voicemail(number: str, on: bool) -> None:
    """A machine takes this phone's calls, or its owner may."""
    _ask(lambda client: client.change_phone(number, voice="voicemail" if on else "human"))


def answer(number: str) -> None:
    """The owner of this phone takes the call."""
    _ask(lambda client: client.answer(number, wait=False))


def press(number: str, key: str) -> None:
    """The owner of this phone presses a key in a call."""
    _ask(lambda client: client.press(number, key, wait=False))


def hang_up(number: str) -> None:
    """The owner of this phone ends the call, or rejects it."""
    _ask(lambda client: client.hang_up(number, wait=False))


def _ask[T](question: Callable[[ControlClient], T]) -> T:
    client = ControlClient(
        settings.TWILIO_API_URL,
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        timeout=PATIENCE,
    )
    try:
        return question(client)
    except ControlError as error:
        if error.status in {401, 404} or error.status >= 500:
            raise PhonesAway from error
        raise Refused(str(error)) from error
    except (OSError, ValueError) as error:
        raise PhonesAway from error
