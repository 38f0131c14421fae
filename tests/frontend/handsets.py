"""The page of phones as a test reads it: whose phones there are, in which order, and what one of them shows.

Used by the tests of the page; the simulator behind it is the real one.
"""

import re
from typing import Any

from paging.simulator.running import Simulator
from paging.transports.contract import Kind, Order
from paging.transports.twilio import Account, TwilioSms, TwilioVoice
from tests.world import World

ACCOUNT, TOKEN, OURS = "AC" + "1" * 32, "token-of-the-account", "+447700900000"
FETCH = {"X-Requested-With": "fetch"}
NOBODY_LISTENS = "http://127.0.0.1:9/"


def number(world: World, who: str) -> str:
    return world.people[who].phone


def account(simulator: Simulator) -> Account:
    return Account(sid=ACCOUNT, token=TOKEN, number=OURS, base_url=simulator.url)


def arrives(simulator: Simulator, to: str, body: str) -> None:
    """A text of ours reaches a phone over Twilio's own API."""
    sent = TwilioSms(account(simulator)).send(Order(page_id=1, to=to, words=body))
    assert sent.kind == Kind.ACCEPTED
    simulator.settle()


def rings(simulator: Simulator, to: str, twiml: str) -> None:
    """A call of ours reaches a phone over Twilio's own API."""
    sent = TwilioVoice(account(simulator)).send(Order(page_id=1, to=to, words=twiml))
    assert sent.kind == Kind.ACCEPTED
    simulator.settle()


def text(response: Any) -> str:
    return str(response.content.decode())


def phones(response: Any) -> list[str]:
    """The numbers of the phones on the page, in order."""
    return re.findall(r'<article class="phone[^"]*" id="phone-(\d+)"', text(response))


def card(response: Any, phone: str) -> str:
    found = re.search(rf'<article[^>]*id="phone-{phone.lstrip("+")}".*?</article>', text(response), re.DOTALL)
    assert found
    return found[0]


def versions(response: Any) -> dict[str, str]:
    """The version of what each phone shows."""
    return dict(re.findall(r'id="phone-(\d+)" data-version="(\w+)"', text(response)))
