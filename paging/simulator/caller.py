"""The caller: our end of a connected call; it speaks a TwiML document, waits for keys, and asks for the next document.

Started by the switchboard once somebody or something has answered, and called off by it when the call ends. Where
our application fails, the one who was called hears Twilio's own sentence, and the debugger says why
(https://www.twilio.com/docs/usage/security/availability-reliability). It must never move a call.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from paging.simulator import calls, script
from paging.simulator.config import SimulatorConfig
from paging.simulator.courier import Courier
from paging.simulator.ledger import Ledger
from paging.simulator.lines import Keypad, Line
from paging.simulator.script import Gather, Pause, Redirect, Say, Verb
from paging.simulator.twiml import AnswerError
from paging.simulator.work import Work

SORRY = "We're sorry, an application error has occurred. Goodbye."
WORD_SECONDS = 0.35
# What asking for a document takes at least: one that leads to itself comes to the end of the tape, too.
DOCUMENT_SECONDS = 1.0


class TapeEndError(Exception):
    """A voicemail takes no more."""


@dataclass(frozen=True)
class Document:
    """Verbs to carry out, and the address against which theirs are read."""

    verbs: Sequence[Verb]
    url: str


@dataclass
class Caller:
    """Carries out what one call is to say and do; `told`: the detection of a machine, and its report."""

    config: SimulatorConfig
    courier: Courier
    ledger: Ledger
    work: Work
    line: Line
    told: "asyncio.Task[None] | None" = None
    _url: str = ""
    _spent: float = 0.0

    async def speak(self) -> None:
        """Say and ask all there is; the call is to end when this does."""
        try:
            await self._carry_out(None)
        except AnswerError as error:
            await self._recover(error)
        except TapeEndError:
            return

    async def _recover(self, error: AnswerError) -> None:
        call = self.line.call
        self._note(error)
        if call.fallback_url:
            form = {"ErrorCode": str(error.code), "ErrorUrl": self._url}
            try:
                await self._carry_out(await self._fetch(call.fallback_url, form))
            except AnswerError as again:
                self._note(again)
            else:
                return
        await self._utter([script.spoken(SORRY)])

    def _note(self, error: AnswerError) -> None:
        self.ledger.write("debugger", code=error.code, message=str(error), sid=self.line.call.sid)

    async def _carry_out(self, document: Document | None) -> None:
        document = document or await self._first()
        while document is not None:
            document = await self._play(document)

    async def _first(self) -> Document:
        call = self.line.call
        if call.twiml:
            return Document(script.read(text=call.twiml), "")
        return await self._fetch(call.url, {})

    async def _play(self, document: Document) -> Document | None:
        """One document to its end, or to the one that follows it."""
        for verb in document.verbs:
            match verb:
                case Say() | Pause():
                    await self._utter([verb])
                case Gather():
                    keypad = await self._ask(verb)
                    if keypad.digits or verb.even_if_empty:
                        return await self._fetch(_address(document, verb.action), _digits(keypad))
                case Redirect(url):
                    return await self._fetch(_address(document, url), {})
                case _:
                    return None
        return None

    async def _fetch(self, url: str, facts: Mapping[str, str]) -> Document:
        self._url = url
        self._spend(DOCUMENT_SECONDS)
        form = {**calls.request_form(self.line.call), **facts}
        # A request that has left is not called back when somebody puts the phone down.
        asked = self.work.start(self.courier.post("voice", url, form))
        await asyncio.wait({asked})
        answer = asked.result()
        if answer.error:
            code, _, what = answer.error.partition(" ")
            raise AnswerError(int(code), f"The webhook did not answer: {what}.")
        verbs = script.read(status=answer.status, content_type=answer.content_type, text=answer.text)
        return Document(verbs, url)

    async def _utter(self, verbs: Sequence[Say | Pause], keypad: Keypad | None = None) -> None:
        """Words and pauses, until somebody presses a key of this question."""
        for verb in verbs:
            for line, seconds in _lasting(verb):
                if keypad is not None and keypad.touched.is_set():
                    return
                if line:
                    self.line.heard.append(line)
                self._spend(seconds)
                await self._wait(seconds * self.config.pace, keypad)

    async def _ask(self, gather: Gather) -> Keypad:
        keypad = Keypad(gather.wanted, gather.finish)
        self.line.open(keypad)
        try:
            await self._utter(gather.prompts, keypad)
            if self.line.machine:
                await self._silence(gather.timeout)
            else:
                await self._keys(gather.timeout, keypad)
        finally:
            self.line.close()
        return keypad

    async def _keys(self, patience: float, keypad: Keypad) -> None:
        if keypad.complete:
            return
        self.line.rest()
        with self.work.parked():
            while not keypad.complete:
                keypad.touched.clear()
                if not await self._wait(patience, keypad):
                    return

    async def _silence(self, seconds: float) -> None:
        # A detection is over before the first silence is, on a network without delays too.
        if self.told is not None:
            await asyncio.wait({self.told})
        self._spend(seconds)
        await asyncio.sleep(seconds * self.config.pace)

    async def _wait(self, seconds: float, keypad: Keypad | None) -> bool:
        """Let time pass; true where a key cut it short."""
        if keypad is None or not seconds:
            await asyncio.sleep(seconds)
            return False
        try:
            async with asyncio.timeout(seconds):
                return await keypad.touched.wait()
        except TimeoutError:
            return False

    def _spend(self, seconds: float) -> None:
        self._spent += seconds
        if self.line.machine and self._spent > self.config.tape_seconds:
            raise TapeEndError


def _lasting(verb: Say | Pause) -> list[tuple[str, float]]:
    """The lines of words or silence, and how long each takes."""
    if isinstance(verb, Pause):
        return [("", verb.seconds)]
    return [(line, len(line.split()) * WORD_SECONDS) for line in verb.lines] * verb.times


def _digits(keypad: Keypad) -> dict[str, str]:
    return {"Digits": keypad.digits, "FinishedOnKey": keypad.finished_on, "msg": "Gather End"}


def _address(document: Document, url: str) -> str:
    address = urljoin(document.url, url)
    if urlsplit(address).scheme not in {"http", "https"}:
        raise AnswerError(
            11100, f"{url or 'An empty address'} is not an address that can be called from here."
        )
    return address
