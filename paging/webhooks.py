"""Twilio's doors: status callbacks and inbound SMS. Checks the signature, makes one call, answers.

A request counts only if it is a signed form for our account; a signature is made over the configured public address,
never over what the request says of itself. A captured request may come again: what it does is done once.
"""

from collections.abc import Callable
from functools import wraps

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from paging import answers, settling

log = structlog.get_logger(__name__)

FORM = "application/x-www-form-urlencoded"
LONGEST_ID = 40
LONGEST_TEXT = 1600  # what one SMS can hold at Twilio

View = Callable[[HttpRequest], HttpResponse]


def _signed(view: View) -> View:
    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if not _is_ours(request):
            log.warning("webhook_refused", path=request.path)
            return HttpResponseForbidden("The signature does not fit.", content_type="text/plain")
        return view(request)

    return checked


def _is_ours(request: HttpRequest) -> bool:
    if not settings.TWILIO_AUTH_TOKEN or request.content_type != FORM:
        return False
    if request.POST.get("AccountSid") != settings.TWILIO_ACCOUNT_SID:
        return False
    address = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, request.POST, signature))


@_signed
def sms_status(request: HttpRequest) -> HttpResponse:
    """What became of a text that we sent."""
    page = request.GET.get("page", "")
    provider_id = request.POST.get("MessageSid", "")[:LONGEST_ID]
    if provider_id:
        settling.report(
            page_id=int(page) if page.isascii() and page.isdigit() and len(page) < 16 else None,
            provider_id=provider_id,
            status=request.POST.get("MessageStatus", ""),
            error=request.POST.get("ErrorCode", ""),
            now=timezone.now(),
        )
    return HttpResponse(status=204)


@_signed
def sms_inbound(request: HttpRequest) -> HttpResponse:
    """A text that somebody sent us."""
    provider_id = request.POST.get("MessageSid", "")[:LONGEST_ID]
    answer = MessagingResponse()
    if provider_id:
        reply = answers.receive(
            provider_id=provider_id,
            sender=request.POST.get("From", ""),
            text=request.POST.get("Body", "")[:LONGEST_TEXT],
            now=timezone.now(),
        )
        if reply:
            answer.message(reply)
    return HttpResponse(str(answer), content_type="text/xml")
