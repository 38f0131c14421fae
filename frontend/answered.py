"""What the spoke answered last to each of the usual questions, as facts of the case. Pure over events.

Called by frontend.casefile.
"""

from collections.abc import Sequence
from datetime import datetime

from frontend import clocks
from referrals import questions
from referrals.models import Event


def facts(events: Sequence[Event], now: datetime) -> list[tuple[str, str, str]]:
    """Label, value and when it was answered, for each question that has an answer."""
    last = {event.details["topic"]: event for event in events if event.details.get("said")}
    return [
        (
            str(questions.Topic(topic).label),
            questions.in_words(topic, event.details["said"]),
            f"answered {clocks.moment(event.at, now)}",
        )
        for topic, event in last.items()
    ]
