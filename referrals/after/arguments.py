"""What the verb `record_outcome` takes, one by one."""

from referrals.after.rows import Bleed, Destination, Kind, Method, NotObtained
from referrals.after.said import LATER
from referrals.arguments import Argument

TAKEN = (
    Argument("outcome", "Which outcome", Kind),
    Argument("taken", "When it was taken", required=False, longest=40, kind="datetime-local"),
    Argument("nihss", "NIHSS", required=False, longest=4, kind="number"),
    Argument("mrs", "mRS", required=False, longest=4, kind="number", help="0 to 6; 6: died"),
    Argument("bleed", "What the scan showed", Bleed, required=False),
    Argument(
        "complications",
        "Complications since",
        required=False,
        many=True,
        among=tuple(one.value for one in LATER),
    ),
    Argument("destination", "Where to", Destination, required=False),
    Argument("method", "How it was taken", Method, required=False),
    Argument("not_obtained", "Why there is none", NotObtained, required=False),
    Argument("died_on", "Died on", required=False, longest=10, kind="date"),
    Argument("alive", "The death was a mistake", required=False, longest=5),
    Argument("text", "More", required=False, longest=300),
)
