"""Twilio's doors: reports, texts and pressed keys. Checks the signature, makes one call, answers.

A request counts only if it is a signed form for our account; a signature is made over the configured public address,
never over what the request says of itself, and a form is read in one way only (paging.signed_forms). A
captured request may come again: what it does is done once.
"""

from collections.abc import Callable
from functools import wraps

import structlog
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from network import digits
from paging import answers, settling, signed_forms, speech, wording
from paging.answers import Meant
from paging.models import Callback, Channel, Page
from paging.replies import Looking, No, Yes
from paging.signed_forms import Shape

log = structlog.get_logger(__name__)

FORM = "application/x-www-form-urlencoded"
MACHINES = ("machine", "fax")
LONGEST_ID = 40
LONGEST_TEXT = 1600  # what one SMS can hold at Twilio

View = Callable[[HttpRequest], HttpResponse]


def _signed(shape: Shape) -> Callable[[View], View]:
    def guarding(view: View) -> View:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def checked(request: HttpRequest) -> HttpResponse:
            if not _is_ours(request):
                log.warning("webhook_refused", path=request.path)
                return HttpResponseForbidden("The signature does not fit.", content_type="text/plain")
            if not shape.fits(request.POST):
                log.warning("webhook_unreadable", path=request.path)
                return HttpResponseForbidden(
                    "This form has more than one reading.", content_type="text/plain"
                )
            return view(request)

        return checked

    return guarding


def _is_ours(request: HttpRequest) -> bool:
    if not settings.TWILIO_AUTH_TOKEN or request.content_type != FORM:
        return False
    if request.POST.get("AccountSid") != settings.TWILIO_ACCOUNT_SID:
        return False
    address = f"{settings.PUBLIC_URL}{request.get_full_path()}"
    signature = request.headers.get("X-Twilio-Signature", "")
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, request.POST, signature))


def _page_id(request: HttpRequest) -> int | None:
    return digits.whole(request.GET.get("page", ""), longest=15)


@_signed(signed_forms.SMS_STATUS)
def sms_status(request: HttpRequest) -> HttpResponse:
    """What became of a text that we sent."""
    provider_id = request.POST.get("MessageSid", "")[:LONGEST_ID]
    if provider_id:
        settling.report(
            page_id=_page_id(request),
            provider_id=provider_id,
            status=request.POST.get("MessageStatus", ""),
            error=request.POST.get("ErrorCode", ""),
            now=timezone.now(),
        )
    return HttpResponse(status=204)


@_signed(signed_forms.SMS_INBOUND)
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


@_signed(signed_forms.VOICE_STATUS)
def voice_status(request: HttpRequest) -> HttpResponse:
    """What became of a call that we made."""
    provider_id = request.POST.get("CallSid", "")[:LONGEST_ID]
    if provider_id:
        settling.report(
            page_id=_page_id(request),
            provider_id=provider_id,
            status=request.POST.get("CallStatus", ""),
            error="",
            now=timezone.now(),
        )
    return HttpResponse(status=204)


@_signed(signed_forms.VOICE_MACHINE)
def voice_machine(request: HttpRequest) -> HttpResponse:
    """Who picked up: a person, or a machine that can never accept."""
    provider_id = request.POST.get("CallSid", "")[:LONGEST_ID]
    if provider_id and request.POST.get("AnsweredBy", "").startswith(MACHINES):
        settling.report(
            page_id=_page_id(request), provider_id=provider_id, status="machine", error="", now=timezone.now()
        )
    return HttpResponse(status=204)


@_signed(signed_forms.VOICE_ANSWER)
def voice_answer(request: HttpRequest) -> HttpResponse:
    """A key was pressed in a call: what it did is said only after the commit."""
    try:
        twiml = _answered(request)
    except Error as error:
        log.error("answer_not_recorded", page=_page_id(request), error=type(error).__name__)
        twiml = speech.result("Nothing was recorded. Please use Dido on the web.")
    return HttpResponse(twiml, content_type="text/xml")


def _answered(request: HttpRequest) -> str:
    call_id = request.POST.get("CallSid", "")[:LONGEST_ID]
    page = _called(request, call_id)
    if page is None:
        return speech.result("This call is over.")
    if _by_machine(request, call_id):
        return speech.nothing()
    key = request.POST.get("Digits", "")
    meanings: list[type[Meant]] = [Yes, No, Looking]
    does = dict(zip(page.digits, meanings, strict=False)).get(key)
    if does is None or key not in {digit for digit, _ in wording.keys(page)}:
        return wording.twiml(page)  # star, or a key that means nothing: all of it again
    reply = answers.press(page=page, call_id=call_id, meant=does(page.reply_code), now=timezone.now())
    return speech.result(reply)


def _by_machine(request: HttpRequest, call_id: str) -> bool:
    """Did a machine pick up this very call? An earlier call for the same page says nothing of this one."""
    if request.POST.get("AnsweredBy", "").startswith(MACHINES):
        return True
    return Callback.objects.filter(provider_id=call_id, event="machine").exists()


def _called(request: HttpRequest, call_id: str) -> Page | None:
    """The page of this call, made to this very phone."""
    page_id = _page_id(request)
    calls = Page.objects.filter(channel=Channel.VOICE, phone=request.POST.get("To", "")).exclude(person=None)
    found = calls.select_related(
        "escalation__referral__spoke",
        "escalation__referral__operator",
        "escalation__referral__supervisor",
        "escalation__hub",
        "escalation__person",
        "person",
    ).filter(pk=page_id or 0)
    page = found.first()
    if page is None or not call_id:
        return None
    # Our own note of the call's id may not be written yet, and a call that we gave up as unanswered may ring
    # all the same: only the call of another page is none of this one's.
    others = Page.objects.filter(provider_id=call_id).exclude(pk=page.pk)
    return None if others.exists() else page
