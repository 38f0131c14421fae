"""What a stretch of the way is taken to last where too few journeys are known: data with source and version. Pure."""

import json
from pathlib import Path

SAID = json.loads((Path(__file__).parent / "data" / "usual.json").read_text())
REMAINING: int = SAID["remaining"]["minutes"]  # from the referral to the spoke's door out
LEAST_REMAINING: int = SAID["remaining"]["least"]
READINESS: int = SAID["readiness"]["minutes"]  # hub's door to groin
PROCEDURE: int = SAID["procedure"]["minutes"]
TURNAROUND: int = SAID["turnaround"]["minutes"]
FEWEST: int = SAID["fewest"]["journeys"]
DAYS: int = SAID["looks_back"]["days"]
LEAVE_SOON: int = SAID["leave"]["soon"]  # before the latest departure
LEAVE_LATE: int = SAID["leave"]["late"]
DRAFT_HOURS: int = SAID["draft"]["hours"]
ANEW: int = SAID["kept"]["anew"]  # minutes after which the year's medians are reckoned again
TRUSTED: int = SAID["kept"]["trusted"]  # minutes for which those that are kept are told
