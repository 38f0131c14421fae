"""Holds the simulator's phones from outside, over its control interface.

Used by Dido's page of phones, by the demonstration and by tests. Plain blocking HTTP with a time-out; it
must never be used for sending pages, which go through Twilio's own SDK.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypedDict, cast
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

type Body = Mapping[str, object] | Sequence[Mapping[str, object]]


class ShownMessage(TypedDict):
    """One bubble on a phone: `to` came to the phone, `from` was written on it."""

    sid: str
    direction: str
    body: str
    at: str
    status: str


class CallState(TypedDict):
    """A call as its phone has it: it rings, is connected, listens for keys, or is over (`status` is Twilio's)."""

    sid: str
    status: str
    ringing: bool
    connected: bool
    listening: bool
    machine: bool
    heard: list[str]
    pressed: str
    at: str
    seconds: int


class PhoneState(TypedDict):
    """A phone as its owner sees it; `waiting` texts have not got through for want of signal."""

    number: str
    name: str
    signal: bool
    mobile: bool
    slow_seconds: float
    opted_out: bool
    unread: int
    waiting: int
    voice: str
    answers_after: float
    detected_as: str
    calls: list[CallState]
    messages: list[ShownMessage]


class ControlError(Exception):
    """The simulator would not do it; the message says why."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        super().__init__(sentence)


@cache
def _opener() -> OpenerDirector:
    """A proxy in the environment is never meant for a server on this machine; to make one reads all certificates."""
    return build_opener(ProxyHandler({}))


class ControlClient:
    """The hand that holds every phone of one simulated account."""

    def __init__(self, url: str, *, account_sid: str, auth_token: str, timeout: float = 20.0) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        secret = b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}

    def phones(self) -> list[PhoneState]:
        """Every phone."""
        return cast(list[PhoneState], self._call("GET", "/control/phones"))

    def phone(self, number: str) -> PhoneState:
        """One phone that is known already."""
        return cast(PhoneState, self._call("GET", f"/control/phones/{quote(number)}"))

    def change_phone(self, number: str, **wishes: object) -> PhoneState:
        """Register a phone or change it: name, signal, mobile, slow_seconds, read; and for calls
        voice (human, answers, voicemail, busy, rejects, off), answers_after, detected_as.
        """
        return cast(PhoneState, self._call("PUT", f"/control/phones/{quote(number)}", wishes))

    def calls(self, number: str) -> list[CallState]:
        """The calls that a phone has had, the oldest first."""
        return [call for phone in self.phones() if phone["number"] == number for call in phone["calls"]]

    def heard(self, number: str) -> list[str]:
        """What a phone's owner, or its voicemail, has heard in all its calls, line by line."""
        return [line for call in self.calls(number) for line in call["heard"]]

    def answer(self, number: str, *, wait: bool = True) -> CallState:
        """Take the call; with `wait`, returns once it waits for a key, or is over."""
        return self._on_the_line(number, "answer", wait=wait)

    def press(self, number: str, keys: str, *, wait: bool = True) -> CallState:
        """Press keys in a call; with `wait`, returns once the call waits for the next key, or is over."""
        return self._on_the_line(number, "press", wait=wait, keys=keys)

    def hang_up(self, number: str, *, wait: bool = True) -> CallState:
        """End the call, or reject it while it rings."""
        return self._on_the_line(number, "hang_up", wait=wait)

    def let_time_pass(self, number: str, *, wait: bool = True) -> CallState:
        """The time that the call waits for its owner, ringing or for a key, is over now."""
        return self._on_the_line(number, "let_time_pass", wait=wait)

    def received(self, number: str) -> list[str]:
        """The texts that have arrived on a phone, the oldest first."""
        return [
            bubble["body"]
            for phone in self.phones()
            if phone["number"] == number
            for bubble in phone["messages"]
            if bubble["direction"] == "to"
        ]

    def reply(self, number: str, body: str, *, to: str | None = None, wait: bool = True) -> str:
        """The phone's owner writes back; returns the text's sid, after the application was told if `wait`."""
        wishes: dict[str, object] = {"body": body, "wait": wait} | ({"to": to} if to else {})
        answer = cast(dict[str, str], self._call("POST", f"/control/phones/{quote(number)}/reply", wishes))
        return answer["sid"]

    def order_faults(self, *orders: Mapping[str, object]) -> None:
        """Let requests go wrong, as `faults` describes."""
        self._call("POST", "/control/faults", orders)

    def clear_faults(self) -> None:
        """Let everything go well again."""
        self._call("DELETE", "/control/faults")

    def set_inbound(self, url: str) -> None:
        """Point the numbers' webhook at another address."""
        self._call("PUT", "/control/inbound", {"url": url})

    def ledger(self, kind: str = "") -> list[dict[str, object]]:
        """API requests, callbacks, inbound webhooks and debugger entries; of one `kind` where it is given."""
        query = f"?kind={quote(kind)}" if kind else ""
        return cast(list[dict[str, object]], self._call("GET", f"/control/ledger{query}"))

    def settle(self, *, everything: bool = False) -> None:
        """Wait until all is done, save what waits for time or signal; with `everything` for that too."""
        wishes = {"everything": everything}
        if not cast(dict[str, bool], self._call("POST", "/control/settle", wishes))["settled"]:
            raise TimeoutError("The simulator is still at work.")

    def reset(self) -> None:
        """Back to an empty world."""
        self._call("POST", "/control/reset")

    def _on_the_line(self, number: str, deed: str, *, wait: bool, **wishes: object) -> CallState:
        path = f"/control/phones/{quote(number)}/{deed}"
        return cast(CallState, self._call("POST", path, wishes | {"wait": wait}))

    def _call(self, method: str, path: str, body: Body | None = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        # The address comes from our own settings, never from a user.
        request = Request(f"{self.url}{path}", data=data, headers=self._headers, method=method)  # noqa: S310
        try:
            with _opener().open(request, timeout=self._timeout) as response:
                answer = response.read()
        except HTTPError as error:
            with error:
                raise ControlError(error.code, _sentence(error.read())) from error
        return json.loads(answer) if answer else None


def _sentence(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["error"])
    except (ValueError, KeyError, TypeError):
        return answer.decode(errors="replace")
