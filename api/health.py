"""Three addresses for machines that watch over Dido: is it alive, is it ready, and its figures. They need no token.

They tell no patient fact, are never cached, and answer within seconds even where the database does not.
"""

import asyncio
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from api import metrics, vitals
from api.vitals import Vitals
from realtime import tail

NO_STORE = {"Cache-Control": "no-store"}


@require_safe
async def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while this process can read the database."""
    taken = await vitals.take()
    reasons = [] if taken else ["The database cannot be read."]
    return _answer(reasons, {"database_ms": taken.database_ms if taken else None})


@require_safe
async def readyz(_request: HttpRequest) -> HttpResponse:
    """200 while pages are sent and screens are told: a pager ticks, and this process's tail is at the head."""
    taken, tail_age = await asyncio.gather(vitals.take(), vitals.tail_age())
    return _answer(_not_ready(taken, tail_age), _figures(taken, tail_age))


@require_safe
async def figures(_request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; where the database cannot be read, only what this process knows by itself."""
    text = metrics.text(await vitals.take(), sockets=vitals.sockets(), tail_age=tail.latest_read())
    return HttpResponse(text, content_type=metrics.CONTENT_TYPE, headers=NO_STORE)


def _not_ready(taken: Vitals | None, tail_age: float | None) -> list[str]:
    reasons = []
    if taken is None:
        reasons.append("The database cannot be read.")
    elif not taken.pager_is_alive:
        reasons.append("No pager has ended a tick within the last 10 s: nobody is being paged.")
    if tail_age is None or tail_age > vitals.TAIL_READS.total_seconds():
        reasons.append("The feed is not at the head of its streams: screens are not being told.")
    return reasons


def _figures(taken: Vitals | None, tail_age: float | None) -> dict[str, Any]:
    return {
        "database_ms": taken.database_ms if taken else None,
        "pager_tick_age_s": _seconds(taken.pager_tick_age) if taken else None,
        "tail_age_s": _seconds(tail_age),
        "oldest_overdue_page_age_s": _seconds(taken.oldest_overdue) if taken else None,
        "open_alarms": taken.open_alarms if taken else None,
        "sockets": vitals.sockets(),
    }


def _seconds(age: float | None) -> float | None:
    return None if age is None else round(age, 3)


def _answer(reasons: list[str], told: dict[str, Any]) -> JsonResponse:
    said = {"ok": not reasons, "reasons": reasons, **told}
    return JsonResponse(said, status=503 if reasons else 200, headers=NO_STORE)
