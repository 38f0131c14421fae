"""What a browser sends from the referral form, and how its answers are read. Used by the tests of that form."""

import re
from datetime import timedelta
from typing import Any

from tests import world as worlds
from tests.world import NIGHT

KEY = "6f0c1b1e-3d51-4b6f-9a36-1f2f6d2c7a10"


def typed(**changes: Any) -> dict[str, Any]:
    """What a spoke doctor's browser sends for an ordinary patient."""

    def local(minutes: int) -> str:
        return (NIGHT - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")

    said = worlds.facts(NIGHT) | {
        "date_of_birth": "31/01/1950",
        "onset_at": local(100),
        "arrived_at": local(45),
        "cta_at": local(12),
        "thrombolysis_at": local(20),
        "callback": "0151 496 0123",
    }
    form = {**said, "spoke": "RBL14", "hubs": ["RET20"], "do": "refer", "key": KEY, **changes}
    return {name: value for name, value in form.items() if value is not None}


def text(response: Any) -> str:
    return str(response.content.decode())


def faults(response: Any) -> list[str]:
    """The fields that the summary links to."""
    return re.findall(r'<li><a href="#f-(\w+)">', text(response))
