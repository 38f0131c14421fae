"""Reads a request's body: one JSON object whose words a database can keep.

Called by the endpoints that change something. It knows no field: the verbs and the facts' form say what is
wrong with each.
"""

import json
from typing import Any

from django.http import HttpRequest

from api.faults import NotJson
from referrals.refusals import BadInput

DEEPEST = 4  # lists within objects; nothing that is said of a patient is nested deeper
UNKEEPABLE = "This holds a character that cannot be kept."


def read(request: HttpRequest) -> dict[str, Any]:
    """The object that was sent; nothing at all counts as an empty one."""
    raw = request.body
    if not raw.strip():
        return {}
    try:
        said = json.loads(raw.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(said, dict):
        raise BadInput({"body": "The body must be one JSON object."})
    faults = {_shown(name): _fault(name, value) for name, value in said.items()}
    if wrong := {name: sentence for name, sentence in faults.items() if sentence}:
        raise BadInput(wrong)
    return said


def check_fields(said: dict[str, Any], known: set[str]) -> None:
    """BadInput where something else is said than these."""
    if unknown := said.keys() - known:
        raise BadInput(
            {_shown(name): f"There is no field called “{_shown(name)}”." for name in sorted(unknown)}
        )


def _no_number(_name: str) -> Any:
    raise ValueError("NaN and Infinity are no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        names = [name for name, _ in pairs]
        raise BadInput({_shown(n): "This is said twice." for n in said if names.count(n) > 1})
    return said


def _fault(name: str, value: Any) -> str | None:
    """What is wrong with one thing that was said, whatever it is called."""
    parts: list[tuple[Any, int]] = [(name, 0), (value, 0)]
    while parts:
        part, depth = parts.pop()
        if depth > DEEPEST:
            return "This is nested too deeply."
        if isinstance(part, str) and ("\x00" in part or not _is_unicode(part)):
            return UNKEEPABLE
        if isinstance(part, dict):
            parts += [(inner, depth + 1) for pair in part.items() for inner in pair]
        elif isinstance(part, list):
            parts += [(inner, depth + 1) for inner in part]
    return None


def _is_unicode(text: str) -> bool:
    # JSON can spell half of a surrogate pair, which no encoding can hold.
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name[:40])
