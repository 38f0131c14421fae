"""A night on call: real pages through a real Twilio's double, phones that expect and reply, a clock wound by hand.

Used by the tests of the pager. Whatever a phone shows that nobody expected fails the test, and so does an error in
the log, a text of two segments, and a patient's fact in anything that was written or said.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from paging.simulator import segments
from paging.simulator.client import CallState
from paging.simulator.running import Simulator
from paging.transports.twilio import Account
from tests.paging.tables import Tables

CANARIES = ["Canary", "Whitlock", "Peregrine", "1950", "+441514960123"]


@dataclass
class Phone:
    """One person's phone; what it showed is expected in order, and once."""

    simulator: Simulator
    number: str
    read: int = 0
    heard: int = 0
    code: str = ""

    def new(self) -> list[str]:
        """What it shows that nobody has expected yet."""
        return self.simulator.received(self.number)[self.read :]

    def expects(self, *words: str) -> str:
        """The next text that it shows has all these words; a reply code in it is kept."""
        texts = self.new()
        assert texts, f"{self.number} shows nothing new; it should show {words}"
        assert all(word in texts[0] for word in words), f"{words} are not all in: {texts[0]}"
        self.read += 1
        if found := re.search(r"Reply (\w{5})\b", texts[0]):
            self.code = found[1]
        return texts[0]

    def stays_silent(self) -> None:
        assert self.new() == []

    def call(self) -> CallState:
        """The latest call to it; whoever asks for it expected it, and those before it."""
        calls = self.simulator.calls(self.number)
        assert calls, f"{self.number} has not been called"
        self.heard = len(calls)
        return calls[-1]

    def picks_up(self, *words: str) -> str:
        """It rings, and its owner takes the call and hears these words."""
        assert self.call()["ringing"], f"{self.number} does not ring: {self.call()}"
        heard = " ".join(self.simulator.answer(self.number)["heard"])
        assert all(word in heard for word in words), f"{words} are not all in: {heard}"
        return heard

    def key(self, does: str) -> str:
        """The key that does this, as it was said in the call."""
        said = re.findall(r"To ([^.]+?), press (\d)\.", " ".join(self.call()["heard"]))
        return dict(said)[does]

    def presses(self, key: str, *words: str) -> str:
        """Its owner presses a key in the call, and hears these words next."""
        before = len(self.call()["heard"])
        self.simulator.press(self.number, key)
        self.simulator.settle()
        heard = " ".join(self.call()["heard"][before:])
        assert all(word in heard for word in words), f"{words} are not all in: {heard}"
        return heard

    def writes(self, text: str) -> str:
        """Its owner sends a text; returns its sid once the application has been told and has answered."""
        sid = self.simulator.reply(self.number, text)
        self.simulator.settle()
        return sid

    def replies(self, text: str, *words: str) -> str:
        """Its owner sends a text, and is answered with these words."""
        self.writes(text)
        return self.expects(*words)


@dataclass(kw_only=True)
class Night(Tables):
    """The small network at night: the pager in the test's own hand, and phones."""

    simulator: Simulator
    account: Account
    phones: dict[str, Phone] = field(default_factory=dict)
    allowed_errors: set[str] = field(default_factory=set)

    def phone(self, username: str) -> Phone:
        if username not in self.phones:
            self.phones[username] = Phone(self.simulator, self.world.people[username].phone)
        return self.phones[username]

    def tick(self) -> None:
        """One tick at this moment; everything that it set going at the provider comes to its end."""
        super().tick()
        self.simulator.settle()

    def goes_wrong(
        self, action: str, *, to: str | None = None, times: int | None = 1, nth: int = 1, call: bool = False
    ) -> None:
        """Sending to this person, or calling them, goes wrong in a way that the simulator knows."""
        path = "Calls.json" if call else "Messages.json"
        match: dict[str, object] = {"method": "POST", "path": path, "nth": nth}
        if to:
            match["to"] = self.world.people[to].phone
        self.simulator.order_faults({"action": action, "match": match, "times": times})

    def hears(self, **expected: str) -> None:
        """These phones, and no other, show one new text each, with these words."""
        for username, words in expected.items():
            self.phone(username).expects(words)
        self.is_silent()

    def is_silent(self) -> None:
        """No phone shows anything that nobody expected."""
        by_number = {phone.number: phone for phone in self.phones.values()}
        for shown in self.simulator.phones():
            texts = self.simulator.received(shown["number"])
            known = by_number.get(shown["number"])
            assert texts[known.read if known else 0 :] == [], shown["number"]
            assert shown.get("calls", [])[known.heard if known else 0 :] == [], shown["number"]

    def rings(self) -> set[str]:
        """Whose phones ring at this moment; whoever asks has expected these calls."""
        ringing = {
            shown["number"] for shown in self.simulator.phones() if any(c["ringing"] for c in shown["calls"])
        }
        found = {name for name, person in self.world.people.items() if person.phone in ringing}
        for name in found:
            self.phone(name).call()
        return found

    def forgets(self) -> None:
        """Whatever the phones show by now was expected."""
        for username in self.world.people:
            phone = self.phone(username)
            phone.read += len(phone.new())
            phone.heard = len(self.simulator.calls(phone.number))


def check_texts(simulator: Simulator, numbers: Iterable[str]) -> None:
    """Every text that left is one segment, and nothing that left holds a patient's fact."""
    for line in simulator.ledger("request"):
        body = str(line["body"])
        assert segments.count(body) <= 1, body
        check_no_facts(f"{body} {line.get('twiml', '')}", numbers)


def check_calls(simulator: Simulator, numbers: Iterable[str]) -> None:
    """Nothing that a phone heard holds a patient's fact; a letter said by itself is one all the same."""
    for shown in simulator.phones():
        for call in shown.get("calls", []):
            words = " ".join(call["heard"])
            check_no_facts(words, numbers)
            check_no_facts(re.sub(r"(?<=\b\w)[,.]? (?=\w\b)", "", words), numbers)


def check_log(records: Iterable[logging.LogRecord], allowed: set[str], numbers: Iterable[str]) -> None:
    """No error that nobody expected, and no patient's fact in any line."""
    for record in records:
        said = record.msg
        if isinstance(said, dict):  # a moment's digits are nobody's
            said = {name: value for name, value in said.items() if name != "timestamp"}
        text = f"{said}{record.args or ''}"
        check_no_facts(text, numbers)
        if record.levelno >= logging.ERROR:
            assert any(word in text for word in allowed), f"an error nobody expected: {text}"


def check_no_facts(text: str, numbers: Iterable[str]) -> None:
    assert not [canary for canary in [*CANARIES, *numbers] if canary in text], text
