"""Looks where Twilio brings the texts that people send to our number: a reply that goes elsewhere never answers a page.

Begun by the pager at its start and once an hour, on a thread of its own. Where Twilio does not answer, nothing is
said: its silence shows in every page.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from paging import aftermath
from paging.routes import Routes
from paging.transports.twilio import NO_NUMBER, Account, TwilioSms

EVERY = timedelta(hours=1)
ELSEWHERE, NOT_OURS = "hooks:elsewhere", "hooks:not-ours"


def check(*, routes: Routes, clock: Callable[[], datetime]) -> None:
    """Page the platform's owner where replies do not come to us, and stop where they do again."""
    if not settings.TWILIO_ACCOUNT_SID:
        return
    for account in (inbox for inbox in routes.inboxes if isinstance(inbox, Account)):
        address = account.hooks()
        if address is None:
            continue
        wrong = _fault(address)
        for fault in (ELSEWHERE, NOT_OURS):
            said = aftermath.misconfigured if fault == wrong else aftermath.mended
            said(TwilioSms.provider, fault, now=clock())


def _fault(address: str) -> str:
    """What is wrong with this address of our number; nothing where it is our own door."""
    if address == NO_NUMBER:
        return NOT_OURS
    # What follows a # tells Twilio how patiently to knock.
    return (
        "" if address.partition("#")[0] == settings.PUBLIC_URL + reverse("twilio-sms-inbound") else ELSEWHERE
    )
