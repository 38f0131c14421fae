"""A night on which Twilio is away: the pages leave by GOV.UK Notify, and a text back to its number is an answer."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from paging import routes
from paging.models import Callback, Fate, Page
from paging.simulator_notify.config import NotifyConfig
from paging.simulator_notify.running import running
from paging.transports.notify import Notify
from paging.transports.twilio import Account, TwilioSms
from referrals.models import Referral
from referrals.states import State
from tests.paging import night as nights
from tests.paging import tables
from tests.paging.night import Night
from tests.paging.transports import raw
from tests.world import World

KEY = "dido-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
TEMPLATE, TOKEN = "f33517ff-2a88-4f6e-b855-c550268ce08a", "token-of-the-callbacks"


@pytest.fixture
def by_notify(
    open_world: World, live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Night]:
    """The small network at night: nobody answers for Twilio, and Notify's callbacks come in at Dido's own doors."""
    settings.PUBLIC_URL, settings.NOTIFY_CALLBACK_TOKEN = live_server.url, TOKEN
    monkeypatch.setattr("paging.notify_hooks.timezone", SimpleNamespace(now=lambda: open_world.now))
    config = NotifyConfig(
        api_key=KEY,
        template_id=TEMPLATE,
        status_url=f"{live_server.url}/notify/status",
        inbound_url=f"{live_server.url}/notify/inbound",
        callback_token=TOKEN,
    )
    with running(config.without_delays()) as simulator:
        account = Account(sid="AC" + "3" * 32, token="x", number="+447700900999", base_url=raw.nobody())
        notify = Notify(api_key=KEY, template_id=TEMPLATE, base_url=simulator.url)
        ways = routes.only(TwilioSms(account), notify)
        monkeypatch.setattr("paging.routes.configured", lambda: ways)
        tables.with_texts_only(open_world.now)
        yield Night(world=open_world, simulator=simulator, account=account, routes=ways)  # type: ignore[arg-type]
        nights.check_texts(simulator, [])  # type: ignore[arg-type]


def test_a_page_leaves_by_notify_and_its_receipt_finds_it(by_notify: Night) -> None:
    referral = by_notify.refers()
    by_notify.phone("ben").expects(referral.code)
    page = Page.objects.get()
    assert (page.provider, page.fate, page.provider_status) == ("notify", Fate.DELIVERED, "delivered")
    assert Callback.objects.get().page == page


@pytest.mark.parametrize("ends", ["permanent-failure", "temporary-failure"])
def test_a_text_that_notify_cannot_deliver_hurries_the_ladder(by_notify: Night, ends: str) -> None:
    by_notify.simulator.change_phone(by_notify.world.people["ben"].phone, ends=ends)
    by_notify.refers()
    assert by_notify.fates("ben")[0] == (Fate.FAILED, ends)
    assert by_notify.phone("cleo").new() != []


def test_a_text_back_to_notifys_number_accepts(by_notify: Night) -> None:
    referral = by_notify.refers()
    ben = by_notify.phone("ben")
    ben.expects(referral.code)
    ben.replies(ben.code, "You have accepted", referral.code)
    assert Referral.objects.get(code=referral.code).state == State.ACCEPTED


def test_a_receipt_that_comes_three_times_counts_once(by_notify: Night) -> None:
    by_notify.simulator.order_faults({"action": "duplicate_callbacks:3"})
    by_notify.hears(ben=by_notify.refers().code)
    assert len(by_notify.simulator.ledger("callback")) == 3
    assert Callback.objects.count() == 1
    assert Page.objects.get().fate == Fate.DELIVERED
