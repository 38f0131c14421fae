"""Notify's doors: delivery receipts and texts that people sent. Checks the bearer token, makes one call, answers.

The token is a secret that only Notify and we know; nothing that a request says of itself counts. A request may come
again: what it does is done once (https://docs.notifications.service.gov.uk/rest-api.html#callbacks).
"""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from functools import wraps

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from network import digits
from paging import answers, routes, settling
from paging.models import Channel
from paging.transports import notify
from paging.transports.contract import Order

log = structlog.get_logger(__name__)

JSON = "application/json"
LARGEST = 16 * 1024  # bytes; a receipt has four hundred
ID = re.compile(notify.UUID)
LONGEST_TEXT = 1600

type Said = Mapping[str, object]


def _from_notify(view: Callable[[Said], None]) -> Callable[[HttpRequest], HttpResponse]:
    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if not _is_notify(request):
            log.warning("webhook_refused", path=request.path)
            return _plain("The token does not fit.", 403)
        if request.content_type != JSON:
            return _plain("This is not JSON.", 415)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST or len(request.body) > LARGEST:
            return _plain("This is too large.", 413)
        try:
            said = json.loads(request.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, Mapping) or not ID.fullmatch(_id(said)):
            return _plain("This cannot be read.", 400)
        view(said)
        return HttpResponse(status=204)

    return checked


def _is_notify(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.NOTIFY_CALLBACK_TOKEN
    same = hmac.compare_digest(token.strip().encode(), expected.encode())
    return bool(expected) and scheme.lower() == "bearer" and same


@_from_notify
def status(said: Said) -> None:
    """What became of a text that we sent."""
    reference, status = _text(said, "reference", 16), _text(said, "status", 24)
    settling.report(
        page_id=digits.whole(reference, longest=16),
        provider_id=_id(said),
        status=status,
        error=status if status in notify.FAILED else "",
        now=timezone.now(),
    )


@_from_notify
def inbound(said: Said) -> None:
    """A text that somebody sent us. Notify takes no words back with our answer, so the reply is a text of its own."""
    sender = notify.number(_text(said, "source_number", 24))
    reply = answers.receive(
        provider_id=_id(said),
        sender=sender,
        text=_text(said, "message", LONGEST_TEXT),
        now=timezone.now(),
    )
    if reply:  # politeness only: what was meant is done already
        order = Order(page_id=0, to=sender, words=reply)
        routes.configured().send(Channel.SMS, order, now=timezone.now())


def _id(said: Said) -> str:
    return _text(said, "id", 40)


def _text(said: Said, name: str, most: int) -> str:
    """A value that is a text of a fair length, and nothing for any other."""
    value = said.get(name)
    return value[:most] if isinstance(value, str) else ""


def _plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain")
