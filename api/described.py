"""The bodies of requests as JSON Schema for the OpenAPI document, made from the facts' form and the table of verbs.

So the description cannot differ from what is accepted. Called once, while the endpoints are declared.
"""

from typing import Any

from django import forms

from referrals import facts
from referrals.arguments import Argument
from referrals.facts import FactsForm, Stage
from referrals.verbs import Verb

SITE_CODE = {"type": "string", "maxLength": 12, "examples": ["RBL14"]}
SITE_CODES = {
    "type": "array",
    "items": SITE_CODE,
    "description": "ODS site codes of hubs, the first choice first",
}
AT = {
    "type": ["string", "null"],
    "format": "date-time",
    "description": "when it happened, if that was not now; a time without a zone is the ward's own",
}
NOTE = {"type": ["string", "null"], "maxLength": facts.MAX_NOTE, "description": "kept with the event"}
ENTERED_ONCE = (
    "A patient whose NHS number has a live referral in the network is not entered twice: your hospital joins that "
    "referral, and the answer is 200 with `joined`. The same Idempotency-Key again enters nobody, and is answered "
    "with the status of the first time and its referral as it stands now."
)
EXAMPLE = {
    "spoke": "RBL14",
    "hubs": ["RET20"],
    "nhs_number": "9990000018",
    "family_name": "Example",
    "given_name": "Erin",
    "date_of_birth": "1950-01-31",
    "sex": "female",
    "onset_at": "2026-11-21T01:10:00Z",
    "onset_kind": "witnessed",
    "arrived_at": "2026-11-21T01:40:00Z",
    "nihss": 14,
    "prestroke_mrs": 1,
    "cta_at": "2026-11-21T02:00:00Z",
    "occlusion": "M1",
    "side": "left",
    "aspects": 8,
    "thrombolysis": "given",
    "thrombolysis_at": "2026-11-21T02:10:00Z",
    "anticoagulant": "none",
    "callback": "+441514960123",
}


def _fact(name: str) -> dict[str, Any]:
    """One fact, as the form takes it; null where it is not known."""
    field = FactsForm.base_fields[name]
    shape: dict[str, Any] = {"type": ["string", "null"], "description": str(field.label)}
    if isinstance(field, forms.IntegerField):
        shape |= {"type": ["integer", "null"], "minimum": field.min_value, "maximum": field.max_value}
    elif isinstance(field, forms.ChoiceField):
        shape["enum"] = [value for value, _ in field.choices if value] + [None]  # type: ignore[misc,union-attr]
    elif isinstance(field, forms.DateTimeField):
        shape["format"] = "date-time"
    elif isinstance(field, forms.DateField):
        shape["format"] = "date"
    else:
        assert isinstance(field, forms.CharField)
        shape["maxLength"] = field.max_length
    return shape


def _argument(argument: Argument) -> dict[str, Any]:
    if argument.among:
        return {
            "type": ["array", "null"],
            "items": {"enum": list(argument.among)},
            "description": argument.label,
        }
    if argument.many:
        return SITE_CODES
    shape: dict[str, Any] = {"type": "string" if argument.required else ["string", "null"]}
    if argument.choices is None:
        return shape | {"description": argument.label, "maxLength": argument.longest}
    return shape | {"description": argument.label, "enum": _choices(argument)}


def _choices(argument: Argument) -> list[str | None]:
    """What may be said; null where it need not be."""
    assert argument.choices is not None
    return [*argument.choices.values, *([] if argument.required else [None])]


FACTS = {name: _fact(name) for name in facts.NAMES}


def body(
    properties: dict[str, Any], required: list[str], example: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A body that is one JSON object of these properties and no other."""
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    content: dict[str, Any] = {"schema": schema} | ({"example": example} if example else {})
    return {"requestBody": {"required": bool(required), "content": {"application/json": content}}}


def entry() -> dict[str, Any]:
    """The body that enters a patient."""
    own = {
        "spoke": SITE_CODE | {"description": "the hospital where the patient is"},
        "hubs": SITE_CODES,
        "pre_alert": {
            "type": ["boolean", "null"],
            "description": "the CTA is still under way; no hub is asked yet",
        },
        "separate": {
            "type": ["boolean", "null"],
            "description": "refer separately although a live referral has the same NHS number",
        },
        "at": AT,
    }
    return body({**own, **FACTS}, ["spoke", "arrived_at"], EXAMPLE)


def taken(verb: Verb) -> dict[str, Any]:
    """The body of one verb."""
    properties = {argument.name: _argument(argument) for argument in verb.takes}
    properties |= FACTS if verb.takes_facts else {"note": NOTE}
    return body({**properties, "at": AT}, [argument.name for argument in verb.takes if argument.required])


def entry_in_words() -> str:
    """What a referral, a pre-alert and an admission each need."""
    stages = {
        "A referral (hubs are named)": Stage.REFER,
        "A pre-alert (`pre_alert` is true)": Stage.PRE_ALERT,
        "An admission (the hospital is itself a hub, and no other hub is named)": Stage.ADMIT,
    }
    needs = [f"- {what} needs {', '.join(sorted(facts.NEEDED[stage]))}." for what, stage in stages.items()]
    return "\n".join(["Enters a patient: 201 with the new referral.", "", *needs, "", ENTERED_ONCE])
