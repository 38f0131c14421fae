"""What a call says, as TwiML: who calls, what waits, which key does what. Pure, and no patient fact.

A call may end on an answering machine, so it says no more than a text does. The keys are drawn anew for each call.
"""

from collections.abc import Sequence

from twilio.twiml.voice_response import VoiceResponse

VOICE = "Polly.Amy"
LANGUAGE = "en-GB"
LOOPS = 3
PATIENCE = 6  # seconds in which a key is waited for, each time


def spelled(code: str) -> str:
    """A code as one says it: R, 7, K, 2."""
    return ", ".join(code)


def call(words: str, *, keys: Sequence[tuple[str, str]], action: str) -> str:
    """Say the words and which key does what, three times, and hang up; keys are (digit, what it does)."""
    answer = VoiceResponse()
    for _ in range(LOOPS):
        _say(answer, "This is Dido, stroke thrombectomy.")
        if keys:
            gather = answer.gather(
                input="dtmf", num_digits=1, timeout=PATIENCE, action=action, method="POST", finish_on_key=""
            )
            _say(gather, words)
            for digit, does in keys:
                _say(gather, f"To {does}, press {digit}.")
            _say(gather, "To hear this again, press star.")
        else:
            _say(answer, words)
            answer.pause(length=2)
    _say(answer, "Nothing was recorded. Goodbye." if keys else "Goodbye.")
    answer.hangup()
    return str(answer)


def result(words: str) -> str:
    """Say what came of a key, and hang up; only ever said after the commit."""
    answer = VoiceResponse()
    _say(answer, words)
    answer.pause(length=1)
    _say(answer, words)
    answer.hangup()
    return str(answer)


def nothing() -> str:
    """Hang up without a word."""
    answer = VoiceResponse()
    answer.hangup()
    return str(answer)


def _say(into: VoiceResponse, words: str) -> None:
    # XML has no place for control characters: one in a name would make the whole call unreadable.
    heard = "".join(letter if letter.isprintable() else " " for letter in words)
    into.say(heard, voice=VOICE, language=LANGUAGE)


def offer(*, code: str, spoke: str, hub: str) -> str:
    """A patient is offered to this person's hub."""
    return f"Thrombectomy referral {spelled(code)}, from {spoke}, for {hub}."


def unanswered_offer(*, code: str, spoke: str, hub: str) -> str:
    """The hub does not answer: told to somebody who cannot answer for it."""
    return f"{hub} has not answered referral {spelled(code)}, from {spoke}. Please ring them now."


def confirm(*, code: str, hub: str, operator: str) -> str:
    """An operator under direct supervision accepted: the supervisor must confirm."""
    return f"{operator} has accepted referral {spelled(code)} for {hub}, under your supervision."


def unconfirmed(*, code: str, hub: str) -> str:
    """The supervisor does not answer: the coordinator or lead must act."""
    return f"The supervisor at {hub} has not confirmed referral {spelled(code)}. Please ring them now."


def unplaced(*, code: str, spoke: str) -> str:
    """No hub has taken the patient: somebody must act."""
    return f"Referral {spelled(code)}, from {spoke}, has no hub. Somebody must find one now."


def told(*, code: str, hub: str, operator: str) -> str:
    """An operator under indirect supervision accepted: the supervisor knows, and need not answer."""
    return f"{operator} has accepted referral {spelled(code)} for {hub}. You answer for them. No reply is needed."


def untold(*, code: str, hub: str, operator: str) -> str:
    """No supervisor could be told: somebody must reach one by hand."""
    said = f"{operator} has accepted referral {spelled(code)} for {hub}, under supervision."
    return f"{said} No supervisor was reached. Please ring them now."


def worse(*, code: str, hub: str) -> str:
    """A patient on the way to this hub is worse: the crew waits for what to do."""
    return f"Referral {spelled(code)}, on the way to {hub}, is worse. The crew waits for you. Open Dido, or ring them."


def not_left(*, code: str, hub: str) -> str:
    """A patient for this hub has not left the first hospital in time."""
    return f"The ambulance of referral {spelled(code)}, to {hub}, has not left yet. Please ring."


def not_arrived(*, code: str, hub: str) -> str:
    """A patient has not arrived at this hub in time."""
    return f"Referral {spelled(code)} has not arrived at {hub} yet. Please ring."


def divert(*, code: str, hub: str) -> str:
    """A patient on the road comes to this hub, as was agreed on the phone."""
    return f"Referral {spelled(code)} is diverted to you at {hub}, as agreed. No reply is needed."


def stood_down(*, code: str) -> str:
    """A transfer is stood down."""
    return f"Referral {spelled(code)} is stood down. I repeat, stood down."


def message(*, code: str) -> str:
    """A message waits to be confirmed; what it says is on the page alone."""
    return f"This is Dido. A message about {spelled(code)} waits to be confirmed. Please open the case."


def reach_test() -> str:
    """A test of this person's phone."""
    return "This is a test of your on-call phone. There is no patient."


def unreached(*, name: str, hub: str) -> str:
    """Somebody on call has not answered the test of their phone."""
    return f"{name}, on call at {hub}, has not answered a test page. Please reach them."


def drill(*, hub: str) -> str:
    """A drill of the whole path."""
    return f"This is a drill for {hub}. There is no patient. I repeat, this is a drill."


def drill_unanswered(*, hub: str) -> str:
    """Nobody answered the drill."""
    return f"This is a drill for {hub}. There is no patient. Nobody on call has answered the drill."


def platform(*, fault: str) -> str:
    """The platform's owner must mend something."""
    return f"The platform has a fault: {fault}. Pages may fail. Please mend it now."


def troubled_phone(*, name: str, why: str) -> str:
    """A phone on the rota cannot be reached."""
    return f"The phone of {name} {why}. Please check the rota."


def verify(*, code: str) -> str:
    """Shows that this number is its owner's."""
    return f"The code to type on your page is {spelled(code)}. I repeat: {spelled(code)}."
