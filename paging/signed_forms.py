"""What a form of Twilio's looks like at each door, because its signature does not say where a value ends. Pure.

Twilio signs names and values with nothing between them, so that A=1 with B=2 is sealed like A=1B2. A form is read only
where no other reading of the same seal would tell a door something else. Names that are new at Twilio are let in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

NAME = re.compile(r"[A-Z][A-Za-z]+[0-9]{0,2}|msg")
SID = "[A-Za-z]{2}[0-9a-f]{32}"  # its length is what counts
PHONE = r"\+[0-9]{6,15}"
TEXT = "(?s:.*)"  # what somebody wrote; nothing that is told by its shape


@dataclass(frozen=True, eq=False)
class Shape:
    """What a door reads: the values that must be there, and those that may be."""

    needs: Mapping[str, str]
    takes: Mapping[str, str]

    def fits(self, form: QueryDict) -> bool:
        """Has this form one reading only?"""
        said = {name: form.getlist(name) for name in form}
        if any(len(values) != 1 or not NAME.fullmatch(name) for name, values in said.items()):
            return False
        expected = {**self.needs, **self.takes}
        shaped = all(re.fullmatch(expected[name], said[name][0]) for name in expected if name in said)
        return shaped and set(self.needs) <= set(said) and not self._swallowed(said)

    def _swallowed(self, said: Mapping[str, list[str]]) -> bool:
        """May a neighbour have swallowed something that this door reads, or part of it?"""
        if "Body" in self.needs and any("Body" < name < "From" for name in said):
            return True
        others = [name for name in said if name not in self.needs and name not in self.takes]
        return any(
            name.startswith(taken) or taken.startswith(name) or taken in said[name][0]
            for taken in self.takes
            for name in others
        )


SMS_STATUS = Shape({"MessageSid": SID, "MessageStatus": "[a-z_]+"}, {"ErrorCode": "[0-9]{0,5}"})
SMS_INBOUND = Shape({"MessageSid": SID, "From": f"{PHONE}|[ -~]{{1,11}}", "Body": TEXT}, {})
VOICE_STATUS = Shape({"CallSid": SID, "CallStatus": "[a-z-]+"}, {})
VOICE_MACHINE = Shape({"CallSid": SID, "AnsweredBy": "[a-z_]+"}, {})
VOICE_ANSWER = Shape({"CallSid": SID, "To": PHONE}, {"Digits": "[0-9*#]{0,9}", "AnsweredBy": "[a-z_]+"})
