"""A text that a dead webhook missed is fetched, done once and answered; also where the webhook hears of it later."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paging import missed
from paging.models import Inbound
from paging.transports.twilio import Text
from referrals import transitions
from referrals.models import Event, Referral
from referrals.states import State
from tests.paging import doors
from tests.paging.conftest import INBOUND
from tests.paging.night import Night
from tests.paging.tables import Postbox
from tests.together import at_once


@pytest.fixture
def deaf(night: Night) -> Iterator[Night]:
    """Our web does not answer the provider any more."""
    night.simulator.set_inbound("http://127.0.0.1:9/")
    yield night
    night.simulator.set_inbound(night.simulator.config.inbound_url)


def _fetch(night: Night) -> int:
    fetched = missed.fetch(routes=night.routes, clock=night.clock)
    night.simulator.settle()
    return fetched


def _asked(night: Night) -> tuple[Referral, str]:
    referral = night.refers()
    night.phone("ben").expects(referral.code)
    return referral, night.phone("ben").code


def _accepted(referral: Referral) -> int:
    return Event.objects.filter(referral=referral, verb="accept").count()


def test_an_answer_that_the_web_missed_is_fetched_done_and_answered(deaf: Night) -> None:
    referral, code = _asked(deaf)
    deaf.phone("ben").writes(code)
    assert _accepted(referral) == 0
    assert not Inbound.objects.exists()
    assert _fetch(deaf) == 1
    assert Referral.objects.get(pk=referral.pk).state == State.ACCEPTED
    deaf.phone("ben").expects(f"You have accepted {referral.code} for Walton.")


def test_what_was_fetched_is_done_and_answered_once(deaf: Night) -> None:
    referral, code = _asked(deaf)
    deaf.phone("ben").writes(code)
    assert [_fetch(deaf) for _ in range(3)] == [1, 0, 0]
    deaf.phone("ben").expects("You have accepted")
    assert (_accepted(referral), Inbound.objects.count()) == (1, 1)
    deaf.is_silent()


def test_the_webhook_that_comes_after_all_gets_the_same_answer_and_does_nothing(
    deaf: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral, code = _asked(deaf)
    sid = deaf.phone("ben").writes(code)
    _fetch(deaf)
    deaf.phone("ben").expects("You have accepted")
    monkeypatch.setattr("django.conf.settings.PUBLIC_URL", doors.PUBLIC)
    form = {"MessageSid": sid, "From": deaf.phone("ben").number, "Body": code}
    late = doors.post(INBOUND, form)
    assert f"You have accepted {referral.code}" in late.content.decode()
    assert (_accepted(referral), Inbound.objects.count()) == (1, 1)


def test_what_the_web_has_heard_is_not_fetched(night: Night) -> None:
    referral, code = _asked(night)
    night.phone("ben").replies(code, "You have accepted")
    assert _fetch(night) == 0
    assert _accepted(referral) == 1


def test_two_pagers_that_fetch_at_once_answer_once(deaf: Night) -> None:
    referral, code = _asked(deaf)
    deaf.phone("ben").writes(code)
    fetched = at_once([lambda: missed.fetch(routes=deaf.routes, clock=deaf.clock)] * 3)
    assert sorted(fetched) == [0, 0, 1]
    deaf.simulator.settle()
    deaf.phone("ben").expects("You have accepted")
    deaf.is_silent()
    assert _accepted(referral) == 1


def test_an_answer_that_comes_too_late_is_told_so(deaf: Night) -> None:
    referral, code = _asked(deaf)
    deaf.phone("ben").writes(code)
    transitions.accept(referral.code, **deaf.world.press("cleo"))
    _fetch(deaf)
    deaf.phone("ben").expects("was already accepted by Cleo Marsh")


def test_a_stop_that_was_missed_is_heard_and_not_answered(deaf: Night) -> None:
    deaf.phone("ben").writes("STOP")
    _fetch(deaf)
    assert deaf.person("ben").phone_trouble == "opted_out"
    deaf.forgets()
    deaf.works()
    deaf.hears(nia="the phone of Ben Hale")


def test_a_stranger_is_not_answered(deaf: Night) -> None:
    deaf.simulator.reply("+447700900001", "hello")
    deaf.simulator.settle()
    assert _fetch(deaf) == 1
    deaf.is_silent()


def test_an_inbox_that_does_not_answer_is_tried_again_the_next_time(deaf: Night) -> None:
    referral, code = _asked(deaf)
    deaf.phone("ben").writes(code)
    deaf.simulator.order_faults({"action": "status:503", "match": {"method": "GET"}, "times": 1})
    assert _fetch(deaf) == 0
    assert _fetch(deaf) == 1
    deaf.phone("ben").expects("You have accepted")
    assert _accepted(referral) == 1


def test_every_providers_inbox_is_looked_at_and_the_answer_goes_out_by_whoever_works(night: Night) -> None:
    referral, code = _asked(night)

    class Box:
        def texts_since(self, moment: object) -> list[Text]:
            return [Text("a7c3", night.phone("ben").number, code)]

    post = Postbox("notify")
    night.routes = type(night.routes)({"sms": [post]}, [night.account, Box()])
    assert _fetch(night) == 1
    assert _accepted(referral) == 1
    assert [(order.to, order.words) for order in post.orders] == [
        (night.phone("ben").number, f"You have accepted {referral.code} for Walton.")
    ]


def test_it_is_looked_for_only_while_an_answer_may_come(night: Night) -> None:
    assert not missed.anybody_asked(now=night.now)
    _asked(night)
    assert missed.anybody_asked(now=night.now)
    assert not missed.anybody_asked(now=night.now + timedelta(minutes=11))
