"""What a verb takes, one by one: how what was typed is read, and the sentence for what is wrong with it. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices

from referrals import states, typed
from referrals.refusals import BadInput

MAX_TEXT = 2000


@dataclass(frozen=True)
class Argument:
    """One thing that a verb takes: a choice, or words, or a list of hubs or of other known ids (`among`)."""

    name: str
    label: str
    choices: type[TextChoices] | None = None
    required: bool = True
    longest: int = MAX_TEXT
    many: bool = False
    among: Collection[str] = ()
    kind: str = "text"  # of the field on a screen
    help: str = "if known"

    def read(self, value: Any) -> Any:
        if self.many:
            return self._list(value)
        text = typed.text_of(value)
        if text is None:
            raise BadInput({self.name: f"{self.label} must be a text."})
        text = text.strip()
        if "\x00" in text:
            raise BadInput({self.name: f"{self.label} holds a character that cannot be kept."})
        if len(text) > self.longest:
            raise BadInput({self.name: f"{self.label} is too long: at most {self.longest:,} characters."})
        if not text and self.required:
            raise BadInput({self.name: f"{self.label}: this is needed."})
        return self._chosen(text) if text else ""

    def _chosen(self, text: str) -> str:
        if self.choices is None:
            return text
        known = {v.lower(): v for v in self.choices.values}
        wanted = text.lower()
        if self.choices is states.Category:  # people write “2”, “Cat 2” and “Category 2”
            bare = wanted.removeprefix("category").removeprefix("cat").strip()
            wanted = f"c{bare}" if bare.isdigit() else wanted
        if wanted not in known:
            raise BadInput({self.name: f"{self.label} must be one of: {', '.join(self.choices.values)}."})
        return str(known[wanted])

    def _list(self, value: Any) -> list[str]:
        if value is None or isinstance(value, str):
            value = [value] if value else []
        if not isinstance(value, list) or not all(
            isinstance(item, str) and len(item) <= 16 and item.isprintable() for item in value
        ):
            what = f"a list out of {', '.join(self.among)}" if self.among else "a list of site codes"
            raise BadInput({self.name: f"{self.label} must be {what}."})
        if self.among and not set(value) <= set(self.among):
            raise BadInput({self.name: f"{self.label} must be out of {', '.join(self.among)}."})
        return value
