"""One person's own phone: is it known to work, what is wrong with it and how that is mended, and its tests.

Called by frontend.views.me. It reads; what changes a number or sends a test is in paging.reaching.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from frontend import ladder_line, telephone, waits
from frontend.ladder_line import Line
from network.models import Person, PhoneTrouble
from paging import queries, reaching
from paging.models import Fate
from paging.queries import Proof

TESTS_SHOWN = 5


@dataclass(frozen=True)
class State:
    """Whether pages reach this phone, in words, and what to do where they do not."""

    words: str
    mood: str
    mend: str = ""


@dataclass(frozen=True)
class Proving:
    """A new number whose code is to be typed."""

    number: str
    sent: str
    mood: str
    until: str
    spent: bool  # too many wrong codes


@dataclass(frozen=True)
class Test:
    """One test that is over."""

    when: str
    line: Line


@dataclass(frozen=True)
class MyPhone:
    """Everything that the page shows."""

    number: str
    state: State
    proving: Proving | None
    test: Line | None  # under way
    tests: tuple[Test, ...]
    wait: str  # why no further code can be asked for now

    @property
    def is_moving(self) -> bool:
        """Does something happen that the page should follow?"""
        return bool(self.test or self.proving)


def of(person: Person, *, now: datetime) -> MyPhone:
    """This person's phone as it stands."""
    lines = [(one, ladder_line.of(one, now)) for one in queries.tests_of(person, most=TESTS_SHOWN)]
    return MyPhone(
        number=telephone.shown(person.phone) if person.phone else "",
        state=state(person, now),
        proving=_proving(queries.proof_of(person, now=now)),
        test=next((line for climb, line in lines if climb.is_open), None),
        tests=tuple(Test(moment(one.opened_at, now), line) for one, line in lines if not one.is_open),
        wait=wait(person, now=now),
    )


def state(person: Person, now: datetime) -> State:
    """Is it known that pages reach this person?"""
    if not person.phone:
        return State(
            "Dido has no number for you.", "late", "Nobody can page you. Type your mobile number below."
        )
    if person.phone_trouble:
        words, mend = TROUBLES[PhoneTrouble(person.phone_trouble)]
        return State(words, "late", mend.format(ours=_our_number()))
    if person.phone_verified_at is None:
        return State(
            "Not yet proved: Dido does not know whether pages reach you here.",
            "soon",
            "Page yourself now and answer, and it is.",
        )
    return State(f"Pages reach you here. You last showed it {moment(person.phone_verified_at, now)}.", "ok")


def _our_number() -> str:
    return telephone.shown(settings.TWILIO_FROM) if settings.TWILIO_FROM else "the number our texts come from"


TROUBLES = {
    PhoneTrouble.OPTED_OUT: (
        "You replied STOP: no text of ours reaches you.",
        "Text START to {ours} from this phone.",
    ),
    PhoneTrouble.UNKNOWN: (
        "The network says that this number is not in use.",
        "Nobody can page you. Type the number that you have now.",
    ),
    PhoneTrouble.NOT_MOBILE: (
        "This is not a mobile phone: it gets no texts.",
        "Type the number of your mobile phone.",
    ),
}


def moment(at: datetime, now: datetime) -> str:
    """“at 03:10” today, else “on Sat 21 Nov at 03:10”; with the year where it is another one."""
    there, here = timezone.localtime(at), timezone.localtime(now)
    if there.date() == here.date():
        return f"at {waits.hour(at)}"
    year = "" if there.year == here.year else " %Y"
    return there.strftime(f"on %a %-d %b{year} at %H:%M")


def _proving(proof: Proof | None) -> Proving | None:
    if proof is None:
        return None
    words, mood = "Its text is about to go.", ""
    if proof.pages:
        words, mood = _sent(proof)
    return Proving(
        number=telephone.shown(proof.number),
        sent=words,
        mood=mood,
        until=waits.hour(proof.until),
        spent=proof.tries_left == 0,
    )


def _sent(proof: Proof) -> tuple[str, str]:
    last = proof.pages[-1]
    if last.fate == Fate.FAILED:
        return f"The text did not arrive: {last.error}.", "late"
    at = last.settled_at or last.sent_at
    hour = f" at {waits.hour(at, seconds=True)}" if at else ""
    words = {Fate.SENT: f"The text went out{hour}.", Fate.DELIVERED: f"The text arrived{hour}."}
    return words.get(last.fate, "The text is about to go."), ""


def wait(person: Person, *, now: datetime) -> str:
    """Why this person cannot be sent another code now; empty where they can."""
    again = queries.next_code_at(person, now=now)
    if again is None:
        return ""
    hour = waits.hour(again + timedelta(minutes=1))
    return f"{reaching.CODES_AN_HOUR} codes were sent within an hour. You can ask for another one at {hour}."
