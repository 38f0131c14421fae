"""What can go wrong at Twilio, as a table: each fault on its channel, and the move that must come of it.

Written anew from Twilio's error dictionary (https://www.twilio.com/docs/api/errors) and not from the product's own
table, so that a slip there is found. Data alone: tests/prove/faults_provider.py does the damage.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

SMS, VOICE = "sms", "voice"
NOT_MOBILE, UNKNOWN, OPTED_OUT = "not_mobile", "unknown", "opted_out"  # what the rota must say of the phone
UNANSWERED = "unanswered"
TIME_OUT = 5.0  # seconds that a provider may take


class Move(Enum):
    """What must come next."""

    AGAIN = "again"  # the same page soon, or by the other provider at once; never for ever
    ELSEWHERE = "elsewhere"  # the other provider at once; where there is none the ladder goes on at once
    CLIMB = "climb"  # the ladder goes on at once
    NOTHING = "nothing"  # nothing was lost: the ladder keeps its time


@dataclass(frozen=True)
class Answer:
    """One answer of the API, and what happens to it on its way."""

    status: int = 201
    body: str = ""  # {sid} and {echo} are filled in; empty for an ordinary answer
    head: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    damage: str = ""  # refused, closed, reset, cut, garbage, silent, drip, frozen, slow
    accepted: bool = False  # the provider has taken the page, whatever it answers
    takes: float = 0.0  # seconds on the pager's clock


@dataclass(frozen=True)
class Report:
    """One thing that the provider says of the page later; `how` it comes: signed, unsigned, or for another account."""

    status: str
    error: str = ""
    how: str = "signed"


@dataclass(frozen=True)
class Case:
    """One fault and its move."""

    name: str
    kind: str
    channel: str
    move: Move
    answer: Answer | None = None  # None: the page is taken as usual
    reports: tuple[Report, ...] = ()
    early: bool = False  # the reports come before the answer
    asked: tuple[str, str] | None = (
        "",
        "",
    )  # the status that it gives when it is asked; None: it does not answer
    error: str = ""  # what must be kept of it
    red: str = ""
    owner: bool = False
    once_more: bool = False  # a text goes out once more after a minute
    within: float = 1.0  # seconds from the moment at which the fault is known


ECHO = "The request of {echo} was refused"  # with the token and the number that it carried


def _refusal(status: int, code: int | str) -> Answer:
    body = json.dumps(
        {"code": code, "message": ECHO, "more_info": "https://www.twilio.com", "status": status}
    )
    return Answer(status, body)


# HTTP status and code of the API's answer, and the move. Marks: o the owner is paged; r, u, s the phone is red.
REFUSALS: Mapping[str, tuple[tuple[int, int, str], ...]] = {
    SMS: (
        (429, 20429, "again"), (500, 20500, "again"), (502, 20502, "again"), (503, 20503, "again"),
        (429, 21611, "again"), (503, 21730, "again"), (429, 14107, "again"), (429, 63038, "again o"),
        (400, 21211, "climb u"), (400, 21217, "climb u"), (400, 21265, "climb u"), (400, 21614, "climb r"),
        (400, 21635, "climb r"), (400, 21610, "climb s"), (400, 21612, "elsewhere"), (400, 63999, "climb more"),
        (401, 20003, "elsewhere o"), (403, 20005, "elsewhere o"), (401, 10001, "elsewhere o"),
        (403, 90010, "elsewhere o"), (404, 20404, "elsewhere o"), (403, 20008, "elsewhere o"),
        (400, 21212, "elsewhere o"), (400, 21408, "elsewhere o"), (400, 21601, "elsewhere o"),
        (400, 21603, "elsewhere o"), (400, 21606, "elsewhere o"), (400, 21608, "elsewhere o"),
        (400, 21609, "elsewhere o"), (400, 21659, "elsewhere o"), (400, 21660, "elsewhere o"),
        (400, 21661, "elsewhere o"), (400, 21663, "elsewhere o"), (400, 21703, "elsewhere o"),
    ),
    VOICE: (
        (429, 20429, "again"), (500, 20500, "again"), (503, 20503, "again"), (429, 10004, "again"),
        (429, 22005, "again"), (400, 21211, "climb u"), (400, 21214, "climb u"), (400, 21217, "climb u"),
        (400, 63999, "climb"), (401, 20003, "elsewhere o"), (403, 20005, "elsewhere o"),
        (403, 10005, "elsewhere o"), (404, 20404, "elsewhere o"), (400, 21205, "elsewhere o"),
        (400, 21210, "elsewhere o"), (400, 21212, "elsewhere o"), (400, 21213, "elsewhere o"),
        (400, 21215, "elsewhere o"), (400, 21216, "elsewhere"), (400, 21219, "elsewhere o"),
    ),
}  # fmt: skip
REPORTED: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    SMS: (
        ("failed", "30001", "elsewhere"), ("failed", "30002", "elsewhere o"), ("undelivered", "30003", "climb more"),
        ("undelivered", "30004", "elsewhere"), ("undelivered", "30005", "climb u"),
        ("undelivered", "30006", "climb r"), ("undelivered", "30007", "elsewhere"),
        ("undelivered", "30008", "climb more"), ("undelivered", "30024", "elsewhere"),
        ("undelivered", "30036", "elsewhere"), ("undelivered", "30410", "climb more"),
        ("failed", "21610", "climb s"), ("failed", "21614", "climb r"), ("undelivered", "30999", "climb more"),
        ("undelivered", "", "climb more 30008"), ("failed", "", "climb more 30008"),
        ("canceled", "", "climb more 30008"),
    ),
    VOICE: tuple((status, "", "climb") for status in ("busy", "no-answer", "failed", "canceled", "machine")),
}  # fmt: skip
REDS = {"u": UNKNOWN, "r": NOT_MOBILE, "s": OPTED_OUT}
HTML = (("Content-Type", "text/html"),)
PAGE = "<html><h1>Sign in to this network</h1></html>"
LONG = "SM" + "f" * 300


def _marked(case: Case, marks: str) -> Case:
    first, *rest = marks.split()
    red = next((REDS[mark] for mark in rest if mark in REDS), "")
    error = next((mark for mark in rest if mark.isdecimal()), case.error)
    return replace(case, move=Move(first), red=red, owner="o" in rest, once_more="more" in rest, error=error)


def _codes() -> Iterator[Case]:
    for channel, rows in REFUSALS.items():
        for status, code, marks in rows:
            name = f"{channel}: the API answers {status} with {code}"
            case = Case(
                name, "refusal with a code", channel, Move.CLIMB, _refusal(status, code), error=str(code)
            )
            yield _marked(case, marks)
    for channel, reported in REPORTED.items():
        for said_status, error, marks in reported:
            name = f"{channel}: reported {said_status} {error}".strip()
            said = error or said_status
            case = Case(
                name,
                "report of a failure",
                channel,
                Move.CLIMB,
                None,
                (Report(said_status, error),),
                error=said,
            )
            yield _marked(case, marks)


TAKEN = json.dumps({"sid": "{sid}", "status": "queued", "error_code": None, "answered_by": None})
LOST = {
    "nobody listens": Answer(damage="refused"),
    "the connection is closed": Answer(damage="closed"),
    "the connection is reset": Answer(damage="reset"),
    "it is reset after the page was taken": Answer(damage="reset", accepted=True),
    "the answer is cut off": Answer(body=TAKEN, damage="cut", accepted=True),
    "the answer is no HTTP": Answer(damage="garbage"),
    "no answer in time": Answer(damage="silent", takes=TIME_OUT),
    "no answer in time, though it was taken": Answer(damage="silent", accepted=True, takes=TIME_OUT),
    "the answer drips": Answer(damage="drip", accepted=True, takes=TIME_OUT),
    "200 with a web page": Answer(200, PAGE, HTML),
    "200 with nothing": Answer(200, " ", accepted=True),
    "200 with half an object": Answer(200, '{"sid": "S', accepted=True),
    "an encoding that is none": Answer(201, TAKEN, (("Content-Encoding", "gzip"),), accepted=True),
    "200 with a page’s id that is far too long": Answer(200, json.dumps({"sid": LONG, "status": "queued"})),
    "200 with an id that is no id": Answer(200, json.dumps({"sid": "ok", "status": "queued"})),
    "200 with a list as id": Answer(200, json.dumps({"sid": ["x"], "status": "queued"})),
    "500 with a code that is far too long": _refusal(500, "x" * 300),
    "an error whose status is words": Answer(
        500, json.dumps({"type": "about:blank", "title": ECHO, "status": "bad", "code": "bad"})
    ),
    "503 with a web page": Answer(503, PAGE, HTML),
    "502 with nothing": Answer(502, " ", HTML),
    "429 with Retry-After": replace(_refusal(429, 20429), head=(("Retry-After", "30"),)),
    "429 from a proxy": Answer(429, PAGE, HTML),
}
LOST |= {f"200 with {body}": Answer(200, body) for body in ("{}", "[]", "null", '"x"', "7")}


def _kind(answer: Answer) -> str:
    if answer.takes:
        return "time-out"
    if answer.damage:
        return "connection"
    return "answer that nobody can read" if answer.status < 400 else "5xx, 429"


def _ways(channel: str) -> Iterator[Case]:
    """What anything between Twilio and us can do."""
    for name, answer in LOST.items():
        yield Case(f"{channel}: {name}", _kind(answer), channel, Move.AGAIN, answer)
    for status in (301, 302, 307, 401, 403, 404, 407, 413):
        answer = Answer(status, PAGE, (*HTML, ("Location", "http://127.0.0.1:9/")))
        name = f"{channel}: {status} from something on the way"
        yield Case(name, "redirection, proxy", channel, Move.ELSEWHERE, answer, error=str(status))
    slow = Answer(damage="slow", accepted=True, takes=4.0)
    yield Case(f"{channel}: a slow answer", "slow answer", channel, Move.NOTHING, slow)
    late = Answer(damage="frozen", accepted=True, takes=20.0)
    yield Case(f"{channel}: the pager is frozen beyond its lease", "slow answer", channel, Move.NOTHING, late)


def _orders(channel: str) -> Iterator[Case]:
    """Reports that are lost, early, doubled, out of order, or not for us."""
    good, bad = ("delivered", "undelivered") if channel == SMS else ("completed", "no-answer")
    code, midway = ("30003", "sent") if channel == SMS else ("", "ringing")
    said, more = code or bad, channel == SMS
    fails, arrives, on_its_way = Report(bad, code), Report(good), Report(midway)
    kind = "order of reports"
    failing: dict[str, tuple[Report, ...]] = {
        "a failure reported twice": (fails, fails),
        "a failure, and then a step before it": (fails, on_its_way),
        "delivered, and then failed": (arrives, fails),
        "failed, and then delivered": (fails, arrives),
    }
    harmless: dict[str, tuple[Report, ...]] = {
        "delivered twice": (arrives, arrives),
        "delivered, and then a step before it": (arrives, on_its_way),
        "a status that nobody knows": (Report("partially_delivered" if channel == SMS else "was-moved"),),
        "a failure for another account": (replace(fails, how="another account"),),
        "a failure without signature": (replace(fails, how="unsigned"),),
    }
    for name, reports in failing.items():
        yield Case(f"{channel}: {name}", kind, channel, Move.CLIMB, None, reports, error=said, once_more=more)
    for name, reports in harmless.items():
        yield Case(f"{channel}: {name}", kind, channel, Move.NOTHING, None, reports)
    yield from _early_and_lost(channel, fails, arrives)


def _early_and_lost(channel: str, fails: Report, arrives: Report) -> Iterator[Case]:
    (good, _), (bad, code) = (arrives.status, ""), (fails.status, fails.error)
    said, more = code or bad, channel == SMS
    kind = "report before the answer"
    yield Case(
        f"{channel}: delivered before the answer", kind, channel, Move.NOTHING, None, (arrives,), early=True
    )
    yield Case(
        f"{channel}: failed before the answer", kind, channel, Move.CLIMB, None, (fails,), early=True,
        error=said, once_more=more,
    )  # fmt: skip
    kind = "lost reports"
    yield Case(f"{channel}: reports are lost, it arrived", kind, channel, Move.NOTHING, asked=(good, ""))
    yield Case(
        f"{channel}: reports are lost, it failed", kind, channel, Move.CLIMB, asked=(bad, code), error=said,
        once_more=more, within=32.0,
    )  # fmt: skip
    yield Case(f"{channel}: reports are lost, and nobody answers", kind, channel, Move.NOTHING, asked=None)
    for status in ("failed", "canceled"):
        made = json.dumps({"sid": "{sid}", "status": status, "error_code": 30007 if channel == SMS else None})
        yield Case(
            f"{channel}: it is made as {status}", "failed as it is made", channel,
            Move.ELSEWHERE if channel == SMS else Move.CLIMB, Answer(201, made),
            error="30007" if channel == SMS else status,
        )  # fmt: skip


CASES: tuple[Case, ...] = (
    *_codes(), *_ways(SMS), *_ways(VOICE), *_orders(SMS), *_orders(VOICE),
    Case("voice: a machine after it was taken for a person", "report of a failure", VOICE, Move.CLIMB, None,
         (Report("in-progress"), Report("machine"), Report("completed")), error="machine"),
    Case("voice: a fax answers", "report of a failure", VOICE, Move.CLIMB, None, (Report("fax"),), error="machine"),
)  # fmt: skip
