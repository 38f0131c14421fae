"""A ladder as it is typed on its screen: read into rungs with a sentence for what is wrong, and never lost.

Called by frontend.views.ladders. What can be climbed is decided by paging.ladders; nothing here reads or writes rows.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.text import capfirst

from network import digits
from paging import ladders
from paging.ladders import Remark, Rung
from paging.models import Channel, Reason

WAYS = (Channel.PUSH.value, Channel.SMS.value, Channel.VOICE.value)
SPARE = 60  # seconds between the last step and a new one
MOST_ROWS = 2 * ladders.MOST_RUNGS  # what is sent beyond is not read
LONGEST_NOTE = 200
TIME = re.compile(r"(?:(\d{1,4}):([0-5]\d)|(\d{1,5}) ?s?|(\d{1,3}) ?min(?: (\d{1,2}) ?s)?)")


@dataclass(frozen=True)
class Step:
    """One step as it was typed."""

    after: str = ""
    to: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    siren: bool = False
    phone_now: bool = False


@dataclass(frozen=True)
class Draft:
    """A whole ladder as it was typed."""

    reason: Reason
    steps: tuple[Step, ...]
    end: str = ""  # hand_on, alarm, or nothing
    end_after: str = ""
    seen_holds: str = ""
    based_on: int = 0  # the hub's own version that the writer had before their eyes
    note: str = ""

    @property
    def may_hand_on(self) -> bool:
        return self.reason == Reason.OFFER


@dataclass(frozen=True)
class Read:
    """What a draft means, as far as it can be read."""

    rungs: list[Rung]
    seen_holds: int
    faults: list[Remark]


@dataclass(frozen=True)
class Tick:
    """One box to tick."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Row:
    """One step for the template."""

    place: int
    after: str
    to: list[Tick]
    by: list[Tick]
    also: list[Tick]
    first: bool
    last: bool
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return self.place + 1


def of(reason: Reason, rungs: Sequence[Rung], *, seen_holds: int, based_on: int) -> Draft:
    """The draft that a stored ladder begins with."""
    steps = [rung for rung in rungs if not rung.hand_on]
    end = next((rung for rung in rungs if rung.hand_on), None)
    has_alarm = bool(steps) and steps[-1].alarm
    return Draft(
        reason=reason,
        steps=tuple(
            Step(
                after=str(rung.after),
                to=tuple(name for name in ladders.MAY_NAME[reason] if name in rung.to),
                by=tuple(way for way in WAYS if way in rung.by),
                siren=rung.siren,
                phone_now=rung.phone_now,
            )
            for rung in steps
        ),
        end="hand_on" if end else "alarm" if has_alarm else "",
        end_after=str(end.after) if end else "",
        seen_holds=str(seen_holds),
        based_on=based_on,
    )


def typed(reason: Reason, said: QueryDict) -> Draft:
    """What was sent, as it was sent."""
    places = [place for place in said.getlist("row")[:MOST_ROWS] if place.isascii() and place.isdigit()]
    end = said.get("end", "")
    return Draft(
        reason=reason,
        steps=tuple(_step(said, place) for place in places),
        end=end if end in {"hand_on", "alarm"} else "",
        end_after=said.get("end_after", "").strip()[:20],
        seen_holds=said.get("seen_holds", "").strip()[:20],
        based_on=digits.whole(said.get("based_on", ""), longest=6) or 0,
        note=" ".join("".join(c if c.isprintable() else " " for c in said.get("note", "")).split()),
    )


def _step(said: QueryDict, place: str) -> Step:
    also = said.getlist(f"{place}-also")
    return Step(
        after=said.get(f"{place}-after", "").strip()[:20],
        to=_ticked(said.getlist(f"{place}-to"), ladders.AT_A_HUB),
        by=_ticked(said.getlist(f"{place}-by"), WAYS),
        siren="siren" in also,
        phone_now="phone_now" in also,
    )


def _ticked(sent: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """What was ticked, in its usual order; of what no box can say, enough that it is refused and not lost."""
    unknown = sorted({name[:20] for name in sent if name not in known})
    return (*(name for name in known if name in sent), *unknown[:1])


def changed(draft: Draft, what: str) -> Draft:
    """One step more, one less, or two exchanged; the times stay where they are, so that they go on growing."""
    if what == "add":
        return _with_one_more(draft)
    found = re.fullmatch(r"(up|down|remove)-([0-9]{1,2})", what)
    if found is None or int(found[2]) >= len(draft.steps):
        return draft
    verb, place = found[1], int(found[2])
    steps = list(draft.steps)
    if verb == "remove":
        del steps[place]
        return replace(draft, steps=tuple(steps))
    other = place + (-1 if verb == "up" else 1)
    if 0 <= other < len(steps):
        here, there = steps[place], steps[other]
        steps[place], steps[other] = replace(there, after=here.after), replace(here, after=there.after)
    return replace(draft, steps=tuple(steps))


def _with_one_more(draft: Draft) -> Draft:
    times = [time for step in draft.steps if (time := seconds(step.after)) is not None]
    after = max(times) + SPARE if times else 0
    ends = seconds(draft.end_after)
    if draft.end == "hand_on" and ends is not None and ends <= after:
        draft = replace(draft, end_after=str(after + SPARE))
    step = Step(after=str(after), by=(Channel.PUSH.value, Channel.SMS.value))
    return replace(draft, steps=(*draft.steps, step))


def seconds(text: str) -> int | None:
    """“90”, “1:30”, “90 s” and “1 min 30 s” are ninety seconds; None for what is no time."""
    found = TIME.fullmatch(text.strip().lower())
    if found is None:
        return None
    clock_minutes, clock_seconds, plain, minutes, rest = found.groups()
    if plain:
        return int(plain)
    return int(clock_minutes or minutes) * 60 + int(clock_seconds or rest or 0)


def read(draft: Draft) -> Read:
    """The rungs of a draft, and every reason why they cannot be climbed."""
    unread: list[Remark] = []

    def time_of(text: str, remark: Remark) -> int:
        value = seconds(text)
        if value is None:
            unread.append(remark)
        return value or 0

    rungs = [
        Rung(
            after=time_of(
                step.after, Remark(f"Step {n + 1}: write the time in seconds, like 90.", n, "after")
            ),
            to=step.to,
            by=step.by,
            siren=step.siren,
            phone_now=step.phone_now,
            alarm=draft.end == "alarm" and n + 1 == len(draft.steps),
        )
        for n, step in enumerate(draft.steps)
    ]
    if draft.end == "hand_on":
        end_after = time_of(
            draft.end_after, Remark("The end: write the time in seconds, like 480.", None, "end_after")
        )
        rungs.append(Rung(after=end_after, to=(), hand_on=True))
    holds = time_of(
        draft.seen_holds,
        Remark("“Seen, looking”: write the time in seconds, like 120.", None, "seen_holds"),
    )
    if len(draft.note) > LONGEST_NOTE:
        unread.append(Remark(f"The reason may have {LONGEST_NOTE} letters.", None, "note"))
    return Read(rungs, holds, unread + ladders.faults(draft.reason, rungs, seen_holds=holds))


def rows(draft: Draft, faults: Sequence[Remark] = ()) -> list[Row]:
    """The steps for the template, each with the sentences that belong to it."""
    own: dict[int, dict[str, str]] = {}
    for remark in faults:
        if remark.rung is not None and remark.field:
            own.setdefault(remark.rung, {}).setdefault(remark.field, remark.sentence)
    last = len(draft.steps) - 1
    return [
        Row(
            place=n,
            after=step.after,
            to=[
                Tick(name, capfirst(ladders.WORDS[name]), name in step.to)
                for name in ladders.MAY_NAME[draft.reason]
            ],
            by=[Tick(way, capfirst(ladders.CHANNEL_WORDS[way]), way in step.by) for way in WAYS],
            also=[
                Tick("siren", "Boards sound", step.siren),
                Tick("phone_now", "Spoke told to phone", step.phone_now),
            ],
            first=n == 0,
            last=n == last,
            faults=own.get(n, {}),
        )
        for n, step in enumerate(draft.steps)
    ]


def field_of(draft: Draft, remark: Remark) -> str:
    """The id of the field that a remark is about; empty where it is about the whole."""
    if remark.rung is None or not remark.field:
        return f"f-{remark.field}" if remark.field else ""
    return f"f-{remark.rung}-{remark.field}" if remark.rung < len(draft.steps) else "f-end_after"


def fields(draft: Draft, faults: Sequence[Remark]) -> dict[str, str]:
    """The sentences at the fields of the whole ladder: its end, the look, the reason."""
    whole = [remark for remark in faults if remark.rung is None or remark.rung >= len(draft.steps)]
    return {field_of(draft, remark).removeprefix("f-"): remark.sentence for remark in whole}
