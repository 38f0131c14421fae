"""What a stream's entries look like on a screen: the FEED_RENDERER, and the cards of a whole stream.

Called by realtime's tail for each new batch, once for all its sockets, and by the board's views. An entry shows the
referral as it is now, and only to an audience that may see it now: else its card is None and the page takes it away.
"""

from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from frontend import clocks, present
from frontend.present import Card
from realtime.models import Entry
from referrals import gathering, queries


def of_stream(key: str, *, now: datetime) -> list[Card]:
    """All cards that this stream's audience sees now."""
    rows = gathering.gathered(queries.on_board(queries.of_stream(key), now=now))
    return present.cards(rows, now=now, stream=key)


def frames(stream_key: str, entries: list[Entry]) -> list[dict[str, Any]]:
    """One frame for each entry, in a constant number of queries."""
    now = timezone.now()
    rows = gathering.in_stream(stream_key, {entry.subject for entry in entries}, now=now)
    shown = {card.code: _shown(card) for card in present.cards(rows, now=now, stream=stream_key)}
    return [
        {
            "type": "event",
            "position": entry.position,
            "referral": entry.subject,
            "version": entry.version,
            "verb": entry.verb,
            "state": entry.state,
            "at": clocks.iso(entry.at),
            "card": shown.get(entry.subject),
        }
        for entry in entries
    ]


def _shown(card: Card) -> dict[str, Any]:
    return {**card.contract(), "html": render_to_string("frontend/_card.html", {"card": card})}
