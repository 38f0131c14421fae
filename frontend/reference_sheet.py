"""References to a study in PACS and to an AI's result, as they are shown: a link only into a viewer that is listed.

Pure over messages but for the list of viewers, which is read once for a page. Called by the conversation, the case,
the answer and the page on which a reference is given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from frontend import clocks
from network import viewers
from referrals.conversation import references
from referrals.conversation.references import LABELS
from referrals.models import Message, Reference, ReferenceKind, Referral

type Listed = Mapping[tuple[int, str], str]  # names of viewers, by the network that lists one and its host

NUMBERS = (LABELS["accession_number"], LABELS["study_instance_uid"])


@dataclass(frozen=True)
class Shown:
    """One reference, as people read it."""

    number: int
    title: str
    facts: tuple[tuple[str, str], ...]
    address: str
    viewer: str  # what the viewer is called that opens it; empty: the address is text to copy
    doubt: str  # what must not be read into it
    hour: str
    who: str
    is_ai: bool
    is_corrected: bool

    @property
    def brief(self) -> tuple[str, ...]:
        """What finds it, in one line: of a study no UID where its accession number is known."""
        said = dict(self.facts)
        if self.is_ai:
            return (f"at {said['At']}:", said["It says"])
        number = next((name for name in NUMBERS if said.get(name)), "")
        pieces = (said.get(LABELS["description"], ""), f"{number} {said[number]}" if number else "")
        return tuple(piece for piece in pieces if piece)


@dataclass(frozen=True)
class Field:
    """One field of the form."""

    name: str
    label: str
    value: str
    fault: str
    longest: int
    kind: str  # of the input
    help: str


HELP = {
    "description": "like: CT angiogram, head and neck",
    "device": "vendor or product, like: RAPID",
    "conclusion": "in its own words, like: LVO suspected, M1 left",
    "address": "https, as the viewer shows it; may be left out",
}


def listed(messages: Iterable[Message]) -> Listed:
    """The viewers of the networks from which these messages refer to an address; no query where none does."""
    networks = {
        _network(message)
        for message in messages
        if hasattr(message, "reference") and message.reference.address
    }
    return viewers.names(networks) if networks else {}


def _network(message: Message) -> int:
    return (message.site.network_id if message.site else message.network_id) or 0


def standing(referral: Referral, *, now: datetime) -> tuple[Shown, ...]:
    """What is referred to as it stands: where a correction was put beside one, only the correction."""
    found = references.standing(referral)
    names = listed(found)
    return tuple(shown(message, names, now) for message in found)


def shown(message: Message, names: Listed, now: datetime, *, corrected: bool = False) -> Shown:
    """The reference of this message; what was corrected leads nowhere any more."""
    reference = message.reference
    is_ai = reference.kind == ReferenceKind.AI
    host = viewers.host_of(reference.address)
    return Shown(
        number=message.number,
        title=f"AI result, {reference.device}" if is_ai else "PACS study",
        facts=_ai(reference, now) if is_ai else _study(reference),
        address=reference.address,
        viewer="" if corrected else names.get((_network(message), host), ""),
        doubt=references.NO_DIAGNOSIS if is_ai else "",
        hour=clocks.moment(message.at, now),
        who=str(message.by),
        is_ai=is_ai,
        is_corrected=corrected,
    )


def _ai(reference: Reference, now: datetime) -> tuple[tuple[str, str], ...]:
    return (("It says", reference.conclusion), ("At", clocks.moment(reference.issued_at, now)))


def _study(reference: Reference) -> tuple[tuple[str, str], ...]:
    said = (
        (LABELS["description"], reference.description),
        (LABELS["accession_number"], reference.accession_number),
        (LABELS["study_instance_uid"], reference.study_instance_uid),
    )
    return tuple((label, value) for label, value in said if value)


def form(kind: ReferenceKind, said: Mapping[str, str], faults: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields of one kind, with what was typed and what is wrong with it."""
    types = {"address": "url", "issued_at": "datetime-local"}
    return tuple(
        Field(
            name=name,
            label=LABELS[name],
            value=said.get(name, ""),
            fault=faults.get(name, ""),
            longest=references.LONGEST.get(name, 40),
            kind=types.get(name, "text"),
            help=HELP.get(name, ""),
        )
        for name in references.FIELDS[kind]
    )


def typed(reference: Reference) -> dict[str, str]:
    """What a reference says, as it would be typed: where a correction of it begins."""
    said = {name: str(getattr(reference, name)) for name in LABELS if name != "issued_at"}
    if reference.issued_at:
        said["issued_at"] = f"{timezone.localtime(reference.issued_at):%Y-%m-%dT%H:%M}"
    return said
