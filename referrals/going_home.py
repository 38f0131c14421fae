"""Going back to the first hospital: what was promised, what to be careful of, and how the patient travels.

The cautions are data with their source (data/homeward.json) and hold nobody up. Used by the verbs of referrals.homeward
and by the screens. Writes nothing.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import models

from referrals import states

DATA = json.loads((Path(__file__).parent / "data" / "homeward.json").read_text())
VERSION = str(DATA["version"])


class GoingHome(models.Model):
    """What the spoke and the hub have said of the way back."""

    bed_promised_at = models.DateTimeField(null=True)
    bed_promise = models.CharField(max_length=120, blank=True, help_text="which bed, in the spoke’s words")
    haemorrhage_at = models.DateTimeField(
        null=True, help_text="when a haemorrhage was found after the procedure"
    )
    bed_offered_at = models.DateTimeField(null=True)
    bed_offer = models.CharField(max_length=120, blank=True)
    return_requested_at = models.DateTimeField(null=True, help_text="ambulance for the way back")
    return_category = models.CharField(max_length=16, blank=True, choices=states.Category.choices)
    return_cad = models.CharField(max_length=24, blank=True)
    return_escort = models.CharField(max_length=16, blank=True, choices=states.Escort.choices)
    return_left_at = models.DateTimeField(null=True, help_text="door out at the hub")
    home_rules = models.CharField(max_length=16, blank=True, help_text="the version of the cautions")

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Caution:
    """Something to be careful of until a moment, and who says so."""

    id: str
    until: datetime
    hours: int
    after: str
    source: str


def cautions(*, treated_at: datetime | None, haemorrhage_at: datetime | None) -> list[Caution]:
    """Every caution of this patient, past or not; the caller compares with the clock. Pure."""
    since = {"procedure": treated_at, "haemorrhage": haemorrhage_at}
    return [
        Caution(
            rule["id"], start + timedelta(hours=rule["hours"]), rule["hours"], rule["after"], rule["source"]
        )
        for rule in DATA["cautions"]
        if (start := since[rule["id"]]) is not None
    ]
