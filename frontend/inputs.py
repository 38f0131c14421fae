"""What a verb takes, as fields of a form: with what was typed before, and what is wrong with it.

Called by frontend.press. Lists (of hubs, of risks) have sheets of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from frontend import procedure_sheet, road_sheet
from network.models import Site
from referrals import declining, questions, verbs
from referrals.arguments import Argument
from referrals.soonest import Around
from referrals.states import Onward
from referrals.verbs import Verb

TALKS = frozenset({"ask", "answer"})


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Input:
    """One thing that a verb takes."""

    name: str
    label: str
    options: tuple[Option, ...]
    value: str
    fault: str
    needed: bool
    longest: int
    kind: str
    help: str

    @property
    def is_long(self) -> bool:
        return self.longest > 200


def of(
    verb: Verb,
    said: Mapping[str, str],
    faults: Mapping[str, str],
    *,
    topic: str,
    around: Around,
) -> tuple[Input, ...]:
    """The fields of this verb for the referral that these hubs are around, in its order."""
    typed = _taken(verb, topic)
    onward = declining.onward_hub(around) if verbs.ONWARD in typed else None
    if onward is None:
        typed = [one for one in typed if one is not verbs.ONWARD]
    in_words = verb.name in TALKS and not topic
    return tuple(
        _input(one, said, faults, _choices(around, one, onward), needed=one.required or in_words)
        for one in typed
    )


def _taken(verb: Verb, topic: str) -> list[Argument]:
    """Of the parts of an answer only those of its question, and then words."""
    if verb.name not in TALKS:
        return [a for a in verb.takes if not (a.many or a.name == "hub" or a.name in procedure_sheet.NAMES)]
    asked = questions.QUESTIONS[topic].parts if topic and verb.name == "answer" else ()
    taken = {argument.name: argument for argument in verb.takes}
    words = replace(taken["text"], label="More") if asked else taken["text"]
    return [*(taken[part.name] for part in asked), words]


def _choices(around: Around, argument: Argument, onward: Site | None) -> Sequence[tuple[str, str]]:
    """What there is to choose from: nothing where words are typed."""
    if argument is verbs.TO:
        return road_sheet.diversions(around.referral, around.now)
    if argument is verbs.ONWARD:
        return [(Onward.YES.value, f"Yes, {onward} at once"), (Onward.NO.value, str(Onward.NO.label))]
    return [(str(v), str(label)) for v, label in argument.choices.choices] if argument.choices else ()


def _input(
    argument: Argument,
    said: Mapping[str, str],
    faults: Mapping[str, str],
    options: Sequence[tuple[str, str]],
    *,
    needed: bool,
) -> Input:
    value = said.get(argument.name, "")
    return Input(
        name=argument.name,
        label=argument.label,
        options=tuple(Option(v, label, v == value) for v, label in options),
        value=value,
        fault=faults.get(argument.name, ""),
        needed=needed,
        longest=argument.longest,
        kind=argument.kind,
        help=argument.help,
    )
