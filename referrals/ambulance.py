"""Which ambulance to ask for: the risk questions, what their answers advise, and what was asked for in the end.

The advice is data with its source (data/transfer.json) and never refuses anything; asking for something else keeps a
reason. Called by the verb `request_ambulance` and by its sheet on the screen. Writes nothing.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import models
from django.utils import timezone

from referrals import states
from referrals.refusals import BadInput

DATA = json.loads((Path(__file__).parent / "data" / "transfer.json").read_text())
VERSION = str(DATA["version"])
RISKS: dict[str, str] = {risk["id"]: risk["label"] for risk in DATA["risks"]}
NO_RISK = "none"  # was asked, and none of them is true
ALTEPLASE_LASTS = timedelta(minutes=DATA["alteplase"]["minutes"])
JUST_NOW = timedelta(minutes=30)  # an infusion may have ended a moment ago
TWICE = timedelta(hours=1)  # between the same time before and after the clocks go back


class Transfer(models.Model):
    """How the patient travels and is awaited: what the spoke, the crew and the hub have said of it."""

    escort = models.CharField(max_length=16, blank=True, choices=states.Escort.choices)
    infusion = models.CharField(max_length=80, blank=True, help_text="what runs on the way")
    infusion_ends_at = models.DateTimeField(null=True)
    transfer_risks = models.JSONField(
        null=True, help_text="ids of the risks that are true; null: nobody asked"
    )
    transfer_rules = models.CharField(
        max_length=16, blank=True, help_text="the version of the risk questions that it was judged by"
    )
    override = models.CharField(
        max_length=16, blank=True, choices=states.Override.choices, help_text="why other than advised"
    )
    crew_at_spoke_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(null=True, help_text="at the hub’s door, by the crew’s word")
    expected_said_at = models.DateTimeField(null=True)
    diverted_at = models.DateTimeField(
        null=True, help_text="to the hub that has the patient, who was another one’s; null: never"
    )
    worse_at = models.DateTimeField(null=True, help_text="when the patient was last reported worse")
    instruction = models.CharField(
        max_length=16,
        blank=True,
        choices=states.Instruction.choices,
        help_text="the hub’s answer to that; empty: it has not answered",
    )
    checklist = models.JSONField(null=True, help_text="what the hub makes ready: {version, items}")
    ready = models.JSONField(default=list, help_text="ids of what is ready")

    class Meta:
        abstract = True


@dataclass(frozen=True)
class Advice:
    """What to ask for, and why."""

    asks_for: str
    advised: str  # a category
    categories: tuple[str, ...]  # those that are as advised
    reasons: tuple[str, ...]  # the risks that are true
    why: str
    source: str

    @property
    def is_high(self) -> bool:
        return bool(self.reasons)


def advise(risks: Collection[str]) -> Advice:
    """What these risks advise: one is enough for the critical-care team. Pure."""
    found = tuple(label for risk, label in RISKS.items() if risk in risks)
    told = DATA["high" if found else "low"]
    return Advice(
        asks_for=told["asks_for"],
        advised=told["advised"],
        categories=tuple(told["categories"]),
        reasons=found,
        why=told["why"],
        source=told["source"],
    )


def request(
    *,
    category: str,
    cad: str = "",
    escort: str = "",
    infusion: str = "",
    infusion_ends_at: str = "",
    risks: Sequence[str] = (),
    override: str = "",
    at: datetime,
) -> dict[str, Any]:
    """What is kept of a request for an ambulance; BadInput where other than advised is asked for without a reason."""
    kept: dict[str, Any] = {"category": category, "cad": cad, "escort": escort, "infusion": infusion}
    if infusion_ends_at:
        kept["infusion_ends_at"] = upcoming(infusion_ends_at, at=at)
    if not risks:
        return kept
    true = [risk for risk in RISKS if risk in risks]
    advice = advise(true)
    if category not in advice.categories:
        if not override:
            raise BadInput(
                {
                    "override": f"The answers advise {advice.asks_for}. Say why it is something else, and go on."
                }
            )
        kept["override"] = override
    return kept | {"transfer_risks": true, "transfer_rules": VERSION}


def upcoming(text: str, *, at: datetime) -> datetime:
    """The next instant at which a ward's clock shows this time of day (“03:50”), or one of a moment ago."""
    try:
        hour = time.fromisoformat(text.strip())
    except ValueError:
        raise BadInput({"infusion_ends_at": "Write the time of day at which it ends, like 03:50."}) from None
    day = timezone.localdate(at - JUST_NOW)
    shown = [moment for later in range(2) for moment in _shown(day + timedelta(days=later), hour)]
    near = [moment for moment in shown if moment >= at - JUST_NOW]
    if len(near) > 1 and near[0] < at and near[1] - near[0] <= TWICE:
        return near[1]  # in October the clock shows it again within the hour: what runs ends then
    return near[0]


def _shown(day: date, hour: time) -> list[datetime]:
    """The instants of this day at which the clock shows this time, UTC: two in the hour that happens twice."""
    naive = datetime.combine(day, hour.replace(tzinfo=None, microsecond=0))
    found = {timezone.make_aware(naive.replace(fold=fold)).astimezone(UTC) for fold in (0, 1)}
    return sorted(found)
