"""One outcome as a form: what is asked for, what was typed and what is wrong with it, and what is recorded already.

Called by frontend.views.outcomes. It asks; only the verb `record_outcome` decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from frontend import outcome_words, waits
from referrals.after import recording, rules, said
from referrals.after.rows import Bleed, Destination, Kind, Method, NotObtained, Outcome
from referrals.models import Referral

MRS = (
    "0 no symptoms", "1 symptoms, everything as before", "2 looks after their own affairs",
    "3 needs some help, walks alone", "4 cannot walk alone", "5 bedridden", "6 died",
)  # fmt: skip


@dataclass(frozen=True)
class Option:
    """Something to choose."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Field:
    """One field: a number, a day, a choice or words."""

    name: str
    label: str
    kind: str  # number, date, datetime-local, choice, many, text
    value: str = ""
    options: tuple[Option, ...] = ()
    help: str = ""
    fault: str = ""
    most: int = 0


@dataclass(frozen=True)
class Entry:
    """One entry that was made, the newest first."""

    figure: str
    more: str
    who: str
    holds: bool
    outside: str


@dataclass(frozen=True)
class Form:
    """The page of one outcome."""

    kind: str
    label: str
    window: str
    source: str
    fields: tuple[Field, ...]
    entries: tuple[Entry, ...]
    is_correction: bool
    message: str = ""

    @property
    def button(self) -> str:
        return "Save the correction" if self.is_correction else "Save"


def of(
    referral: Referral,
    kind: str,
    typed: Mapping[str, Sequence[str]],
    faults: Mapping[str, str],
    *,
    message: str = "",
    now: datetime,
) -> Form:
    """The form of one kind for this patient, with what was typed before."""
    assert referral.punctured_at
    held = recording.standing(referral)
    before = held.get(kind)
    known = before is not None and not before.is_taken_back
    window = rules.window(kind, referral.punctured_at) if rules.asked(kind) else None
    rows = Outcome.objects.filter(referral=referral, kind=kind).select_related("by").order_by("-pk")
    return Form(
        kind=kind,
        label=str(Kind(kind).label),
        window=_window(kind, window),
        source=rules.source(kind) if window else "",
        fields=_fields(
            kind, typed, faults, known=known, is_open=window is None or now <= window.closes, now=now
        ),
        entries=entries(list(rows), window),
        is_correction=known,
        message=message,
    )


def entries(rows: Sequence[Outcome], window: rules.Window | None) -> tuple[Entry, ...]:
    """Every entry of one kind, the newest first; only that one holds."""
    return tuple(
        Entry(
            figure=outcome_words.figure(row),
            more=outcome_words.more(row),
            who=f"{row.by}, {outcome_words.day(timezone.localdate(row.written_at))} {waits.hour(row.written_at)}",
            holds=number == 0 and not row.is_taken_back,
            outside=outcome_words.outside(row, window) if window else "",
        )
        for number, row in enumerate(rows)
    )


def _window(kind: str, window: rules.Window | None) -> str:
    if window is None:
        return ""
    if kind == Kind.DAY:
        pair = (window.opens, window.closes)
        days = [f"{outcome_words.day(timezone.localdate(at))} {waits.hour(at)}" for at in pair]
    else:
        days = [outcome_words.day(timezone.localdate(at)) for at in (window.opens, window.closes)]
    return f"From {days[0]} to {days[1]}"


@dataclass(frozen=True)
class _Maker:
    """Makes fields of what was typed, with what is wrong with it."""

    typed: Mapping[str, Sequence[str]]
    faults: Mapping[str, str]

    def has(self, name: str, value: str) -> bool:
        return value in self.typed.get(name, ())

    def field(self, name: str, label: str, form: str, **more: object) -> Field:
        value = next(iter(self.typed.get(name, ())), more.pop("value", ""))
        return Field(name, label, form, value=str(value), fault=self.faults.get(name, ""), **more)  # type: ignore[arg-type]

    def choice(self, name: str, label: str, among: Iterable[tuple[str, str]], **more: object) -> Field:
        shown = tuple(Option(value, str(text), self.has(name, value)) for value, text in among)
        return self.field(name, label, "choice", options=shown, **more)

    def none(self, *, known: bool) -> Field:
        """Why there is no figure; first, that there is one."""
        without = "" if known else NotObtained.MISTAKE.value
        found = self.choice(
            "not_obtained", "Or why there is none", [one for one in NotObtained.choices if one[0] != without]
        )
        figure = Option("", "There is a figure", not any(self.typed.get("not_obtained", ())))
        return replace(found, options=(figure, *found.options))

    def settle(self) -> tuple[Field, ...]:
        """Asked for only where a score and a recorded death say different things."""
        if "alive" not in self.faults and not any(self.typed.get("alive", ())):
            return ()
        words = "The recorded death was a mistake: the patient is alive"
        options = (Option("yes", words, any(self.typed.get("alive", ()))),)
        return (
            Field(
                "alive",
                "The death was a mistake",
                "many",
                fault=self.faults.get("alive", ""),
                options=options,
            ),
        )


def _fields(
    kind: str,
    typed: Mapping[str, Sequence[str]],
    faults: Mapping[str, str],
    *,
    known: bool,
    is_open: bool,
    now: datetime,
) -> tuple[Field, ...]:
    make, today = _Maker(typed, faults), timezone.localdate(now).isoformat()
    none = make.none(known=known)
    why = make.field("text", "Why it is corrected" if known else "More, if there is anything", "text")
    if kind == Kind.DAY:
        moment = (
            timezone.localtime(now).strftime("%Y-%m-%dT%H:%M") if is_open else ""
        )  # later: say when it was
        return (*_of_day(make, moment), none, why)
    score = make.choice("mrs", "mRS", [(text[0], text) for text in MRS])
    if kind == Kind.DISCHARGE:
        left = make.field("taken", "Day of discharge", "date", value=today)
        return (
            left,
            score,
            make.choice("destination", "Where to", Destination.choices),
            *make.settle(),
            none,
            why,
        )
    if kind == Kind.NINETY:
        return (*_of_ninety(make, score, today), none, why)
    return (
        make.field("taken", "Day of death", "date", value=today),
        *(_taken_back(make) if known else ()),
        why,
    )


def _of_ninety(make: _Maker, score: Field, today: str) -> tuple[Field, ...]:
    taken = make.field("taken", "Taken on", "date", value=today)
    how = make.choice("method", "How it was taken", Method.choices)
    died = make.field("died_on", "Died on", "date", help="only with an mRS of 6, if no death is recorded yet")
    return (taken, score, how, died, *make.settle())


def _taken_back(make: _Maker) -> tuple[Field, ...]:
    mistake = NotObtained.MISTAKE
    back = (Option(mistake.value, str(mistake.label), any(make.typed.get("not_obtained", ()))),)
    return (make.field("not_obtained", "Or take it back", "many", options=back),)


def _of_day(make: _Maker, moment: str) -> tuple[Field, ...]:
    worse = (
        f"Symptomatic: {rules.WORSE_BY} NIHSS points or more worse ({rules.SYMPTOMATIC.partition(':')[0]})"
    )
    later = tuple(Option(c.value, str(c.label), make.has("complications", c.value)) for c in said.LATER)
    return (
        make.field("nihss", "NIHSS", "number", most=42, help="0 to 42"),
        make.field("taken", "Taken at", "datetime-local", value=moment),
        make.choice("bleed", "On the scan", Bleed.choices, help=worse),
        make.field("complications", "Complications since", "many", options=later),
    )
