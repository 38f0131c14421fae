"""The one way to say where a patient's study is in PACS, and what an AI made of it: a message with a reference.

Called by the case's page and the API. It is the conversation's message that is sent, receipted, corrected and
exported; nothing is fetched, and an AI's result changes no fact of the patient.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pydicom.config import IGNORE
from pydicom.uid import UID

from network import viewers
from referrals.conversation import sending
from referrals.ledger import Press
from referrals.models import Message, Reference, ReferenceKind, Referral
from referrals.questions import Part
from referrals.refusals import BadInput

NO_DIAGNOSIS = "Not a diagnosis: the report of a radiologist decides."
FIELDS = {
    ReferenceKind.STUDY: ("description", "accession_number", "study_instance_uid", "address"),
    ReferenceKind.AI: ("device", "conclusion", "issued_at", "address"),
}
LABELS = {
    "description": "What it shows",
    "accession_number": "Accession number",
    "study_instance_uid": "Study Instance UID",
    "device": "Which AI",
    "conclusion": "What it says",
    "issued_at": "When it said so",
    "address": "Address in a viewer",
}
LONGEST = {
    field.name: field.max_length
    for field in Reference._meta.fields
    if field.name in LABELS and field.max_length
}
MOMENT = Part("issued_at", LABELS["issued_at"])


def give(
    code: str, kind: str, said: Mapping[str, str], *, corrects: int | None = None, **press: Unpack[Press]
) -> Message:
    """Give everybody who is party to the referral one reference, once for each key.

    `corrects`: the number of one's own reference beside which this one stands.
    """
    reference = read(kind, said, now=press["at"])
    with transaction.atomic():
        message = sending.send(code, text=in_words(reference), corrects=corrects, **press)
        if hasattr(message, "reference"):
            return message
        if message.corrects is not None and not hasattr(message.corrects, "reference"):
            raise BadInput({"corrects": "That is no reference. Correct it by a message."})
        reference.message = message
        reference.save(force_insert=True)
    return message


def standing(referral: Referral) -> list[Message]:
    """The messages with a reference beside which no correction stands, in their order; one query."""
    rows = Message.objects.filter(referral=referral, reference__isnull=False, corrections=None)
    return list(rows.select_related("reference", "by", "site", "network").order_by("number"))


def read(kind: str, said: Mapping[str, str], *, now: datetime) -> Reference:
    """What was typed, as it is kept; BadInput with a sentence for each field that is wrong."""
    if kind not in ReferenceKind.values:
        raise BadInput({"kind": f"A reference is one of: {', '.join(ReferenceKind.values)}."})
    faults, kept = {}, {}
    wanted = FIELDS[ReferenceKind(kind)]
    for name, value in said.items():
        if value and name not in wanted:
            faults[name] = "This does not belong to such a reference."
    for name in wanted:
        try:
            kept[name] = _field(name, said.get(name, ""), now)
        except BadInput as bad:
            faults |= bad.fields
    if not faults:
        faults = _missing(ReferenceKind(kind), kept)
    if faults:
        raise BadInput(faults)
    moment = kept.pop("issued_at", "")
    return Reference(kind=kind, issued_at=parse_datetime(moment) if moment else None, **kept)


def _field(name: str, typed: str, now: datetime) -> str:
    if name == "issued_at":
        return str(MOMENT.read(typed.strip(), now=now)) if typed.strip() else ""
    value = " ".join(typed.split())
    if len(value) > LONGEST[name] or not value.isprintable():
        raise BadInput({name: f"{LABELS[name]}: at most {LONGEST[name]} plain characters, in one line."})
    check = CHECKS.get(name)
    if value and check and (fault := check(value)):
        raise BadInput({name: fault})
    return value


def _uid(value: str) -> str:
    is_valid = UID(value, IGNORE).is_valid  # else pydicom writes what was typed into the log
    return "" if is_valid else "This is no DICOM UID: numbers with points between, at most 64 characters."


def _accession(value: str) -> str:
    return "An accession number has no backslash." if "\\" in value else ""


def _address(value: str) -> str:
    if viewers.host_of(value):
        return ""
    return "The address must begin with https:// and have no name, password or blank in it. Or leave it out."


CHECKS: dict[str, Callable[[str], str]] = {
    "study_instance_uid": _uid,
    "accession_number": _accession,
    "address": _address,
}


def _missing(kind: ReferenceKind, kept: Mapping[str, str]) -> dict[str, str]:
    if kind == ReferenceKind.AI:
        needed = {"device": "Say which AI it was.", "conclusion": "Say what it says, in its own words."}
        needed["issued_at"] = "Say when it said so."
        return {name: sentence for name, sentence in needed.items() if not kept[name]}
    if any(kept[name] for name in ("accession_number", "study_instance_uid", "address")):
        return {}
    return {
        "accession_number": "Give the accession number, the Study Instance UID or an address: one is enough."
    }


def in_words(reference: Reference) -> str:
    """The reference as a message says it, whole: what is searched, printed and exported."""
    if reference.kind == ReferenceKind.AI and reference.issued_at:
        moment = f"{timezone.localtime(reference.issued_at):%a %-d %b %H:%M}"
        lines = [f"AI result, {reference.device}, {moment}: {reference.conclusion}", NO_DIAGNOSIS]
    else:
        lines = [f"PACS study: {reference.description}" if reference.description else "PACS study"]
        lines += [
            f"{LABELS[name]} {getattr(reference, name)}"
            for name in ("accession_number", "study_instance_uid")
            if getattr(reference, name)
        ]
    return "\n".join([*lines, *([reference.address] if reference.address else [])])
